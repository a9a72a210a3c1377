"""Addresses that bulletins name: tried in the background, and what is wrong with them."""
