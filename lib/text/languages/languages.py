"""Text in several languages, shown for reading, and what languages are called."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, pgettext_lazy
from django.utils.translation import gettext as _

from . import cldr_forms, spoken_languages


def in_all_languages(texts: Any) -> SafeString | str:
    """Return {language: text} as a list for reading."""
    if not isinstance(texts, dict) or not any(texts.values()):
        return "–"
    return format_html(
        '<dl class="languages-out">{}</dl>',
        format_html_join(
            "", '<dt>{}</dt><dd lang="{}">{}</dd>', ((code, code, text) for code, text in texts.items() if text)
        ),
    )


def language_name(code: str) -> str:
    """Return the name of a language in the active one, or its code."""
    here = get_language() or "en"
    if here not in spoken_languages.BUILT_IN and (name := cldr_forms.name_in(code, here)):
        return name
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return cldr_forms.name_in(code, here) or spoken_languages.own_name(code)


def language_heading(code: str) -> str:
    """Return the name of a language as a line begins with it, or its code."""
    name = language_name(code)
    return name if name == code else name[:1].upper() + name[1:]


def languages_listed(codes: Iterable[str]) -> str:
    """Return the names of languages in a line that begins with one, the others as they are written inside a sentence."""
    first, *others = [*codes] or [""]
    return ", ".join([language_heading(first), *map(language_name, others)]) if first else ""


# How a number of people reads it: in Finnish and Swedish that is "suomeksi 12" and "på svenska 12", not the name alone.
READ_IN = {
    "fi": pgettext_lazy("people read it in", "Finnish"),
    "sv": pgettext_lazy("people read it in", "Swedish"),
    "en": pgettext_lazy("people read it in", "English"),
}


def readers_language(code: str) -> str:
    """Return a language as a number of its readers follows it, or its code."""
    return str(READ_IN[code]) if code in READ_IN else language_heading(code)


def own_name(code: str) -> str:
    """Return a language's own name for itself, or its code."""
    return spoken_languages.own_name(code)


# What easy language is called in these languages; of others nobody has told us.
EASY_NAMES = {"fi": "selkosuomi", "sv": "lätt svenska", "en": "easy English"}


def easy_name(code: str) -> str:
    """Return what easy language is called in a language itself ("selkosuomi"), else the language's own name with those words."""
    return EASY_NAMES.get(code) or f"{own_name(code)}, {_('easy language')}"


def easy_tag(code: str) -> str:
    """Return the tag (BCP 47) of easy language in a language: "simple" is registered for simplified forms."""
    return f"{code}-simple"


def site_language(*codes: str) -> str:
    """Return the language of our pages for a reader: the first of these that the site has, else its main one."""
    for code in codes:
        if served := spoken_languages.variant(code):
            return served
    return settings.LANGUAGE_CODE


def page_language() -> str:
    """Return the code of the language that the page is in: the part before the dash."""
    return (get_language() or "en").partition("-")[0]
