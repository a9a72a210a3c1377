"""Whether what is said agrees: with the other languages, the message input, the version before, an update, and itself."""
