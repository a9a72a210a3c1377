"""The connections that a mailer takes, shared out among all workers on all hosts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from delivery.models import Delivery, Lease, MailerLimit, Mailing, Send
from delivery.sending import dispatch, worker
from delivery.throttle import connection_shares
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing, states_of

Queue = Mailing.Queue
pytestmark = pytest.mark.django_db


def build_lease(send: Send, *, at: Any = NOON) -> Lease:
    return Lease(send=send, mailer="exercise", worker="a host 1", since=at, until=at + timedelta(seconds=6))


def limit(connections: int) -> None:
    MailerLimit.objects.update_or_create(mailer="exercise", defaults={"connections": connections})


@pytest.fixture
def send(campaign: Any) -> Send:
    return build_fanned_out_send(build_audience(campaign, size=60))


@pytest.mark.parametrize(
    ("limit", "urgent", "bulletin", "digest"), [(50, 50, 40, 30), (3, 3, 2, 1), (2, 2, 1, 1), (1, 1, 1, 1)]
)
def test_each_queue_leaves_a_fifth_to_every_more_urgent_one(limit, urgent, bulletin, digest):
    assert [connection_shares.most(limit, queue) for queue in Queue.values] == [urgent, bulletin, digest]


def test_nobody_gets_more_than_is_left(send):
    limit(5)  # four of them for bulletins
    one, other, third = (build_lease(send) for _n in range(3))

    assert connection_shares.take(one, at=NOON) and connection_shares.take(other, at=NOON)
    assert connection_shares.change(one, 4, at=NOON) == 3
    assert connection_shares.change(other, 4, at=NOON) == 1
    assert not connection_shares.take(third, at=NOON) and third.pk is None

    assert connection_shares.change(one, 2, at=NOON) == 2
    assert connection_shares.take(third, at=NOON)
    assert connection_shares.used("exercise", at=NOON) == 4


def test_a_silent_worker_has_none_and_an_ended_one_neither(send):
    limit(2)
    lease = build_lease(send)
    assert connection_shares.take(lease, at=NOON)
    assert connection_shares.free("exercise", Queue.BULLETIN, at=NOON) == 0

    assert connection_shares.free("exercise", Queue.BULLETIN, at=NOON + timedelta(seconds=7)) == 1
    lease.delete()
    assert connection_shares.free("exercise", Queue.BULLETIN, at=NOON) == 1


def test_mailers_do_not_count_for_each_other(send):
    limit(2)
    assert connection_shares.take(build_lease(send), at=NOON)

    assert connection_shares.free("default", Queue.BULLETIN, at=NOON) == 40


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_have_more_than_the_limit(campaign):
    limit(10)
    sends = [
        build_fanned_out_send(build_audience(campaign, size=1), mailing=build_mailing(campaign, queue=Queue.URGENT))
    ]

    def ask(number: int) -> int:
        try:
            lease = build_lease(Send.objects.select_related("mailing").get(pk=sends[0].pk))
            return connection_shares.change(lease, 4, at=NOON) if connection_shares.take(lease, at=NOON) else 0
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        got = list(threads.map(ask, range(6)))

    assert sum(got) == 10 == connection_shares.used("exercise", at=NOON)


def test_a_run_that_gets_no_connection_changes_nothing_and_asks_to_be_called_again(send, smtp_sink):
    limit(1)
    connection_shares.take(build_lease(send, at=timezone.now() + timedelta(minutes=1)), at=timezone.now())

    run = worker.work(send.pk, seconds=0.5)

    assert (run.taken, run.more) == (0, True)
    assert states_of(send) == {Delivery.State.QUEUED: 60} and not smtp_sink.caught
    assert Lease.objects.count() == 1


def test_as_many_workers_are_asked_as_may_have_a_connection(campaign, send, monkeypatch):
    monkeypatch.setattr(dispatch, "wake", lambda send: None)
    other = build_fanned_out_send(build_audience(campaign, "other", size=500), mailing=build_mailing(campaign, "other"))
    limit(5)

    assert dispatch.wake_workers(at=NOON) == 4  # three windows of the first; and the second waits for its turn

    for _n in range(4):
        assert connection_shares.take(build_lease(other), at=NOON)
    assert dispatch.wake_workers(at=NOON) == 1  # nobody works on the first


@pytest.mark.django_db(transaction=True)
def test_a_small_send_to_a_slow_relay_goes_over_several_connections(send, smtp_sink, settings):
    settings.SEND_CONNECTIONS = 4
    smtp_sink.delay = 0.1

    worker.work(send.pk)

    assert states_of(send) == {Delivery.State.ACCEPTED: 60} and not smtp_sink.duplicates
    assert smtp_sink.most_connections == 4
    assert not Lease.objects.exists()
