"""Workers are killed, stopped and put to sleep in mid-send. The oracle is what the SMTP server got."""

import os
import random
import shutil
import signal
import time
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.utils import timezone

from delivery.models import Delivery, Lease, Mailing, Send
from delivery.reports import ledger
from delivery.sending import dispatch, journal, sweeper
from delivery.sending.worker import FIRST_WINDOW
from tests.faults.support.oracle import arrived, assert_accounted_for, in_doubt, note
from tests.faults.support.workers import (
    PROCESSES,
    celery_beat,
    celery_worker,
    finish,
    let_leases_run_out,
    lives,
    wait_until,
)
from tests.support.builders import build_audience, build_fanned_out_send, build_mailing, states_of

State = Delivery.State
Queue = Mailing.Queue
pytestmark = pytest.mark.fault


@pytest.fixture
def process_env(process_env: dict[str, str]) -> dict[str, str]:
    """The environment of workers with one connection for each process, however slow the machine is."""
    return process_env | {"SEND_CONNECTIONS": "1"}


# At most two mails for each connection are in doubt: one that waits for a reply, and the next, which was announced. Each
# process has one, so that there is something to hold this against.
MOST_IN_DOUBT = 2 * PROCESSES


def build_sends(campaign: Any, *queues: str, size: int) -> list[Send]:
    """Return a send that is under way for each queue, to an audience of its own of `size`."""
    sends = []
    for queue in queues:
        slug = f"a{Send.objects.count()}"
        audience = build_audience(campaign, slug, size=size)
        mailing = build_mailing(campaign, f"{slug}-mailing", queue=queue)
        sends.append(build_fanned_out_send(audience, mailing=mailing, at=timezone.now()))
    return sends


def sweep() -> None:
    """Sweep now."""
    sweeper.sweep(at=timezone.now())


@pytest.mark.fault(1)
def test_killed_between_the_dot_and_the_record(campaign, smtp_sink, process_env):
    """The server has the mail, the worker does not know it. An urgent send and another one, two connections each."""
    smtp_sink.delay = 0.01
    sends = build_sends(campaign, Queue.BULLETIN, Queue.URGENT, size=300)

    with (
        celery_worker(process_env, Queue.BULLETIN) as one,
        celery_worker(process_env, Queue.URGENT, name="other") as other,
    ):
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(60)
        held = smtp_sink.stall("dot", 60, times=1000)
        wait_until("four connections that wait for a reply", lambda: held.times == 996)
        one.kill()
        other.kill()
    smtp_sink.behave()

    unrecorded = [pk for pk in arrived(smtp_sink) if Delivery.objects.get(pk=pk).state == State.HANDING_OFF]
    assert len(unrecorded) >= 4
    let_leases_run_out()
    sweep()
    bulletin, urgent = sends
    doubts = [in_doubt(send) for send in sends]
    assert all(1 <= doubt <= MOST_IN_DOUBT for doubt in doubts)
    for row in Delivery.objects.filter(pk__in=unrecorded).exclude(state=State.ACCEPTED):
        assert row.possible_duplicate if row.send_id == urgent.pk else row.state == State.UNKNOWN

    smtp_sink.delay = 0
    with celery_worker(process_env):
        finish(*sends)
    sweep()
    for send in sends:
        assert_accounted_for(send, smtp_sink)
        assert send.state == Send.State.FINISHED
    assert states_of(bulletin) == {State.ACCEPTED: 300 - doubts[0], State.UNKNOWN: doubts[0]}
    assert states_of(urgent) == {State.ACCEPTED: 300}
    twice = sum(times > 1 for times in arrived(smtp_sink).values())
    note(f"in doubt: {doubts[0]} of a bulletin, {doubts[1]} of an urgent one, of which {twice} came twice, flagged")


