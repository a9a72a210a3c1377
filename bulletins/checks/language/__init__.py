"""Words of a language: those that are not used, spelling, easy language."""
