"""
Templates: which one carries what in a language, what stands in its places, and what Meta says about it. They are written and approved
in WhatsApp Manager; here is only which of them to use.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.audit import trail
from accounts.models import User
from delivery.models import WhatsAppTemplate

from . import cloud

Status, Use, Place = WhatsAppTemplate.Status, WhatsAppTemplate.Use, WhatsAppTemplate.Place

LONGEST = 1024  # characters of a body, with what stands in its places
MOST = 200  # templates that are asked for
FIELDS = "name,language,status,category,components"
A_PLACE = re.compile(r"\{\{[0-9]{1,2}\}\}")


class NoTemplate(ValueError):
    """There is none that Meta lets us send in a language, or the words do not fit into it."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What Meta says of one template."""

    status: str
    body: str


def chosen(use: str, language: str) -> WhatsAppTemplate | None:
    """
    Return the template for a use in a language that may be sent, None without one; one query. Without one with a button, that without
    carries the words.
    """
    uses = [Use.SEEN, Use.WORDS] if use == Use.SEEN else [use]
    found = {row.use: row for row in WhatsAppTemplate.objects.usable().filter(use__in=uses, language=language)}
    return next((found[one] for one in uses if one in found), None)


def languages_without(languages: set[str]) -> list[str]:
    """Return those languages in which no words may be sent as a template; one query."""
    if not languages:
        return []
    usable = WhatsAppTemplate.objects.usable().filter(use__in=[Use.WORDS, Use.SEEN], language__in=languages)
    return sorted(languages - set(usable.values_list("language", flat=True)))


def filled(template: WhatsAppTemplate, words: Mapping[str, str], *, button: str = "") -> dict[str, Any]:
    """
    Return a template with `words` by place, as Meta takes it; `button` is what its button says to us when it is pressed. Raise
    NoTemplate where the body would be longer than Meta allows.
    """
    texts = [one_line(words[place]) for place in template.places]
    if len(A_PLACE.sub("", template.body)) + sum(map(len, texts)) > LONGEST:
        raise NoTemplate(f"With the template {template.name} the text is longer than {LONGEST} characters.")
    components: list[dict[str, Any]] = [
        {"type": "body", "parameters": [{"type": "text", "text": one} for one in texts]}
    ]
    if template.use == Use.SEEN:
        press = [{"type": "payload", "payload": button}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": press})
    if template.use == Use.CODE:
        # The button that copies the code wants it once more.
        copied = [{"type": "text", "text": words[Place.CODE]}]
        components.append({"type": "button", "sub_type": "url", "index": "0", "parameters": copied})
    said = {"name": template.name, "language": {"code": template.code}, "components": components}
    return {"type": "template", "template": said}


def one_line(text: str) -> str:
    """Return a text without line breaks and runs of spaces, which Meta refuses in a place: each line ends with its full stop."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line]
    ended = [line if not line[-1].isalnum() or "://" in line.split(" ")[-1] else f"{line}." for line in lines[:-1]]
    return " ".join([*ended, *lines[-1:]])


# --- What Meta says about them ----------------------------------------------------------------------


def refresh(*, by: User | None = None, at: datetime) -> str:
    """Ask Meta for the status and the words of every template and keep them; return what went wrong in words, "" for nothing. Raise FetchFault."""
    found, fault = cloud.ask(f"{settings.WHATSAPP_ACCOUNT}/message_templates?fields={FIELDS}&limit={MOST}")
    if fault:
        return fault
    stated = stated_in(found)
    for row in WhatsAppTemplate.objects.all():
        one = stated.get((row.name, row.code))
        keep(row, known(one.status) if one else Status.DISABLED, one.body if one else row.body, by=by, at=at)
    return ""


@transaction.atomic
def keep(row: WhatsAppTemplate, status: str, body: str, *, by: User | None, at: datetime) -> None:
    """Keep what Meta says of a template; the audit log tells of another status."""
    if row.status != status:
        trail.note("template.status", row, by=by, at=at, status=str(status))
    row.status, row.body, row.checked_at = status, body, at
    row.save(update_fields=["status", "body", "checked_at"])


def stated_in(answer: Mapping[str, Any]) -> dict[tuple[str, str], Stated]:
    """Return what an answer says of each template, by its name and language code."""
    rows = answer.get("data")
    found = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            key = str(row.get("name", "")), str(row.get("language", ""))
            found[key] = Stated(str(row.get("status", "")), body_of(row.get("components")))
    return found


def body_of(components: object) -> str:
    """Return the words of a template's body, "" where it says none."""
    for part in components if isinstance(components, list) else []:
        if isinstance(part, dict) and part.get("type") == "BODY" and isinstance(part.get("text"), str):
            return str(part["text"])[: 2 * LONGEST]
    return ""


def note_status(name: str, code: str, status: str, *, at: datetime) -> None:
    """Keep what Meta reports of a template, where it is one of ours."""
    for row in WhatsAppTemplate.objects.filter(name=name, code=code):
        keep(row, known(status), row.body, by=None, at=at)


def known(status: str) -> WhatsAppTemplate.Status:
    """Return a status of Meta's as ours; one that we don't know lets nothing be sent. What is flagged may still be."""
    if status == "FLAGGED":
        return Status.APPROVED
    return Status(status) if status in Status.values else Status.PENDING
