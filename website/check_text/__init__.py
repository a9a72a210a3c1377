"""Checking a text that someone received against what was published."""
