"""Languages, addresses and names."""
