"""The composition root: builds the services of an app from its settings."""
