"""Reads accounts from files and tables of other systems."""
