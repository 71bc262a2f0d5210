"""Rate limits per account and per network."""