@pytest.mark.fault(1)
def test_killed_while_each_process_has_four_connections_to_a_slow_relay(campaign, smtp_sink, process_env):
    smtp_sink.delay = 0.1
    (send,) = build_sends(campaign, Queue.BULLETIN, size=400)

    with celery_worker(process_env | {"SEND_CONNECTIONS": "4"}, Queue.BULLETIN) as worker:
        dispatch.wake_workers(at=timezone.now())
        wait_until("all connections", lambda: smtp_sink.connections == 4 * PROCESSES)
        smtp_sink.wait_for(len(smtp_sink.caught) + 20)
        worker.kill()
    smtp_sink.behave()
    let_leases_run_out()
    sweep()
    doubt = in_doubt(send)
    assert 4 <= doubt <= 4 * MOST_IN_DOUBT

    smtp_sink.delay = 0
    with celery_worker(process_env):
        finish(send)
    sweep()
    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: 400 - doubt, State.UNKNOWN: doubt}
    assert not smtp_sink.duplicates
    note(f"four connections for each of {PROCESSES} processes: {doubt} in doubt, none came twice")


@pytest.mark.fault(1)
def test_killed_in_the_middle_of_a_large_window(campaign, smtp_sink, process_env):
    """What was answered is accepted by the journal, what had not begun goes again, and two mails per connection are in doubt."""
    smtp_sink.delay = 0.004
    size = 1500
    (send,) = build_sends(campaign, Queue.BULLETIN, size=size)

    with celery_worker(process_env, processes=2) as worker:
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(400)
        worker.kill()
    smtp_sink.behave()
    held = Delivery.objects.filter(state=State.HANDING_OFF).count()
    came = arrived(smtp_sink)

    let_leases_run_out()
    sweep()

    doubt = in_doubt(send)
    assert held > 10 * MOST_IN_DOUBT  # or there would be nothing to see here
    assert doubt <= MOST_IN_DOUBT
    states = states_of(send)
    assert states == {State.ACCEPTED: states[State.ACCEPTED], State.QUEUED: states[State.QUEUED]} | (
        {State.UNKNOWN: doubt} if doubt else {}
    )
    assert 0 <= len(came) - states[State.ACCEPTED] <= doubt
    assert_accounted_for(send, smtp_sink)

    with celery_worker(process_env):
        finish(send)
    sweep()
    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: size - doubt} | ({State.UNKNOWN: doubt} if doubt else {})
    assert not smtp_sink.duplicates
    note(f"in doubt: {doubt} of {held} that were being handed over")


def remove(file: Path) -> None:
    """A disk that was lost."""
    file.unlink()


def cut(file: Path) -> None:
    """A journal that ends in the middle of a record."""
    os.truncate(file, file.stat().st_size // 3)


def overwrite(file: Path) -> None:
    """Records of another lease."""
    data = bytearray(file.read_bytes())
    for place in range(0, len(data) - journal.RECORD.size, journal.SIZE):
        record = journal.RECORD.pack(10**9, *journal.RECORD.unpack_from(data, place)[1:])
        data[place : place + len(record) + 4] = record + journal.CHECKSUM.pack(crc32(record))
    file.write_bytes(data)


@pytest.mark.fault(1)
@pytest.mark.parametrize(  # of each damage alone tests/delivery/sending/test_journal.py knows
    "damage",
    [cut, *(pytest.param(one, marks=pytest.mark.long) for one in (remove, overwrite))],
    ids=lambda one: one.__name__,
)
def test_killed_and_its_journal_is_no_use(campaign, smtp_sink, process_env, damage):
    """At worst a window of each connection is in doubt; nothing comes twice for it."""
    smtp_sink.delay = 0.004
    size = 1000
    (send,) = build_sends(campaign, Queue.BULLETIN, size=size)
    with celery_worker(process_env, processes=2) as worker:
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(400)
        worker.kill()
    smtp_sink.behave()
    held = Delivery.objects.filter(state=State.HANDING_OFF).count()

    for lease in Lease.objects.all():
        damage(journal.folder() / lease.journal)
    let_leases_run_out()
    sweep()

    doubt = in_doubt(send)
    assert doubt == held or damage is cut and doubt <= held
    with celery_worker(process_env):
        finish(send)
    sweep()
    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: size - doubt, State.UNKNOWN: doubt} and not smtp_sink.duplicates
    note(f"{damage.__name__}: in doubt: {doubt} of {held}, none came twice")


