"""The public fact-checks, their structured data, feeds and cards."""
