"""Accounts: registration, authentication, changes and administration."""
