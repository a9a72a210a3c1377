"""A second pair of eyes: submission, sign-off, approval of the exact content."""
