"""Two states of one text: what differs in them word by word, and both brought together."""
