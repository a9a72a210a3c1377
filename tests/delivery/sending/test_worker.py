"""The window loop against a real SMTP server: nothing lost, nothing twice, everything accounted for."""

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery import heartbeat
from delivery.links import unsubscribe
from delivery.message.mime import Envelope
from delivery.models import (
    Consent,
    Delivery,
    Lease,
    MailerLimit,
    Mailing,
    Membership,
    NotPossible,
    Recipient,
    Send,
    Suppression,
)
from delivery.reports import ledger
from delivery.sending import disk_space, handoff, journal, sweeper, worker
from delivery.sending.outcomes import forgive, record
from delivery.transports import pool
from delivery.transports.mail.transport import OneMailAtATime
from delivery.transports.transport import Outcome
from tests.support.builders import (
    NOON,
    build_audience,
    build_fanned_out_send,
    build_mailing,
    states_of,
    unsubscribe_url,
)

State = Delivery.State


class Recorder(OneMailAtATime):
    """A mailer that accepts everything and can do something before it asks for each mail, or while it has it."""

    def __init__(self, before: Any = None, during: Any = None) -> None:
        super().__init__()
        self.sent: list[Envelope] = []
        self.before = before
        self.during = during

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        left = iter(window)
        while True:
            if self.before:
                self.before(len(self.sent))
            if (envelope := next(left, None)) is None:
                return
            self.sent.append(envelope)
            if self.during:
                self.during(len(self.sent))
            yield Outcome(envelope.delivery_id, State.ACCEPTED, "250")

    def close(self) -> None:
        pass


@contextmanager
def locked(send: Send) -> Iterator[None]:
    """Another worker takes rows of a send inside."""
    is_locked, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Send.objects.select_for_update(no_key=True).get(pk=send.pk)
                is_locked.set()
                may_go.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert is_locked.wait(30)
        yield
    finally:
        may_go.set()
        thread.join()


@pytest.fixture
def clock() -> Any:
    return lambda: NOON


def build_lease(send: Send) -> Lease:
    """Return a lease for a minute from NOON."""
    return Lease.objects.create(send=send, until=NOON + timedelta(minutes=1), worker="test")


def sweep_twice(*, at):
    """Sweep as two looks in a row do, and return what the second one found."""
    sweeper.sweep(at=at - timedelta(seconds=5))
    return sweeper.sweep(at=at)


def claimed(send: Send, *, size: int, lease: Lease | None = None) -> list[int]:
    """Claim rows for a worker of the test's, and return their keys."""
    lease = lease or build_lease(send)
    return [row.delivery_id for row in worker.claim(send, lease=lease.pk, at=NOON, size=size, mailer="exercise")]


def test_every_member_gets_one_message_in_their_own_language(campaign, smtp_sink, clock):
    send = build_fanned_out_send(build_audience(campaign, size=60))

    run = worker.work(send.pk, clock=clock, seconds=120)  # however busy the machine is

    assert (run.taken, run.more) == (60, False)
    assert len(smtp_sink.count) == 60 and not smtp_sink.duplicates
    assert states_of(send) == {State.ACCEPTED: 60}
    languages = Counter(caught.message["Content-Language"] for caught in smtp_sink.caught)
    assert languages == {"fi": 20, "sv": 20, "en": 20}
    assert ledger.ledger_of([send]).total.adds_up


def test_an_edition_in_easy_language_is_read_on_the_page_and_stops_no_mail(campaign, smtp_sink, clock):
    mailing = build_mailing(campaign)
    for message in list(mailing.messages.all()):
        message.pk, message.reading_level, message.subject = None, "easy", "Easy"
        message.save(force_insert=True)
    send = build_fanned_out_send(build_audience(campaign, size=6), mailing=mailing)

    worker.work(send.pk, clock=clock)

    assert states_of(send) == {State.ACCEPTED: 6}
    assert len(smtp_sink.caught) == 6 and "Easy" not in {caught.message["Subject"] for caught in smtp_sink.caught}


def test_working_twice_sends_nothing_twice(campaign, smtp_sink, clock):
    send = build_fanned_out_send(build_audience(campaign, size=25))

    worker.work(send.pk, clock=clock)
    assert worker.work(send.pk, clock=clock).taken == 0

    assert len(smtp_sink.caught) == 25 and not smtp_sink.duplicates


