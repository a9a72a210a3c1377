"""Platforms: how each counts a text, and how long it may be."""
