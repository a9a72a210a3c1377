"""
From publications to digests: whose slot has come, what each kind of reader is told, and one send for all who are
told the same. A tick does it; two at once are harmless, as whoever plans holds the audience.
"""

import itertools
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, IntegerField, Max, Min, QuerySet, Value, When
from django.utils.translation import gettext_noop

from accounts.audit import trail
from bulletins.models import Cadence, Urgency
from campaigns.models import Campaign, ReadingLevel
from delivery.models import Audience, DigestShare, Mailing, Message, Send, Subscription, TopicSet
from delivery.subscriptions import cursors
from website.models import Digest, DigestItem, DigestRun, Publication, PublicationCount

from . import publication_order
from .digest_contents import Candidate, Item, Kind, Order
from .rendering import Mails

log = logging.getLogger(__name__)

ROLLED_ON = gettext_noop(
    "It had not started when the next digest was due. That digest includes what this one would have said."
)
Change = Publication.Change
ANEW = (Change.CORRECTED, Change.PAUSED, Change.RESUMED, Change.WITHDRAWN)
Every = Cadence.Every
Queue = Mailing.Queue
URGENT = Publication.objects.filter(number__isnull=False, version__urgency=Urgency.URGENT)


@dataclass
class Share:
    """Readers of one kind: as delivery.models.DigestShare, with how many read which language, and which some prefer in easy language."""

    topics_id: int
    told_topics_id: int
    cursor: int
    since_from: int
    since_until: int | None
    languages: dict[str, int] = field(default_factory=dict)
    easy: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        """How many they are."""
        return sum(self.languages.values())


type Choices = dict[tuple[Item, ...], list[Share]]  # who reads the same items; () is for nothing


def plan_due(*, at: datetime) -> list[DigestRun]:
    """
    Give numbers to what was published, plan the digests whose slot has come, and return the runs. What goes at once
    goes as soon as there is something new, outside of its hours as soon as there is something urgent, to people whom
    that is for. A slot that was missed is made up for once: only the latest one.
    """
    number_waiting()
    return plan_all(due(at=at), at=at)


def plan_urgent(*, at: datetime) -> list[DigestRun]:
    """Plan what goes at once because something urgent was published, and return the runs."""
    number_waiting()
    rhythms = [one for one in rhythms_of_digests() if sends_urgent_at(one, at=at)]
    audiences = {cadence.audience_id: cadence.audience for cadence in rhythms}
    served = {pk: upto for pk, (_slot, upto) in latest_runs(audiences).items()}
    found = due_immediately(rhythms, served, at=at, only_urgent=True)
    return plan_all([(audiences[pk], None) for pk in found], at=at)


def number_waiting() -> None:
    """Give numbers to what was published and has none."""
    for campaign in Campaign.objects.filter(publication_order.unnumbered()):
        publication_order.give_numbers(campaign)


def plan_all(slots: Iterable[tuple[Audience, datetime | None]], *, at: datetime) -> list[DigestRun]:
    """Plan these slots, None for at once, each by itself; return the runs."""
    mails = Mails(at=at)
    runs = [planned(audience, slot, mails, at=at) for audience, slot in slots]
    return [run for run in runs if run]


def planned(
    audience: Audience, slot: datetime | None, mails: Mails, *, at: datetime, once_more: bool = False
) -> DigestRun | None:
    """Plan a slot of one audience; what goes wrong is noted in the log and does not stand in the way of the others."""
    try:
        return plan(audience, slot, mails, at=at, once_more=once_more)
    except Exception:
        log.exception("The digest of %s could not be planned; the next tick tries again.", audience)
        return None


