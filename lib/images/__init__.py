"""Pictures: uploaded ones checked and drawn anew, and cards of words."""
