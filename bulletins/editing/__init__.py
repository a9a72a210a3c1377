"""Writing a bulletin: drafts, editions, key messages, variants, and several people at once."""
