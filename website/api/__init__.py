"""The read API for newsrooms."""
