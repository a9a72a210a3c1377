"""Recipients, their consents, suppressed addresses, the seed list, erasure."""
