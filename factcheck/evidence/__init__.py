"""What a verdict rests on, and archived copies of it."""
