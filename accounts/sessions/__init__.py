"""Sessions: their rows, when they end, and browsers that are known."""
