"""What is made of what was sent: web sizes, still pictures, upright cuts, pictures to share."""
