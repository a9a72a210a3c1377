"""The end of a shift: all that somebody has goes to a colleague in one press, or to whoever is next, with a note."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.models import Handover, NotAllowed
from campaigns.models import Campaign
from notifications import outbox

from . import assignable, assignments

LONGEST = 4_000  # characters of a note
RECENT = 100  # shifts that were left for whoever is next, in which what is still free is looked for


def waiting_for(user: User, campaign: Campaign) -> QuerySet[Handover]:
    """Return the shifts that somebody can take over: those given to them, and those for whoever is next; the latest first."""
    for_them = Q(given_to=user) | Q(given_to=None)
    rows = Handover.objects.filter(for_them, campaign=campaign, taken_at=None).select_related("given_by", "given_to")
    return rows.order_by("-given_at", "-pk")


def freed_at(campaign: Campaign) -> dict[tuple[str, int], datetime]:
    """Return {(kind, key): when it was last left for whoever is next} of what somebody had; one query."""
    left = Handover.objects.filter(campaign=campaign, given_to=None).order_by("-given_at", "-pk")
    found: dict[tuple[str, int], datetime] = {}
    for things, at in left.values_list("things", "given_at")[:RECENT]:
        for kind, pk in things:
            found.setdefault((kind, pk), at)
    return found


def last_of(user: User, campaign: Campaign) -> int:
    """Return the key of the last shift that somebody handed over, 0 for none: what was written before it has been sent."""
    last: int | None = Handover.objects.filter(given_by=user, campaign=campaign).aggregate(last=Max("pk"))["last"]
    return last or 0


@transaction.atomic
def hand_over(campaign: Campaign, to: User | None, *, note: str, by: User, at: datetime) -> Handover:
    """
    Give all that somebody has of a campaign, and is still open, to a colleague, or to whoever is next, and tell them. Raise
    NotAllowed when there is nothing to give and nothing to say, or when the colleague may not work on all of it.
    """
    note = note.replace("\r\n", "\n").strip()
    things = list(assignments.held_by(by, campaign))
    if not things and not note:
        raise NotAllowed(_("Not handed over: you have nothing open. Write a note if there is something to say."))
    if len(note) > LONGEST:
        raise NotAllowed(_("Not handed over: the note is longer than %(n)d characters.") % {"n": LONGEST})
    if to == by:
        raise NotAllowed(_("Not handed over: choose a colleague."))
    if to is not None:
        for one in things:
            if not one.kind.is_done_by(to):
                says = _("Not handed over: %(who)s has no role for “%(title)s”. Choose another colleague.")
                raise NotAllowed(says % {"who": to, "title": one.title})
    for one in things:
        if to is not None or one.row.taken_by_id is not None:
            assignments.assign(one.row, to, had=one.row.taken_by_id, by=by, at=at, tells=False)
    handover = Handover.objects.create(
        campaign=campaign,
        given_by=by,
        given_to=to,
        given_at=at,
        note=note,
        things=[[one.kind.key, one.row.pk] for one in things],
    )
    trail.note("shift.handed_over", handover, by=by, at=at, to=to.pk if to else None, things=len(things))
    if to is not None:
        outbox.write(notices.SHIFT_HANDED_OVER, [to], about=handover, at=at)
    return handover


@transaction.atomic
def take_over(handover: Handover, *, by: User, at: datetime) -> int:
    """
    Take a shift over: its note has been read, and what was left for whoever is next and is still free is assigned. Return how
    many things that were. Raise NotAllowed when someone was faster, or it is for someone else.
    """
    free = Handover.objects.filter(Q(given_to=by) | Q(given_to=None), pk=handover.pk, taken_at=None)
    won = free.update(taken_by=by, taken_at=at)
    handover.refresh_from_db()
    if not won:
        who = handover.taken_by or handover.given_to
        raise NotAllowed(_("Not taken over: %(who)s has it. Nothing changed.") % {"who": who})
    got = 0
    for key, pk in handover.things if handover.given_to_id is None else []:
        kind = assignable.get(key)
        row = kind.rows().filter(kind.is_open, pk=pk, taken_by=None).first() if kind and kind.is_done_by(by) else None
        if row is not None:
            assignments.assign(row, by, had=None, by=by, at=at)
            got += 1
    trail.note("shift.taken_over", handover, by=by, at=at, things=got)
    return got
