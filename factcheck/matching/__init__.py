"""Claims that say the same."""
