"""Recipients, their consents, the seed list, erasure."""
