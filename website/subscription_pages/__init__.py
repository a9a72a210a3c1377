"""The pages on which readers subscribe and change what they get."""