def due(*, at: datetime) -> list[tuple[Audience, datetime | None]]:
    """
    Return the audiences whose slot has come and is not planned yet, each with the slot, None for at once; four queries at
    most.
    """
    rhythms = rhythms_of_digests()
    if not rhythms:
        return []
    audiences = {cadence.audience_id: cadence.audience for cadence in rhythms}
    done = latest_runs(audiences)
    slots: dict[int, datetime] = {}
    for cadence in rhythms:
        slot = cadence.last_slot(at=at)
        if slot is not None:
            slots[cadence.audience_id] = max(slot, slots.get(cadence.audience_id, slot))
    found: dict[int, datetime | None] = {pk: slot for pk, slot in slots.items() if pk not in done or done[pk][0] < slot}
    served = {pk: upto for pk, (_slot, upto) in done.items()}
    found |= dict.fromkeys(due_immediately([one for one in rhythms if sends_urgent_at(one, at=at)], served, at=at))
    return [(audiences[pk], slot) for pk, slot in found.items()]


def latest_runs(audiences: Iterable[int]) -> dict[int, tuple[datetime, int]]:
    """Return the latest slot of each audience that has one, and up to which publication it was served; one query."""
    runs = DigestRun.objects.filter(audience__in=audiences).order_by().values_list("audience")
    return {pk: (slot, upto) for pk, slot, upto in runs.annotate(Max("slot_at"), Max("upto"))}


def due_immediately(
    cadences: Sequence[Cadence], served: dict[int, int], *, at: datetime, only_urgent: bool = False
) -> list[int]:
    """
    Return the audiences to which something goes at once by these cadences: in its hours whatever was published after what
    it has been `served` up to, outside of them, or with `only_urgent`, only what is urgent. Two queries.
    """
    campaigns = {cadence.audience.campaign_id for cadence in cadences}
    if not campaigns:
        return []
    last = dict(PublicationCount.objects.filter(campaign__in=campaigns).values_list("campaign", "last"))
    urgent = URGENT.filter(campaign__in=campaigns).order_by().values_list("campaign")
    last_urgent = dict(urgent.annotate(Max("number")))
    found = []
    for cadence in cadences:
        newest = last if is_open_now(cadence, at=at) and not only_urgent else last_urgent
        if (newest.get(cadence.audience.campaign_id) or 0) > served.get(cadence.audience_id, 0):
            found.append(cadence.audience_id)
    return found


def rhythms_of_digests() -> list[Cadence]:
    """
    Return the cadences of the digests of open campaigns. Of an audience that has no others, also those for what is urgent:
    its readers are told nothing else (`tells_only_urgent`). One query.
    """
    ours = Cadence.objects.filter(
        audience__kind=Audience.Kind.DIGEST,
        audience__campaign__closed_at=None,
        only_urgency__in=["", Urgency.URGENT],
    )
    found = list(ours.select_related("audience__campaign").order_by("audience", "pk"))
    for_all = {cadence.audience_id for cadence in found if not cadence.only_urgency}
    return [cadence for cadence in found if not cadence.only_urgency or cadence.audience_id not in for_all]


def rhythms_of(audience: Audience) -> list[Cadence]:
    """Return the cadences of one digest; one query."""
    return [cadence for cadence in rhythms_of_digests() if cadence.audience_id == audience.pk]


def tells_only_urgent(rhythms: Iterable[Cadence]) -> bool:
    """Return whether a digest with these cadences tells only what is urgent, and corrections."""
    return any(cadence.only_urgency for cadence in rhythms)


def sends_urgent_at(cadence: Cadence, *, at: datetime) -> bool:
    """Return whether what is urgent goes by a cadence at this moment: on its days, whatever its hours."""
    return cadence.every == Every.IMMEDIATE and cadence.falls_on(cadence.audience.campaign.local(at).date())


def is_open_now(cadence: Cadence, *, at: datetime) -> bool:
    """Return whether mail of a cadence may go at once at this moment."""
    return cadence.every == Every.IMMEDIATE and cadence.next_slot(after=at) == at


def catch_up(*, at: datetime) -> list[DigestRun]:
    """
    Serve people who lag behind where mail goes at once: who came from a slower digest with something still to come, or
    had a break. Return the runs.
    """
    runs: list[DigestRun] = []
    for cadence in rhythms_of_digests():
        audience = cadence.audience
        if is_open_now(cadence, at=at) and lags(audience, at=at):
            run = planned(audience, None, Mails(at=at), at=at, once_more=True)
            runs += [run] if run else []
    return runs


