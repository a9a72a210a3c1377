"""A week in one page: what was said, how far it got, what people think, what is open; for a minister, for the team, as CSV."""
