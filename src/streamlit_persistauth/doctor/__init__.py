"""Finds problems of a deployment without running the app."""
