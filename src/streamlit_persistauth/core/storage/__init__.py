"""What the core asks of its stores."""
