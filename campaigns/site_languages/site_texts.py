"""
The site's own texts: each with where readers meet it. They are those of the Finnish catalog, which the checks keep whole; where they
stand is read from the sources of pages, mails and cards.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lib.text.languages.site_words import CONTEXT

# Where readers meet a text, in the order in which it is translated; the sources of each. The rest is for the desk.
AREAS = {
    "pages": _("public pages"),
    "mail": _("email"),
    "cards": _("cards"),
    "portal": _("portal and joining"),
    "desk": _("desk"),
}
READERS = ("pages", "mail", "cards", "portal")
SOURCES: dict[str, tuple[str, ...]] = {
    "pages": (
        *("templates/base.html", "templates/shared", "templates/website", "templates/errors", "website"),
        *("templates/factcheck/publication", "templates/factcheck/intake", "templates/delivery/seeds"),
        *("templates/delivery/links", "factcheck/publication", "factcheck/intake/forms.py", "lib/text"),
        *("config/templatetags/site.py", "bulletins/reader_view"),
    ),
    "mail": (
        *("templates/bulletins/mail", "templates/website/digests", "templates/delivery/mail", "bulletins/mail"),
        *("delivery/message", "delivery/subscriptions", "website/digests"),
    ),
    "cards": (
        "bulletins/media/message_cards.py",
        "factcheck/publication/fact_cards.py",
        "questions/answers/answer_cards.py",
    ),
    "portal": (
        *("templates/influencers", "templates/accounts/login", "influencers/portal", "influencers/onboarding"),
        *("influencers/profiles", "influencers/kits", "influencers/recall", "influencers/inbox"),
    ),
}
ELSEWHERE = ("admin", "desk", "/models", "/migrations/", "/apps.py", "/personal_data.py", "/management/")
ASKS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
}
_TRANSLATE = re.compile(r"""\{% translate (?:"([^"]*+)"|'([^']*+)')""")
_VALUE = re.compile(r"\{\{ ([\w.]++)[^{}]*+\}\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the site's texts: its source in English, after its context ("" for none), its plural ("" for none), and its area."""

    key: str
    source: str
    context: str
    plural: str
    area: str


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Return every text by its key (the source after its context and \\x04), those that readers meet first before the others."""
    path = Path(settings.LOCALE_PATHS[0]) / "fi" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    where = areas()
    order = {source: number for number, source in enumerate(where)}
    found = []
    for message in messages:
        source, plural = source_of(message)
        found.append(Entry(key_of(message), source, message.context or "", plural, where.get(source, "desk")))
    return {one.key: one for one in sorted(found, key=lambda one: order.get(one.source, len(order)))}


def source_of(message: Message) -> tuple[str, str]:
    """Return the source of a text of a catalog, and its plural ("" for none)."""
    return (message.id[0], message.id[1]) if isinstance(message.id, (tuple, list)) else (str(message.id), "")


def key_of(message: Message) -> str:
    """Return the key of a text of a catalog: its source after its context."""
    source, _plural = source_of(message)
    return f"{message.context}{CONTEXT}{source}" if message.context else source


@lru_cache(maxsize=1)
def of_readers() -> frozenset[str]:
    """Return the keys of the texts that readers meet."""
    return frozenset(key for key, one in entries().items() if one.area in READERS)


def areas() -> dict[str, str]:
    """Return {source: the first area in which it stands}."""
    found: dict[str, str] = {}
    for area, places in SOURCES.items():
        for place in places:
            for path in files(Path(settings.BASE_DIR) / place):
                text = path.read_text(encoding="utf-8")
                for source in in_python(text) if path.suffix == ".py" else in_template(text):
                    found.setdefault(source, area)
    return found


def files(place: Path) -> Iterator[Path]:
    """Yield the sources of a place: a file, or all in a folder but those of the desk's pages."""
    if place.is_file():
        yield place
        return
    for path in sorted(place.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and not any(word in path.as_posix() for word in ELSEWHERE):
            yield path


def in_template(text: str) -> Iterator[str]:
    """Yield the sources that a template asks for."""
    for match in _TRANSLATE.finditer(text):
        yield (match[1] or match[2] or "").replace("%", "%%")
        yield match[1] or match[2] or ""
    for part in text.split("{% blocktranslate")[1:]:
        options, _sign, rest = part.partition("%}")
        singular = rest.partition("{% endblocktranslate")[0].partition("{% plural %}")[0]
        if "trimmed" in options:
            singular = " ".join(line.strip() for line in singular.strip().splitlines())
        yield _VALUE.sub(lambda value: f"%({value[1]})s", singular.replace("%", "%%"))


def in_python(text: str) -> Iterator[str]:
    """Yield the sources that a module asks for: every text that it hands to gettext."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ASKS:
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value
