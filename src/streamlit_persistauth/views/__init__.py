"""What a person meets: each view asks who is there, draws with `ui`, and passes on what is done."""