def test_two_workers_take_different_rows(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=30))

    first = claimed(send, size=20)
    second = claimed(send, size=20)

    assert len(first) == 20 and len(second) == 10 and not set(first) & set(second)


def test_a_claim_leaves_enough_for_others_to_end_together(campaign, settings):
    settings.SEND_CHUNK = 4
    send = build_fanned_out_send(build_audience(campaign, size=160))

    sizes = [len(claimed(send, size=100)) for _claim in range(4)]

    assert sizes == [10, 9, 8, 8]  # a sixteenth of what is left
    assert len(claimed(send, size=2)) == 2


@pytest.mark.parametrize("change", ["pause", "cancel", "supersede", "deadline"])
def test_a_stop_takes_effect_within_one_window(campaign, windows_of, change, clock):
    windows_of(5)
    send = build_fanned_out_send(build_audience(campaign, size=40))

    def stop(sent: int) -> None:
        if sent != 11:
            return
        if change == "supersede":
            newer = build_mailing(campaign, "newer")
            Mailing.objects.filter(pk=send.mailing_id).update(superseded_by=newer)
        elif change == "deadline":
            Send.objects.filter(pk=send.pk).update(deadline=NOON - timedelta(seconds=1))
        else:
            getattr(send, change)()

    recorder = Recorder(before=stop)
    worker.work(send.pk, clock=clock, transport=recorder)

    assert len(recorder.sent) == 15  # the window in hand, and none after it
    total = ledger.ledger_of([send]).total
    assert total.adds_up and total.accepted == 15
    if change in {"supersede", "deadline"}:
        assert total.suppressed == 25
    else:
        assert total.to_go == 25


def test_pause_and_resume_send_nothing_again(campaign, windows_of, clock):
    windows_of(5)
    send = build_fanned_out_send(build_audience(campaign, size=30))
    recorder = Recorder(before=lambda sent: send.pause() if sent == 11 else None)
    worker.work(send.pk, clock=clock, transport=recorder)

    send.resume()
    worker.work(send.pk, clock=clock, transport=recorder)

    assert len(recorder.sent) == 30 == len({envelope.recipient for envelope in recorder.sent})
    assert states_of(send) == {State.ACCEPTED: 30}


def test_an_unsubscribe_between_queue_and_hand_over_holds(campaign, windows_of, clock):
    windows_of(5)
    send = build_fanned_out_send(build_audience(campaign, size=20))
    last = Delivery.objects.filter(send=send).order_by("-pk").select_related("recipient")[0]
    link = unsubscribe_url(last.recipient_id, send.mailing_id, "fi").rstrip("/").rpartition("/")[2]
    recorder = Recorder(
        before=lambda sent: unsubscribe.unsubscribe_recipient(*unsubscribe.read(link), at=NOON) if sent == 6 else None
    )

    worker.work(send.pk, clock=clock, transport=recorder)

    assert last.recipient.email not in {envelope.recipient for envelope in recorder.sent}
    assert states_of(send) == {State.ACCEPTED: 19, State.SUPPRESSED: 1}


def test_who_is_moved_to_another_audience_between_queue_and_hand_over_gets_nothing_by_the_old_one(campaign, clock):
    send = build_fanned_out_send(build_audience(campaign, size=3))
    moved = Membership.objects.order_by("pk")[0]
    Membership.objects.filter(pk=moved.pk).update(left_at=NOON)  # the consent stands, and so does the address
    Membership.objects.create(audience=build_audience(campaign, "closer"), recipient=moved.recipient, joined_at=NOON)

    recorder = Recorder()
    worker.work(send.pk, clock=clock, transport=recorder)

    assert moved.recipient.email not in {envelope.recipient for envelope in recorder.sent}
    assert states_of(send) == {State.ACCEPTED: 2, State.SUPPRESSED: 1}


def test_suppressed_and_departed_recipients_get_nothing(campaign, smtp_sink, clock):
    send = build_fanned_out_send(build_audience(campaign, size=6))
    gone, suppressed = Recipient.objects.order_by("pk")[:2]
    Recipient.objects.filter(pk=gone.pk).update(state=Recipient.State.LEFT)
    Suppression.objects.create(address_hash=suppressed.address_hash, reason=Suppression.Reason.COMPLAINT)

    worker.work(send.pk, clock=clock)

    assert states_of(send) == {State.ACCEPTED: 4, State.SUPPRESSED: 2}
    assert not {gone.email, suppressed.email} & set(smtp_sink.count)


