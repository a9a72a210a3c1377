"""The workspace in which a bulletin is written, pane by pane."""
