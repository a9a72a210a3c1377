"""Who is served when there is more to do than hands, and that nothing is forgotten on the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from delivery.fanout import fanout
from delivery.models import Delivery, HostProcess, Lease, Mailing, Send
from delivery.sending import dispatch, handoff, outcomes, sweeper, worker
from delivery.transports.mail.transport import OneMailAtATime
from delivery.transports.server_replies import without_addresses
from delivery.transports.transport import Outcome
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing, build_send, states_of

pytestmark = pytest.mark.django_db

State = Delivery.State


def build_sends(campaign: Any, *names: str, size: int = 4, **fields: Any) -> list[Send]:
    """Return a send under way for each name, all on one queue unless `fields` say otherwise."""
    return [
        build_fanned_out_send(
            build_audience(campaign, name, size=size), mailing=build_mailing(campaign, name, **fields)
        )
        for name in names
    ]


def build_lease(send: Send, *, until: Any = NOON + timedelta(minutes=1)) -> Lease:
    return Lease.objects.create(send=send, until=until, worker="test")


def claim(send: Send, lease: Lease, *, size: int = 100, at: Any = NOON) -> list[int]:
    return [row.delivery_id for row in worker.claim(send, lease=lease.pk, at=at, size=size, mailer="exercise")]


class Away(OneMailAtATime):
    """A relay that refuses every connection."""

    def send(self, window):
        for envelope in window:
            yield Outcome(envelope.delivery_id, State.DEFERRED, "", "Not sent: refused", about_mailer=True)

    def close(self):
        pass


def test_no_more_wake_ups_wait_than_there_are_workers_to_take_them(campaign, monkeypatch):
    woken: list[Any] = []
    monkeypatch.setattr(dispatch, "wake", woken.append)
    [send] = build_sends(campaign, "large", size=200)
    dispatch.wake_workers(at=NOON)
    assert len(woken) > 2, "nobody has said yet how many there are"

    shown = {"started_at": NOON, "seen_at": NOON - timedelta(minutes=5)}
    for name, queues, number in (("worker-a", "tick,bulletin,digest", 2), ("worker-b", "urgent", 8), ("web", "", 4)):
        HostProcess.objects.create(host="mail-1", name=name, queues=queues, processes=number, **shown)
    woken.clear()
    for _tick in range(3):
        dispatch.wake_workers(at=NOON)
    assert woken == [send] * 6, "three ticks that nobody had time for"


class TestTheNeediest:
    """Whose wake-up stands first in a queue does not matter."""

    def test_a_send_that_nobody_serves_comes_before_one_that_has_a_worker(self, campaign):
        large, small = build_sends(campaign, "large", "small")
        build_lease(large)

        assert dispatch.neediest(large.pk, at=NOON) == small

    def test_those_without_workers_take_turns(self, campaign):
        first, second = build_sends(campaign, "first", "second")

        served = [dispatch.neediest(first.pk, at=NOON + timedelta(seconds=n)) for n in range(4)]

        assert served == [first, second, first, second]

    def test_other_queues_and_sends_with_nothing_ready_are_left_alone(self, campaign):
        (digest,) = build_sends(campaign, "digest", queue=Mailing.Queue.DIGEST)
        (waits,) = build_sends(campaign, "waits")
        Delivery.objects.of(waits).update(next_attempt_at=NOON + timedelta(minutes=5))

        assert dispatch.neediest(waits.pk, at=NOON) is None
        assert dispatch.neediest(digest.pk, at=NOON) == digest


def test_what_comes_back_again_and_again_does_not_keep_the_others_waiting(campaign):
    (send,) = build_sends(campaign, "one", size=40)
    slow = list(Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True)[:20])
    Delivery.objects.filter(pk__in=slow).update(next_attempt_at=NOON)
    Send.objects.filter(pk=send.pk).update(claimed_up_to=slow[-1])

    claimed = claim(send, build_lease(send), size=10)

    assert len(claimed) == 10 and len(set(claimed) & set(slow)) == 5


def test_a_row_that_two_workers_died_of_is_taken_last_and_alone(campaign):
    (send,) = build_sends(campaign, "one", size=6)
    first, second, third, *_others = Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True)
    Delivery.objects.filter(pk__in=[first, second]).update(crashes=2, next_attempt_at=NOON)
    Delivery.objects.filter(pk=third).update(crashes=1, next_attempt_at=NOON)
    Send.objects.filter(pk=send.pk).update(claimed_up_to=third)

    lease = build_lease(send)
    assert len(claim(send, lease)) == 4  # one death says little about any of many
    assert claim(send, lease) == [first]
    assert claim(send, lease) == [second]


def test_a_worker_whose_lease_was_swept_claims_nothing(campaign):
    (send,) = build_sends(campaign, "one")
    lease = build_lease(send)
    late = NOON + timedelta(minutes=2)
    sweeper.sweep(at=late - timedelta(seconds=3))
    sweeper.sweep(at=late)

    assert claim(send, lease, at=late) == [] and states_of(send) == {State.QUEUED: 4}


def test_a_row_that_was_passed_by_is_found_by_the_sweeper(campaign):
    (send,) = build_sends(campaign, "one")
    Send.objects.filter(pk=send.pk).update(claimed_up_to=send.last_delivery)
    lease = build_lease(send)
    assert claim(send, lease) == []
    lease.delete()

    sweeper.sweep(at=NOON)

    assert len(claim(send, build_lease(send))) == 4


def test_what_is_put_off_beyond_its_deadline_expires(campaign):
    (send,) = build_sends(campaign, "one")
    Delivery.objects.of(send).update(next_attempt_at=NOON + timedelta(days=1))
    Send.objects.filter(pk=send.pk).update(deadline=NOON + timedelta(hours=1))

    sweeper.sweep(at=NOON + timedelta(minutes=59))
    assert states_of(send) == {State.QUEUED: 4}
    sweeper.sweep(at=NOON + timedelta(minutes=61))

    send.refresh_from_db()
    assert states_of(send) == {State.EXPIRED: 4} and send.state == Send.State.FINISHED


def test_no_mail_is_given_up_because_the_relay_is_away(campaign):
    (send,) = build_sends(campaign, "one")

    for days in range(9):
        worker.work(send.pk, clock=lambda days=days: NOON + timedelta(days=days), transport=Away())

    assert states_of(send) == {State.DEFERRED: 4}


def test_a_mail_that_is_tried_late_has_its_first_tries_all_the_same(campaign):
    (send,) = build_sends(campaign, "one", size=1)
    lease = build_lease(send)
    late = NOON + timedelta(hours=80)
    for attempt in range(1, 6):
        Delivery.objects.of(send).update(state=State.HANDING_OFF, lease=lease.pk, attempts=attempt)
        pk = Delivery.objects.of(send).get().pk
        outcomes.record([Outcome(pk, State.DEFERRED, "450 4.2.0")], lease=lease.pk, at=late)
        assert states_of(send) == {(State.FAILED if attempt == 5 else State.DEFERRED): 1}


def test_a_send_that_cannot_be_started_does_not_stand_in_the_way_of_the_others(campaign, monkeypatch, caplog):
    bad = build_send(build_audience(campaign, "bad", size=2), build_mailing(campaign, "bad"))
    good = build_send(build_audience(campaign, "good", size=2), build_mailing(campaign, "good"))
    real = fanout.insert

    def insert(send, *args, **words):
        if send.pk == bad.pk:
            raise RuntimeError("anything")
        return real(send, *args, **words)

    monkeypatch.setattr(fanout, "insert", insert)

    assert dispatch.start_due_sends(at=NOON) == [good]
    bad.refresh_from_db()
    assert bad.state == Send.State.PLANNED and "could not be started" in caplog.text


def test_a_window_goes_by_the_keys_of_tables_that_nobody_has_looked_at(campaign):
    (send,) = build_sends(campaign, "one", size=30)
    lease = build_lease(send)
    ids = claim(send, lease)

    assert handoff.take(send, ids[:10], [], lease=lease.pk, at=NOON) == set(ids[:10])
    outcomes = [Outcome(pk, State.ACCEPTED, "250") for pk in ids[:10]]
    assert handoff.take(send, ids[10:20], outcomes, lease=lease.pk, at=NOON) == set(ids[10:20])
    assert states_of(send) == {State.ACCEPTED: 10, State.HANDING_OFF: 10, State.CLAIMED: 10}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<a@b.fi>: no such user", "<…>: no such user"),
        ('"john doe"@b.fi is unknown', "… is unknown"),
        ("odd\x00words\ud800here", "odd words here"),
    ],
)
def test_the_ledger_keeps_words_without_addresses_or_what_no_database_takes(said, kept):
    assert without_addresses(said) == kept


def test_a_new_hold_is_counted(campaign):
    (send,) = build_sends(campaign, "one")
    send.hold("one")
    send.resume()
    send.hold("two")

    assert (send.holds, send.waived, timezone.is_aware(send.slot_at)) == (2, True, True)


def test_a_fault_while_learning_from_a_window_leaves_nothing_in_doubt(campaign, smtp_sink, monkeypatch):
    (send,) = build_sends(campaign, "one")
    smtp_sink.reply("rcpt", "450 4.2.0 Later", times=1)

    def broken(*args: Any, **words: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(worker.Flow, "note", broken)
    with pytest.raises(RuntimeError):
        worker.work(send.pk, clock=lambda: NOON)

    assert states_of(send) == {State.ACCEPTED: 3, State.DEFERRED: 1} and not Lease.objects.exists()