@pytest.mark.fault(1)
def test_no_journal_can_be_written_and_mail_goes_on(campaign, smtp_sink, process_env):
    """After a kill all that was being handed over is in doubt."""
    in_the_way = journal.folder()
    shutil.rmtree(in_the_way, ignore_errors=True)
    in_the_way.write_text("in the way")
    smtp_sink.delay = 0.004
    size = 600
    (send,) = build_sends(campaign, Queue.BULLETIN, size=size)
    with celery_worker(process_env, processes=2) as worker:
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(200)
        worker.kill()
    smtp_sink.behave()
    held = Delivery.objects.filter(state=State.HANDING_OFF).count()
    assert not Lease.objects.exclude(journal="").exists()
    in_the_way.unlink()

    let_leases_run_out()
    sweep()

    assert in_doubt(send) == held
    with celery_worker(process_env):
        finish(send)
    sweep()
    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: size - held, State.UNKNOWN: held} and not smtp_sink.duplicates


@pytest.mark.fault(2)
@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.postgresql
def test_killed_twenty_times(campaign, smtp_sink, process_env):
    """Mostly one process of the pool, now and then the whole worker; nobody helps but a beat and a restart."""
    chance = random.Random(2)
    smtp_sink.delay = 0.08
    size = 1500
    began = time.monotonic()
    with celery_beat(process_env):
        (send,) = build_sends(campaign, Queue.BULLETIN, size=size)
        kills = 0
        while kills < 20:
            with celery_worker(process_env) as worker:
                while kills < 20:
                    so_far = len(smtp_sink.caught)
                    wait_until("mail", lambda n=so_far: len(smtp_sink.caught) > n, 120)
                    time.sleep(chance.uniform(0, 2))
                    kills += 1
                    if kills == 10:
                        worker.kill()
                        break
                    os.kill(chance.choice(worker.children), signal.SIGKILL)
        with celery_worker(process_env):
            last = time.monotonic()
            wait_until("the end", lambda: not Delivery.objects.of(send).to_go().exists(), 300)
    sweep()
    assert_accounted_for(send, smtp_sink)
    doubt = in_doubt(send)
    assert states_of(send) == {State.ACCEPTED: size - doubt} | ({State.UNKNOWN: doubt} if doubt else {})
    assert doubt <= 20 * MOST_IN_DOUBT and not smtp_sink.duplicates
    times = [began, *(caught.at for caught in smtp_sink.caught)]
    silence = max(after - before for before, after in pairwise(times))
    assert silence <= 120
    note(f"longest silence: {silence:.0f} s; all ended {time.monotonic() - last:.0f} s after the last start")
    note(f"in doubt: {doubt} of {size} after 20 kills, none came twice")


@pytest.mark.fault("kill")
@pytest.mark.timeout(3600)
def test_killed_at_random_moments(campaign, smtp_sink, process_env, settings):
    """A small send each round, a bulletin and an urgent one in turn. The worker that is killed next finishes the last."""
    rounds = int(os.environ.get("FAULT_TIMES", "2"))
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(10**6))
    chance = random.Random(seed)
    size = 200
    settings.SEND_CHUNK = 50
    env = process_env | {"SEND_CHUNK": "50"}
    doubts: list[int] = []
    twice = in_middle = 0
    left: list[Send] = []

    def look_back() -> None:
        nonlocal twice
        finish(*left)
        sweep()
        for send in left:
            assert_accounted_for(send, smtp_sink)
            assert Delivery.objects.of(send).filter(state=State.ACCEPTED).count() + in_doubt(send) >= size
        twice += sum(times > 1 for times in arrived(smtp_sink).values())
        smtp_sink.empty()

    try:
        for number in range(rounds):
            with celery_worker(env) as worker:
                smtp_sink.delay = 0
                look_back()
                smtp_sink.delay = 0.004
                left = build_sends(campaign, (Queue.BULLETIN, Queue.URGENT)[number % 2], size=size)
                dispatch.wake_workers(at=timezone.now())
                if not settings.REDIS_URL:
                    smtp_sink.wait_for(1)  # the embedded broker takes its time
                time.sleep(chance.uniform(0, 0.8))
                worker.kill()
            in_middle += 0 < len(smtp_sink.caught) < size
            let_leases_run_out()
            sweep()
            doubts.append(in_doubt(left[0]))
            assert doubts[-1] <= MOST_IN_DOUBT
        with celery_worker(env):
            smtp_sink.delay = 0
            look_back()
        note("lost: 0, twice unseen: 0")
    finally:
        note(f"{len(doubts)} rounds of {size} (FAULT_SEED={seed}), {in_middle} killed in the middle")
        note(f"in doubt: at most {max(doubts, default=0)} in a round, {sum(doubts)} in all; twice and flagged: {twice}")


