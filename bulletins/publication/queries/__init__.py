"""What readers see of published bulletins."""
