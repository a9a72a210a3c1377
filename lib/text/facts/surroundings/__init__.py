"""What stands around a fact in its text, and what it makes of it."""
