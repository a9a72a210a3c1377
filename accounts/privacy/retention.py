"""
How long each kind of data about people is kept, in one place: what it is, why, on what ground, who sees it, and what
forgets it. Each app registers its rules when it starts (apps.py); the tick, `manage.py forget` and the page on privacy
read the same ones.
"""

import logging
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

MOST_AT_ONCE = 500  # rows in one turn of one rule; the next goes on
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

    `due` returns the rows whose time is over at a moment, and `forget` lets them go and returns how many that were, at most
    a few hundred at a time. It has its turn again after `rests` when nothing was left. A kind without them goes with what
    it belongs to, or stays.
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


def forget_due(*, at: datetime) -> int:
    """
    Give each rule its turn, and return how many rows were let go. A rule that had nothing left rests for a while; a fault in
    one does not stop the others.
    """
    return sum(count for _rule, count in run_rules(at=at))


def run_rules(*, at: datetime) -> Iterator[tuple[Rule, int]]:
    """Let the rules that do not rest forget what is due, one turn each, and yield each with how many rows it let go."""
    for rule in rules():
        if rule.forget is None or not rate_limit.allow(
            "retaining", rule.kind, most=1, seconds=int(rule.rests.total_seconds()), at=at
        ):
            continue
        try:
            count = rule.forget(at)
        except Exception:
            log.exception("The rule %s could not forget what is due; its next turn tries again.", rule.kind)
            continue
        if count:
            rate_limit.refund("retaining", rule.kind)
        yield rule, count


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