def lags(audience: Audience, *, at: datetime) -> bool:
    """Return whether someone has not been served up to where the audience has; two queries."""
    last = DigestRun.objects.filter(audience=audience).aggregate(upto=Max("upto"))["upto"] or 0
    return Subscription.objects.served(at=at).filter(audience=audience, cursor__lt=last).exists()


def plan_again(audience: Audience, *, at: datetime) -> DigestRun | None:
    """Plan the audience's latest slot once more, for people whom it was not left to, if there are any."""
    last = DigestRun.objects.filter(audience=audience).order_by("-slot_at", "-again").first()
    if last is None or audience.campaign.closed_at is not None:
        return None
    slot = None if is_open(rhythms_of(audience), at=at) else last.slot_at
    return planned(audience, slot, Mails(at=at), at=at, once_more=True)


def plan(
    audience: Audience, slot: datetime | None, mails: Mails, *, at: datetime, once_more: bool = False
) -> DigestRun | None:
    """
    Give numbers to what has none and plan a slot of an audience (`plan_numbered`). The numbers are given beforehand, so that
    whoever plans a large digest keeps nobody from planning another one.
    """
    publication_order.give_numbers(audience.campaign)
    return plan_numbered(audience, slot, mails, at=at, once_more=once_more)


@transaction.atomic
def plan_numbered(
    audience: Audience, slot: datetime | None, mails: Mails, *, at: datetime, once_more: bool = False
) -> DigestRun | None:
    """
    Plan a slot of an audience, or with None what goes at once: choose, write the mails, move the cursors of whom there is
    nothing to say to. Return the run, None when it is planned already, has to wait for others to be told first or, with
    `once_more`, when nobody waits in it.

    What of an earlier slot has not begun is cancelled: its readers' cursors never moved, so this says it too. What goes at
    once outside of its hours goes to those only to whom it says something urgent; the others' cursors stay, and they are
    served when its hours begin (`catch_up`).
    """
    Audience.objects.select_for_update(no_key=True).get(pk=audience.pk)  # one planner at a time
    upto = publication_order.last_number(audience.campaign)
    before = DigestRun.objects.filter(audience=audience)
    done = before.filter(slot_at__gte=slot) if slot else before.filter(upto__gte=upto)
    if not once_more and done.exists():
        return None
    is_at_once, slot = slot is None, slot or at
    if is_at_once and must_wait(audience.campaign, at=at):
        return None
    cancel_unbegun(audience, at=at)
    rhythms = rhythms_of(audience)
    waiting, chosen = chosen_for(audience, slot, upto=upto, at=at, only_urgent=tells_only_urgent(rhythms))
    mails.fetch(item.publication for item in itertools.chain.from_iterable(chosen))
    if is_at_once and not is_open(rhythms, at=at):
        chosen = urgent_ones(chosen, mails)
    if once_more and not chosen:
        return None
    run = begin(audience, slot, waiting, chosen, upto=upto, at=at)
    for number, (items, shares) in enumerate(chosen.items(), 1):
        # What has a slot can wait; what goes at once is as urgent as what it says.
        queue = Queue.DIGEST if not is_at_once else Queue.URGENT if is_urgent(items, mails) else Queue.BULLETIN
        write(run, number, items, shares, mails, queue=queue)
    trail.note("digest.planned", run, by=None, at=at, upto=upto, readers=run.readers, mails=len(chosen))
    return run


def cancel_unbegun(audience: Audience, *, at: datetime) -> None:
    """Cancel the digests of an audience that have not begun."""
    Send.objects.filter(
        audience=audience,
        mailing__digest__isnull=False,
        fanned_out_at=None,
        state__in=[Send.State.PLANNED, Send.State.HELD],
    ).update(state=Send.State.CANCELLED, reason=ROLLED_ON, finished_at=at)


