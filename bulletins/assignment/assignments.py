"""One person has a thing, nobody has it twice, and whoever is given one is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.models import NotAllowed
from campaigns.models import Campaign
from notifications import outbox

from . import assignable


@dataclass(frozen=True)
class Held:
    """Something that somebody has: its kind and row, what it is called, and the path of its page."""

    kind: assignable.Assignable
    row: Any
    title: str
    address: str


@transaction.atomic
def assign(row: Any, to: User | None, *, had: int | None, by: User, at: datetime, tells: bool = True) -> None:
    """
    Give a row to somebody, or with None to nobody, and tell them. `had` is the key of whoever `by` believes has it: raise
    NotAllowed when it is another by now, when the row is closed, or when `to` may not work on it.
    """
    kind = assignable.kind_of(row)
    if to is not None and not (to.is_active and kind.is_done_by(to)):
        raise NotAllowed(_("Not assigned: %(who)s has no role for this.") % {"who": to})
    found = type(row)._default_manager.filter(kind.is_open, pk=row.pk, taken_by=had)
    before = found.first()
    if before is None or not found.update(taken_by=to, **(kind.changes(before) if to else {})):
        row.refresh_from_db()
        raise NotAllowed(why_not(kind, row))
    row.refresh_from_db()
    if not kind.write(before, to, by, at):
        trail.note(f"{kind.key}.assigned", row, by=by, at=at, to=to.pk if to else None, before=had)
    if to is not None and to != by and tells:
        campaign = kind.campaign_of(row)
        with translation.override(campaign.language_for(to)):
            says = _("Assigned by %(who)s.") % {"who": by}
        outbox.write(kind.notice, [to], about=row, campaign=campaign, path=kind.page(row), text=says, at=at)


def why_not(kind: assignable.Assignable, row: Any) -> str:
    """Return why a row did not get to somebody, as it is now."""
    if not type(row)._default_manager.filter(kind.is_open, pk=row.pk).exists():
        return _("Not assigned: it is closed. Nothing changed.")
    if row.taken_by is None:
        return _("Not assigned: nobody has it any more. Look again.")
    return _("Not assigned: %(who)s has it now. Nothing changed.") % {"who": row.taken_by}


def held_by(user: User, campaign: Campaign) -> Iterator[Held]:
    """Yield what somebody has of a campaign, and is still open; a query or two for each kind that they may work on."""
    for kind in assignable.registered():
        if kind.is_done_by(user):
            for row in kind.of(user, campaign):
                yield Held(kind, row, kind.title(row), kind.page(row))


@dataclass(frozen=True)
class Panel:
    """What the page of a row says of who has it: whom it can be given to, where that is not closed to the reader."""

    kind: assignable.Assignable
    row: Any
    who: User | None
    may: bool
    is_mine: bool
    colleagues: list[User]


def panel_of(user: Any, row: Any) -> Panel | None:
    """Return what a row's page says of who has it; None when it is closed. Two queries at most."""
    kind = assignable.kind_of(row)
    if not type(row)._default_manager.filter(kind.is_open, pk=row.pk).exists():
        return None
    may = kind.is_done_by(user)
    others = [one for one in kind.colleagues(kind.campaign_of(row)) if one != user] if may else []
    who = kind.holder(row)
    return Panel(kind, row, who, may, who == user, others)
