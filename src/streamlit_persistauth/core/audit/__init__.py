"""Events: recording, reading and exporting them."""
