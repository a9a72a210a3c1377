"""How readers get the digests: signing up, confirming by mail, changing what they get, and what is forgotten."""
