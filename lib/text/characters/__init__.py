"""The characters that a text is made of: its encoding, what was read in a wrong one, what nobody sees, and codes that nobody misreads."""
