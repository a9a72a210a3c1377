"""
The site's own words in a language that people added: theirs first, then CLDR's names of days and months, then what packages
bring, and what is missing in the language that stands in for it, marked so that pages can say which it is (fallback_marks).
"""

import gettext as gettext_module
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.utils.translation import trans_real

from . import cldr_forms

CONTEXT = "\x04"  # between a context and a source, as gettext has it
# Around words of another language than the page's. No text may have them: Unicode says that they are never characters.
BEGIN, END = "\ufdd0", "\ufdd1"

_marks: ContextVar[bool] = ContextVar("marks_fallbacks", default=False)


@contextmanager
def marking() -> Iterator[None]:
    """Mark what is said in a language that stands in for the reader's; whoever does takes the marks out again (fallback_marks)."""
    token = _marks.set(True)
    try:
        yield
    finally:
        _marks.reset(token)


def is_marking() -> bool:
    """Return whether what stands in for the reader's language is marked now."""
    return _marks.get()


class SiteWords(gettext_module.NullTranslations):
    """What Django asks for the words of a language that people added."""

    def __init__(
        self, code: str, words: Mapping[str, str], plurals: Mapping[str, Mapping[str, str]], fallback: str
    ) -> None:
        super().__init__()
        self.code, self.fallback = code, fallback
        packaged: Any = trans_real.DjangoTranslation(code)
        self._packaged = packaged._catalog if packaged._catalog is not None else {}
        self._catalog = self._packaged  # whoever asks Django for all words of a language gets what packages bring
        self._words = cldr_forms.calendar_words(code) | dict(words)
        self._plurals = dict(plurals)

    def language(self) -> str:
        """Return its code."""
        return self.code

    def to_language(self) -> str:
        """Return its code, as Django asks for it."""
        return self.code

    def __repr__(self) -> str:
        return f"<SiteWords {self.code}>"

    def gettext(self, message: str) -> str:
        """Return a text in the language, else in the one that stands in for it."""
        found = self._words.get(message) or self._packaged.get(message)
        if isinstance(found, str) and found:
            return found
        said = trans_real.translation(self.fallback).gettext(message)
        return self._marked(said.rpartition(CONTEXT)[2] if said == message else said)

    def ngettext(self, msgid1: str, msgid2: str, n: Any) -> str:
        """Return a text of so many in the language, else in the one that stands in for it."""
        forms = self._plurals.get(msgid1)
        if forms and (found := forms.get(cldr_forms.plural_of(self.code, n)) or forms.get("other")):
            return found
        plural = getattr(self._packaged, "plural", None)
        if plural is not None:
            try:
                return str(plural(msgid1, n))
            except KeyError:
                pass
        said = trans_real.translation(self.fallback).ngettext(msgid1, msgid2, n)
        return self._marked(said.rpartition(CONTEXT)[2] if said in {msgid1, msgid2} else said)

    def _marked(self, text: str) -> str:
        return f"{BEGIN}{text}{END}" if _marks.get() and text else text


@contextmanager
def speaking(code: str, fallback: str) -> Iterator[None]:
    """Speak a language that may not be one of the site's yet, in this thread, as it would be without words of its own."""
    before = getattr(trans_real._active, "value", None)  # type: ignore[attr-defined]
    trans_real._active.value = SiteWords(code, {}, {}, fallback)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        if before is None:
            del trans_real._active.value  # type: ignore[attr-defined]
        else:
            trans_real._active.value = before  # type: ignore[attr-defined]


def install(code: str, words: Mapping[str, str], plurals: Mapping[str, Mapping[str, str]], *, fallback: str) -> None:
    """Have Django speak a language in these words, from the next text on; what is under way keeps those that it began with."""
    trans_real._translations[code] = SiteWords(code, words, plurals, fallback)  # type: ignore[assignment, attr-defined]


def forget(code: str) -> None:
    """Have what packages bring of a language again, and nothing else."""
    trans_real._translations.pop(code, None)  # type: ignore[attr-defined]
