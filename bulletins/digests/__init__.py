"""Digests: what subscribers get, to whom each says what, and what is done when its words are wrong before it has left."""