def test_what_a_silent_worker_hands_over_is_in_doubt_after_a_minute(campaign, clock):
    send = build_fanned_out_send(build_audience(campaign, size=1))
    found = []

    def look(_sent: int) -> None:
        for seconds in (7, 10, 60, 61):
            sweeper.sweep(at=NOON + timedelta(seconds=seconds))
            found.append(states_of(send))

    worker.work(send.pk, clock=clock, transport=Recorder(during=look))

    assert found == [{State.HANDING_OFF: 1}] * 3 + [{State.UNKNOWN: 1}] and states_of(send) == {State.UNKNOWN: 1}


def test_a_worker_that_speaks_up_again_is_alive(campaign, clock):
    """The database was away from everyone, and the sweeper is back first."""
    send = build_fanned_out_send(build_audience(campaign, size=1))
    found = []

    def look(_sent: int) -> None:
        for seconds in (57, 58, 61, 120, 123):
            if seconds == 58:
                assert heartbeat.extend(Lease.objects.get().pk, at=NOON + timedelta(seconds=58))
            sweeper.sweep(at=NOON + timedelta(seconds=seconds))
            found.append(states_of(send))

    worker.work(send.pk, clock=clock, transport=Recorder(during=look))

    assert found == [{State.HANDING_OFF: 1}] * 4 + [{State.UNKNOWN: 1}]


def test_others_get_within_ten_seconds_what_a_silent_worker_has_not_handed_over(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=5))
    lease = build_lease(send)
    ids = claimed(send, size=5, lease=lease)
    handoff.take(send, ids[:2], [], lease=lease.pk, at=NOON)
    Lease.objects.update(until=NOON + timedelta(seconds=6))

    swept = sweep_twice(at=NOON + timedelta(seconds=12))

    assert (swept.given_back, swept.unknown) == (3, 0)
    assert states_of(send) == {State.QUEUED: 3, State.HANDING_OFF: 2}
    # It was only slow: it takes nothing more, what it handed over is recorded, and none of the rows is held against it.
    assert claimed(send, size=5, lease=lease) == []
    assert handoff.take(send, ids[2:], [], lease=lease.pk, at=NOON) == set()
    record([Outcome(pk, State.ACCEPTED, "250") for pk in ids[:2]], lease=lease.pk, at=NOON)
    assert states_of(send) == {State.QUEUED: 3, State.ACCEPTED: 2}
    assert forgive(ids) == 1 and not Delivery.objects.filter(crashes__gt=0).exists()


def test_a_process_of_this_host_that_is_no_more_is_gone_at_once(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=5))
    process = subprocess.Popen(["sleep", "60"])
    here = heartbeat.name_of_this_process().rpartition(" ")[0]
    lease = Lease.objects.create(send=send, until=NOON + timedelta(minutes=1), worker=f"{here} {process.pid}")
    Lease.objects.update(window=2)
    ids = claimed(send, size=5, lease=lease)
    assert sweeper.take_over(at=NOON) == 0

    process.kill()
    process.wait()

    assert sweeper.take_over(at=NOON) == 1
    assert states_of(send) == {State.QUEUED: 5} and not Lease.objects.exists()
    # Of those that it was preparing it may have died, of the others not.
    assert dict(Delivery.objects.values_list("pk", "crashes")) == dict(zip(ids, [1, 1, 0, 0, 0], strict=True))


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_waits_gives_signs_of_life_until_it_hangs(campaign, monkeypatch):
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.02)
    send = build_fanned_out_send(build_audience(campaign, size=1))
    lease = Lease.objects.create(send=send, until=timezone.now(), worker="test")
    beat = heartbeat.Heartbeat(lease.pk, clock=timezone.now)

    def is_put_off() -> bool:
        before = Lease.objects.get(pk=lease.pk).until
        time.sleep(0.5)
        return Lease.objects.get(pk=lease.pk).until > before

    beat.start()
    try:
        assert is_put_off()
        beat.moved -= heartbeat.STUCK_SECONDS
        time.sleep(0.1)
        assert not is_put_off()
        beat.note_movement()
        assert is_put_off()
    finally:
        beat.stop()
    assert not is_put_off()


