"""Answers: written, checked, agreed on, read, and offered to bulletins; their videos."""
