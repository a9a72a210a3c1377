"""Measurements of sending and of what comes back."""
