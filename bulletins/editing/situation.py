"""
"Be right" (CERC): what is known, what is not known yet, what is being done, and when more is said. Readers get them as sections of
the text, in page, mail, feeds and alerts.
"""

import re
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import Bulletin, Edition

_SECTION = re.compile(r"^##(?!#)", re.MULTILINE)


def headings() -> dict[str, str]:
    """Return what each part is called for readers, in the active language."""
    return {
        "known": _("What we know"),
        "not_known": _("What we do not know yet"),
        "being_done": _("What is being done"),
        "next_word": _("When we say more"),
    }


def parts_of(bulletin: Bulletin, edition: Edition) -> dict[str, str]:
    """Return the sections of an edition's parts as Markdown, {name: heading and words}, in the language of the edition."""
    with override(edition.language):
        texts = dict(edition.situation)
        if bulletin.next_word_at:
            texts["next_word"] = promise(bulletin, bulletin.next_word_at)
        names = headings()
        return {name: f"## {names[name]}\n\n{text.strip()}" for name, text in texts.items()}


def promise(bulletin: Bulletin, moment: datetime) -> str:
    """Return by when we say more, in a sentence in the active language."""
    when = date_format(bulletin.campaign.local(moment), "DATETIME_FORMAT")
    return _("We will say more by %(when)s at the latest, even if there is little new.") % {"when": when}


def whole_text(bulletin: Bulletin, edition: Edition) -> str:
    """Return the text of an edition with its parts (Markdown): they come after its opening and before its own sections."""
    return with_parts(edition.body, parts_of(bulletin, edition))


def with_parts(body: str, parts: dict[str, str]) -> str:
    """Return a text with sections after its opening."""
    if not parts:
        return body
    section = _SECTION.search(body)
    begins = section.start() if section else len(body)
    pieces = (body[:begins].strip(), *parts.values(), body[begins:].strip())
    return "\n\n".join(piece for piece in pieces if piece)


def unknown_section(parts: dict[str, str]) -> str:
    """Return how the text has what is not known yet, "" where it has nothing of the kind."""
    return f"\n\n{parts['not_known']}" if "not_known" in parts else ""
