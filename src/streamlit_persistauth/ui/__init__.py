"""Widgets, forms and lists: they draw the values they get, and never ask who is signed in."""
