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

from bulletins.models import Bulletin, Cadence, Target, Urgency
from bulletins.scheduling import send_slots
from campaigns.models import Campaign
from delivery.models import Audience, Delivery, Send
from delivery.recipients.audience_sizes import HeadCount, count_audiences
from delivery.reports.ledger_totals import KINDS, totals_of
from delivery.reports.send_progress import current_kinds
from lib.text.languages import language_heading
from lib.text.whole_numbers import grouped

from . import publish

# From a send to the bulletins whose words it carries: alone, in a roundup, in a digest.
CARRIED_BY = (
    "mailing__version__bulletin",
    "mailing__parts__version__bulletin",
    "mailing__digest__items__publication__version__bulletin",
)
MAY_HAVE = {Delivery.State.ACCEPTED, Delivery.State.UNKNOWN, Delivery.State.HANDING_OFF}
SOON = timedelta(0)


@dataclass
class Departure:
    """
    People to whom it leaves at the same moment. `moment` is None for what leaves `after` it is approved; both are None before
    it is submitted, when a slot is not fixed yet.
    """

    moment: datetime | None = None
    after: timedelta | None = None
    audiences: list[str] = field(default_factory=list)
    heads: HeadCount = field(default_factory=HeadCount)

    @property
    def people(self) -> int:
        """How many they are."""
        return self.heads.total

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

    def due_at(self, at: datetime) -> datetime:
        """Return when it leaves if it is approved at `at`."""
        return self.moment or at + (self.after or SOON)

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
            f"{language_heading(code)} {grouped(people)}" for code, people in self.heads.by_language.items() if people
        )


@dataclass
class Distribution:
    """
    Who gets a version by email. `departures` are in the order in which they leave; `in_digests` people read it in a digest, the
    first of which is `digest_at` where that is known. `at_most`: some of them may have chosen to get fewer emails.
    """

    campaign: Campaign
    departures: list[Departure] = field(default_factory=list)
    in_digests: int = 0
    digest_at: datetime | None = None
    at_most: bool = False

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
    def is_immediate(self) -> bool:
        """Whether some of it leaves as soon as it is approved."""
        return any(one.at_once for one in self.departures)

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


def distribution_of(bulletin: Bulletin, *, at: datetime) -> Distribution:
    """Return whom a version goes to, with the readers of digests; a number of queries that does not grow."""
    found = distributions_of([bulletin], at=at)[bulletin.pk]
    if bulletin.version == 1:
        add_digests(found, bulletin, at=at)
    return found


def distributions_of(
    bulletins: Collection[Bulletin], *, at: datetime, heads: Mapping[int, HeadCount] | None = None
) -> dict[int, Distribution]:
    """
    Return by its key whom each bulletin goes to; a constant number of queries. `heads` are audiences that are counted already.
    The readers of digests are in it only for later versions, which they hear of because they got an earlier one.
    """
    prefetch_related_objects(list(bulletins), "targets__audience", "campaign")
    known = dict(heads or {})
    corrections = [one for one in bulletins if one.version > 1]
    earlier = earlier_sends(corrections)
    audiences = {target.audience_id: target.audience for one in bulletins for target in one.targets.all()}
    audiences |= {send.audience_id: send.audience for sends in earlier.values() for send in sends}
    if missing := [audience for pk, audience in audiences.items() if pk not in known]:
        known |= count_audiences(missing, at=at)
    reached = reached_by({send.pk: send for sends in earlier.values() for send in sends}.values(), at=at)
    found = {}
    for one in bulletins:
        plan = Distribution(one.campaign)
        if one.version > 1:
            follow_sends(plan, one, earlier[one.pk], known, reached, at=at)
        else:
            follow_targets(plan, one, known, at=at)
        plan.departures.sort(key=lambda departure: departure.due_at(at))
        found[one.pk] = plan
    return found


# --- A first version: its audiences, each in its slot ---------------------------------------------------


def follow_targets(plan: Distribution, bulletin: Bulletin, heads: Mapping[int, HeadCount], *, at: datetime) -> None:
    """Add to a plan what leaves to the audiences that were chosen."""
    together: dict[tuple[datetime | None, timedelta | None], Departure] = {}
    for target in bulletin.targets.all():
        moment, after = moment_of(target, bulletin, at=at)
        departure = together.setdefault((moment, after), Departure(moment, after))
        departure.add(str(target.audience), heads[target.audience_id])
    plan.departures = list(together.values())
    plan.at_most = bulletin.urgency != Urgency.URGENT


def moment_of(target: Target, bulletin: Bulletin, *, at: datetime) -> tuple[datetime | None, timedelta | None]:
    """
    Return when a bulletin leaves to an audience: the moment, or how long after its approval, which is not before `at`. Neither
    while its next slot is open.
    """
    if target.slot_at:
        return target.slot_at, None
    wait = send_slots.stagger(bulletin, target.audience)
    if target.timing == Target.Timing.AT_ONCE:
        ends = bulletin.embargo_until
        return (ends + wait, None) if ends and ends > at else (None, wait)
    return (target.at + wait if target.at else None), None


def add_digests(plan: Distribution, bulletin: Bulletin, *, at: datetime) -> None:
    """Add to a plan the subscribers of the campaign's digests, who read it in their next one; three queries."""
    audiences = list(Audience.objects.filter(campaign=bulletin.campaign_id, kind=Audience.Kind.DIGEST))
    if not audiences:
        return
    plan.in_digests = sum(one.total for one in count_audiences(audiences, at=at).values())
    out = plan.first.due_at(at) if plan.first else at
    cadences = Cadence.objects.filter(audience__in=audiences, only_urgency__in=["", bulletin.urgency])
    slots = (one.next_slot(after=out) for one in cadences.select_related("audience__campaign"))
    plan.digest_at = min((slot for slot in slots if slot), default=None)


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
    sends = Send.objects.filter(pk__in=pairs).select_related("audience", "mailing__version").order_by("pk")
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
    *,
    at: datetime,
) -> None:
    """
    Add to the plan of a later version whom its publication will send it to (publish.plan_correction): whoever got an earlier
    one, everyone where that is still being sent or to come, and the readers of digests in their next one.
    """
    by_audience: dict[int, list[Send]] = {}
    for send in sends:
        by_audience.setdefault(send.audience_id, []).append(send)
    together: dict[tuple[datetime | None, timedelta | None], Departure] = {}
    for key, ones in by_audience.items():
        got = most_of(reached[send.pk] for send in ones if send.pk in reached)
        if ones[0].audience.kind == Audience.Kind.DIGEST:
            plan.in_digests += got.total
            continue
        moment, is_for_all = next_send(bulletin, [send for send in ones if not send.pace], at=at)
        people = heads[key] if is_for_all else got
        if people.total:
            after = None if moment else SOON
            together.setdefault((moment, after), Departure(moment, after)).add(str(ones[0].audience), people)
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
