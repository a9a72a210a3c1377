"""What a page of the desk shows of an agreement: who wrote it, what changed, what is missing, and the buttons of whoever may use them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User

from .kinds import Kind
from .steps import who_else, why_not


@dataclass(frozen=True)
class Pane:
    """An agreement as somebody sees it. `seen` is what a form carries; `why_not` says why they cannot agree, and who could."""

    seen: str
    writers: list[User]
    changes: list[tuple[str, str, str]]
    faults: list[str]
    label: str
    is_waiting: bool
    is_writer: bool
    may_agree: bool
    may_send_back: bool
    why_not: str


def pane_of(kind: Kind[Any], row: Any, user: Any, *, at: datetime) -> Pane:
    """Return the pane of a row; four queries, and those of its faults."""
    waits = kind.is_waiting(row)
    writers = kind.writers_of(row)
    reason = why_not(kind, row, user, at=at) if waits else ""
    if reason:
        reason = f"{reason} {who_else(kind, row, user, at=at)}"
    faults = [str(fault) for fault in kind.faults(row, at=at)] if not kind.is_agreed(row) or waits else []
    return Pane(
        seen=kind.digest_of(row),
        writers=list(User.objects.filter(pk__in=writers).order_by("pk")),
        changes=list(kind.changes(row)),
        faults=faults,
        label=str(kind.agree_label),
        is_waiting=waits,
        is_writer=user.pk in writers,
        may_agree=waits and not reason and not faults,
        may_send_back=waits and bool(kind.columns.remark) and kind.may_agree(row, user),
        why_not=reason,
    )