def chosen_for(
    audience: Audience, slot: datetime, *, upto: int, at: datetime, only_urgent: bool = False
) -> tuple[QuerySet[Subscription], Choices]:
    """Return who waits in a slot, and for each choice of items which shares of them it goes to."""
    ready = cursors.ready(audience, at=at)
    waiting = cursors.unvisited(ready, slot=slot).filter(cursor__lt=upto)
    # Without asking whom mail may go to, which costs more: who lags behind makes more to choose from, and no more.
    behind = Subscription.objects.served(at=at).filter(audience=audience, cursor__lt=upto)
    first = cursors.unvisited(behind, slot=slot).aggregate(first=Min("cursor"))["first"]
    if first is None:
        return waiting, {}
    # Who comes to wait from now on with a lower cursor, after a break for instance, is for the next look or slot.
    waiting = waiting.filter(cursor__gte=first)
    order = order_since(audience.campaign, first, upto=upto, at=at)
    return waiting, shares_of(waiting, order, first, only_urgent=only_urgent)


def urgent_ones(chosen: Choices, mails: Mails) -> Choices:
    """Return the choices that say something urgent."""
    return {items: shares for items, shares in chosen.items() if is_urgent(items, mails)}


def begin(
    audience: Audience, slot: datetime, waiting: QuerySet[Subscription], chosen: Choices, *, upto: int, at: datetime
) -> DigestRun:
    """Return the run of a slot. Those to whom it has nothing to say are taken out of `chosen`, and their cursors moved."""
    silent = chosen.pop((), [])
    run = DigestRun.objects.create(
        audience=audience,
        slot_at=slot,
        again=DigestRun.objects.filter(audience=audience, slot_at=slot).count(),
        upto=upto,
        planned_at=at,
        readers=sum(share.size for shares in chosen.values() for share in shares),
    )
    run.silent = sum(cursors.skip_uninterested(waiting, share, upto=upto, slot=slot) for share in silent)
    DigestRun.objects.filter(pk=run.pk).update(silent=run.silent)
    return run


def is_urgent(items: Iterable[Item], mails: Mails) -> bool:
    """Return whether any of what a digest says is urgent."""
    return any(mails.is_urgent(item) for item in items)


def is_open(rhythms: Iterable[Cadence], *, at: datetime) -> bool:
    """Return whether anything may go at once by an audience's cadences at this moment, urgent or not."""
    return any(is_open_now(cadence, at=at) for cadence in rhythms)


def must_wait(campaign: Campaign, *, at: datetime) -> bool:
    """
    Return whether something was corrected or withdrawn so lately that influencers who posted it are still to hear
    before everyone else (correction_slots.correction_slot): what goes at once waits for them. One query.
    """
    fresh = at - timedelta(seconds=settings.CORRECTION_HEAD_START_SECONDS)
    return Publication.objects.filter(campaign=campaign, change__in=ANEW, at__gt=fresh).exists()


def order_since(campaign: Campaign, first: int, *, upto: int, at: datetime) -> Order:
    """Return what was published after number `first`, and all that was published about the same things before."""
    numbered = Publication.objects.filter(campaign=campaign, number__lte=upto)
    since = numbered.filter(number__gt=first)
    return Order(candidates_of(numbered.filter(about__in=since.values("about")), at=at))


def candidates_of(published: QuerySet[Publication], *, at: datetime) -> Iterable[Candidate]:
    """
    Yield publications as choosing wants them. A bulletin is never over as a whole: each key message says until when; a pause
    is over when the fact-check is shown again.
    """
    columns = ("pk", "number", "about", "change", "topics", "version__urgency", "claim_step__claim__paused_at")
    untils = ("answer_version__valid_until", "claim_step__version__valid_until")
    for pk, number, about, change, topics, urgency, paused_at, *ends in published.values_list(*columns, *untils):
        yield Candidate(
            pk=pk,
            number=number,
            about=about,
            change=change,
            topics=frozenset(topics),
            is_urgent=urgency == Urgency.URGENT,
            is_over=paused_at is None
            if change == Change.PAUSED
            else any(end is not None and end <= at for end in ends),
        )


