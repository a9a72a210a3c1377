"""Texts: length, similarity, word stems, readability, figures, mark-up, subtitles, encodings."""
