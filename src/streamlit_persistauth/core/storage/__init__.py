"""The records and protocols of the stores, and the services on top of them."""
