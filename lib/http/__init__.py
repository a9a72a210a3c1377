"""Fetching addresses that others wrote, and taking them apart."""
