"""How far a request to say "seen" has got: who has, by channel and by tier, and what became of the mail of those who have not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import Count, F, Min, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from bulletins.models import SeenRule
from campaigns.models import Campaign
from delivery.models import Audience, Channel, Delivery, Send
from delivery.reports.ledger_totals import people_by
from influencers.models import AskedPartner, Influencer, SeenRequest
from influencers.recall import recall_progress

from .rules import Rules

State = Delivery.State
MOST_NAMES = 200
ON_TODAY = timedelta(days=1)
# What is known of the mail of somebody who has not said that they have seen it.
REACHED, ON_ITS_WAY, UNKNOWN, NOT_REACHED = BEST_FIRST = "reached", "on_its_way", "unknown", "not_reached"
STANDING = {
    State.ACCEPTED: REACHED,
    State.UNKNOWN: UNKNOWN,
    **dict.fromkeys(Delivery.TO_GO, ON_ITS_WAY),
}


@dataclass(slots=True)
class TierLine:
    """How many of one tier were asked, and have seen it."""

    name: str
    asked: int = 0
    seen: int = 0

    @property
    def waiting(self) -> int:
        """How many have not."""
        return self.asked - self.seen


@dataclass(slots=True)
class ChannelLine:
    """A channel: to how many it was sent, how many it reached, and how many said there that they have seen it."""

    name: str
    seen: int
    sent: int | None = None
    reached: int | None = None
    failed: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was asked, and what is known of their mail ("" when nothing is kept of it)."""

    row: AskedPartner
    mail: str

    @property
    def mail_in_words(self) -> str:
        """What became of their mail, in the active language."""
        return {
            REACHED: _("It was delivered."),
            NOT_REACHED: _("It did not reach them."),
            UNKNOWN: _("Whether it reached them is unknown."),
            ON_ITS_WAY: _("It is on its way."),
        }.get(self.mail, "")


@dataclass(slots=True)
class Standing:
    """Everybody who was asked so far. `points` is the curve of who has seen it, as recall_progress.curve."""

    asked: int = 0
    seen: int = 0
    unseen_by_mail: Counter[str] = field(default_factory=Counter)
    tiers: list[TierLine] = field(default_factory=list)
    channels: list[ChannelLine] = field(default_factory=list)
    half: timedelta | None = None
    last: datetime | None = None
    points: str = ""
    until: datetime | None = None
    waiting: list[Person] = field(default_factory=list)
    told: list[AskedPartner] = field(default_factory=list)

    @property
    def percent(self) -> int:
        """How many in a hundred have seen it, rounded down."""
        return 100 * self.seen // self.asked if self.asked else 0

    @property
    def half_in_words(self) -> str:
        """How long it took until half of them had seen it, in words; "" while they have not."""
        return recall_progress.describe_length(self.half) if self.half is not None else ""

    @property
    def reached(self) -> int:
        """How many have a mail at their server and have not said anything."""
        return self.unseen_by_mail[REACHED]

    @property
    def not_reached(self) -> int:
        """How many no mail has reached."""
        return self.unseen_by_mail[NOT_REACHED]

    @property
    def unknown(self) -> int:
        """Of how many nobody knows it, or not yet."""
        return self.asked - self.seen - self.reached - self.not_reached


def standing_of(request: SeenRequest, *, at: datetime, names: bool) -> Standing:
    """Return how far a request is; eight queries at most, however many were asked. With `names`, who they are."""
    rows = list(request.people.reached(at=at).values_list("tier", "seen_at", "channel", "influencer__recipient"))
    moments = sorted(seen for _tier, seen, _channel, _recipient in rows if seen)
    # In a chat room nobody is asked: its message has no "seen" to press.
    sends = list(Send.objects.filter(mailing=request.version.mailing_id).exclude(channel=Channel.ROOM))
    mails = mail_of(sends, [recipient for _tier, seen, _channel, recipient in rows if not seen])
    until = max([request.ended_at or at, *moments[-1:]])
    return Standing(
        asked=len(rows),
        seen=len(moments),
        unseen_by_mail=Counter(mails.get(recipient, "") for _tier, seen, _channel, recipient in rows if not seen),
        tiers=tier_lines(request.campaign, [(tier, seen) for tier, seen, _channel, _recipient in rows]),
        channels=channel_lines(sends, Counter(channel for _tier, _seen, channel, _recipient in rows if channel)),
        half=time_until(ceil(len(rows) / 2), moments, request.began_at),
        last=moments[-1] if moments else None,
        points=recall_progress.curve(moments, len(rows), request.began_at, until),
        until=until,
        waiting=waiting_people(request, mails, at=at) if names else [],
        told=list(told_people(request, at=at)[:MOST_NAMES]) if names else [],
    )


