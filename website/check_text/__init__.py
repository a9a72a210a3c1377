"""Checking a text that somebody received against what was published."""
