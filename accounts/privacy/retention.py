"""
How long each kind of data about people is kept, in one place: what it is, why, on what ground, who sees it, and what
forgets it. Each app registers its rules when it starts (apps.py); a process of its own (config/tasks.py), `manage.py forget`
and the page on privacy read the same ones.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import rate_limit

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500  # rows in one step of one rule; the next goes on
KEYS_AT_ONCE = 5_000  # of a table whose oldest rows go by their keys
TURN_SECONDS = 1.0  # for one rule, after which the next has its turn
HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)


class DataSubject(Enum):
    """Whose data it is: the sections of the page on privacy, in its order."""

    READERS = _("When you read, check a text or report a claim")
    SUBSCRIBERS = _("When you subscribe by email")
    INFLUENCERS = _("When you are an influencer")
    WRITERS = _("When you write to us")
    STAFF = _("When you work here")
    EVERYBODY = _("For everyone")


class Ground(Enum):
    """On what ground data is kept, in plain words; the letters are those of GDPR, Article 6(1)."""

    CONSENT = _("your consent (a), which you can withdraw at any time")
    TASK = _("the task of informing people in a crisis (e)")
    SAFETY = _("keeping the service safe and working (f)")
    DUTY = _("the duty to document what was done, and that it was right (c)")


@dataclass(frozen=True, slots=True)
class Rule:
    """
    How long one kind of data is kept. `setting` names the setting that says how many days, `fixed` is their number where
    none does; with neither it is kept as `until` says. `until` has the place %(days)s for "90 days".

    `due` returns the rows whose time is over at a moment, and `forget` lets some of them go and returns how many that were: so
    many that no statement takes more than a second. It has its turn again after `rests` when nothing was left. A kind without
    them goes with what it belongs to, or stays. `oldest` returns the moment from which the time of the oldest row counts, where
    there may be so many that letting go could fall behind.
    """

    kind: str
    about: DataSubject
    title: Any
    why: Any
    ground: Ground
    seen_by: Any
    until: Any
    setting: str = ""
    fixed: int = 0
    due: Callable[[datetime], QuerySet[Any]] | None = None
    forget: Callable[[datetime], int] | None = None
    rests: timedelta = HOURLY
    oldest: Callable[[], datetime | None] | None = None

    @property
    def days(self) -> int:
        """For how many days it is kept, 0 where that is not counted in days."""
        return getattr(settings, self.setting) if self.setting else self.fixed

    def period(self) -> str:
        """Return for how long it is kept, in the reader's language."""
        days = ngettext("%(n)d day", "%(n)d days", self.days) % {"n": self.days}
        return str(self.until) % {"days": days} if self.days else str(self.until)

    def before(self, at: datetime) -> datetime:
        """Return the moment at or before which its time is over at `at`."""
        return at - timedelta(days=self.days)


_rules: dict[str, Rule] = {}


def register(*rules: Rule) -> None:
    """Add an app's rules. Raise ValueError when another rule has the name already."""
    for rule in rules:
        if _rules.setdefault(rule.kind, rule) is not rule:
            raise ValueError(f"There are two rules of the name {rule.kind}.")


def rules() -> list[Rule]:
    """Return every rule, by whose data it is and then as registered."""
    order = list(DataSubject)
    return sorted(_rules.values(), key=lambda rule: order.index(rule.about))


def rule(kind: str) -> Rule:
    """Return a rule by its name. Raise KeyError."""
    return _rules[kind]


def overdue(*, at: datetime) -> dict[str, int]:
    """Return how many seconds longer than it should the oldest row of each kind has been kept, where that is at all."""
    found = {}
    for rule in rules():
        if rule.oldest and (moment := rule.oldest()) and moment < rule.before(at):
            found[rule.kind] = int((rule.before(at) - moment).total_seconds())
    return found


def forget_due(*, at: datetime) -> int:
    """
    Give each rule its turn, and return how many rows were let go. A rule that had nothing left rests for a while; a fault in
    one does not stop the others.
    """
    return sum(count for _rule, count in run_rules(at=at))


def run_rules(*, at: datetime) -> Iterator[tuple[Rule, int]]:
    """
    Let the rules that do not rest forget what is due, each for as long as its turn lasts, and yield each with how many rows it
    let go.
    """
    for rule in rules():
        if rule.forget is None or not rate_limit.allow(
            "retaining", rule.kind, most=1, seconds=int(rule.rests.total_seconds()), at=at
        ):
            continue
        try:
            count, is_left = forget_for_a_while(rule.forget, at=at)
        except Exception:
            log.exception("The rule %s could not forget what is due; its next turn tries again.", rule.kind)
            continue
        if is_left:
            rate_limit.refund("retaining", rule.kind)
        yield rule, count


def forget_for_a_while(forget: Callable[[datetime], int], *, at: datetime) -> tuple[int, bool]:
    """Take step after step until nothing is left or the turn is over; return how many rows went, and whether some may be left."""
    total, deadline = 0, time.monotonic() + TURN_SECONDS
    while count := forget(at):
        total += count
        if time.monotonic() > deadline:
            return total, True
    return total, False


def forget_all(rule: Rule, *, at: datetime) -> int:
    """Let a rule forget all that is due, and return how many rows that were."""
    total = 0
    while rule.forget is not None and (count := rule.forget(at)):
        total += count
    return total


def deleting(due: Callable[[datetime], QuerySet[Any]]) -> Callable[[datetime], int]:
    """Return what deletes the rows that are due, some at a time."""

    def forget(at: datetime) -> int:
        keys = list(due(at).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
        if keys:
            due(at).filter(pk__in=keys).delete()
        return len(keys)

    return forget


def deleting_oldest(kind: str, rows: Callable[[], QuerySet[Any]], moment: str) -> Callable[[datetime], int]:
    """
    Return what deletes the oldest rows by a range of keys, of a table with very many whose keys grow with `moment`: only the
    rows of the range are read, also where nothing is due.
    """

    def forget(at: datetime) -> int:
        before = rule(kind).before(at)
        oldest = rows().order_by("pk").values_list("pk", moment).first()
        if oldest is None or oldest[1] > before:
            return 0
        some = rows().filter(pk__range=(oldest[0], oldest[0] + KEYS_AT_ONCE - 1), **{f"{moment}__lte": before})
        deleted: int = some.delete()[0]
        return deleted

    return forget


def oldest_by_key(rows: Callable[[], QuerySet[Any]], moment: str) -> Callable[[], datetime | None]:
    """Return what tells the moment of the oldest row of such a table."""
    return lambda: rows().order_by("pk").values_list(moment, flat=True).first()
