"""Numbers as people write them: money, whole numbers, and what is kept on one line."""
