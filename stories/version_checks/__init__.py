"""What courses and ways to help have in common: versions, each checked by a second person to exactly what they have read."""
