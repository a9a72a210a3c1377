"""Texts: Markdown, likeness, numbers and days as people write them; facts, statements, languages, encodings and revisions have packages."""
