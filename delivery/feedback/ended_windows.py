"""
Words on WhatsApp of which Meta says later that their person's 24 hours were over (131047): they were certainly not delivered, so the
same row goes once more, as the approved template. Where there is none, where nothing more of the send may leave, or where Meta says it
again, the report counts as a bounce like any other.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from delivery.models import Channel, Delivery, ProviderEvent, Send
from delivery.models.whatsapp import WINDOW
from delivery.transports.whatsapp import cloud, templates, windows

PROVIDER = Channel.WHATSAPP.value
CODES = [code for code, means in cloud.MEANINGS.items() if means == cloud.RE_ENGAGEMENT]
DAY_OVER = gettext_noop("WhatsApp’s 24 hours had passed, so it is sent again as a template.")

State = Delivery.State
# Rows that may have left, or will once more.
MAY_GO = (State.ACCEPTED, State.UNKNOWN, State.DEFERRED, State.QUEUED)


def send_again(waiting: QuerySet[ProviderEvent], *, at: datetime) -> int:
    """
    Queue the rows of which such events tell, as far as they may go again, and take these events as applied; return how many. Whose
    hours were over gets templates from now on. Two queries where there is none. Not for use in a transaction.
    """
    events = list(waiting.filter(provider=PROVIDER, kind=ProviderEvent.Kind.BOUNCED, code__in=CODES))
    if not events:
        return 0
    rows = Delivery.objects.filter(pk__in={event.delivery_id for event in events}).exclude(recipient=None)
    of_rows = {key: (send, recipient) for key, send, recipient in rows.values_list("pk", "send", "recipient")}
    windows.close([recipient for _send, recipient in of_rows.values()])
    by_send: dict[int, list[ProviderEvent]] = defaultdict(list)
    for event in events:
        if event.delivery_id in of_rows:
            by_send[of_rows[event.delivery_id][0]].append(event)
    return sum(again_in(send, some, at=at) for send, some in sorted(by_send.items()))


@transaction.atomic
def again_in(key: int, events: Sequence[ProviderEvent], *, at: datetime) -> int:
    """Queue the rows of one send that may go once more, and open it again where it was over; return how many."""
    send = Send.objects.select_for_update(of=("self",)).select_related("mailing").get(pk=key)
    if not may_go(send, at=at):
        return 0
    wanted = {event.delivery_id for event in events}
    rows = Delivery.objects.of(send).filter(pk__in=wanted, state__in=MAY_GO, receipt=Delivery.Receipt.NONE)
    there = dict(rows.select_for_update().order_by("pk").values_list("pk", "language"))
    without = set(templates.languages_without(set(there.values())))
    said = ProviderEvent.objects.filter(provider=PROVIDER, code__in=CODES, delivery__in=there)
    before = set(said.exclude(processed_at=None).values_list("delivery", flat=True))
    again = [row for row, language in there.items() if language not in without and row not in before]
    if not again:
        return 0
    Delivery.objects.of(send).filter(pk__in=again).update(
        state=State.QUEUED,
        lease=None,
        finished_at=None,
        next_attempt_at=at,
        provider_id="",
        code=CODES[0],
        detail=DAY_OVER,
    )
    Send.objects.filter(pk=key, state=Send.State.FINISHED).update(state=Send.State.SENDING, finished_at=None)
    Send.objects.filter(pk=key).update(counted_at=None)  # what was counted is so no more
    return ProviderEvent.objects.filter(
        pk__in=[event.pk for event in events if event.delivery_id in again], processed_at=None
    ).update(processed_at=at)


def may_go(send: Send, *, at: datetime) -> bool:
    """Return whether something of a send may still leave, a day after it began at the latest."""
    is_late = send.deadline is not None and at > send.deadline
    began = send.fanned_out_at
    is_over = send.state == Send.State.CANCELLED or send.summed_at is not None or send.unlinked_at is not None
    return not (is_late or is_over or send.mailing.superseded_by_id) and began is not None and at - began < WINDOW
