"""Redis dies, is emptied, restarts, falls silent. It holds nothing that is needed: rows are the queue."""

import time
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from delivery.models import Delivery, Send
from tests.faults.support.oracle import assert_accounted_for, note
from tests.faults.support.workers import celery_beat, celery_worker, wait_until
from tests.support.builders import build_audience, build_fanned_out_send, build_mailing, build_send, states_of

State = Delivery.State
pytestmark = [pytest.mark.fault, pytest.mark.postgresql]
AGAIN_SECONDS = 60


@pytest.fixture
def redis_env(process_env: dict[str, str], own_redis: Any) -> dict[str, str]:
    """The environment of processes that use a Redis of this test's own."""
    return process_env | {"REDIS_URL": own_redis.url}


@pytest.mark.fault(6)
@pytest.mark.long
@pytest.mark.timeout(400)
def test_redis_is_emptied_and_then_killed_in_mid_send(campaign, smtp_sink, redis_env, own_redis):
    """It comes back without anything. The send takes longer than a run of a worker, so that it needs waking."""
    smtp_sink.delay = 0.1
    size = 900
    send = build_fanned_out_send(build_audience(campaign, size=size), at=timezone.now())

    with celery_beat(redis_env), celery_worker(redis_env):
        smtp_sink.wait_for(size // 6, 60)
        empty(own_redis)
        smtp_sink.wait_for(size // 2, 120)
        own_redis.kill()
        away = time.monotonic()
        time.sleep(20)
        own_redis.start()
        back = time.monotonic()
        wait_until("the end", lambda: not Delivery.objects.of(send).to_go().exists(), 200)
        wait_until("the tick", lambda: Send.objects.get().state == Send.State.FINISHED, AGAIN_SECONDS)

    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: size} and not smtp_sink.duplicates
    times = [caught.at for caught in smtp_sink.caught]
    emptied = max(after - before for before, after in pairwise(times) if after < away)
    killed = max((after - max(before, back) for before, after in pairwise(times) if after > back), default=0)
    assert max(emptied, killed) <= AGAIN_SECONDS
    note(f"longest silence after FLUSHALL {emptied:.0f} s, and {killed:.0f} s after Redis was back from 20 s away")
    note(f"{size} of {size} accepted, in doubt: 0, none came twice")


@pytest.mark.fault(7)
@pytest.mark.long
@pytest.mark.timeout(900)
def test_workers_listen_again_after_restarts_and_two_minutes_of_silence(campaign, smtp_sink, redis_env, own_redis):
    """What is due right then leaves within a minute: beat, tick and worker have all found Redis again."""
    audience = build_audience(campaign, size=3)
    waits: list[float] = []

    def due_now() -> Send:
        mailing = build_mailing(campaign, f"mailing-{Send.objects.count()}")
        return build_send(audience, mailing, slot_at=timezone.now())

    def has_left(send: Send) -> bool:
        if not workers[-1].alive:  # kombu may stumble over a connection that ends while it acknowledges; the supervisor
            workers.append(
                stack.enter_context(celery_worker(redis_env, name=f"worker-{len(workers)}"))
            )  # starts another
        return states_of(send) == {State.ACCEPTED: 3}

    def see_it_leave(send: Send, what: str) -> float:
        return wait_until(f"mail after {what}", lambda: has_left(send), AGAIN_SECONDS)

    with ExitStack() as stack:
        stack.enter_context(celery_beat(redis_env))
        workers = [stack.enter_context(celery_worker(redis_env))]
        see_it_leave(due_now(), "the start")
        for _number in range(5):
            own_redis.restart()
            waits.append(see_it_leave(due_now(), "a restart"))
        own_redis.freeze()
        send = due_now()  # a tick that runs right then may begin it; nobody can be woken for it
        time.sleep(120)
        own_redis.thaw()
        silence = see_it_leave(send, "two minutes of silence")

    assert len(smtp_sink.caught) == 7 * 3
    for send in Send.objects.all():
        assert states_of(send) == {State.ACCEPTED: 3}
    note(f"going again {max(waits):.1f} s after a restart at most, {silence:.1f} s after 2 minutes of silence")
    note(f"workers that had to be started anew: {len(workers) - 1}")


def empty(redis: Any) -> None:
    """FLUSHALL."""
    from redis import Redis

    with Redis.from_url(redis.url) as client:
        client.flushall()
