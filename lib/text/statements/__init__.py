"""What a text has of a statement of ours: its very words, its values, or other values in their place."""
