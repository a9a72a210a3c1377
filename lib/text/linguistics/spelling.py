"""
Words that no dictionary of the language has: by Voikko in Finnish, by Hunspell's dictionaries in others. It errs on the side
of silence: names, addresses, tags, figures and short forms are never among them, and a language without a dictionary has none.
"""

import re
import time
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from django.conf import settings

from . import hunspell, voikko

LONGEST = 60  # letters of a word that is looked at
LONGEST_MENDED = 30  # letters of a word for which others are suggested
SUGGESTED = 3
LONGEST_TEXT = 200_000
LATIN = {"fi", "sv", "en"}  # their texts are written in these letters; what is in others is no word of theirs
LAST_LATIN = "\u024f"

_WORD = re.compile(r"\w++(?:[-’':]\w++)*+-?")
_LINK = re.compile(r"\]\([^()\s]*+\)?")
# A piece between spaces that has one of these is an address, a tag, a blank or code.
_SIGNS = ("://", "@", "#", "`", "{", "www.", "\xad")
_INNER_DOT = re.compile(r"\w\.\w")


class Dictionary(Protocol):
    """What knows the words of one language."""

    def is_right(self, word: str) -> bool:
        """Return whether it has a word."""

    def suggestions(self, word: str) -> list[str]:
        """Return what a misspelt word may be meant for."""


def dictionaries(language: str) -> tuple[Dictionary, ...]:
    """Return what knows the words of a language; nothing where none is installed or none is wanted (DICTIONARIES)."""
    if not settings.DICTIONARIES:
        return ()
    code = language.partition("-")[0]
    if code == "fi" and (finnish := voikko.dictionary()):
        return (finnish,)
    return hunspell.dictionaries(code, settings.DICTIONARIES)


def unknown_words(text: str, language: str) -> list[str]:
    """Return the words of a text, plain or in Markdown, that no dictionary of its language has, each once, as they are written."""
    if not dictionaries(language):
        return []
    found = dict.fromkeys(words_of(text[:LONGEST_TEXT], language))
    return [word for word in found if not is_known(word, language)]


def words_of(text: str, language: str) -> Iterator[str]:
    """Yield the words of a text that can be misspelt. What has a capital letter is taken for a name, what has a figure for a code."""
    for piece in _LINK.sub("] ", text).split():
        if any(sign in piece for sign in _SIGNS) or _INNER_DOT.search(piece):
            continue
        for word in _WORD.findall(piece):
            # "informations- och": the rest of a compound comes later.
            if word.endswith("-") or len(word) < 2 or len(word) > LONGEST or word != word.lower():
                continue
            if not any(one.isdigit() or one == "_" for one in word) and is_written_in(word, language):
                yield unicodedata.normalize("NFC", word)


def is_written_in(word: str, language: str) -> bool:
    """Return whether a word is in the letters of its language."""
    return language.partition("-")[0] not in LATIN or all(one <= LAST_LATIN or one == "’" for one in word)


@lru_cache(maxsize=1 << 16)  # the same words are looked at after every save
def _is_known(word: str, language: str, _folder: str) -> bool:
    known = dictionaries(language)
    forms = {word, word.replace("’", "'")}
    if any(one.is_right(form) for one in known for form in forms):
        return True
    # "ruotsinkieliset/-kielisten", "väestö-näkökulma": each part is a word.
    parts = [part for part in re.split(r"[-:’']", word) if part]
    return len(parts) > 1 and all(any(one.is_right(part) for one in known) for part in parts)


def is_known(word: str, language: str) -> bool:
    """Return whether a dictionary of the language has a word (lower case)."""
    return _is_known(word, language, settings.DICTIONARIES)


_suggested: dict[tuple[str, str, str], tuple[str, ...]] = {}
MOST_KEPT = 4_096


def suggestions(word: str, language: str, *, until: float) -> tuple[str, ...]:
    """
    Return what a word may be meant for, the likeliest first. To find out takes up to a tenth of a second: after `until` (of
    time.monotonic) only what is known already is told.
    """
    key = word, language, settings.DICTIONARIES
    if key not in _suggested and len(word) <= LONGEST_MENDED and time.monotonic() < until:
        if len(_suggested) >= MOST_KEPT:
            _suggested.clear()
        found = (other for one in dictionaries(language) for other in one.suggestions(word))
        _suggested[key] = tuple(dict.fromkeys(other for other in found if other != word and len(other) > 1))[:SUGGESTED]
    return _suggested.get(key, ())
