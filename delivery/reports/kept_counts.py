"""
What is counted beside the pages: the rows of large sends and the people of audiences. A walk over a million rows takes half a
second, and many people at the desk ask every few seconds; so a process of its own walks, as often as there is news, and
keeps what it found.
"""

import time
from datetime import datetime, timedelta

from django.db.models import CharField, DateTimeField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat

from delivery.models import Audience, KeptCount, Lease, Send
from delivery.recipients import audience_sizes, size_history

from . import send_progress
from .send_progress import KEPT

AT_MOST = 4.0  # seconds in one turn
OFTEN, SELDOM, RARELY = timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=1)
REPORTED = timedelta(days=7)  # for which providers report what became of mail
ROWS_A_SECOND = 100_000  # of a send are worth waiting for: one of a million is counted every ten seconds
PEOPLE_A_SECOND = 5_000


def count_large(*, at: datetime) -> int:
    """Count the large sends and the audiences of which there may be news, and return how many those were."""
    deadline = time.monotonic() + AT_MOST
    done = 0
    for send in sends_to_count(at=at):
        kinds = [
            [*kind, next_try and next_try.isoformat()]
            for _send, *kind, next_try in send_progress.kinds_of([send], at=at)
        ]
        KeptCount.keep(send_progress.kept_name(send), kinds, at=at)
        done += 1
        if time.monotonic() > deadline:
            return done
    audiences = audiences_to_count(at=at)
    counted = audience_sizes.count_now(audiences, at=at)
    size_history.note(audiences, counted, at=at)
    for pk, heads in counted.items():
        KeptCount.keep(audience_sizes.kept_name(pk), [heads.total, heads.by_language], at=at)
    return done + len(audiences)


def sends_to_count(*, at: datetime) -> list[Send]:
    """Return the large sends whose rows may have changed since they were counted, those under way first; one query."""
    name = Concat(Value("send "), Cast(OuterRef("pk"), CharField()))
    counted = Subquery(KeptCount.objects.filter(name=name).values("at"), output_field=DateTimeField())
    sends = (
        Send.objects.filter(candidates__gte=KEPT, first_delivery__isnull=False, summed_at=None)
        .annotate(kept_at=counted, is_worked_on=Exists(Lease.objects.filter(send=OuterRef("pk"))))
        .filter(
            Q(kept_at=None)
            | Q(state__in=[Send.State.SENDING, Send.State.PAUSED, Send.State.HELD])
            | Q(finished_at__gt=at - REPORTED)
        )
        .order_by("-fanned_out_at")
    )
    return [send for send in sends if is_due(send, at=at)]


def is_due(send: Send, *, at: datetime) -> bool:
    """Return whether a send is to be counted: the larger it is, the less often; without news, once an hour."""
    kept_at = send.kept_at  # type: ignore[attr-defined]  # annotated
    if kept_at is None:
        return True
    moments = (send.fanned_out_at, send.finished_at, send.served_at and send.served_at + SELDOM)
    is_news = send.is_worked_on or any(moment and moment >= kept_at for moment in moments)  # type: ignore[attr-defined]
    rest = OFTEN if is_news else SELDOM if send.finished_at is None else RARELY
    return at - kept_at >= max(rest, timedelta(seconds=(send.candidates or 0) / ROWS_A_SECOND))


def audiences_to_count(*, at: datetime) -> list[Audience]:
    """Return the audiences of open campaigns that were not counted lately; two queries."""
    kept = {one.name: one for one in KeptCount.objects.filter(name__startswith="audience ")}
    found = []
    for audience in Audience.objects.filter(campaign__closed_at=None).select_related("campaign"):
        last = kept.get(audience_sizes.kept_name(audience.pk))
        if last is None or at - last.at >= max(SELDOM, timedelta(seconds=last.figures[0] / PEOPLE_A_SECOND)):
            found.append(audience)
    return found
