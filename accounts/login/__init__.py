"""Logging in: addresses and codes, passwords of staff, the second factor, single sign-on, limits."""
