"""How the languages of a bulletin follow the original: what is missing or behind, words of the glossary, drafts by machine."""
