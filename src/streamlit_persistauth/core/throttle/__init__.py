"""Limits on tries, per account and per network."""
