"""
The steps of an agreement, for every kind: begin, write, submit, agree, send back. Each says who takes it (`by`), when (`at`),
and what they have read (`seen`, a digest); each happens whole or raises Refused.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.access import independence
from accounts.audit import trail
from accounts.models import User

from .digests import CURRENT
from .kinds import Kind
from .refusals import Refused, Stale

NAMED = 3  # colleagues whom a refusal names


# --- Writing -----------------------------------------------------------------------------------------------


@transaction.atomic
def begin[Row: models.Model](kind: Kind[Row], row: Row, *, by: User, at: datetime, **detail: Any) -> Row:
    """Store the first words of something new."""
    _store(kind, row, {by.pk}, by=by, at=at, **detail)
    return row


@transaction.atomic
def write[Row: models.Model](
    kind: Kind[Row], row: Row, edit: Callable[[Row], None], *, seen: str, by: User, at: datetime, **detail: Any
) -> tuple[Row, bool]:
    """
    Change a row with `edit`, for who has read what it said (`seen`), and return it with whether it says something else now. What
    says the same has no further writer, and stays agreed to. Raise Stale where somebody else has changed it meanwhile.
    """
    held = kind.lock(row)
    if why := kind.why_not_writable(held):
        raise refused(kind, "written", why)
    if not kind.is_digest(held, seen):
        raise changed_meanwhile(kind)
    before = kind.digest_of(held)  # not the content: an edit may change its lists in place
    edit(held)
    if kind.digest_of(held) == before:
        held.save()
        return held, False
    _store(kind, held, {*kind.writers_of(held), by.pk}, by=by, at=at, **detail)
    return held, True


def _store[Row: models.Model](
    kind: Kind[Row], row: Row, writers: set[int], *, by: User, at: datetime, **detail: Any
) -> None:
    kind.put(row, state=kind.draft, writers=sorted(writers), edited_by=by, edited_at=at)
    if not kind.keeps_last_agreed:
        kind.put(row, agreed_by=None, agreed_at=None, agreed_digest="")
    if not row.pk:
        row.save()  # the content may hold its own key
    digest = kind.digest_of(row)
    kind.put(row, digest=digest, digest_version=CURRENT)
    row.save()
    kind.on_written(row, by=by, at=at)
    note(kind, "written", row, by=by, at=at, digest=digest, **detail)


# --- Two people --------------------------------------------------------------------------------------------


@transaction.atomic
def submit[Row: models.Model](kind: Kind[Row], row: Row, *, by: User, at: datetime, **detail: Any) -> Row:
    """Hand a draft to a second person; who submits it counts among its writers. Raise Refused with what is missing."""
    held = kind.lock(row)
    if kind.get(held, "state") != kind.draft:
        raise refused(kind, "submitted", _("It is no draft any more. Reload the page."))
    if faults := list(kind.faults(held, at=at)):
        raise refused(kind, "submitted", " ".join(map(str, faults)))
    digest = kind.digest_of(held)
    kind.put(held, state=kind.waiting, writers=sorted({*kind.writers_of(held), by.pk}), remark="")
    kind.put(held, digest=digest, digest_version=CURRENT)
    held.save()
    note(kind, "submitted", held, by=by, at=at, digest=digest, **detail)
    kind.on_submitted(held, by=by, at=at)
    return held


@transaction.atomic
def agree[Row: models.Model](kind: Kind[Row], row: Row, *, seen: str, by: User, at: datetime, **detail: Any) -> Row:
    """
    Agree, as a second and independent person, to exactly the content whose digest `by` has read, and let it go out. Of two at once
    one is told so. Raise Refused, with nothing changed, for whoever wrote any of it or is not independent of who did.
    """
    held = kind.lock(row)
    refuse_unless_agreeable(kind, held, seen=seen, by=by, at=at)
    digest = kind.digest_of(held)
    kind.put(held, state=kind.agreed, agreed_by=by, agreed_at=at, agreed_digest=digest, remark="")
    kind.put(held, digest=digest, digest_version=CURRENT)
    kind.on_agreed(held, by=by, at=at)
    held.save()
    note(kind, "agreed", held, by=by, at=at, digest=digest, **detail)
    return held


def refuse_unless_agreeable[Row: models.Model](
    kind: Kind[Row], held: Row, *, seen: str, by: User, at: datetime
) -> None:
    """Raise Refused where somebody may not agree to a locked row, or has read something else than it says."""
    if not kind.is_waiting(held):
        raise Stale(f"{kind.refusals['agreed']} {_('It is not waiting for approval any more.')}", _("Reload the page."))
    if why := why_not(kind, held, by, at=at):
        raise refused(kind, "agreed", why, who_else(kind, held, by, at=at))
    if not kind.is_digest(held, seen):
        raise Stale(f"{kind.refusals['agreed']} {_('It has changed since you read it.')}", _("Read it again."))
    if not kind.is_as_written(held):
        raise Stale(
            f"{kind.refusals['agreed']} {_('It was changed by another way than its form, so nobody knows who wrote it.')}",
            _("Save it in its form, or submit it again."),
        )
    if faults := list(kind.faults(held, at=at)):
        raise refused(kind, "agreed", " ".join(map(str, faults)))


def why_not[Row: models.Model](kind: Kind[Row], row: Row, by: User, *, at: datetime) -> str:
    """Return why somebody may not agree to a row, as sentences; "" when they may."""
    writers = kind.writers_of(row)
    if by.pk in writers:
        return _("You worked on this text, so someone else must approve it.")
    if not kind.may_agree(row, by):
        return _("You may not approve this.")
    if why := kind.why_not(row, by, at=at):
        return why
    return independence.why_not(by, writers, at=at)


def who_else[Row: models.Model](kind: Kind[Row], row: Row, by: User, *, at: datetime) -> str:
    """Return who could agree instead, as a sentence."""
    writers = kind.writers_of(row)
    people = [person for person in kind.who_may_agree(row) if person.pk not in {*writers, by.pk}]
    free = [str(person) for person in people if not independence.why_not(person, writers, at=at)][:NAMED]
    if free:
        return _("Ask %(names)s.") % {"names": ", ".join(free)}
    return _("Nobody else can approve it now. Ask an administrator.")


@transaction.atomic
def send_back[Row: models.Model](
    kind: Kind[Row], row: Row, *, remark: str, by: User, at: datetime, **detail: Any
) -> Row:
    """Make what waits a draft again, with words about why. Raise Refused without any."""
    held = kind.lock(row)
    if not kind.is_waiting(held):
        raise Stale(f"{kind.refusals['sent_back']} {_('It is not in review any more.')}", _("Reload the page."))
    if not remark.strip():
        raise refused(kind, "sent_back", _("Write what has to change."))
    kind.put(held, state=kind.draft, remark=remark.strip())
    held.save()
    note(kind, "sent_back", held, by=by, at=at, **detail)
    kind.on_sent_back(held, remark=remark.strip(), by=by, at=at)
    return held


# --- Parts -------------------------------------------------------------------------------------------------


def refused(kind: Kind[Any], step: str, reason: str, next_step: str = "") -> Refused:
    """Return the refusal of a step, which begins with what was not done."""
    return Refused(f"{kind.refusals[step]} {reason}", next_step)


def changed_meanwhile(kind: Kind[Any]) -> Stale:
    """Return the refusal of words that were begun with others than stand there now."""
    return Stale(
        f"{kind.refusals['written']} {_('Somebody else has changed it since you opened it.')}",
        _("Copy what you wrote, reload the page and compare."),
    )


def note(kind: Kind[Any], step: str, row: Any, *, by: User, at: datetime, digest: str = "", **detail: Any) -> None:
    """Write a step down in the audit log."""
    trail.note(kind.verb(step), kind.audited(row), by=by, at=at, digest=digest, **kind.noted(row), **detail)
