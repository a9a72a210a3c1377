"""Texts: Markdown, likeness, subtitles, easy language; each further subject is a package of its own."""
