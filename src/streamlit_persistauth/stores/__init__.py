"""The stores that ship with the library; `base` has the protocols they implement."""
