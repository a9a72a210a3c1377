"""
Finnish words by Voikko, where its library and its dictionary are installed (Debian: libvoikko1 and voikko-fi): basic forms,
the parts of compounds, and whether a word is spelt right. Called as the C library that it is; without it nobody is asked.
"""

import ctypes
from functools import cache, lru_cache
from threading import Lock
from typing import NamedTuple

from django.conf import settings

from . import c_libraries

LIBRARIES = ("libvoikko.so.1", "libvoikko.1.dylib", "libvoikko.dylib")
LONGEST = 60  # letters of a word that it is asked about
FORMS = 8  # readings of one word that are looked at


class Reading(NamedTuple):
    """One way to read a word: its basic form, and those of its parts when it is a compound; all in lower case."""

    base: str
    parts: tuple[str, ...]


class Voikko:
    """The library with its dictionary. One thread asks at a time."""

    def __init__(self) -> None:
        """Load both, or raise OSError."""
        library = c_libraries.opened(LIBRARIES)
        c_libraries.declare(library, "voikkoInit", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
        c_libraries.declare(library, "voikkoSpellCstr", ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)
        strings = ctypes.POINTER(ctypes.c_char_p)
        c_libraries.declare(library, "voikkoSuggestCstr", strings, ctypes.c_void_p, ctypes.c_char_p)
        c_libraries.declare(library, "voikkoFreeCstrArray", None, strings)
        rows = ctypes.POINTER(ctypes.c_void_p)
        c_libraries.declare(library, "voikkoAnalyzeWordCstr", rows, ctypes.c_void_p, ctypes.c_char_p)
        c_libraries.declare(library, "voikko_free_mor_analysis", None, rows)
        value = "voikko_mor_analysis_value_cstr"
        c_libraries.declare(library, value, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
        c_libraries.declare(library, "voikko_free_mor_analysis_value_cstr", None, ctypes.c_void_p)
        fault = ctypes.c_char_p()
        self._handle = library.voikkoInit(ctypes.byref(fault), b"fi", None)
        if not self._handle:
            raise OSError((fault.value or b"no dictionary").decode(errors="replace"))
        self._library, self._lock = library, Lock()

    def is_right(self, word: str) -> bool:
        """Return whether the dictionary has a word, or can build it."""
        with self._lock:
            return bool(self._library.voikkoSpellCstr(self._handle, word.encode()))

    def suggestions(self, word: str) -> list[str]:
        """Return what a misspelt word may be meant for, the likeliest first."""
        with self._lock:
            found = self._library.voikkoSuggestCstr(self._handle, word.encode())
            if not found:
                return []
            words = c_libraries.until_null(found)
            self._library.voikkoFreeCstrArray(found)
        return [one.decode(errors="replace") for one in words]

    def readings(self, word: str) -> list[Reading]:
        """Return the ways to read a word; none for one that is not Finnish."""
        with self._lock:
            rows = self._library.voikkoAnalyzeWordCstr(self._handle, word.encode())
            if not rows:
                return []
            found = [
                Reading(self._value(row, b"BASEFORM").lower(), parts_of(self._value(row, b"WORDBASES")))
                for row in c_libraries.until_null(rows, FORMS)
            ]
            self._library.voikko_free_mor_analysis(rows)
        return [one for one in dict.fromkeys(found) if one.base]

    def _value(self, row: int, name: bytes) -> str:
        address = self._library.voikko_mor_analysis_value_cstr(row, name)
        if not address:
            return ""
        text = ctypes.string_at(address).decode(errors="replace")
        self._library.voikko_free_mor_analysis_value_cstr(address)
        return text


def parts_of(bases: str) -> tuple[str, ...]:
    """Return the basic forms in "+poikkeus(poikkeus)+tila(tila)+laki(laki)"; what is a mere ending, as "+us(+us)", is left out."""
    found = [part.partition("(")[2].rstrip(")") for part in bases.split(")")]
    return tuple(part.lower() for part in found if part and not part.startswith("+"))


def dictionary() -> Voikko | None:
    """Return Voikko, or None where it is not installed or not wanted (DICTIONARIES)."""
    return _loaded() if settings.DICTIONARIES else None


@cache
def _loaded() -> Voikko | None:
    try:
        return Voikko()
    except OSError:
        return None


@lru_cache(maxsize=1 << 16)
def _readings(word: str) -> tuple[Reading, ...]:
    voikko = _loaded()
    return tuple(voikko.readings(word)) if voikko and word.isalpha() and len(word) <= LONGEST else ()


def readings(word: str) -> tuple[Reading, ...]:
    """Return the ways to read a Finnish word (lower case); none where Voikko is not installed."""
    return _readings(word) if settings.DICTIONARIES else ()
