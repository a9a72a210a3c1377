"""What two people agree to: one suite that tries to cheat, for every kind of text."""
