"""The characters that a text is made of: its encoding, what was read in a wrong one, and what nobody sees."""
