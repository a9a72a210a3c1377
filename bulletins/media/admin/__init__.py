"""The panes of files and message cards in the workspace."""
