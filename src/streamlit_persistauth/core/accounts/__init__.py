"""Accounts: registration, confirmation, invitation, reset, administration, import."""
