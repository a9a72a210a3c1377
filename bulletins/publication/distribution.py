"""
Whom the version of a bulletin that is in the making goes to: how many people, when, in which languages. The message to approvers, the
page on which they read it and Today ask here, so that all name the same numbers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models import Bulletin, Cadence, Parts, Target, Urgency
from bulletins.scheduling import tier_stagger
from campaigns.models import Campaign
from delivery.models import Audience, Channel, Delivery, Send
from delivery.recipients.audience_sizes import (
    HeadCount,
    Shared,
    are_compared,
    count_audiences,
    count_once,
    count_shared,
)
from delivery.reports.ledger_totals import KINDS, totals_of
from delivery.reports.send_progress import current_kinds
from lib.text.languages.languages import language_heading, language_name, readers_language
from lib.text.numbers.whole_numbers import grouped

from . import publish

# From a send to the bulletins whose words it carries: alone, in a roundup, in a digest.
CARRIED_BY = (
    "mailing__version__bulletin",
    "mailing__parts__version__bulletin",
    "mailing__digest__items__publication__version__bulletin",
)
MAY_HAVE = {Delivery.State.ACCEPTED, Delivery.State.UNKNOWN, Delivery.State.HANDING_OFF}
SOON = timedelta(0)


@dataclass(frozen=True)
class Readiness:
    """In which languages of its campaign a version is `lacking`, and the first that it has; whether readers of the former wait for theirs."""

    lacking: frozenset[str] = frozenset()
    first: str = ""
    waits: bool = False

    def instead(self, audience: Audience) -> str:
        """Return the language in which an audience's readers get it whose own is lacking, as at fan-out."""
        return next((code for code in audience.languages if code not in self.lacking), self.first)


