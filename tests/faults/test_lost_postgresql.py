"""PostgreSQL goes away while mail is on its way, for a moment and for longer than a worker waits."""

import time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from delivery.models import Delivery, Send
from delivery.sending import dispatch, sweeper
from tests.faults.support.oracle import arrived, assert_accounted_for, in_doubt, note
from tests.faults.support.workers import (
    ALTERED,
    altered,
    celery_beat,
    celery_worker,
    let_leases_run_out,
    wait_until,
)
from tests.support.builders import (
    build_audience,
    build_campaign,
    build_fanned_out_send,
    build_mailing,
    build_send,
    states_of,
)

State = Delivery.State
pytestmark = [pytest.mark.fault, pytest.mark.fault(8), pytest.mark.postgresql]
SIZE = 300


def build(sink: Any) -> Send:
    """Return a send that is under way, to a sink that takes half a second for a window."""
    sink.delay = 0.05
    return build_fanned_out_send(build_audience(build_campaign(), size=SIZE), at=timezone.now())


def assert_nothing_left_unannounced(send: Send, sink: Any) -> None:
    """Every mail that arrived had been written down before as being handed over."""
    rows = Delivery.objects.of(send).filter(pk__in=list(arrived(sink)))
    assert all(row.attempts >= 1 and row.handed_off_at for row in rows)


def ended(send: Send) -> bool:
    """Return whether nothing is left to go."""
    return not Delivery.objects.of(send).to_go().exists()


@pytest.mark.long
def test_it_is_back_after_some_seconds(own_database, own_env, smtp_sink):
    """Workers wait for it and write down what they know; a beat wakes those whose task has failed."""
    send = build(smtp_sink)
    env = own_env | {"TICK_SECONDS": "2"}

    with celery_beat(env), celery_worker(env):
        smtp_sink.wait_for(50)
        connection.close()
        own_database.stop()
        time.sleep(1)
        left = len(smtp_sink.caught)
        time.sleep(3)
        assert len(smtp_sink.caught) == left < SIZE
        own_database.start()
        seconds = wait_until("mail", lambda: len(smtp_sink.caught) > left)
        wait_until("the end", lambda: ended(send))
        wait_until("the tick", lambda: Send.objects.get().state == Send.State.FINISHED)

    assert_nothing_left_unannounced(send, smtp_sink)
    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: SIZE} and not smtp_sink.duplicates
    note(f"away for 4 s: in doubt: 0, going again {seconds:.1f} s after it was back")


@pytest.mark.long
def test_it_is_killed_and_stays_away_longer_than_workers_wait(own_database, own_env, smtp_sink):
    """What they could not write into the ledger is in their journals. 50 seconds are shortened to 1."""
    send = build(smtp_sink)

    with celery_worker(altered(own_env, sending__worker__RECOVERY_SECONDS=1), program=ALTERED):
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(50)
        connection.close()
        own_database.kill()
        time.sleep(5)
        own_database.start()
        let_leases_run_out()
        sweeper.sweep(at=timezone.now())
        assert in_doubt(send) == 0
        dispatch.wake_workers(at=timezone.now())
        wait_until("the end", lambda: ended(send))
    sweeper.sweep(at=timezone.now())

    assert_nothing_left_unannounced(send, smtp_sink)
    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: SIZE} and not smtp_sink.duplicates
    note("away too long: in doubt: 0")


@pytest.mark.long
def test_idle_workers_and_the_beat_go_on_after_a_restart(own_database, own_env, smtp_sink):
    """A connection that broke while nobody used it is noticed by the next task, not half an hour later."""
    audience = build_audience(build_campaign(), size=20)
    first, second = (build_mailing(audience.campaign, name) for name in ("first", "second"))

    with celery_beat(own_env), celery_worker(own_env):
        build_send(audience, first, slot_at=timezone.now())
        smtp_sink.wait_for(20)
        connection.close()
        own_database.stop()
        time.sleep(2)
        own_database.start()
        time.sleep(2)
        send = build_send(audience, second, slot_at=timezone.now())
        seconds = wait_until("mail", lambda: len(smtp_sink.caught) >= 40)
        wait_until("the end", lambda: ended(Send.objects.get(pk=send.pk)))

    send.refresh_from_db()
    assert_accounted_for(send, smtp_sink)
    assert seconds < 20
    note(f"restarted while all were idle: the next send was out {seconds:.1f} s after its slot")
