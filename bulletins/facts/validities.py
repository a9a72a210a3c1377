"""Until when key messages hold, which follows the day or hour that texts give as the end when that changes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, tzinfo

from bulletins.models import Bulletin, KeyMessage
from bulletins.models.bulletins import iso
from lib.text.facts.fact import day_of
from lib.text.facts.surroundings.roles import UNTIL, role_of

from .fact_list import FactRow
from .proposals import Proposal

PLACE = "valid_until:"  # before the key of a key message: the place of its end among those of a change


def ends_with(
    row: FactRow, value: str, proposed: Iterable[Proposal], messages: Iterable[KeyMessage], zone: tzinfo
) -> dict[str, tuple[datetime, datetime]]:
    """
    Return {place: (end, new end)} of the key messages that are valid until a day or hour that a text gives as the end and that changes
    there to another value.
    """
    is_end = any(
        mention.is_taken and mention.fact.kind == row.kind and role_of(one.before, mention.fact) == UNTIL
        for one in proposed
        for mention in one.mentions
    )
    found = {}
    for message in messages if is_end else ():
        new = moved(row, value, message.valid_until.astimezone(zone)) if message.valid_until else None
        if message.valid_until and new:
            found[f"{PLACE}{message.pk}"] = (message.valid_until, new)
    return found


def moved(row: FactRow, value: str, local: datetime) -> datetime | None:
    """
    Return an end on the day, or at the hour, of a fact with its new value; None of another one. A day without a year is of the end's
    own: a text may name a source of another year.
    """
    if row.kind == "date" and local.date() == day_of(row.value, local.date()):
        day = day_of(value, local.date())
        return datetime.combine(day, local.time(), local.tzinfo) if day else None
    if row.kind == "time" and f"{local:%H:%M}" == row.value:
        return datetime.combine(local.date(), time.fromisoformat(value), local.tzinfo)
    return None


def stored(bulletin: Bulletin) -> dict[str, str]:
    """Return {place: end} of every key message that has one; one query."""
    rows = bulletin.key_messages.exclude(valid_until=None).values_list("pk", "valid_until")
    return {f"{PLACE}{pk}": str(iso(until)) for pk, until in rows}


def write(bulletin: Bulletin, ends: Mapping[str, datetime]) -> None:
    """Store ends, {place: end}. Inside a transaction that holds the bulletin."""
    for place, end in ends.items():
        bulletin.key_messages.filter(pk=place.removeprefix(PLACE)).update(valid_until=end)