def test_nothing_is_handed_over_without_a_lease(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=3))
    lease = build_lease(send)
    ids = claimed(send, size=3, lease=lease)
    Lease.objects.filter(pk=lease.pk).delete()

    assert handoff.take(send, ids, [], lease=lease.pk, at=NOON) == set()
    assert states_of(send) == {State.CLAIMED: 3}


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=3))
    lease = build_lease(send)
    ids = claimed(send, size=3, lease=lease)
    assert handoff.take(send, ids[:2], [], lease=lease.pk, at=NOON) == set(ids[:2])
    sweep_twice(at=NOON + timedelta(minutes=20))
    before = states_of(send)

    record([Outcome(pk, State.ACCEPTED, "250") for pk in ids], lease=lease.pk, at=NOON)
    outcomes = [Outcome(pk, State.ACCEPTED, "250") for pk in ids[:2]]
    assert handoff.take(send, ids[2:], outcomes, lease=lease.pk, at=NOON) == set()

    assert states_of(send) == before == {State.UNKNOWN: 2, State.QUEUED: 1}


@pytest.mark.parametrize(
    "said",
    [
        {"state": State.ACCEPTED, "code": "250"},
        {"state": State.ACCEPTED, "code": "250", "provider_id": "name-of-the-first"},
        {"state": State.DEFERRED, "code": "450 4.2.0"},
        {"state": State.FAILED, "code": "550 5.1.1"},
        {"state": State.UNKNOWN},
    ],
    ids=lambda said: " ".join(str(value) for value in said.values()),
)
def test_a_worker_that_comes_back_says_nothing_of_a_row_that_another_is_handing_over(campaign, said):
    send = build_fanned_out_send(build_audience(campaign, size=1))
    first, second = build_lease(send), build_lease(send)
    ids = claimed(send, size=1, lease=second)
    assert handoff.take(send, ids, [], lease=second.pk, at=NOON) == set(ids)
    before = Delivery.objects.values().get(send=send)

    late = [Outcome(ids[0], **said)]
    record(late, lease=first.pk, at=NOON)
    handoff.take(send, [], late, lease=first.pk, at=NOON)

    assert Delivery.objects.values().get(send=send) == before
    assert before["state"] == State.HANDING_OFF and not Suppression.objects.exists()


