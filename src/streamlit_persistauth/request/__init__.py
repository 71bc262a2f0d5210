"""The request that a run serves: its handshake, the state of its visitor, and tasks of its page."""
