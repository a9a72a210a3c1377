"""
What providers tell about mail that has left: kept once each, and then applied to the ledger by the rules.

Keeping and applying are apart, so that an answer takes a moment, an event may come before the row it is about is
recorded, and the same event may come a thousand times in any order.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_noop

from accounts.audit import trail
from accounts.models import User
from delivery.holds import circuit_breaker
from delivery.links import unsubscribe
from delivery.models import Consent, Delivery, Membership, ProviderEvent, Recipient, Send, Suppression
from delivery.models.sends import DeliveryQuerySet

from . import bounce_suppression, ended_windows
from .bounce_suppression import rows_of

GIVE_UP_DAYS = 7  # an event that fits no row by then is about someone else's mail
AT_ONCE = 400  # events in a transaction
AT_MOST = 20_000  # events in one call, so that a tick stays short
STATUS = re.compile(r"(?:(?<![\d.])([245]\d\d)[\s-]+#?)?(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
REPLY = re.compile(r"(?<![\d.])([245]\d\d)(?![\d.])")

State = Delivery.State
Kind = ProviderEvent.Kind

# What each kind of event makes of a row's receipt.
RECEIPTS = {
    Kind.DELIVERED: Delivery.Receipt.DELIVERED,
    Kind.BOUNCED: Delivery.Receipt.BOUNCED,
    Kind.COMPLAINED: Delivery.Receipt.COMPLAINED,
}
# What takes someone off does not wait for the next tick.
PRESSING = {Kind.BOUNCED, Kind.COMPLAINED, Kind.UNSUBSCRIBED}
# Rows that nobody is working on and that were handed over at least once: a queued one waits for its second attempt.
SETTLED = Q(state__in=set(State) - {State.QUEUED, State.CLAIMED, State.HANDING_OFF}) | Q(
    state=State.QUEUED, attempts__gt=0
)
# Rows of which an event proves more than we knew.
IN_DOUBT = Q(state__in=[State.UNKNOWN, State.DEFERRED]) | Q(state=State.QUEUED, attempts__gt=0)
PROVED = gettext_noop("The provider reported on this message, so it has it.")


@dataclass(frozen=True, slots=True)
class Report:
    """
    One thing that a provider says about one message, ready to be kept; it holds no address.

    `event_id` is the provider's own name for the report, or one made of what it says. `delivery_id` comes from a
    mark that we made, `message_id` is the provider's own name for the message. `code` as Delivery.code. `denied` is the code
    of the address that does not exist, as a bounce by mail has it.
    """

    provider: str
    event_id: str
    kind: ProviderEvent.Kind
    happened_at: datetime
    message_id: str = ""
    delivery_id: int | None = None
    code: str = ""
    denied: str = ""


def take(reports: Sequence[Report], *, at: datetime) -> None:
    """
    Keep these reports, and apply at once those that take someone off; the others wait for `apply`.

    Nothing when they are already here.
    """
    denied = denied_by(reports)
    ProviderEvent.objects.bulk_create(
        [
            ProviderEvent(
                provider=report.provider,
                event_id=report.event_id,
                kind=report.kind,
                message_id=report.message_id,
                delivery_id=report.delivery_id,
                code=report.code,
                denies_address=(report.delivery_id, report.denied) in denied,
                happened_at=report.happened_at,
                received_at=at,
            )
            for report in reports
        ],
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )
    pressing: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        if report.kind in PRESSING:
            pressing[report.provider].append(report.event_id)
    for provider, names in pressing.items():
        for some in batched(names, AT_ONCE):
            apply(at=at, events=ProviderEvent.objects.filter(provider=provider, event_id__in=some))


def apply(*, at: datetime, events: QuerySet[ProviderEvent] | None = None) -> int:
    """
    Apply the events that wait and whose row is ready, 20,000 at most; return how many.

    Complaints and opt-outs that came by mail wait for a person (`decide`). Idempotent, and harmless side by side. Events about
    rows that are being handed over, or about none that is known yet, go on waiting, for seven days.
    """
    waiting = (ProviderEvent.objects.all() if events is None else events) & ProviderEvent.objects.ready()
    match(waiting)
    ready = waiting.filter(Exists(Delivery.objects.filter(SETTLED, pk=OuterRef("delivery")))).order_by("pk")
    applied = ended_windows.send_again(ready, at=at)
    for keys in batched(list(ready.values_list("pk", flat=True)[:AT_MOST]), AT_ONCE):
        with transaction.atomic():
            done, first_bounces = apply_some(keys, at=at)
        applied += done
        count_refusals(first_bounces, at=at)
    if events is None:
        waiting.filter(received_at__lt=at - timedelta(days=GIVE_UP_DAYS)).update(processed_at=at)
    return applied


def decide(event: ProviderEvent, *, believed: bool, by: User, at: datetime) -> bool:
    """
    Write down whether a person believes a complaint or an opt-out that came by mail, and apply it if so; return whether
    it still waited for that. What was dismissed changes nothing, and is not asked again.
    """
    decision = ProviderEvent.Decision.BELIEVED if believed else ProviderEvent.Decision.DISMISSED
    with transaction.atomic():
        held = ProviderEvent.objects.for_a_person().filter(pk=event.pk)
        if not held.update(decision=decision, processed_at=None if believed else at):
            return False
        trail.note(f"complaint.{decision}", event, by=by, at=at, delivery=event.delivery_id)
    if believed:
        apply(at=at, events=ProviderEvent.objects.filter(pk=event.pk))
    return True


def match(waiting: QuerySet[ProviderEvent]) -> int:
    """
    Find by the provider's own name for the message the rows of events that came without our mark; return how many.

    A name that several rows share (some providers give one for a whole batch) says nothing about any of them.
    """
    same = Delivery.objects.exclude(provider_id="").filter(provider_id=OuterRef("message_id")).order_by()
    one = same.values("provider_id").annotate(rows=Count("pk"), row=Min("pk")).filter(rows=1).values("row")
    unmatched = waiting.filter(delivery=None).exclude(message_id="")
    return unmatched.alias(row=Subquery(one)).exclude(row=None).update(delivery=Subquery(one))


def apply_some(keys: Sequence[int], *, at: datetime) -> tuple[int, list[ProviderEvent]]:
    """
    Apply these events to their rows, which are locked in the order of their keys. Return how many that were, and of the bounces
    those of rows that had none before: whoever reports one mail a hundred times says one thing.
    """
    events = list(
        ProviderEvent.objects.select_for_update(skip_locked=True).filter(pk__in=keys, processed_at=None).order_by("pk")
    )
    wanted = {event.delivery_id for event in events}
    rows = Delivery.objects.filter(SETTLED, pk__in=wanted).select_for_update().order_by("pk")
    there = set(rows.values_list("pk", flat=True))
    events = [event for event in events if event.delivery_id in there]
    by_kind: dict[str, list[ProviderEvent]] = defaultdict(list)
    for event in events:
        by_kind[event.kind].append(event)
    before = rows_of(by_kind[Kind.BOUNCED]).filter(receipt__gte=Delivery.Receipt.BOUNCED)
    known = set(before.values_list("pk", flat=True)) if by_kind[Kind.BOUNCED] else set()
    for kind, receipt in RECEIPTS.items():
        if by_kind[kind]:
            raise_receipt(rows_of(by_kind[kind]), receipt, at=at)
    bounce_suppression.suppress(by_kind[Kind.BOUNCED], at=at)
    stop_writing_to(rows_of(by_kind[Kind.COMPLAINED]), at=at)
    for row in rows_of(by_kind[Kind.UNSUBSCRIBED]).select_related("mailing"):
        if row.recipient_id is not None:
            unsubscribe.unsubscribe_recipient(row.recipient_id, row.mailing, at=at)
    ProviderEvent.objects.filter(pk__in=[event.pk for event in events]).update(processed_at=at)
    return len(events), [event for event in by_kind[Kind.BOUNCED] if event.delivery_id not in known]


def count_refusals(events: Iterable[ProviderEvent], *, at: datetime) -> None:
    """Count the bounces for policy, which hold a send when there are too many. Not for use in a transaction."""
    refused = [event for event in events if circuit_breaker.says_policy(event.code)]
    by_send = Counter(rows_of(refused).values_list("send", flat=True)) if refused else Counter[int]()
    for send in Send.objects.filter(pk__in=by_send).select_related("mailing__campaign", "audience"):
        circuit_breaker.refused(send, by_send[send.pk], at=at)


def raise_receipt(rows: DeliveryQuerySet, receipt: Delivery.Receipt, *, at: datetime) -> None:
    """
    Move receipts forward to `receipt`, never back, whatever the order in which events come.

    A report on a message proves that the provider has it: a row that was in doubt, or that waits to be tried again,
    is accepted, and not sent once more. A bounce proves it too: accepted when we handed it over, bounced later.
    """
    rows.filter(receipt__lt=receipt).update(receipt=receipt)
    rows.filter(IN_DOUBT).update(
        state=State.ACCEPTED, code="", detail=PROVED, lease=None, next_attempt_at=None, finished_at=at
    )


def denied_by(reports: Iterable[Report]) -> set[tuple[int | None, str]]:
    """Return of which rows (key, code of the address) these reports say that the very address which we wrote to does not exist."""
    keys = {report.delivery_id for report in reports if report.denied}
    if not keys:
        return set()
    return set(Delivery.objects.filter(pk__in=keys).values_list("pk", "recipient__address_hash"))


def stop_writing_to(rows: DeliveryQuerySet, *, at: datetime) -> None:
    """Suppress the addresses of people who complained, and end all their memberships and consents."""
    people = dict(rows.exclude(recipient=None).values_list("recipient", "recipient__address_hash"))
    if not people:
        return
    Suppression.objects.bulk_create(
        [
            Suppression(address_hash=code, reason=Suppression.Reason.COMPLAINT, since=at)
            for code in sorted(set(people.values()))
        ],
        ignore_conflicts=True,
    )
    complainers = Recipient.objects.filter(pk__in=people)
    Membership.objects.filter(recipient__in=complainers, left_at=None).update(left_at=at, left_because="complained")
    Consent.objects.filter(recipient__in=complainers, withdrawn_at=None).update(withdrawn_at=at)


def status_in(words: str) -> str:
    """Return the status code in what a server said, "550 5.1.1", "5.1.1" or "550"; "" when there is none."""
    start = words[:1000]
    if match := STATUS.search(start):
        return " ".join(filter(None, match.groups()))
    if match := REPLY.search(start):
        return match[1]
    return ""
