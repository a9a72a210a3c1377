"""Key messages and calls to action: words in every language, their owner, source and validity, and their order."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import campaign_roles
from accounts.access.roles import Role
from accounts.audit import trail
from accounts.models import User
from bulletins.intake import submissions
from bulletins.models import (
    Bulletin,
    CallToAction,
    InputFact,
    KeyMessage,
    MessageInput,
    NotAllowed,
    Parts,
    SetAside,
    Snippet,
)
from lib.text.markup import LONGEST_ADDRESS
from lib.text.revisions.paragraph_merge import merge_lines

from . import conflicts, drafts, input_merge, replaceable_messages

Row = KeyMessage | CallToAction

CROWDED = 140  # code points; a card with more is hard to read on a phone
LONGEST_WORDS = 2000  # code points
TRANSLATED = {KeyMessage: ("text", *KeyMessage.TONES, "source_name", "source_url"), CallToAction: ("text",)}
WORDS = {"text", "source_name", *KeyMessage.TONES}
PREFIX = {KeyMessage: "km", CallToAction: "cta"}
AUDITED = {KeyMessage: "message", CallToAction: "action"}
_https = URLValidator(schemes=["https"])


def owners(campaign: int) -> QuerySet[User]:
    """Return people who may own a key message of the campaign with a key: the active editors, by name."""
    there = campaign_roles.rows().filter(campaign=campaign, role=Role.EDITOR)
    is_editor = Q(groups__name=Role.EDITOR) | Q(pk__in=there.values("user"))
    return User.objects.filter(is_editor, is_active=True).distinct().order_by("name", "email")


def part_of(row: Row) -> str:
    """Return the place of a row, as findings and set-aside words name it."""
    return f"{AUDITED[type(row)]}:{row.pk}"


def fields_of(row: Row, languages: Iterable[str]) -> dict[str, str]:
    """
    Return a row's fields as the texts that a page shows: "text-fi", …, "owner" (a user's key or ""),
    "valid_until" (YYYY-MM-DDTHH:MM in the campaign's zone, or "") and "replaces" ("number:key" or "").
    """
    fields = {
        f"{name}-{code}": getattr(row, name).get(code, "") for name in TRANSLATED[type(row)] for code in languages
    }
    if isinstance(row, KeyMessage):
        zone = row.bulletin.campaign
        fields["owner"] = str(row.owner_id or "")
        fields["valid_until"] = f"{zone.local(row.valid_until):%Y-%m-%dT%H:%M}" if row.valid_until else ""
        fields["replaces"] = row.replaces
    return fields


def languages_of(bulletin: Bulletin) -> list[str]:
    """Return the codes of the campaign's languages; without a query when they are prefetched."""
    return [language.code for language in bulletin.campaign.languages.all()]


@transaction.atomic
def save_message(
    message: KeyMessage,
    sent: Mapping[str, str],
    *,
    read: Mapping[str, str],
    by: User,
    at: datetime,
    base: Mapping[str, str] | None = None,
) -> conflicts.Saved:
    """
    Store what `by` typed into a key message and return what came of it; `sent`, `read` and `base` as in fields_of() and
    conflicts.merge().

    Where someone else changed other lines meanwhile, both stand; a line that both changed is not stored but set aside. Raise NotAllowed for a version that is
    published, or a row that someone removed.
    """
    return _save(message, sent, read, by=by, at=at, base=base)


@transaction.atomic
def save_action(
    action: CallToAction,
    sent: Mapping[str, str],
    *,
    read: Mapping[str, str],
    by: User,
    at: datetime,
    base: Mapping[str, str] | None = None,
) -> conflicts.Saved:
    """Store what `by` typed into a call to action, as save_message() does."""
    return _save(action, sent, read, by=by, at=at, base=base)


def _save(
    row: Row,
    sent: Mapping[str, str],
    read: Mapping[str, str],
    *,
    by: User,
    at: datetime,
    base: Mapping[str, str] | None,
) -> conflicts.Saved:
    bulletin = drafts.lock(row.bulletin)
    held = _held(row, bulletin)
    may_own = (
        {str(pk) for pk in owners(bulletin.campaign_id).values_list("pk", flat=True)} if "owner" in sent else set()
    )
    others = replaceable_messages.replaceable(bulletin, at=at) if sent.get("replaces") else []
    stored = fields_of(held, languages_of(bulletin))
    # Who owned it before may go on owning it, whatever their role is now; what it replaces may have been replaced otherwise.
    fault = _Faults(
        may_own | {stored.get("owner", "")}, {place for place, *_words in others} | {stored.get("replaces", "")}
    )
    saved = conflicts.save(
        bulletin, part_of(row), stored, sent, read, by=by, at=at, base=base, combine=_combine, fault=fault
    )
    if saved.changed:
        for name, text in saved.changed.items():
            _set(held, name, text)
        held.save()
        _note("saved", held, by=by, at=at, fields=sorted(saved.changed))
        drafts.note_editor(bulletin, by=by, at=at)
    return saved


def changed_by(row: Row, field: str) -> str:
    """Return the sentence over two texts for a field of a row: who wrote the one that is stored, and when."""
    name, _dash, code = field.partition("-")
    place = f"{part_of(row)}:{code}" + ("" if name == "text" else f":{name}")
    verb = f"bulletin.{AUDITED[type(row)]}_saved"
    made = conflicts.last_change(row.bulletin, field, place, verb, key=row.key)
    return conflicts.changed_by(made.actor if made else None, made.at if made else None, row.bulletin)


def _combine(name: str, base: str, theirs: str, mine: str) -> str | None:
    return merge_lines(base, theirs, mine) if name.partition("-")[0] in WORDS else None


class _Faults:
    """Says what is wrong with a field's text."""

    def __init__(self, may_own: set[str], may_replace: set[str]) -> None:
        self.may_own = may_own
        self.may_replace = may_replace

    def __call__(self, name: str, text: str) -> str:
        field = name.partition("-")[0]
        if field == "source_url" and text.strip():
            return _fault_of_address(text)
        if field == "owner" and text and text not in self.may_own:
            return _("The owner was not saved. Choose an editor.")
        if field == "replaces" and text and text not in self.may_replace:
            return _("The choice was not saved. Choose a key message that is still valid.")
        if field == "valid_until" and text and _moment(text) is None:
            return _("The time was not saved. Choose a day and a time.")
        if field in WORDS and len(text) > LONGEST_WORDS:
            return _("The text was not saved. It is longer than %(limit)d characters. Shorten it.") % {
                "limit": LONGEST_WORDS
            }
        return ""


def _fault_of_address(text: str) -> str:
    try:
        _https(text.strip())
    except ValidationError:
        return _("The address was not saved. Enter it in full, starting with https://.")
    if len(text.strip().encode()) > LONGEST_ADDRESS:
        return _("The address was not saved. It is too long for email. Use a shorter one.")
    return ""


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    real = found.tzinfo is None and submissions.FIRST_YEAR <= found.year <= submissions.LAST_YEAR
    return found if real else None


def _set(row: Any, name: str, text: str) -> None:
    field, _dash, code = name.partition("-")
    if code:
        text = text.strip() if field == "source_url" else text
        texts = {**getattr(row, field), code: text}
        setattr(row, field, {code: text for code, text in texts.items() if text})
    elif field == "owner":
        row.owner_id = int(text) if text else None
    elif field == "replaces":
        row.replaces = text
    elif field == "valid_until":
        moment = _moment(text) if text else None
        row.valid_until = moment.replace(tzinfo=row.bulletin.campaign.zone) if moment else None


def _held(row: Row, bulletin: Bulletin) -> Any:
    """Return the row as it is now, held for this transaction."""
    held = type(row).objects.select_for_update().filter(pk=row.pk, bulletin=bulletin).first()  # type: ignore[attr-defined]
    if held is None:
        raise NotAllowed(_("Not saved: someone has removed this row. Restore it, then continue writing."))
    held.bulletin = bulletin
    return held


def _note(verb: str, row: Row, *, by: User, at: datetime, **detail: Any) -> None:
    trail.note(f"bulletin.{AUDITED[type(row)]}_{verb}", row.bulletin, by=by, at=at, key=row.key, **detail)


@transaction.atomic
def add_message(bulletin: Bulletin, *, by: User, at: datetime) -> KeyMessage:
    """Add an empty key message at the end, owned by `by` and valid as long as the submissions, and return it. Raise NotAllowed once published."""
    ends = min((one.valid_until for one in Parts(bulletin).inputs if one.valid_until), default=None)
    owner = by if owners(bulletin.campaign_id).filter(pk=by.pk).exists() else None
    return _add(KeyMessage, bulletin, by=by, at=at, owner=owner, valid_until=ends)


@transaction.atomic
def add_told(
    bulletin: Bulletin, text: str, source: MessageInput, fact: InputFact | None, *, by: User, at: datetime
) -> KeyMessage:
    """
    Add what an update says as a key message at the end, for an editor to word, and return it; the bulletin is made of the update from now on.
    Raise NotAllowed once published.
    """
    held = drafts.lock(bulletin)
    input_merge.take_update(held, source, by=by, at=at)
    owner = by if owners(bulletin.campaign_id).filter(pk=by.pk).exists() else None
    basis = submissions.basis_of(fact, submissions.only_source(source)) if fact else {"valid_until": source.valid_until}
    return _add(KeyMessage, held, by=by, at=at, owner=owner, text={source.language: text}, fact=fact, **basis)


@transaction.atomic
def add_action(bulletin: Bulletin, *, by: User, at: datetime, way: int | None = None) -> CallToAction:
    """
    Add a call to action at the end and return it: an empty one, or with the words of a way to help (the key of a snippet of
    the campaign). Raise NotAllowed once published.
    """
    words = ways_to_help(bulletin).filter(pk=way).values_list("text", flat=True).first() if way else None
    spoken = {code: text for code, text in (words or {}).items() if code in languages_of(bulletin)}
    return _add(CallToAction, bulletin, by=by, at=at, text=spoken)


def ways_to_help(bulletin: Bulletin) -> QuerySet[Snippet]:
    """Return the ways to help that a bulletin's campaign has ready."""
    return Snippet.objects.filter(campaign=bulletin.campaign_id, kind=Snippet.Kind.WAY_TO_HELP)


def _add(model: Any, bulletin: Bulletin, *, by: User, at: datetime, **fields: Any) -> Any:
    held = drafts.lock(bulletin)
    rows = list(model.objects.filter(bulletin=held))
    removed = SetAside.objects.filter(bulletin=held, part__startswith="removed:").values_list("part", flat=True)
    taken = {row.key for row in rows} | {part.rpartition(":")[2] for part in removed}
    keys = (f"{PREFIX[model]}-{held.number}-{number}" for number in range(len(rows) + 1, 10_000))
    position = max((row.position for row in rows), default=0) + 1
    row = model.objects.create(
        bulletin=held, key=next(key for key in keys if key not in taken), position=position, **fields
    )
    _note("added", row, by=by, at=at)
    drafts.note_editor(held, by=by, at=at)
    return row


@transaction.atomic
def move_message(message: KeyMessage, *, up: bool, by: User, at: datetime) -> None:
    """Let a key message change places with the one before (`up`) or after it. Raise NotAllowed once published."""
    _move(message, up=up, by=by, at=at)


@transaction.atomic
def move_action(action: CallToAction, *, up: bool, by: User, at: datetime) -> None:
    """Let a call to action change places with its neighbour, as move_message() does."""
    _move(action, up=up, by=by, at=at)


def _move(row: Any, *, up: bool, by: User, at: datetime) -> None:
    held = drafts.lock(row.bulletin)
    rows = list(type(row).objects.select_for_update().filter(bulletin=held))
    here = next((place for place, one in enumerate(rows) if one.pk == row.pk), None)
    if here is None:
        raise NotAllowed(_("Not moved: someone has removed this row."))
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for position, one in enumerate(rows, start=1):
        one.position = position
    type(row).objects.bulk_update(rows, ["position"])
    _note("moved", rows[there], by=by, at=at, up=up)
    drafts.note_editor(held, by=by, at=at)


@transaction.atomic
def remove_message(message: KeyMessage, *, by: User, at: datetime) -> None:
    """
    Remove a key message. Its words, source and validity stay in SetAside, from where restore() brings them back.
    Raise NotAllowed once published.
    """
    _remove(message, by=by, at=at)


@transaction.atomic
def remove_action(action: CallToAction, *, by: User, at: datetime) -> None:
    """Remove a call to action, as remove_message() does."""
    _remove(action, by=by, at=at)


def _remove(row: Row, *, by: User, at: datetime) -> None:
    bulletin = drafts.lock(row.bulletin)
    held = _held(row, bulletin)
    codes = {code for name in TRANSLATED[type(held)] for code in getattr(held, name)}
    fields = {**fields_of(held, sorted(codes)), "position": str(held.position)}
    if isinstance(held, KeyMessage):
        fields["fact"] = str(held.fact_id or "")
    part = f"removed:{AUDITED[type(held)]}:{held.key}"
    SetAside.objects.bulk_create(
        SetAside(bulletin=bulletin, part=part, field=name, text=text, by=by, at=at)
        for name, text in fields.items()
        if text
    )
    _note("removed", held, by=by, at=at, fields=fields)
    held.delete()
    drafts.note_editor(bulletin, by=by, at=at)


def removed_from(bulletin: Bulletin) -> dict[str, dict[str, str]]:
    """Return what was removed and can be brought back: {part: {field: text}}, the latest first; one query."""
    found: dict[str, dict[str, str]] = {}
    for kept in SetAside.objects.filter(bulletin=bulletin, part__startswith="removed:", settled_at=None):
        found.setdefault(kept.part, {})[kept.field] = kept.text
    return found


@transaction.atomic
def restore(bulletin: Bulletin, part: str, *, by: User, at: datetime) -> Row:
    """Bring a removed row back to where it was and return it. Raise NotAllowed when there is no such row any more."""
    held = drafts.lock(bulletin)
    rows = list(SetAside.objects.select_for_update().filter(bulletin=held, part=part, settled_at=None))
    _removed, _colon, rest = part.partition(":")
    kind, _colon, key = rest.partition(":")
    model: Any = {name: model for model, name in AUDITED.items()}.get(kind)
    if not rows or model is None:
        raise NotAllowed(_("Not restored: someone has already done so. Nothing changed."))
    fields = {kept.field: kept.text for kept in rows}
    row = model(bulletin=held, key=key, position=int(fields.pop("position", 0)))
    if fact := fields.pop("fact", ""):
        row.fact_id = int(fact)
    for name, text in fields.items():
        _set(row, name, text)
    row.save()
    SetAside.objects.filter(pk__in=[kept.pk for kept in rows]).update(settled_at=at)
    _note("restored", row, by=by, at=at)
    drafts.note_editor(held, by=by, at=at)
    return row
