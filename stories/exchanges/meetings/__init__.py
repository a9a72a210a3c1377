"""Series of meetings, what is done with one, and the desk's pages of both."""
