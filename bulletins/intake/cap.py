"""
Read an alert in the Common Alerting Protocol 1.2 and say what it is as a message input.

Source: OASIS Standard CAP-V1.2, 1 July 2010. An alert comes from outside, so there is no DOCTYPE, no entity, no other
namespace and no large file; what the standard requires and is not there is named.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import MessageInput, NotAllowed, Urgency
from campaigns.models import Authority, Campaign, Region

from . import input_attachments, submissions

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
LARGEST = 26 * 1024 * 1024  # bytes, with what is attached in base64
LARGEST_TEXT = 1024 * 1024  # bytes, without
MOST_ELEMENTS = 5_000
REQUIRED = ("identifier", "sender", "sent", "status", "msgType", "scope")
REQUIRED_OF_INFO = ("category", "event", "urgency", "severity", "certainty")
VALUES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d\Z")
NAME = re.compile(r"[^\s,<&]{1,150}\Z")
is_address = URLValidator(schemes=["http", "https"])


class NotReadable(NotAllowed):
    """What came is no alert that can be taken. `fields` maps names of elements to what is wrong with them."""

    def __init__(self, says: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(says)
        self.fields = fields or {}


@dataclass(frozen=True)
class Info:
    """What an alert says in one language: the texts of its elements, and its areas, codes and resources."""

    language: str
    texts: dict[str, str]
    areas: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)
    expires: datetime | None = None


@dataclass(frozen=True)
class Alert:
    """An alert as it was read. `references` are the names ("sender,identifier,sent") of those that it changes."""

    texts: dict[str, str]
    infos: list[Info]
    references: list[str]

    @property
    def name(self) -> str:
        """What the standard names an alert by: sender, identifier, sent."""
        return ",".join(self.texts[part] for part in ("sender", "identifier", "sent"))


class Strict(ElementTree.TreeBuilder):
    """Builds a tree of no more elements than an alert can need, and of nothing that declares something."""

    def __init__(self) -> None:
        super().__init__()
        self.elements = 0

    def start(self, tag: Any, attrs: Any) -> Any:
        """Begin an element."""
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise NotReadable(_("This alert is too long. Nothing was accepted."))
        return super().start(tag, attrs)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse a DOCTYPE."""
        raise NotReadable(_("An alert must not contain a DOCTYPE or entities. Nothing was accepted."))


# --- Reading -----------------------------------------------------------------------------------------


def read(data: bytes) -> Alert:
    """Return the alert that bytes hold, or raise NotReadable with everything that is wrong with it."""
    text = decode(data)
    # Looked for before anything is parsed, so that no parser ever sees an entity.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotReadable(_("An alert must not contain a DOCTYPE or entities. Nothing was accepted."))
    try:
        parser = ElementTree.XMLParser(target=Strict())  # noqa: S314 (no DOCTYPE comes this far)
        parser.feed(text)
        root = parser.close()
    except ElementTree.ParseError as fault:
        line, column = fault.position
        says = _("This is not valid XML: line %(line)d, column %(column)d cannot be read.") % {
            "line": line,
            "column": column,
        }
        raise NotReadable(says) from fault
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise NotReadable(
            _("This is not a CAP 1.2 alert: its first element must be “alert” in %(namespace)s.")
            % {"namespace": NAMESPACE}
        )
    wrong: dict[str, list[str]] = {}
    texts = texts_of(root)
    check(texts, REQUIRED, wrong)
    for name in ("sender", "identifier"):
        if texts.get(name) and not NAME.match(texts[name]):
            note(wrong, name, _("No spaces, commas or XML special characters, and at most 150 characters."))
    moment(texts, "sent", wrong)
    infos = [info_of(element, wrong) for element in root.findall(tag("info"))]
    if not infos and texts.get("msgType") in {"Alert", "Update"}:
        note(wrong, "info", _("This is missing: an alert must say what is happening in at least one “info”."))
    if wrong:
        raise NotReadable(_("This alert cannot be accepted. See the errors marked."), wrong)
    return Alert(texts, infos, texts.get("references", "").split())