@pytest.mark.postgresql  # on SQLite the whole database is locked
@pytest.mark.django_db(transaction=True)
def test_while_another_takes_rows_of_a_send_a_worker_looks_at_none(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=2))
    lease = build_lease(send)
    asked: list[str] = []

    def note(execute: Any, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return execute(sql, *more)

    with locked(send), pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
        with connection.execute_wrapper(note):
            claimed(send, size=1, lease=lease)

    (waited_for,) = [sql for sql in asked if "SAVEPOINT" not in sql]
    assert '"delivery_send"' in waited_for
    assert len(claimed(send, size=2, lease=lease)) == 2


def test_what_is_known_is_recorded_even_when_the_transport_breaks(campaign, clock):
    send = build_fanned_out_send(build_audience(campaign, size=8))

    class Breaks(Recorder):
        def send(self, window):
            for n, outcome in enumerate(super().send(window)):
                if n == 3:
                    raise MemoryError
                yield outcome

    with pytest.raises(MemoryError):
        worker.work(send.pk, clock=clock, transport=Breaks())

    # One was with the transport; what it had not asked for yet is ready again.
    assert states_of(send) == {State.ACCEPTED: 3, State.HANDING_OFF: 1, State.QUEUED: 4}
    sweep_twice(at=NOON + timedelta(minutes=20))
    assert states_of(send) == {State.ACCEPTED: 3, State.UNKNOWN: 1, State.QUEUED: 4}
    assert set(Delivery.objects.of(send).values_list("state", "attempts")) == {
        (State.ACCEPTED, 1),
        (State.UNKNOWN, 1),
        (State.QUEUED, 0),
    }
    assert ledger.ledger_of([send]).total.adds_up


@pytest.mark.parametrize(("seconds", "size"), [(0.0001, 100), (0.004, 100), (0.01, 50), (0.1, 5), (2, 1)])
def test_a_window_is_what_leaves_in_half_a_second(seconds, size):
    assert worker.mails_within(worker.WINDOW_SECONDS, 10, 10 * seconds) == size


def test_a_window_grows_with_a_fast_mailer_and_ends_after_a_second_with_one_that_slows_down(campaign, monkeypatch):
    send = build_fanned_out_send(build_audience(campaign, size=150))
    windows: list[tuple[float, int]] = []
    left: list[float] = []
    seconds = 0.0
    take = handoff.take

    class Slows(Recorder):
        """Takes a mail in no time, and from the sixtieth on in 0.3 seconds, by the clock of the test."""

        def send(self, window):
            nonlocal seconds
            for outcome in super().send(window):
                left.append(seconds)
                seconds += 0.3 if len(self.sent) >= 60 else 0
                yield outcome

    def watched(send: Send, ids: list[int], *about: Any, **more: Any) -> set[int]:
        windows.append((seconds, len(ids)))
        return take(send, ids, *about, **more)

    monkeypatch.setattr(worker.time, "monotonic", lambda: seconds)
    monkeypatch.setattr(handoff, "take", watched)

    recorder = Slows()
    worker.work(send.pk, clock=lambda: NOON, transport=recorder, seconds=1000)

    assert [size for _at, size in windows[:2]] == [worker.FIRST_WINDOW, journal.MOST]
    assert {size for _at, size in windows[3:]} == {1}  # as many as leave in half a second
    # Whatever left had been looked at within a second.
    assert all(at - max(then for then, _size in windows if then <= at) <= 1 for at in left)
    assert len(left) == len({envelope.recipient for envelope in recorder.sent}) == 150
    assert states_of(send) == {State.ACCEPTED: 150}
    assert set(Delivery.objects.of(send).values_list("attempts", flat=True)) == {1}


def test_no_connection_waits_for_the_slowest_of_the_others(campaign, monkeypatch, settings):
    settings.SEND_CONNECTIONS = 4
    pool.forget()
    monkeypatch.setitem(pool._paces, "exercise", 1.0)
    monkeypatch.setattr(pool, "PACE_SECONDS", 1000)
    send = build_fanned_out_send(build_audience(campaign, size=40))
    slowest = threading.Event()
    taken: list[int] = []

    class Slow(Recorder):
        def open(self) -> bool:
            return True

        def send(self, window):
            for outcome in super().send(window):
                taken.append(threading.get_ident())
                if len(taken) == 1:
                    assert slowest.wait(30)
                time.sleep(0.01)
                if len(taken) > 30:
                    slowest.set()
                yield outcome

    many = pool.Pool("exercise", Slow(), more=Slow)
    worker.Worker(send, "exercise", many, clock=lambda: NOON, until=time.monotonic() + 60).run()

    assert len(set(taken[:31])) == 4
    assert states_of(send) == {State.ACCEPTED: 40}


def test_an_address_that_cannot_be_written_to_fails_for_that_person_only(campaign, smtp_sink, clock):
    send = build_fanned_out_send(build_audience(campaign, size=3))
    Recipient.objects.filter(pk=Recipient.objects.order_by("pk")[0].pk).update(email="two words@example.org")

    worker.work(send.pk, clock=clock)

    assert states_of(send) == {State.ACCEPTED: 2, State.FAILED: 1}


def test_the_queries_of_a_window_do_not_grow_with_its_size(campaign, settings, windows_of, clock):
    MailerLimit.objects.create(mailer="exercise")

    def queries(size: int) -> int:
        settings.SEND_CHUNK = size
        windows_of(size)
        audience = build_audience(campaign, f"size-{size}", size=size, language="fi")
        send = build_fanned_out_send(audience, mailing=build_mailing(campaign, f"m-{size}"))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            worker.work(send.pk, clock=clock, transport=Recorder())
        return len(captured)

    assert queries(10) == queries(100)


class TestRefusals:
    """What a server says decides what happens next (RFC 3463)."""

    def test_a_4xx_is_tried_again_later_and_later(self, campaign, smtp_sink):
        send = build_fanned_out_send(build_audience(campaign, size=1))
        smtp_sink.reply("rcpt", "450 4.2.0 Greylisted")
        at, waits = NOON, []
        for _attempt in range(6):
            worker.work(send.pk, clock=lambda at=at: at)
            row = Delivery.objects.get(send=send)
            assert row.state == State.DEFERRED and row.code == "450 4.2.0"
            waits.append((row.next_attempt_at - at).total_seconds() / 60)
            assert worker.work(send.pk, clock=lambda at=at: at).taken == 0  # not before its time
            at = row.next_attempt_at

        assert waits == [1, 5, 15, 30, 60, 60]
        worker.work(send.pk, clock=lambda: NOON + timedelta(hours=73))
        assert states_of(send) == {State.FAILED: 1}

    def test_only_no_such_address_suppresses(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=3))
        missing, policy, _well = Recipient.objects.order_by("pk")
        smtp_sink.reply("rcpt", "550 5.1.1 No such user", to=missing.email)
        smtp_sink.reply("dot", "550 5.7.1 Looks like spam", to=policy.email)

        worker.work(send.pk, clock=clock)

        assert states_of(send) == {State.ACCEPTED: 1, State.FAILED: 2}
        assert list(Suppression.objects.values_list("address_hash", flat=True)) == [missing.address_hash]

    def test_the_ledger_keeps_no_address(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=1))
        address = Recipient.objects.get().email
        smtp_sink.reply("rcpt", f"550 5.1.1 <{address}>: unknown")

        worker.work(send.pk, clock=clock)

        detail = Delivery.objects.get(send=send).detail
        assert "unknown" in detail and address not in detail

    @pytest.mark.parametrize("phase", ["connect", "mail", "rcpt", "data"])
    def test_a_connection_lost_before_the_dot_is_certainly_not_sent(self, campaign, smtp_sink, clock, phase):
        send = build_fanned_out_send(build_audience(campaign, size=3))
        smtp_sink.drop(phase, times=1)

        worker.work(send.pk, clock=clock)
        assert states_of(send) == {State.ACCEPTED: 2, State.DEFERRED: 1}

        worker.work(send.pk, clock=lambda: NOON + timedelta(minutes=2))
        assert states_of(send) == {State.ACCEPTED: 3}
        assert len(smtp_sink.caught) == 3 and not smtp_sink.duplicates

    def test_a_connection_lost_after_the_dot_is_unknown_and_never_sent_again_unseen(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=3))
        smtp_sink.drop("dot", times=1)

        worker.work(send.pk, clock=clock)
        sweeper.sweep(at=NOON + timedelta(hours=1))
        worker.work(send.pk, clock=lambda: NOON + timedelta(hours=1))

        assert states_of(send) == {State.ACCEPTED: 2, State.UNKNOWN: 1}
        assert len(smtp_sink.caught) == 3 and not smtp_sink.duplicates

    def test_a_server_without_pipelining_is_spoken_to_step_by_step(self, campaign, smtp_sink, clock):
        smtp_sink.pipelining = False
        send = build_fanned_out_send(build_audience(campaign, size=4))
        smtp_sink.reply("rcpt", "550 5.1.1 No such user", times=1)

        worker.work(send.pk, clock=clock)

        assert states_of(send) == {State.ACCEPTED: 3, State.FAILED: 1}

    def test_a_server_that_says_421_is_left_alone_and_asked_again(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=2))
        smtp_sink.reply("mail", "421 4.7.0 Slow down", times=1)

        worker.work(send.pk, clock=clock)

        assert states_of(send) == {State.ACCEPTED: 1, State.DEFERRED: 1}