@dataclass
class Departure:
    """
    People to whom it leaves at the same moment. `moment` is None for what leaves `after` it is approved; both are None before
    it is submitted, when a slot is not fixed yet. `instead` is {(a language in which it is not there, that in which its readers
    get it): how many}; they count in the latter.
    """

    moment: datetime | None = None
    after: timedelta | None = None
    audiences: list[str] = field(default_factory=list)
    heads: HeadCount = field(default_factory=HeadCount)
    instead: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """How many they are."""
        return self.heads.total

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet when it leaves."""
        return self.moment is None and self.after is None

    @property
    def at_once(self) -> bool:
        """Whether it leaves as soon as it is approved."""
        return self.moment is None and self.after == SOON

    def add(self, audience: str, heads: HeadCount) -> None:
        """Add the people of an audience."""
        self.audiences.append(audience)
        self.heads.total += heads.total
        for code, people in heads.by_language.items():
            self.heads.by_language[code] = self.heads.by_language.get(code, 0) + people

    def add_audience(self, audience: Audience, heads: HeadCount, ready: Readiness) -> None:
        """Add the people of an audience, each in the language that they really get."""
        theirs = HeadCount(heads.total, dict(heads.by_language))
        other = ready.instead(audience)
        for code in ready.lacking & theirs.by_language.keys():
            if people := theirs.by_language.pop(code):
                theirs.by_language[other] = theirs.by_language.get(other, 0) + people
                self.instead[code, other] = self.instead.get((code, other), 0) + people
        self.add(str(audience), theirs)

    def substitutes(self) -> list[str]:
        """Return who gets it in another language than their own, each in a sentence."""
        return [
            ngettext(
                "%(language)s is not there: its %(n)s reader gets it in another language: %(other)s.",
                "%(language)s is not there: its %(n)s readers get it in another language: %(other)s.",
                people,
            )
            % {"language": language_heading(code), "n": grouped(people), "other": language_name(other)}
            for (code, other), people in self.instead.items()
        ]

    def due_at(self, at: datetime) -> datetime:
        """Return when it leaves if it is approved at `at`."""
        return self.moment or at + (self.after or SOON)

    def order(self, at: datetime) -> tuple[bool, datetime]:
        """Return what departures are sorted by: when they leave, those of which nobody knows it last."""
        return self.is_open, self.due_at(at)

    def when(self, campaign: Campaign, *, by_reader: bool = False) -> str:
        """Return when it leaves, in words: in the campaign's zone, in the active language. `by_reader` approves it."""
        if self.moment:
            return date_format(campaign.local(self.moment), "DATETIME_FORMAT")
        if self.after is None:
            return _("in its next slot")
        if minutes := int(self.after.total_seconds() // 60):
            says = ngettext("%(n)d minute after approval", "%(n)d minutes after approval", minutes)
            return says % {"n": minutes}
        return _("the moment you approve it") if by_reader else _("the moment it is approved")

    def languages(self) -> str:
        """Return how many get it in which language, in words: "Finnish 1,796, Swedish 190"."""
        return ", ".join(
            f"{readers_language(code)} {grouped(people)}" for code, people in self.heads.by_language.items() if people
        )


@dataclass
class Distribution:
    """
    Who gets a version by email. `departures` are in the order in which they leave, and `digests` are those in which subscribers
    read it, each audience by itself. `at_most`: some of them may have chosen to get fewer emails. `waiting` are the readers of
    languages in which it follows, by language: they get nothing until then.
    """

    campaign: Campaign
    departures: list[Departure] = field(default_factory=list)
    digests: list[Departure] = field(default_factory=list)
    at_most: bool = False
    waiting: dict[str, int] = field(default_factory=dict)

    @property
    def first(self) -> Departure | None:
        """What leaves first."""
        return self.departures[0] if self.departures else None

    @property
    def later(self) -> list[Departure]:
        """What leaves after that."""
        return self.departures[1:]

    @property
    def people(self) -> int:
        """Everyone who gets it by email, without digests."""
        return sum(one.people for one in self.departures)

    @property
    def in_digests(self) -> int:
        """Everyone who reads it in a digest."""
        return sum(one.people for one in self.digests)

    def sort(self, at: datetime) -> None:
        """Put what leaves, and the digests, into the order in which they leave."""
        for leaving in (self.departures, self.digests):
            leaving.sort(key=lambda one: one.order(at))

    def headline(self, *, by_reader: bool = False) -> str:
        """Return how many get it first, and when, in a sentence without its full stop."""
        first = self.first
        if first is None:
            return _("Nobody gets it by email")
        if self.at_most:
            says = ngettext("Goes to up to %(n)s person %(when)s", "Goes to up to %(n)s people %(when)s", first.people)
        else:
            says = ngettext("Goes to %(n)s person %(when)s", "Goes to %(n)s people %(when)s", first.people)
        return says % {"n": grouped(first.people), "when": self.when(first, by_reader=by_reader)}

    def when(self, departure: Departure, *, by_reader: bool = False) -> str:
        """Return when one of its departures leaves, as a sentence goes on: "on 28 November …" or "the moment …"."""
        says = departure.when(self.campaign, by_reader=by_reader)
        return _("on %(moment)s") % {"moment": says} if departure.moment else says

    def further(self, *, by_reader: bool = False) -> list[str]:
        """Return what leaves later, each in a few words: "120 more on 28 November …"."""
        return [
            (_("%(n)s more %(when)s") if one.moment else _("%(n)s more, %(when)s"))
            % {"n": grouped(one.people), "when": self.when(one, by_reader=by_reader)}
            for one in self.later
        ]

    def waits(self) -> list[str]:
        """Return who waits for their language, each in a sentence."""
        return [
            ngettext(
                "%(language)s is not there yet: its %(n)s reader gets it when it is ready.",
                "%(language)s is not there yet: its %(n)s readers get it when it is ready.",
                people,
            )
            % {"language": language_heading(code), "n": grouped(people)}
            for code, people in self.waiting.items()
        ]

    def digest_times(self, *, by_reader: bool = False) -> list[str]:
        """Return how many read it in which digest when, each in a few words: "1,150 on 30 November … (Weekly digest)"."""
        return [
            f"{grouped(one.people)} {_('in the next digest') if one.is_open else self.when(one, by_reader=by_reader)}"
            f" ({', '.join(one.audiences)})"
            for one in self.digests
        ]


def distribution_of(bulletin: Bulletin, *, at: datetime) -> Distribution:
    """Return whom a version goes to, with the readers of digests; a number of queries that does not grow."""
    ready = readiness_of(bulletin)
    heads, waiting = without_waiting(bulletin, ready, at=at)
    found = distributions_of([bulletin], at=at, heads=heads, ready={bulletin.pk: ready})[bulletin.pk]
    found.waiting = waiting | found.waiting
    if bulletin.version == 1:
        audiences = Audience.objects.filter(campaign=bulletin.campaign_id, kind=Audience.Kind.DIGEST)
        digests = {one.pk: one for one in audiences}
        heads, rhythms = count_audiences(digests.values(), at=at), rhythms_of(digests.keys())
        for pk, audience in digests.items():
            add_digest(found, bulletin, audience, heads[pk], rhythms[pk], at=at)
        found.sort(at)
    return found


def readiness_of(bulletin: Bulletin) -> Readiness:
    """Return in which languages a version is lacking; one query where the campaign has languages that follow, else none more."""
    parts = Parts(bulletin)
    if not any(not row.must_be_ready for row in parts.languages):
        return Readiness()
    lacking = frozenset(parts.left_out)
    first = next((one.language for one in parts.editions), "") if lacking else ""
    return Readiness(lacking, first, bool(lacking) and bool(publish.awaited_languages(parts)))


def without_waiting(
    bulletin: Bulletin, ready: Readiness, *, at: datetime
) -> tuple[dict[int, HeadCount], dict[str, int]]:
    """
    Return its audiences without the readers of languages in which it follows later, and how many these are by language; nothing
    where there are none. One query then.
    """
    waiting: dict[str, int] = {}
    if not ready.waits or bulletin.version > 1:
        return {}, waiting
    audiences = {target.audience_id: target.audience for target in bulletin.targets.select_related("audience")}
    heads = count_audiences(audiences.values(), at=at)
    for pk, audience in audiences.items():
        leave_out(heads[pk], audience, ready, waiting)
    return heads, waiting


def leave_out(heads: HeadCount, audience: Audience, ready: Readiness, waiting: dict[str, int]) -> None:
    """Take the readers of languages that are to follow out of an audience's people, and count them as `waiting`."""
    for code in sorted(ready.lacking & set(audience.languages)):
        people = heads.by_language.pop(code, 0)
        heads.total -= people
        if people:
            waiting[code] = waiting.get(code, 0) + people


def distributions_of(
    bulletins: Collection[Bulletin],
    *,
    at: datetime,
    heads: Mapping[int, HeadCount] | None = None,
    ready: Mapping[int, Readiness] | None = None,
) -> dict[int, Distribution]:
    """
    Return by its key whom each bulletin goes to; a constant number of queries. `heads` are audiences that are counted already, and
    `ready` says in which languages a bulletin is there, of one whose page says so.
    The readers of digests are in it only for later versions, which they hear of because they got an earlier one.
    """
    prefetch_related_objects(list(bulletins), "targets__audience", "campaign")
    known = dict(heads or {})
    corrections = [one for one in bulletins if one.version > 1]
    earlier = earlier_sends(corrections)
    audiences = audiences_of(bulletins, earlier)
    if missing := [audience for pk, audience in audiences.items() if pk not in known]:
        known |= count_audiences(missing, at=at)
    shared = shared_among(bulletins, known, at=at)
    reached = reached_by({send.pk: send for sends in earlier.values() for send in sends}.values(), at=at)
    rhythms = rhythms_of(digests_among(audiences.values()))
    found = {}
    for one in bulletins:
        plan, has = Distribution(one.campaign), (ready or {}).get(one.pk, Readiness())
        if one.version > 1:
            follow_sends(plan, one, earlier[one.pk], known, reached, rhythms, has, at=at)
        else:
            follow_targets(plan, one, known, shared, has, at=at)
        plan.sort(at)
        found[one.pk] = plan
    return found


def audiences_of(bulletins: Iterable[Bulletin], earlier: Mapping[int, Iterable[Send]]) -> dict[int, Audience]:
    """Return the audiences of some bulletins and of their earlier versions, by key; no query."""
    chosen = {target.audience_id: target.audience for one in bulletins for target in one.targets.all()}
    return chosen | {send.audience_id: send.audience for sends in earlier.values() for send in sends}


# --- A first version: its audiences, each in its slot ---------------------------------------------------


def shared_among(bulletins: Iterable[Bulletin], heads: Mapping[int, HeadCount], *, at: datetime) -> Shared:
    """Return who is in several of the audiences that first versions go to together; one query, or none."""
    groups = [{target.audience_id for target in one.targets.all()} for one in bulletins if one.version == 1]
    together = {pk for group in groups if len(group) > 1 for pk in group}
    return count_shared({pk: heads[pk] for pk in together}, at=at)


def follow_targets(
    plan: Distribution,
    bulletin: Bulletin,
    heads: Mapping[int, HeadCount],
    shared: Shared,
    ready: Readiness,
    *,
    at: datetime,
) -> None:
    """Add to a plan what leaves to the audiences that were chosen: to who is in several, with what leaves first."""
    leaving = [(target, Departure(*moment_of(target, bulletin, at=at))) for target in bulletin.targets.all()]
    leaving.sort(key=lambda one: one[1].order(at))
    people = count_once([target.audience for target, _departure in leaving], heads, shared)
    together: dict[tuple[datetime | None, timedelta | None], Departure] = {}
    for target, one in leaving:
        departure = together.setdefault((one.moment, one.after), one)
        departure.add_audience(target.audience, people[target.audience_id], ready)
    plan.departures = list(together.values())
    plan.at_most = bulletin.urgency != Urgency.URGENT or not are_compared({pk: heads[pk] for pk in people}, shared)


def moment_of(target: Target, bulletin: Bulletin, *, at: datetime) -> tuple[datetime | None, timedelta | None]:
    """
    Return when a bulletin leaves to an audience: the moment, or how long after its approval, which is not before `at`. Neither
    while its next slot is open.
    """
    if target.slot_at:
        return target.slot_at, None
    wait = tier_stagger.stagger(bulletin, target.audience)
    if target.timing == Target.Timing.AT_ONCE:
        ends = bulletin.embargo_until
        return (ends + wait, None) if ends and ends > at else (None, wait)
    return (target.at + wait if target.at else None), None


# --- Digests: those who subscribe to them read it in the first one that is sent after it is published ------


def digests_among(audiences: Iterable[Audience]) -> set[int]:
    """Return the keys of those audiences that read digests."""
    return {one.pk for one in audiences if one.kind == Audience.Kind.DIGEST}


def rhythms_of(audiences: Collection[int]) -> dict[int, list[Cadence]]:
    """
    Return the cadences of digests by their audience's key; one query, or none. Those for what is urgent count where an audience
    has no others: its readers are told nothing else.
    """
    found: dict[int, list[Cadence]] = {pk: [] for pk in audiences}
    rows = Cadence.objects.filter(audience__in=found, only_urgency__in=["", Urgency.URGENT]) if found else ()
    for cadence in rows and rows.select_related("audience__campaign"):
        found[cadence.audience_id].append(cadence)
    return {pk: [one for one in theirs if not one.only_urgency] or theirs for pk, theirs in found.items()}


def add_digest(
    plan: Distribution,
    bulletin: Bulletin,
    audience: Audience,
    heads: HeadCount,
    rhythms: Collection[Cadence],
    *,
    at: datetime,
) -> None:
    """Add to a plan the readers of one digest, unless it tells only what is urgent. What goes at once goes when it is published, in its hours unless it is urgent."""
    tells_it = bulletin.urgency == Urgency.URGENT or bulletin.version > 1
    if not heads.total or (not tells_it and any(one.only_urgency for one in rhythms)):
        return
    published = published_with(plan, bulletin, at=at)
    out = max(published.due_at(at), at)
    found = []
    for cadence in rhythms:
        slot = cadence.next_slot(after=out)
        urgent = bulletin.urgency == Urgency.URGENT and cadence.falls_on(bulletin.campaign.local(out).date())
        if cadence.every == Cadence.Every.IMMEDIATE and (slot == out or urgent):
            found.append(Departure(published.moment, published.after))
        elif slot:
            found.append(Departure(slot))
    digest = min(found, key=lambda one: one.due_at(at), default=Departure())
    digest.add(str(audience), heads)
    plan.digests.append(digest)


def published_with(plan: Distribution, bulletin: Bulletin, *, at: datetime) -> Departure:
    """Return when everyone may read a version: a first one with what leaves first, a later one when its embargo ends."""
    if bulletin.version == 1 and plan.first:
        return plan.first
    ends = bulletin.embargo_until
    return Departure(ends) if ends and ends > at else Departure(after=SOON)


# --- A later version: whoever got an earlier one, and who still waits for it ------------------------------


def earlier_sends(bulletins: Collection[Bulletin]) -> dict[int, list[Send]]:
    """Return by its key the sends of each bulletin's earlier versions, the oldest first; four queries, or none."""
    found: dict[int, list[Send]] = {one.pk: [] for one in bulletins}
    if not found:
        return found
    pairs: dict[int, set[int]] = defaultdict(set)
    for path in CARRIED_BY:
        for send, bulletin in Send.objects.filter(**{f"{path}__in": found}).values_list("pk", path):
            pairs[send].add(bulletin)
    sends = (
        Send.objects.filter(pk__in=pairs)
        .exclude(channel=Channel.ROOM)
        .select_related("audience", "mailing__version")
        .order_by("pk")
    )
    for send in sends:
        send.alone = hasattr(send.mailing, "version")  # type: ignore[attr-defined]  # as publish annotates it
        for bulletin in pairs[send.pk] & found.keys():
            found[bulletin].append(send)
    return found


def reached_by(sends: Iterable[Send], *, at: datetime) -> dict[int, HeadCount]:
    """Return by its key how many got each send or may have it, of large ones as they were counted last; three queries."""
    chosen = list(sends)
    found: dict[int, HeadCount] = defaultdict(HeadCount)
    for send, language, people in exposures(chosen, at=at):
        found[send].total += people
        found[send].by_language[language] = found[send].by_language.get(language, 0) + people
    return found


def exposures(sends: Collection[Send], *, at: datetime) -> Iterator[tuple[int, str, int]]:
    """Yield (send, language, people) of those who got a send or may have it."""
    fresh = [send for send in sends if send.summed_at is None]
    kinds = current_kinds(fresh, at=at) if fresh else ()
    rows = ((*one[:3], one[5], one[7]) for one in kinds)
    old = (
        (send, language, state, people, people if is_twice else 0)
        for send, language, state, _code, _receipt, is_twice, people in totals_of(sends, *KINDS)
    )
    for send, language, state, people, twice in chain(rows, old):
        if found := people if state in MAY_HAVE else twice:
            yield send, language, found


def follow_sends(
    plan: Distribution,
    bulletin: Bulletin,
    sends: Iterable[Send],
    heads: Mapping[int, HeadCount],
    reached: Mapping[int, HeadCount],
    rhythms: Mapping[int, Collection[Cadence]],
    ready: Readiness,
    *,
    at: datetime,
) -> None:
    """
    Add to the plan of a later version whom its publication will send it to (publish.plan_correction): whoever got an earlier
    one, everyone where that is still being sent or to come, and the readers of digests in their next one.
    """
    by_audience: dict[int, list[Send]] = {}
    for send in sends:
        if send.channel == Channel.MAIL:
            by_audience.setdefault(send.audience_id, []).append(send)
    together: dict[tuple[datetime | None, timedelta | None], Departure] = {}
    for key, ones in by_audience.items():
        got = most_of(reached[send.pk] for send in ones if send.pk in reached)
        if ones[0].audience.kind == Audience.Kind.DIGEST:
            add_digest(plan, bulletin, ones[0].audience, got, rhythms[key], at=at)
            continue
        moment, is_for_all = next_send(bulletin, [send for send in ones if not send.pace], at=at)
        people, audience = got, ones[0].audience
        if is_for_all:
            people = HeadCount(heads[key].total, dict(heads[key].by_language))
            if ready.waits:
                leave_out(people, audience, ready, plan.waiting)
        if people.total:
            after = None if moment else SOON
            departure = together.setdefault((moment, after), Departure(moment, after))
            departure.add_audience(audience, people, ready)
    plan.departures = list(together.values())


def next_send(bulletin: Bulletin, sends: list[Send], *, at: datetime) -> tuple[datetime | None, bool]:
    """
    Return when a later version leaves to an audience that has had these sends, None for at once; and whether to everyone in it, not
    only to those whom an earlier version reached.
    """
    begun, under_way = publish.standing_of(sends)
    moments = [] if begun else [send.slot_at for send in sends]
    if bulletin.embargo_until:
        moments.append(bulletin.embargo_until)
    moment = max(moments, default=at)
    is_for_all = (under_way or not begun) and bulletin.kind != Bulletin.Kind.RETRACTION
    return moment if moment > at else None, is_for_all


def most_of(counts: Iterable[HeadCount]) -> HeadCount:
    """Return the largest in each language of what several sends to one audience reached: later ones go to the same people."""
    found = HeadCount()
    for one in counts:
        for code, people in one.by_language.items():
            found.by_language[code] = max(people, found.by_language.get(code, 0))
    found.total = sum(found.by_language.values())
    return found
