"""
The languages that the site's pages and mails are in: those whose catalogs are in the code, and those that people added at the
desk, as this process knows them (campaigns.site_languages.process_languages brings them here, and tells it of changes).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation.trans_real import language_code_re

from . import cldr_forms, site_words

BUILT_IN = tuple(code for code, _name in settings.LANGUAGES)
OWN_NAMES = {"fi": "suomi", "sv": "svenska", "en": "English"}
RIGHT_TO_LEFT = frozenset(settings.LANGUAGES_BIDI)


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """A language that people added. `fallback` is the built-in one in which it shows what has no words in it yet."""

    code: str
    own_name: str
    is_rtl: bool = False
    fallback: str = "en"
    words: Mapping[str, str] = field(default_factory=dict)  # by the source, after its context and \x04 where it has one
    plurals: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # {source: {CLDR's plural category: words}}


_added: dict[str, SpokenLanguage] = {}


def install(languages: Iterable[SpokenLanguage]) -> None:
    """Speak exactly these languages besides the built-in ones from now on, in this process."""
    global _added
    chosen = {one.code: one for one in languages if one.code not in BUILT_IN}
    for code in _added.keys() - chosen.keys():
        site_words.forget(code)
        cldr_forms.forget(code)
    for code, one in chosen.items():
        if _added.get(code) != one:
            site_words.install(code, one.words, one.plurals, fallback=one.fallback)
            cldr_forms.install(code, one.fallback)
    _added = chosen


def added() -> list[SpokenLanguage]:
    """Return the languages that people added."""
    return list(_added.values())


def codes() -> list[str]:
    """Return the codes of all languages that the site speaks, the built-in ones first."""
    return [*BUILT_IN, *_added]


def is_spoken(code: str) -> bool:
    """Return whether the site has pages in a language."""
    return code in BUILT_IN or code in _added


def variant(code: str) -> str:
    """Return the language of the site that serves whoever asks for `code` ("fi-FI" is served in "fi"), "" for none."""
    for wanted in (code, code.lower().partition("-")[0]):
        if is_spoken(wanted):
            return wanted
    return ""


def of_path(path: str) -> str:
    """Return the language that begins a path such as /fi/facts/, "" when none does."""
    first = path.lstrip("/").partition("/")[0]
    return first if path.startswith("/") and language_code_re.match(first) and is_spoken(first) else ""


def fallback_of(code: str) -> str:
    """Return the built-in language in which a language shows what has no words in it yet; its own for a built-in one."""
    return _added[code].fallback if code in _added else code


def read_by(language: str, main: str) -> tuple[str, ...]:
    """Return the languages in which readers of one are shown what has no words in it, best first, the last the `main` one."""
    return tuple(dict.fromkeys((language, fallback_of(language), main)))


def is_rtl(code: str | None) -> bool:
    """Return whether a language is written from right to left."""
    if code in _added:
        return _added[code].is_rtl
    return (code or "").partition("-")[0] in RIGHT_TO_LEFT or cldr_forms.is_rtl(code or "")


def direction(code: str | None) -> str:
    """Return the direction of a language as HTML names it."""
    return "rtl" if is_rtl(code) else "ltr"


def own_name(code: str) -> str:
    """Return a language's own name for itself, or its code."""
    if code in _added:
        return _added[code].own_name
    return OWN_NAMES.get(code) or cldr_forms.own_name(code) or code
