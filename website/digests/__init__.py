"""E-mail digests: who gets what in which slot."""
