"""How far a recall has got: who was notified, who saw it and who answered, and how long that took."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from influencers.models import Influencer, Recall, RecallNotice

from .recall_panels import heading_of, subject_of

Outcome = RecallNotice.Outcome
Rank = RecallNotice.Rank
WIDTH, HEIGHT = 300, 100  # of the curve
ON_TODAY = timedelta(days=3)
MOST_ON_TODAY = 3
WAITING_SHOWN = 200


@dataclass
class Line:
    """The numbers of one rank, or of all together. What was answered and what was not is everyone."""

    name: str
    people: int = 0
    mailed: int = 0
    seen: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Outcome.values, 0))

    @property
    def answered(self) -> int:
        """How many have answered."""
        return sum(self.outcomes.values())

    @property
    def waiting(self) -> int:
        """How many have not."""
        return self.people - self.answered

    @property
    def percent(self) -> int:
        """How many in a hundred have answered, rounded down."""
        return 100 * self.answered // self.people if self.people else 0

    @property
    def counts(self) -> list[int]:
        """The outcomes in their order."""
        return list(self.outcomes.values())

    def add(self, other: "Line") -> None:
        """Add the numbers of another line."""
        self.people += other.people
        self.mailed += other.mailed
        self.seen += other.seen
        for name, count in other.outcomes.items():
            self.outcomes[name] += count


@dataclass(frozen=True, slots=True)
class ReachTime:
    """When so many in a hundred had answered; `took` is None while that is not reached."""

    percent: int
    took: timedelta | None

    @property
    def words(self) -> str:
        """How long it took, in words."""
        return describe_length(self.took) if self.took is not None else _("not reached yet")


@dataclass(frozen=True, slots=True)
class Progress:
    """A recall by rank, how long it took, and its curve as points of an SVG."""

    lines: list[Line]
    whole: Line
    reached: list[ReachTime]
    points: str
    until: datetime


def of(recall: Recall, *, at: datetime) -> Progress:
    """Return how far a recall has got at `at`; two queries."""
    rows = (
        recall.notices.order_by()
        .values_list("rank", "outcome")
        .annotate(
            people=Count("pk"),
            mailed=Count("pk", filter=Q(notice__sent_at__isnull=False)),
            seen=Count("pk", filter=Q(seen_at__isnull=False)),
        )
    )
    lines: dict[int, Line] = {rank: Line(str(rank.label)) for rank in Rank if rank != Rank.GOT}
    for rank, outcome, people, mailed, seen in rows:
        line = lines.setdefault(Rank(rank), Line(str(Rank(rank).label)))
        line.add(Line("", people, mailed, seen, {outcome: people} if outcome else {}))
    whole = Line(_("Everyone"))
    for line in lines.values():
        whole.add(line)
    answered = recall.notices.exclude(acknowledged_at=None).order_by("acknowledged_at")
    moments = [moment for moment in answered.values_list("acknowledged_at", flat=True) if moment]
    until = max([at, *moments[-1:]])
    reached = [ReachTime(share, time_to(share, moments, whole.people, recall.planned_at)) for share in (50, 90)]
    return Progress(list(lines.values()), whole, reached, curve(moments, whole.people, recall.planned_at, until), until)


def time_to(percent: int, moments: Sequence[datetime], people: int, since: datetime) -> timedelta | None:
    """Return how long it took until so many in a hundred of all people had answered, None while they have not."""
    needed = ceil(people * percent / 100)
    return moments[needed - 1] - since if 0 < needed <= len(moments) else None


def curve(moments: Sequence[datetime], people: int, since: datetime, until: datetime) -> str:
    """Return the points of a line in steps: the share of people who had answered, from `since` until `until`."""
    span = (until - since).total_seconds()
    if not people or span <= 0:
        return f"0,{HEIGHT} {WIDTH},{HEIGHT}"
    points, count = [f"0,{HEIGHT}"], 0
    for moment in moments:
        x = round(WIDTH * max((moment - since).total_seconds(), 0) / span, 1)
        before, count = round(HEIGHT - HEIGHT * count / people, 1), count + 1
        points += [f"{x:g},{before:g}", f"{x:g},{round(HEIGHT - HEIGHT * count / people, 1):g}"]
    return " ".join([*points, f"{WIDTH},{round(HEIGHT - HEIGHT * count / people, 1):g}"])


def describe_length(length: timedelta) -> str:
    """Return a length of time in words: minutes, then hours and minutes, then days."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}


def waiting(recall: Recall) -> QuerySet[RecallNotice]:
    """Return who takes part and has not answered, people who posted first, then by reach."""
    rows = recall.notices.filter(acknowledged_at=None, influencer__state=Influencer.State.ACTIVE)
    return rows.select_related("influencer__liaison", "influencer__user", "notice")


def is_superseded(recall: Recall) -> bool:
    """Return whether a later recall of the same took its place; one query."""
    return recall.later().exists()


@dataclass(frozen=True, slots=True)
class OnToday:
    """A recall that is under way."""

    recall: Recall
    people: int
    answered: int

    @property
    def words(self) -> str:
        """How far it is, in one line."""
        return _("%(what)s: %(answered)d of %(people)d have confirmed.") % {
            "what": heading_of(self.recall),
            "answered": self.answered,
            "people": self.people,
        }


def on_today(campaign: Campaign, *, at: datetime) -> list[OnToday]:
    """Return the latest recalls of the last days that someone has not answered; one query."""
    rows = (
        Recall.objects.filter(campaign=campaign, planned_at__gt=at - ON_TODAY)
        .annotate(people=Count("notices"), answered=Count("notices", filter=Q(notices__acknowledged_at__isnull=False)))
        .select_related("version__bulletin", "step__claim", "step__version")
        .order_by("-planned_at", "-pk")
    )
    newest: dict[tuple[str, int] | None, OnToday] = {}
    for row in rows:
        newest.setdefault(subject_of(row), OnToday(row, row.people, row.answered))
    return [one for one in newest.values() if one.people > one.answered][:MOST_ON_TODAY]
