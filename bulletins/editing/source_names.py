"""What a source of published words is called: in the page's language, or else by its site, which has no language."""

from collections.abc import Mapping

from campaigns.translated_fields import in_language
from lib.http import url_parts
from lib.text.markup import plain


def name_in(language: str, names: Mapping[str, str], urls: Mapping[str, str]) -> str:
    """
    Return the name of a source in a language. Where it has none, its site names it instead ("thl.fi"): another language's
    name would be read out and translated wrongly. Only a source without an address keeps the name that there is.
    """
    name = plain(names.get(language) or names.get(language.partition("-")[0]) or "").strip()
    return name or url_parts.site_of(in_language(dict(urls), language)) or plain(in_language(dict(names), language))
