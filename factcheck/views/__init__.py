"""The public pages about claims."""
