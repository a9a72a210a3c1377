"""Blanks of a prepared text: `{place}` stands for words that nobody can know before it is used."""

import re
from collections.abc import Mapping

BLANK = re.compile(r"(?<!\{)\{([a-z][a-z0-9_-]{0,39})\}(?!\})")


def blanks_in(text: str) -> list[str]:
    """Return the names of the blanks that are left in a text, each once, in their order."""
    return list(dict.fromkeys(BLANK.findall(text)))


def filled(text: str, words: Mapping[str, str]) -> str:
    """Return a text with its blanks filled; those without words stay."""
    return BLANK.sub(lambda blank: words.get(blank[1], "").strip() or blank[0], text)
