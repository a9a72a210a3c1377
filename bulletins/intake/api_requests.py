"""Reading what systems send by the API: how much of it, and refused with all that is wrong at once."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import ValidationError as Unreadable

from bulletins.models import NotAllowed, Urgency
from campaigns.models import Campaign, Region, Topic
from lib.http.body_length import announced

from . import input_attachments
from .api_schemas import InputIn

LARGEST = 26 * 1024 * 1024  # bytes of a request with attachments
LARGEST_TEXT = 1024 * 1024  # bytes of one without
MOST_FIELDS = 20_000  # colons in it: each may name a field that nobody knows, and that is told one by one
MARKED: Any = gettext_lazy("This cannot be accepted. See the errors marked.")
TOO_LONG: Any = gettext_lazy("This is too long: the limit is 1 MB without attachments, 26 MB with them.")


class Refused(Exception):
    """A request that is not carried out: status, what to say, and what is wrong with which field."""

    def __init__(self, status: int, says: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(says)
        self.status, self.says, self.fields = status, says, fields or {}


def campaign_of(slug: str) -> Campaign:
    """Return the open campaign that is named, or the one that the site shows."""
    found = Campaign.objects.open().filter(slug=slug).first() if slug else Campaign.objects.current()
    if found is None and slug:
        raise Refused(422, MARKED, {"campaign": [_("There is no open campaign with this name.")]})
    if found is None:
        raise Refused(409, _("No campaign is open, so nothing can be accepted. Call the bulletin desk."))
    return found


def read_body(request: HttpRequest, most: int) -> bytes:
    """Return the body of a request, or refuse it unread when it is too long."""
    data = b"" if announced(request) > most else request.read(most + 1)
    if max(announced(request), len(data)) > most:
        raise Refused(413, TOO_LONG)
    return data


def read_input(request: HttpRequest) -> tuple[InputIn, list[input_attachments.File]]:
    """Return what was sent, as JSON or in parts, with its files examined."""
    if request.content_type == "multipart/form-data":
        if not 0 < announced(request) <= LARGEST:
            raise Refused(413, TOO_LONG)
        content = parse(InputIn, request.POST.get("input", "").encode())
        raw = [(one.name or "", one.read()) for one in request.FILES.getlist("attachments")]
    else:
        data = read_body(request, LARGEST)
        # Before a parser makes something of each of them.
        if input_attachments.size_outside_base64(data) > LARGEST_TEXT or data.count(b":") > MOST_FIELDS:
            raise Refused(413, TOO_LONG)
        content = parse(InputIn, data)
        if len(data) - sum(len(one.data) for one in content.attachments) > LARGEST_TEXT:
            raise Refused(413, TOO_LONG)
        raw = []
    wrong: dict[str, list[str]] = {}
    for n, one in enumerate(content.attachments):
        try:
            raw.append((one.name, base64.b64decode(one.data, validate=True)))
        except (binascii.Error, ValueError):
            wrong[f"attachments.{n}.data"] = [_("This is not valid base64.")]
    files = []
    for n, (name, data) in enumerate(raw):
        try:
            files.append(input_attachments.examine(name, data))
        except NotAllowed as refusal:
            wrong.setdefault(f"attachments.{n}", []).append(str(refusal))
    if wrong:
        raise Refused(422, MARKED, wrong)
    return content, files


def named(content: InputIn, campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """Return content with the rows that it names, or refuse it with all that is wrong."""
    codes = [row.code for row in campaign.languages.all()] or [campaign.default_language]
    wrong = faults_of(content, codes, at=at)
    regions = rows_named(Region.objects.all(), "code", content.regions, "regions", wrong)
    topics = rows_named(Topic.objects.filter(campaign=campaign), "slug", content.topics, "topics", wrong)
    if wrong:
        raise Refused(422, MARKED, wrong)
    names = ("title", "body", "language", "urgency", "embargo_until", "valid_until", "contact")
    return {name: getattr(content, name) for name in names} | {
        "urgency": content.urgency.value,
        "regions": regions,
        "topics": topics,
        "sources": [{"publisher": one.publisher, "title": one.title, "url": str(one.url)} for one in content.sources],
        "facts": [one.model_dump() for one in content.facts],
    }


def faults_of(content: InputIn, codes: list[str], *, at: datetime) -> dict[str, list[str]]:
    """Return what is wrong with content by itself, {field: sentences}; `codes` are the campaign's languages."""
    wrong: dict[str, list[str]] = {}
    if content.language not in codes:
        wrong["language"] = [
            _("The campaign does not have this language. It has %(codes)s.") % {"codes": ", ".join(codes)}
        ]
    if content.contact:
        try:
            validate_email(content.contact)
        except InvalidValue:
            wrong["contact"] = [_("This is not an email address.")]
    if content.valid_until and content.valid_until <= at:
        wrong["valid_until"] = [_("This time has already passed. Enter a later one, or leave it empty.")]
    for n, fact in enumerate(content.facts):
        if fact.source and fact.source > len(content.sources):
            wrong[f"facts.{n}.source"] = [_("There is no source with this number.")]
    for n, source in enumerate(content.sources):
        if len(str(source.url)) > 500:
            wrong[f"sources.{n}.url"] = [_("This is too long.")]
    return wrong


def rows_named(
    rows: QuerySet[Any], key: str, names: Iterable[str], field: str, wrong: dict[str, list[str]]
) -> list[Any]:
    """Return the rows that names stand for, and note those that there are none for."""
    found = {getattr(row, key): row for row in rows.filter(**{f"{key}__in": list(names)})}
    if missing := [name for name in names if name not in found]:
        wrong[field] = [_("Unknown: %(names)s.") % {"names": ", ".join(missing)}]
    return list(found.values())


def parse[Read: Schema](schema: type[Read], data: bytes) -> Read:
    """Return JSON as what it should be, or refuse it with what is wrong with each field."""
    try:
        return schema.model_validate_json(data)
    except Unreadable as fault:
        raise Refused(422, MARKED, error_messages(fault.errors(include_url=False, include_context=True))) from fault


def error_messages(errors: Iterable[Any]) -> dict[str, list[str]]:
    """Return what pydantic found in the user's language, by field."""
    fields: dict[str, list[str]] = {}
    for one in errors:
        place = ".".join(str(part) for part in one["loc"]) or "body"
        most = (one.get("ctx") or {}).get("max_length")
        says = {
            "missing": _("This is missing."),
            "string_too_short": _("This is missing."),
            "string_too_long": _("At most %(most)s characters.") % {"most": most},
            "too_long": _("At most %(most)s items.") % {"most": most},
            "extra_forbidden": _("Unknown field. Check its name."),
            "json_invalid": _("This is not valid JSON."),
            "timezone_aware": _("Write date, time and offset like 2026-03-25T12:00:00+02:00."),
            "datetime_from_date_parsing": _("Write date, time and offset like 2026-03-25T12:00:00+02:00."),
            "datetime_parsing": _("Write date, time and offset like 2026-03-25T12:00:00+02:00."),
            "enum": _("This is not one of: %(known)s.") % {"known": ", ".join(Urgency.values)},
        }.get(one["type"], _("This cannot be read."))
        fields.setdefault(place, []).append(says)
    return fields
