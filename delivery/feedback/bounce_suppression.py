"""Which bounces are believed: when an address counts as one that does not exist, and gets no more mail."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Min

from delivery.models import Delivery, ProviderEvent
from delivery.models.sends import DeliveryQuerySet
from delivery.recipients import suppression

DENIED_APART = timedelta(days=1)  # at least, between two bounces by mail that are believed
DENIED_WITHIN = timedelta(days=30)  # both of them


def suppress(events: Sequence[ProviderEvent], *, at: datetime) -> None:
    """
    Suppress the addresses that do not exist (5.1.1, 5.1.10); no other bounce says that. A provider is believed; what came by
    mail, when it is not the only one.
    """
    by_mail = [event for event in events if event.provider == ProviderEvent.BY_MAIL]
    vouched = [event for event in events if event.provider != ProviderEvent.BY_MAIL]
    by_code: dict[str, list[ProviderEvent]] = defaultdict(list)
    for event in [*vouched, *reported_before(by_mail)]:
        by_code[event.code].append(event)
    for code, alike in by_code.items():
        suppression.suppress_missing(rows_of(alike), code=code, at=at)


def reported_before(events: Sequence[ProviderEvent]) -> list[ProviderEvent]:
    """
    Return those of these bounces, which came by mail, before which another mail to the same person bounced: for the same
    reason, a day before or more, and not long ago. Whoever got one bulletin as a file can forge what comes back of that one.
    """
    denials = [event for event in events if event.denies_address]
    if not denials:
        return []
    people = dict(rows_of(denials).exclude(recipient=None).values_list("pk", "recipient"))
    since = min(event.received_at for event in denials) - DENIED_WITHIN
    earlier = ProviderEvent.objects.filter(
        denies_address=True, received_at__gte=since, delivery__recipient__in=set(people.values())
    )
    first: dict[int, dict[int, datetime]] = defaultdict(dict)  # by person and row
    for person, row, came in earlier.values_list("delivery__recipient", "delivery").annotate(Min("received_at")):
        first[person][row] = came
    return [
        event
        for event in denials
        if any(
            row != event.delivery_id and came <= event.received_at - DENIED_APART
            for row, came in first[people.get(event.delivery_id or 0, 0)].items()
        )
    ]


def rows_of(events: Iterable[ProviderEvent]) -> DeliveryQuerySet:
    """Return the rows that events are about."""
    return Delivery.objects.filter(pk__in={event.delivery_id for event in events})
