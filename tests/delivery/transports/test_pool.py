"""Several connections to one mailer, side by side."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from delivery.message.mime import Envelope
from delivery.models import Delivery
from delivery.transports import pool
from delivery.transports.mail.transport import OneMailAtATime
from delivery.transports.pool import Pool
from delivery.transports.transport import Outcome

State = Delivery.State
ENVELOPES = [Envelope(pk, "a@example.org", f"reader{pk}@example.net", b"text") for pk in range(40)]


class Slow(OneMailAtATime):
    """A mailer that takes its time for each mail, and knows which thread asked."""

    opened = 0
    lets_in = 100

    def __init__(self, mailer: str = "exercise") -> None:
        super().__init__()
        self.threads: set[int] = set()
        self.closed = False
        self.breaks_at: int | None = None

    def open(self) -> bool:
        Slow.opened += 1
        return Slow.opened < Slow.lets_in

    def send(self, window: Any) -> Iterator[Outcome]:
        for envelope in window:
            self.threads.add(threading.get_ident())
            time.sleep(0.02)
            self.waiting()
            if envelope.delivery_id == self.breaks_at:
                raise MemoryError
            yield Outcome(envelope.delivery_id, State.ACCEPTED, "250")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def four(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Pool:
    """A pool that may have four connections, of which the first is open."""
    settings.SEND_CONNECTIONS = 4
    monkeypatch.setattr(Slow, "opened", 0)
    pool.forget()
    return Pool("exercise", Slow(), more=Slow)


def test_a_mailer_that_answers_slowly_gets_more_connections_and_a_fast_one_does_not(four, monkeypatch):
    assert four.wanted() == 1  # nothing is known yet

    list(four.send(ENVELOPES[:5]))
    assert four.wanted() >= 2  # 20 ms a mail, more on a busy machine
    monkeypatch.setitem(pool._paces, "exercise", 1.0)
    assert four.wanted() == 4  # and never more
    monkeypatch.setitem(pool._paces, "exercise", 0.0002)
    assert four.wanted() == 1


def test_a_window_goes_out_over_all_connections_at_once(four):
    began = time.monotonic()
    alone = list(four.send(ENVELOPES))
    one = time.monotonic() - began
    four.resize(4)

    began = time.monotonic()
    outcomes = list(four.send(ENVELOPES))
    together = time.monotonic() - began

    assert {outcome.delivery_id for outcome in outcomes} == {outcome.delivery_id for outcome in alone} == set(range(40))
    assert len(outcomes) == 40 and together < one / 2
    four.close()
    assert all(member.closed for member in four._members)


def test_whoever_waits_is_told_in_its_own_thread(four):
    """There is its connection to the database."""
    told = set()
    four.waiting = lambda: told.add(threading.get_ident())
    four.resize(4)

    list(four.send(ENVELOPES))

    assert told == {threading.get_ident()}
    assert all(threading.get_ident() not in member.threads for member in four._members)


def test_a_fault_in_one_is_raised_when_the_others_have_said_what_they_did(four):
    four.resize(4)
    for member in four._members:
        member.breaks_at = 9
    known = []

    with pytest.raises(MemoryError):
        for outcome in four.send(ENVELOPES):
            known.append(outcome.delivery_id)
    assert set(range(40)) - set(known) == {9}  # the others took over what it would have taken


def test_no_connection_takes_a_mail_long_before_its_turn(four):
    """Of what was taken from the window nobody knows whether it left."""
    four.resize(4)
    taken = 0

    def window():
        nonlocal taken
        for envelope in ENVELOPES:
            taken += 1
            yield envelope

    ahead = [taken - known for known, _outcome in enumerate(four.send(window()), start=1)]

    assert taken == 40 and max(ahead) <= 4


def test_whoever_stops_listening_stops_them_after_the_mail_at_hand(four):
    four.resize(4)
    outcomes = four.send(ENVELOPES)

    first = next(outcomes)
    outcomes.close()

    assert first.state == State.ACCEPTED
    assert not [thread for thread in threading.enumerate() if thread.name == "connection to exercise"]


def test_a_mailer_that_refuses_a_further_connection_keeps_those_that_it_took(four, monkeypatch):
    monkeypatch.setattr(Slow, "lets_in", 2)  # besides the first: one more

    assert four.resize(4) == 2
    monkeypatch.setitem(pool._paces, "exercise", 1.0)

    assert four.wanted() == 2
    assert len(list(four.send(ENVELOPES))) == 40


def test_rows_are_claimed_for_a_second_so_that_others_find_some_too(four, monkeypatch):
    assert four.chunk(200, 10) == 10  # nothing is known yet
    monkeypatch.setitem(pool._paces, "exercise", 0.0002)
    assert four.chunk(200, 10) == 200
    monkeypatch.setitem(pool._paces, "exercise", 0.05)
    assert four.chunk(200, 10) == 20
    monkeypatch.setitem(pool._paces, "exercise", 1.0)
    assert four.chunk(200, 10) == 10
    assert Pool("exercise", Slow()).chunk(200, 10) == 200  # one that cannot be widened, as before
