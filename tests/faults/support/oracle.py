"""
What every fault test asks in the end: is each recipient accounted for?

What arrived at the sink is held against the ledger. `note()` keeps what a test saw; `./run faults` prints it.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from delivery.message import verp
from delivery.models import Delivery, Lease, Send
from delivery.reports import ledger

State = Delivery.State
EXCUSED = {State.QUEUED, State.DEFERRED, State.FAILED, *Delivery.WITHHELD, State.UNKNOWN}
HELD = (State.CLAIMED, State.HANDING_OFF)

noted: list[str] = []  # by the test that runs; tests/faults/conftest.py takes it from here


def note(words: object) -> None:
    """Keep what a test saw, in a few words ("in doubt: 7")."""
    noted.append(str(words))


def arrived(sink: Any) -> Counter[int]:
    """Return how many mails of each delivery arrived at a sink of tests/support/providers/smtp_server.py, by their return paths."""
    with sink._changed:
        senders = [caught.sender for caught in sink.caught]
    return Counter(key for sender in senders if (key := verp.delivery_of_return_path(sender)) is not None)


def assert_accounted_for(send: Send, sink: Any, *, at: datetime | None = None) -> None:
    """
    Nothing is lost in silence, nothing came twice unless its row says so, the states add up, and nothing is held.

    `sink` is one of tests/support/providers/smtp_server.py, or says itself how many mails came, {delivery key: number}. Call it when the
    sweeper has been; `at` is the present by default.
    """
    send.refresh_from_db()
    came: Mapping[int, int] = sink if isinstance(sink, Mapping) else arrived(sink)
    total = ledger.ledger_of([send]).total
    assert total.adds_up and total.candidates == send.candidates, f"{total} of {send.candidates}"
    rows = Delivery.objects.of(send).values_list("pk", "state", "possible_duplicate")
    lost = [pk for pk, state, _again in rows if not came.get(pk) and state not in EXCUSED]
    twice = [pk for pk, _state, again in rows if came.get(pk, 0) > 1 and not again]
    assert not lost, f"lost in silence: {lost}"
    assert not twice, f"sent twice unseen: {twice}"
    assert_nothing_is_held_past_its_lease(at=at)


def assert_nothing_is_held_past_its_lease(*, at: datetime | None = None) -> None:
    """Every row that is claimed or being handed over belongs to a lease that still runs."""
    living = Lease.objects.filter(until__gte=at or timezone.now()).values("pk")
    stuck = Delivery.objects.filter(state__in=HELD).exclude(lease__in=living)
    assert not stuck.exists(), f"held by nobody: {list(stuck.values_list('pk', 'state', 'lease'))}"


def in_doubt(send: Send) -> int:
    """Return of how many rows nobody knows whether they arrived: unknown, or flagged and tried again."""
    rows = Delivery.objects.of(send)
    return (
        rows.filter(state=State.UNKNOWN).count()
        + rows.filter(possible_duplicate=True).exclude(state=State.UNKNOWN).count()
    )
