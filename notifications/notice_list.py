"""What somebody has been told, as the desk lists it, and its bell: how much of it they have not looked at. The rows are those that are mailed (outbox.py)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.db.models.functions import Coalesce

from accounts.models import User

from . import notice_kinds
from .models import Notice, NoticeQuerySet

RINGS_FOR = timedelta(days=7)  # older ones are listed, but rung for no more
MOST = 99  # that the bell says
LISTED = 50


@dataclass(frozen=True)
class Told:
    """A notice as it is read: its headline, the words below it, and the path of the page that it leads to."""

    notice: Notice
    headline: str
    words: str
    path: str


@dataclass(frozen=True)
class Bell:
    """How many notices somebody has not looked at, and the key of the newest."""

    count: int = 0
    newest: int = 0

    @property
    def shown(self) -> str:
        """The number as it is written on the bell."""
        return f"{MOST}+" if self.count > MOST else str(self.count)


def told_to(person: User, campaigns: Iterable[int] | None = None) -> NoticeQuerySet:
    """Return what somebody was told, of those `campaigns` only whose keys are given."""
    rows = Notice.objects.filter(person=person)
    return rows if campaigns is None else rows.filter(campaign__in=campaigns)


def bell_of(person: User, *, at: datetime, campaigns: Iterable[int] | None = None) -> Bell:
    """Return somebody's bell; one query."""
    rows = told_to(person, campaigns).filter(seen_at=None, at__gt=at - RINGS_FOR)
    return Bell(*rows.order_by().aggregate(count=Count("pk"), newest=Coalesce(Max("pk"), 0)).values())


def latest_of(person: User, campaigns: Iterable[int] | None = None) -> list[Told]:
    """Return the latest that somebody was told; one query, and two at most for each kind among them."""
    rows = told_to(person, campaigns).select_related("campaign", "person").order_by("-at", "-pk")
    return read(list(rows[:LISTED]))


def read(rows: list[Notice]) -> list[Told]:
    """Return notices as they are read, without those whose subject is gone or that a newer version of the software wrote."""
    known = {kind.key for kind in notice_kinds.registered()}
    keys: dict[str, set[int | None]] = defaultdict(set)
    for one in rows:
        if one.kind in known:
            keys[one.kind].add(one.subject_id)
    found = {kind: notice_kinds.get(kind).subjects(some) for kind, some in keys.items()}
    briefs = {kind: notice_kinds.get(kind).briefs(some.values()) for kind, some in found.items()}
    told = []
    for one in rows:
        subject = found.get(one.kind, {}).get(one.subject_id)
        if one.kind not in known or (subject is None and notice_kinds.get(one.kind).model):
            continue
        is_of_now = one.version == notice_kinds.get(one.kind).version_of(subject) and not one.embargo(subject)
        words = one.words(subject).strip() or (briefs[one.kind].get(one.subject_id, "") if is_of_now else "")
        told.append(Told(one, one.line(subject), words, one.page(subject)))
    return told


def path_of(notice: Notice) -> str:
    """Return the path of the page that a notice leads to, or nothing when what it is about is gone."""
    told = read([notice])
    return told[0].path if told else ""


def mark_seen(person: User, *, at: datetime, only: int | None = None) -> int:
    """Write down that somebody has looked at all that they were told, or at one notice. Return how many that were."""
    rows = Notice.objects.filter(person=person, seen_at=None)
    return (rows if only is None else rows.filter(pk=only)).update(seen_at=at)