def is_too_long(data: bytes) -> bool:
    """Return whether an alert has more than a parser is to be given: of words, and of files in it."""
    brings_files = b"derefUri" in data.replace(b"\0", b"")
    words = input_attachments.size_outside_base64(data) if brings_files else len(data)
    return len(data) > LARGEST or words > LARGEST_TEXT


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with its mark."""
    if is_too_long(data):
        raise NotReadable(_("This alert is too long. Nothing was accepted."))
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as fault:
        raise NotReadable(_("This is neither UTF-8 nor UTF-16 with a byte order mark.")) from fault
    if "\0" in text:
        raise NotReadable(_("This is neither UTF-8 nor UTF-16 with a byte order mark."))
    return text


def tag(name: str) -> str:
    """Return a name with the namespace, as the parser writes it."""
    return f"{{{NAMESPACE}}}{name}"


def texts_of(element: ElementTree.Element) -> dict[str, str]:
    """Return the texts of the elements right inside, by name; of several, the first."""
    found: dict[str, str] = {}
    for child in element:
        if child.tag.startswith(f"{{{NAMESPACE}}}") and not len(child):
            found.setdefault(child.tag.partition("}")[2], (child.text or "").strip())
    return found


def note(wrong: dict[str, list[str]], name: str, says: str) -> None:
    """Add what is wrong with an element."""
    wrong.setdefault(name, []).append(says)


def check(texts: dict[str, str], names: tuple[str, ...], wrong: dict[str, list[str]], where: str = "") -> None:
    """Note which of the required elements are missing or have a value that the standard does not know."""
    for name in names:
        if not texts.get(name):
            note(wrong, where + name, _("This is missing."))
        elif name in VALUES and texts[name] not in VALUES[name]:
            known = ", ".join(sorted(VALUES[name]))
            note(wrong, where + name, _("This is not one of the values in CAP: %(known)s.") % {"known": known})


def moment(texts: dict[str, str], name: str, wrong: dict[str, list[str]], where: str = "") -> datetime | None:
    """Return the moment that an element names, None where there is none; note one that cannot be read."""
    if not texts.get(name):
        return None
    try:
        if not MOMENT.match(texts[name]):
            raise ValueError
        return datetime.fromisoformat(texts[name])
    except ValueError:
        note(wrong, where + name, _("Write date, time and offset like 2026-03-25T12:00:00+02:00."))
        return None


def info_of(element: ElementTree.Element, wrong: dict[str, list[str]]) -> Info:
    """Return what an info element says."""
    texts = texts_of(element)
    check(texts, REQUIRED_OF_INFO, wrong, "info.")
    areas, codes = [], []
    for area in element.findall(tag("area")):
        described = texts_of(area)
        if not described.get("areaDesc"):
            note(wrong, "info.area.areaDesc", _("This is missing."))
        areas.append(described.get("areaDesc", ""))
        codes += [texts_of(code).get("value", "") for code in area.findall(tag("geocode"))]
    return Info(
        language=texts.get("language", "en-US"),
        texts=texts,
        areas=areas,
        codes=codes,
        resources=[texts_of(resource) for resource in element.findall(tag("resource"))],
        expires=moment(texts, "expires", wrong, "info."),
    )


# --- What it is here -----------------------------------------------------------------------------------


def as_input(alert: Alert, campaign: Campaign, authority: Authority, *, at: datetime) -> dict[str, Any]:
    """
    Return an alert as `submissions.take` takes it. Raise NotReadable for what is no message to the public of this
    campaign: tests, exercises in a live campaign and the reverse, answers to other alerts, what is over.
    """
    refuse_unsuitable(alert, campaign)
    codes = [language.code for language in campaign.languages.all()] or [campaign.default_language]
    language = best_language(alert, codes)
    infos = [info for info in alert.infos if spoken(info.language) == language] or alert.infos[:1]
    title, body, note = title_and_text_of(alert, infos, authority, language)
    expires = end_of(infos, at=at)
    regions = Region.objects.filter(code__in={code for info in infos for code in info.codes if code})
    instructions = [text for info in infos if (text := info.texts.get("instruction"))]
    return {
        "title": title[:250],
        "body": body or title,
        "language": language if language in codes else campaign.default_language,
        "urgency": urgency_of(alert, infos),
        "valid_until": expires,
        "contact": next(filter(None, (mail_address(info.texts.get("contact", "")) for info in infos)), ""),
        "regions": list(regions),
        "sources": list(sources_of(alert, infos)),
        "facts": [{"text": text, "valid_until": expires} for text in instructions],
        "attachments": list(files_of(infos)),
        "channel": MessageInput.Channel.CAP,
        "external_id": alert.name,
        "note": note,
        "replaces": changed_by(alert, authority).order_by("-pk").first(),
    }


def changed_by(alert: Alert, authority: Authority) -> QuerySet[MessageInput]:
    """Return the submissions that an alert changes."""
    return MessageInput.objects.filter(authority=authority, external_id__in=alert.references)


def title_and_text_of(alert: Alert, infos: list[Info], authority: Authority, language: str) -> tuple[str, str, str]:
    """Return an alert's title and text, and the note of which earlier messages it changes, in its language."""
    with override(language):
        names = [one.reference for one in changed_by(alert, authority)] or alert.references
        note = change_sentence(alert, ", ".join(names))
        title = title_of(alert, infos, note)
        body = "\n\n".join(filter(None, (note, *(paragraphs(info) for info in infos))))
    return title, body, note


