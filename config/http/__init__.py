"""What happens to a request before and after any view."""
