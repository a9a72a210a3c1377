"""The pages on which a bulletin is read, approved and published."""