class TestTheDjangoMailer:
    """The other mailer: any backend that MAILERS names."""

    @pytest.fixture(autouse=True)
    def through_django(self, settings):
        settings.TRANSPORT = "mailer"

    def test_it_delivers_with_every_header(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=3))

        worker.work(send.pk, clock=clock)

        assert states_of(send) == {State.ACCEPTED: 3} and not smtp_sink.duplicates
        message = smtp_sink.caught[0].message
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Message-ID"].startswith(f"<{Delivery.objects.order_by('pk')[0].pk}.")

    def test_a_refusal_is_a_failure_and_a_silence_is_unknown(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=3))
        first, second, _third = Recipient.objects.order_by("pk")
        smtp_sink.reply("rcpt", "550 5.1.1 No such user", to=first.email)
        smtp_sink.drop("dot", to=second.email)

        worker.work(send.pk, clock=clock)

        assert states_of(send) == {State.ACCEPTED: 1, State.FAILED: 1, State.UNKNOWN: 1}


class TestTheSweeper:
    """What dead workers left behind."""

    def test_claimed_rows_go_back_and_rows_in_the_air_become_unknown(self, campaign):
        send = build_fanned_out_send(build_audience(campaign, size=5))
        lease = build_lease(send)
        ids = claimed(send, size=5, lease=lease)
        handoff.take(send, ids[:2], [], lease=lease.pk, at=NOON)

        swept = sweep_twice(at=NOON + timedelta(minutes=20))

        assert (swept.given_back, swept.unknown) == (3, 2)
        assert states_of(send) == {State.QUEUED: 3, State.UNKNOWN: 2}

    def test_a_living_lease_is_left_alone(self, campaign):
        send = build_fanned_out_send(build_audience(campaign, size=5))
        claimed(send, size=5)

        sweeper.sweep(at=NOON + timedelta(seconds=30))

        assert states_of(send) == {State.CLAIMED: 5} and Lease.objects.count() == 1

    def test_urgent_mail_is_tried_once_more_and_says_so(self, campaign, smtp_sink, clock):
        mailing = build_mailing(campaign, queue=Mailing.Queue.URGENT)
        send = build_fanned_out_send(build_audience(campaign, size=1), mailing=mailing)
        smtp_sink.drop("dot")
        for minutes in (0, 1, 2, 3):
            worker.work(send.pk, clock=lambda minutes=minutes: NOON + timedelta(minutes=minutes))
            sweeper.sweep(at=NOON + timedelta(minutes=minutes))

        row = Delivery.objects.get(send=send)
        assert row.state == State.UNKNOWN and row.possible_duplicate and row.attempts == 2
        ids = {caught.message["Message-ID"] for caught in smtp_sink.caught}
        assert len(smtp_sink.caught) == 2 and len(ids) == 1

    def test_a_send_with_nothing_to_go_is_finished(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=2))
        sweeper.sweep(at=NOON)
        send.refresh_from_db()
        assert send.state == Send.State.SENDING

        worker.work(send.pk, clock=clock)
        sweeper.sweep(at=NOON)

        send.refresh_from_db()
        assert send.state == Send.State.FINISHED and send.finished_at == NOON

    def test_what_a_cancelled_send_had_left_expires(self, campaign):
        send = build_fanned_out_send(build_audience(campaign, size=2))
        send.cancel()

        sweeper.sweep(at=NOON)

        assert states_of(send) == {State.EXPIRED: 2}
        with pytest.raises(NotPossible, match="already ended"):
            send.cancel()