def end_of(infos: list[Info], *, at: datetime) -> datetime | None:
    """Return when an alert ends. Raise NotReadable for one that is over, NotAllowed for a time that nobody lives to see."""
    submissions.refuse_unreal(*(info.expires for info in infos))
    expires = max((info.expires for info in infos if info.expires), default=None)
    if expires and expires <= at:
        raise NotReadable(
            _("This alert has already expired. Nothing was accepted."),
            {"info.expires": [_("This time has already passed.")]},
        )
    return expires


def refuse_unsuitable(alert: Alert, campaign: Campaign) -> None:
    """Raise NotReadable for a status, a kind or a scope that no bulletin can come of."""
    status, kind, scope = (alert.texts[name] for name in ("status", "msgType", "scope"))
    if status in {"Test", "System", "Draft"}:
        says = _("The alert is valid, but its status is %(status)s, so nothing was accepted.") % {"status": status}
        raise NotReadable(says, {"status": [says]})
    if status == "Actual" and campaign.is_exercise:
        says = _(
            "This is an actual alert, and the campaign is an exercise. Nothing was accepted. Call the bulletin desk."
        )
        raise NotReadable(says, {"status": [says]})
    if status == "Exercise" and not campaign.is_exercise:
        says = _("This alert belongs to an exercise, and the campaign is live. Nothing was accepted.")
        raise NotReadable(says, {"status": [says]})
    if kind in {"Ack", "Error"}:
        says = _("This responds to another alert (%(kind)s), so there is nothing to publish.") % {"kind": kind}
        raise NotReadable(says, {"msgType": [says]})
    if scope != "Public":
        says = _("Only public alerts are accepted; the scope of this one is %(scope)s.") % {"scope": scope}
        raise NotReadable(says, {"scope": [says]})
    if kind in {"Update", "Cancel"} and not alert.references:
        raise NotReadable(
            _("This alert cannot be accepted. See the errors marked."),
            {"references": [_("This is missing: an update or a cancellation must name the alert that it changes.")]},
        )


def spoken(language: str) -> str:
    """Return the main part of a language tag in lower case: fi-FI → fi."""
    return language.partition("-")[0].lower()


def best_language(alert: Alert, codes: list[str]) -> str:
    """Return the first of the campaign's languages that the alert is in, or the alert's own first one."""
    said = [spoken(info.language) for info in alert.infos]
    return next((code for code in codes if code in said), said[0] if said else codes[0])