@pytest.mark.fault(22)
@pytest.mark.long
def test_sigterm_leaves_nothing_in_doubt(campaign, smtp_sink, process_env):
    """With replies that take half a second a window takes five."""
    smtp_sink.delay = 0.5
    (send,) = build_sends(campaign, Queue.BULLETIN, size=300)

    with celery_worker(process_env) as worker:
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(15)
        seconds = worker.terminate()
    assert seconds <= 30

    came = arrived(smtp_sink)
    assert in_doubt(send) == 0
    assert states_of(send) == {State.ACCEPTED: len(came), State.QUEUED: 300 - len(came)}
    assert_accounted_for(send, smtp_sink)
    note(f"ended in {seconds:.1f} s, in doubt: 0")

    smtp_sink.delay = 0
    with celery_worker(process_env):
        finish(send)
    assert states_of(send) == {State.ACCEPTED: 300} and not smtp_sink.duplicates


@pytest.mark.fault(24)
def test_a_worker_that_wakes_up_after_its_lease(campaign, smtp_sink, process_env):
    """It was taken for dead and others have done its work; it goes on where it was. One send has a single window."""
    smtp_sink.delay = 0.2
    sends = build_sends(campaign, Queue.BULLETIN, Queue.URGENT, size=60)
    sends += build_sends(campaign, Queue.DIGEST, size=FIRST_WINDOW)
    urgent = sends[1]

    with celery_worker(process_env, processes=3, name="zombie") as zombie:
        dispatch.wake_workers(at=timezone.now())
        wait_until(
            "a mail of each",
            lambda: {Delivery.objects.get(pk=pk).send_id for pk in arrived(smtp_sink)} >= {one.pk for one in sends},
        )
        zombie.freeze()
        held = Delivery.objects.filter(state=State.HANDING_OFF).count()
        let_leases_run_out()
        sweep()
        doubts = [in_doubt(send) for send in sends]
        # What it had written of replies counts; what it may send when it wakes up is in doubt.
        assert 0 < sum(doubts) <= held

        smtp_sink.delay = 0
        with celery_worker(process_env, name="other"):
            finish(*sends)
            before = list(Delivery.objects.order_by("pk").values())
            came = sum(arrived(smtp_sink).values())
            zombie.thaw()
            zombie.terminate()
    assert list(Delivery.objects.order_by("pk").values()) == before
    sweep()
    for send in sends:
        assert_accounted_for(send, smtp_sink)
        assert send.state == Send.State.FINISHED
    assert ledger.ledger_of(sends).total.unknown == doubts[0] + doubts[2]
    came_late = sum(arrived(smtp_sink).values()) - came
    twice = [pk for pk, times in arrived(smtp_sink).items() if times > 1]
    assert Delivery.objects.of(urgent).filter(pk__in=twice, possible_duplicate=True).count() == len(twice)
    note(f"in doubt: {sum(doubts)}; awake again it sent {came_late} mails, all in doubt, and changed 0 rows")
    note(f"twice, all urgent and flagged: {len(twice)}")


def test_the_dead_are_told_from_the_living():
    assert lives(os.getpid()) and not lives(2**22 + 1)