def time_until(needed: int, moments: Sequence[datetime], since: datetime) -> timedelta | None:
    """Return how long it took until so many had seen it, None while they have not."""
    return moments[needed - 1] - since if 0 < needed <= len(moments) else None


def mail_of(sends: Iterable[Send], recipients: Iterable[int]) -> dict[int, str]:
    """Return by person what became of a mailing, by whichever channel it came nearest, as long as it is kept whom it went to; one query."""
    people = set(recipients)
    rows = Delivery.objects.of(*sends).filter(Q(recipient__in=people) | Q(recipient__person__in=people))
    rows = rows.annotate(whose=Coalesce("recipient__person", "recipient"))
    found: dict[int, str] = {}
    for whose, state, receipt in rows.values_list("whose", "state", "receipt"):
        bounced = receipt == Delivery.Receipt.BOUNCED
        came_to = NOT_REACHED if bounced else STANDING.get(State(state), NOT_REACHED)
        found[whose] = min(came_to, found.get(whose, NOT_REACHED), key=BEST_FIRST.index)
    return found


def tier_lines(campaign: Campaign, rows: Iterable[tuple[int | None, datetime | None]]) -> list[TierLine]:
    """Return how many of each tier were asked and have seen it, the closest first; one query."""
    counts: dict[int | None, TierLine] = {}
    names = {
        one.tier: str(one)
        for one in Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS, tier__isnull=False)
    }
    for tier, seen in rows:
        line = counts.setdefault(tier, TierLine(names.get(tier, _("Without a tier"))))
        line.asked += 1
        line.seen += seen is not None
    return [counts[tier] for tier in sorted(counts, key=lambda one: (one is None, one))]


def channel_lines(sends: Iterable[Send], seen: Counter[str]) -> list[ChannelLine]:
    """Return the channels on which it was sent or somebody said something; one query, one more for old sends."""
    by_key = {send.pk: send for send in sends}
    lines = {
        channel: ChannelLine(str(name), seen[channel])
        for channel, name in AskedPartner.WAYS
        if seen[channel] or channel == AskedPartner.PORTAL
    }
    sent = {send.channel: ChannelLine(str(send.get_channel_display()), 0, 0, 0) for send in by_key.values()}
    for send, state, receipt, people in people_by(by_key.values(), "state", "receipt"):
        line = sent[by_key[send].channel]
        if state in Delivery.WITHHELD:
            continue
        line.sent = (line.sent or 0) + people
        if state == State.ACCEPTED and receipt != Delivery.Receipt.BOUNCED:
            line.reached = (line.reached or 0) + people
        elif state == State.UNKNOWN:
            line.unknown += people
        elif state not in Delivery.TO_GO:
            line.failed += people
    for channel, line in sent.items():
        line.seen = seen[channel]
    return list((lines | sent).values())


def waiting_people(request: SeenRequest, mails: dict[int, str], *, at: datetime) -> list[Person]:
    """Return who has not said anything, the closest tier first; one query."""
    rows = request.people.reached(at=at).unseen().select_related("influencer__liaison")
    rows = rows.order_by(F("tier").asc(nulls_last=True), "influencer__name", "pk")[:MOST_NAMES]
    return [Person(row, mails.get(row.influencer.recipient_id, "")) for row in rows]


def told_people(request: SeenRequest, *, at: datetime) -> Any:
    """Return who has, whoever said it last first."""
    rows = request.people.reached(at=at).exclude(seen_at=None).exclude(influencer__state=Influencer.State.ERASED)
    return rows.select_related("influencer").order_by("-seen_at", "-pk")


def with_counts(rows: Any, *, at: datetime) -> Any:
    """Annotate requests with how many were `asked` so far, and how many have `seen` it."""
    so_far = Q(people__asked_at__lte=at)
    return rows.annotate(
        asked=Count("people", filter=so_far),
        seen=Count("people", filter=so_far & Q(people__seen_at__isnull=False)),
    )


def moments_that_count(request: SeenRequest) -> tuple[list[datetime], tuple[int, int]]:
    """
    Return when the people who count for a request said that they have seen it, in order, and how many of them are half of all and
    how many are enough; two queries.
    """
    moments = [seen for _tier, seen in rows_that_count(request)]
    needed = Rules.of(request.plan).needed(len(moments))
    return sorted(one for one in moments if one), (ceil(len(moments) / 2), needed)


def rows_that_count(request: SeenRequest) -> list[tuple[int | None, datetime | None]]:
    """Return (tier, when they said it) of each of the people who count for a request; two queries at most."""
    rows = request.people.values_list("tier", "seen_at")
    if Rules.of(request.plan).counts == SeenRule.Counts.CLOSEST:
        closest = request.people.aggregate(tier=Min("tier"))["tier"]
        rows = rows.filter(tier=closest)
    return list(rows)