def shares_of(waiting: QuerySet[Subscription], order: Order, first: int, *, only_urgent: bool = False) -> Choices:
    """
    Return who is told what, by kinds of readers, none of whom has been served less than up to `first`; those to whom there
    is nothing to say under ().
    """
    points = order.turning_points(first)
    bounds = [0, *points]
    came = Case(
        *(When(since__lt=point, then=Value(at)) for at, point in enumerate(points)),
        default=Value(len(points)),
        output_field=IntegerField(),
    )
    counted = (
        waiting.annotate(came=came)
        .order_by("topics", "told_topics", "cursor", "came", "language", "prefers_easy")
        .values_list("topics", "told_topics", "cursor", "came", "language", "prefers_easy")
        .annotate(people=Count("pk"))
    )
    rows = list(counted)
    sets = TopicSet.objects.filter(pk__in={pk for row in rows for pk in row[:2]})
    topics_of = {one.pk: one.topic_ids for one in sets}
    chosen: Choices = {}
    share: Share | None = None
    said: tuple[Item, ...] = ()
    for topics, told, cursor, came_at, language, prefers_easy, people in rows:
        items = order.choose(Kind(topics_of[topics], topics_of[told], cursor, bounds[came_at], only_urgent))
        until = points[came_at] if came_at < len(points) else None
        same = share and (share.topics_id, share.told_topics_id, share.cursor) == (topics, told, cursor)
        if share is None or not same or items != said:
            share, said = Share(topics, told, cursor, bounds[came_at], until), items
            chosen.setdefault(items, []).append(share)
        # Who came later was told less, so where two are told the same, so is everyone between them.
        share.since_until = until
        share.languages[language] = share.languages.get(language, 0) + people
        share.easy |= {language} if prefers_easy else set()
    return chosen


def messages_of(
    mailing: Mailing, run: DigestRun, items: tuple[Item, ...], shares: list[Share], mails: Mails
) -> list[Message]:
    """
    Return a digest's messages in the languages that its readers are served in. Of those who prefer easy language it has one more,
    where something is said in it; they are a group like any other, and get everyone else's where nothing is.
    """
    campaign = run.audience.campaign
    served = run.audience.languages or [campaign.default_language]
    # The first language is there for whoever changes theirs before it leaves.
    read = {served[0], *(language for share in shares for language in share.languages)}
    easy = {code if code in served else served[0] for share in shares for code in share.easy}
    levels = [(code, ReadingLevel.STANDARD) for code in served if code in read]
    levels += [
        (code, ReadingLevel.EASY)
        for code in served
        if code in easy and any(mails.is_in_easy(item, code) for item in items)
    ]
    return [
        mails.of(items, campaign, code, level=level).message(mailing, code, at=run.planned_at, reading_level=level)
        for code, level in levels
    ]


def write(
    run: DigestRun, number: int, items: tuple[Item, ...], shares: list[Share], mails: Mails, *, queue: str
) -> Send:
    """Write a digest: its mail in the languages that its readers are served in, and the planned send."""
    audience = run.audience
    mailing = Mailing.objects.create(
        campaign=audience.campaign,
        key=f"digest-{run.pk}-{number}",
        queue=queue,
        is_digest=True,
        created_at=run.planned_at,
    )
    Message.objects.freeze(messages_of(mailing, run, items, shares, mails))
    digest = Digest.objects.create(run=run, mailing=mailing)
    DigestItem.objects.bulk_create(
        DigestItem(digest=digest, publication_id=item.publication, position=at, is_correction=item.is_correction)
        for at, item in enumerate(items, 1)
    )
    send = Send.objects.create(mailing=mailing, audience=audience, slot_key=mailing.key, slot_at=run.slot_at)
    DigestShare.objects.bulk_create(
        DigestShare(
            send=send,
            topics_id=share.topics_id,
            told_topics_id=share.told_topics_id,
            cursor=share.cursor,
            since_from=share.since_from,
            since_until=share.since_until,
            upto=run.upto,
            size=share.size,
        )
        for share in shares
    )
    return send
