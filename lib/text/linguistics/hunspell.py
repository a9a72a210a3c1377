"""
Dictionaries for Hunspell, in the folder that DICTIONARIES names: xx.aff and xx.dic for a language, or xx_YY for it in a
country. Called as the C library that it is; without it, or without a dictionary, a language is not checked.
"""

import ctypes
import os
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from . import c_libraries

LIBRARIES = ("libhunspell-1.7.so.0", "libhunspell-1.8.so.0", "libhunspell-1.7.dylib", "libhunspell.dylib")
# Where a language has several, the country whose dictionary is asked first. What any of them has is right.
FIRST = {"sv": "sv_FI", "en": "en_GB"}
MOST = 3  # dictionaries of one language that are loaded


class Hunspell:
    """One dictionary. One thread asks at a time."""

    def __init__(self, affixes: Path, words: Path) -> None:
        """Load it, or raise OSError."""
        self.name = affixes.stem
        library = _library()
        self._handle = library.Hunspell_create(os.fsencode(affixes), os.fsencode(words))
        if not self._handle:
            raise OSError(f"{words} cannot be read")
        self._library, self._lock = library, Lock()
        self._encoding = (library.Hunspell_get_dic_encoding(self._handle) or b"utf-8").decode("ascii", "replace")
        try:
            "a".encode(self._encoding)
        except LookupError as unknown:
            raise OSError(f"{affixes} is in an unknown encoding") from unknown

    def is_right(self, word: str) -> bool:
        """Return whether the dictionary has a word, or can build it; what it has no letters for, it says nothing against."""
        try:
            written = word.encode(self._encoding)
        except UnicodeEncodeError:
            return True
        with self._lock:
            return bool(self._library.Hunspell_spell(self._handle, written))

    def suggestions(self, word: str) -> list[str]:
        """Return what a misspelt word may be meant for, the likeliest first."""
        found = ctypes.POINTER(ctypes.c_char_p)()
        with self._lock:
            number = self._library.Hunspell_suggest(self._handle, ctypes.byref(found), word.encode(self._encoding))
            words = [found[at] for at in range(min(number, c_libraries.MOST))]
            if number > 0:
                self._library.Hunspell_free_list(self._handle, ctypes.byref(found), number)
        return [one.decode(self._encoding, "replace") for one in words if one]


@lru_cache(maxsize=1)
def _library() -> Any:
    library = c_libraries.opened(LIBRARIES)
    strings = ctypes.POINTER(ctypes.c_char_p)
    c_libraries.declare(library, "Hunspell_create", ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
    c_libraries.declare(library, "Hunspell_get_dic_encoding", ctypes.c_char_p, ctypes.c_void_p)
    c_libraries.declare(library, "Hunspell_spell", ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)
    c_libraries.declare(
        library, "Hunspell_suggest", ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(strings), ctypes.c_char_p
    )
    c_libraries.declare(library, "Hunspell_free_list", None, ctypes.c_void_p, ctypes.POINTER(strings), ctypes.c_int)
    return library


@lru_cache(maxsize=64)
def dictionaries(language: str, folder: str) -> tuple[Hunspell, ...]:
    """Return the dictionaries of a language in a folder, the one that is asked first first; those that can't be read are left out."""
    found = []
    for affixes in _named(language, Path(folder))[:MOST]:
        try:
            found.append(Hunspell(affixes, affixes.with_suffix(".dic")))
        except OSError:
            continue
    return tuple(found)


def _named(language: str, folder: Path) -> list[Path]:
    """Return the .aff files of a language that have a .dic beside them."""
    name = language.replace("-", "_")
    found = [folder / f"{name}.aff", *sorted(folder.glob(f"{name}_*.aff"))] if name.replace("_", "").isalnum() else []
    there = [one for one in found if one.is_file() and one.with_suffix(".dic").is_file()]
    return sorted(there, key=lambda one: one.stem != FIRST.get(language, language))
