"""What readers may see of published bulletins."""
