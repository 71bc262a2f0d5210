"""Signed-in sessions and the credentials that stand for them."""
