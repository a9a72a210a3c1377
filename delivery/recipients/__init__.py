"""Recipients, their consents, suppressed addresses, erasure."""
