"""Written by one person, agreed to word for word by another who is independent: one mechanism for every kind of text."""
