"""Email digests: who gets what in which slot."""
