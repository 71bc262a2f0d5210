"""Forms and panels: each composes `ui` with the current user and the services."""