@pytest.mark.sqlite
def test_on_a_full_disk_nothing_more_is_handed_over_and_it_goes_on_when_there_is_room(
    campaign, clock, windows_of, monkeypatch
):
    windows_of(10)
    send = build_fanned_out_send(build_audience(campaign, size=30))

    def fill(sent: int) -> None:
        if sent == 11:
            monkeypatch.setattr(disk_space, "ROOM", 2**62)

    recorder = Recorder(before=fill)
    run = worker.work(send.pk, clock=clock, transport=recorder)

    assert len(recorder.sent) == 20 and not run.more  # what was being handed over as the disk ran full is in the air
    assert states_of(send) == {State.ACCEPTED: 20, State.QUEUED: 10} and not Lease.objects.exists()
    monkeypatch.undo()
    worker.work(send.pk, clock=clock, transport=recorder)
    assert states_of(send) == {State.ACCEPTED: 30}


@pytest.mark.postgresql
def test_a_server_of_its_own_says_itself_when_its_disk_is_full(campaign, clock, monkeypatch):
    monkeypatch.setattr(disk_space, "ROOM", 2**62)
    send = build_fanned_out_send(build_audience(campaign, size=10))

    worker.work(send.pk, clock=clock, transport=Recorder())

    assert states_of(send) == {State.ACCEPTED: 10}


@pytest.mark.postgresql
def test_a_window_reads_its_own_people_only_while_the_planner_knows_nothing_of_the_tables(campaign):
    """A crisis's first hour: thousands were just imported, and nobody has counted them yet."""
    send = build_fanned_out_send(build_audience(campaign, size=300))
    lease = build_lease(send)
    ids = claimed(send, size=10, lease=lease)
    parameters = {
        "ids": ids,
        "at": NOON,
        "mailing": send.mailing_id,
        "lease": lease.pk,
        "send": send.pk,
        "audience": send.audience_id,
        "purpose": send.audience.purpose.value,
    }

    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = off" for name in handoff.UNWANTED))
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + handoff.text(handoff.TAKE, "r.id"), parameters)
        [[[plan]]] = cursor.fetchall()

    read: Counter[str] = Counter()

    def count(node: dict[str, Any]) -> None:
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        read[node.get("Relation Name", "")] += int(rows * node["Actual Loops"])
        for one in node.get("Plans", []):
            count(one)

    count(plan["Plan"])
    assert states_of(send)[State.HANDING_OFF] == 10
    assert all(0 < read[model._meta.db_table] <= 5 * len(ids) for model in (Recipient, Membership, Consent))
