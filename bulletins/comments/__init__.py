"""Comments at a passage of a bulletin: written, answered, resolved, found again in the text, and gone when it is approved."""
