"""Sending a story from a phone: its words, its files piece by piece, and what becomes of it."""
