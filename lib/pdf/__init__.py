"""Papers as PDF that a screen reader can follow: tagged, with their own fonts, the same bytes every time."""