def change_sentence(alert: Alert, names: str) -> str:
    """Return the sentence that says what an update or a cancellation is about, "" for a first alert."""
    if alert.texts["msgType"] == "Update":
        return _("This changes what was sent before: %(names)s.") % {"names": names}
    if alert.texts["msgType"] == "Cancel":
        return _("This cancels what was sent before: %(names)s.") % {"names": names}
    return ""


def title_of(alert: Alert, infos: list[Info], note: str) -> str:
    """Return the headline, else the event, else what the alert changes."""
    for info in infos:
        if found := info.texts.get("headline") or info.texts.get("event"):
            return found
    return note or alert.texts["identifier"]


def paragraphs(info: Info) -> str:
    """Return what an info says as paragraphs."""
    texts = info.texts
    parts = [texts.get("description", ""), texts.get("instruction", "")]
    if texts.get("onset") or texts.get("effective"):
        parts.append(_("From: %(moment)s") % {"moment": texts.get("onset") or texts["effective"]})
    if areas := ", ".join(area for area in info.areas if area):
        parts.append(_("Area: %(areas)s") % {"areas": areas})
    if texts.get("contact"):
        parts.append(_("Contact: %(contact)s") % {"contact": texts["contact"]})
    return "\n\n".join(part for part in parts if part)


def urgency_of(alert: Alert, infos: list[Info]) -> str:
    """
    Return how fast it has to reach people: urgent what changes an earlier alert or is immediate and at least severe,
    elevated what is immediate or expected, or at least severe, routine the rest.
    """
    if alert.texts["msgType"] in {"Update", "Cancel"}:
        return Urgency.URGENT
    grave = any(info.texts["severity"] in {"Extreme", "Severe"} for info in infos)
    now = any(info.texts["urgency"] == "Immediate" for info in infos)
    soon = any(info.texts["urgency"] == "Expected" and info.texts["severity"] != "Minor" for info in infos)
    return Urgency.URGENT if grave and now else Urgency.ELEVATED if grave or now or soon else Urgency.ROUTINE


def sources_of(alert: Alert, infos: list[Info]) -> Iterator[dict[str, str]]:
    """Yield the addresses that an alert names for more, as sources; an address is named once."""
    seen = set()
    for info in infos:
        publisher = info.texts.get("senderName") or alert.texts["sender"]
        title = info.texts.get("headline") or info.texts.get("event", "")
        named = [(title, info.texts.get("web", ""))]
        named += [(one.get("resourceDesc") or title, one.get("uri", "")) for one in info.resources]
        for title, url in named:
            if url and url not in seen and len(url) <= 500 and is_web(url):
                seen.add(url)
                yield {"publisher": publisher[:200], "title": title[:300], "url": url}


def is_web(url: str) -> bool:
    """Return whether an address is one of the web."""
    try:
        is_address(url)
    except ValidationError:
        return False
    return True


def mail_address(text: str) -> str:
    """Return the first mail address in a text, or ""."""
    for word in re.split(r"[\s,;<>()]+", text):
        try:
            validate_email(word)
        except ValidationError:
            continue
        return word
    return ""


def files_of(infos: list[Info]) -> Iterator[input_attachments.File]:
    """Yield the files that an alert brings in itself. Raise NotAllowed for one that is not taken."""
    for info in infos:
        for one in info.resources:
            if not one.get("derefUri"):
                continue
            try:
                data = base64.b64decode("".join(one["derefUri"].split()), validate=True)
            except (binascii.Error, ValueError) as fault:
                raise NotReadable(
                    _("This alert cannot be accepted. See the errors marked."),
                    {"info.resource.derefUri": [_("This is not valid base64.")]},
                ) from fault
            name = (one.get("uri") or one.get("resourceDesc") or "file").rpartition("/")[2]
            ending = next((end for end, kind in input_attachments.KINDS.items() if kind == one.get("mimeType")), "")
            yield input_attachments.examine(name if name.lower().endswith(ending) else f"{name}{ending}", data)
