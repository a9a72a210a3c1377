"""Token buckets: all workers together keep to the limit, in Redis, in the database, and while Redis is away."""

import itertools
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from delivery.models import Bucket
from delivery.throttle import token_bucket
from tests.support.builders import NOON

NAMES = (f"test-{number}" for number in itertools.count(time.time_ns()))


@pytest.fixture(params=["rows", pytest.param("redis", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest, settings: Any, monkeypatch: Any) -> str:
    """Count in the database's rows, and in Redis where there is one."""
    monkeypatch.setattr(token_bucket, "_spare_redis_until", 0.0)
    if request.param == "rows":
        settings.REDIS_URL = ""
    return str(request.param)


@pytest.fixture
def name() -> str:
    """A bucket that nobody has used: Redis keeps them from one test to the next."""
    return next(NAMES)


@pytest.mark.django_db
class TestOneBucket:
    """What a bucket gives, and when."""

    def test_it_gives_what_it_holds_and_no_more(self, place, name):
        assert token_bucket.take(name, 6, rate=2, burst=10, at=NOON) == 6
        assert token_bucket.take(name, 6, rate=2, burst=10, at=NOON) == 4
        assert token_bucket.take(name, 6, rate=2, burst=10, at=NOON) == 0

    def test_tokens_come_back_at_the_rate_and_never_more_than_it_holds(self, place, name):
        assert token_bucket.take(name, 10, rate=2, burst=10, at=NOON) == 10

        assert token_bucket.take(name, 10, rate=2, burst=10, at=NOON + timedelta(seconds=1.6)) == 3
        assert token_bucket.take(name, 99, rate=2, burst=10, at=NOON + timedelta(hours=1)) == 10

    def test_slow_rates_add_up(self, place, name):
        taken = sum(
            token_bucket.take(name, 5, rate=0.1, burst=1, at=NOON + timedelta(seconds=seconds))
            for seconds in range(101)
        )

        assert taken == 11

    def test_a_clock_that_is_late_gets_no_token_twice(self, place, name):
        assert token_bucket.take(name, 10, rate=1, burst=10, at=NOON) == 10
        early, late = NOON + timedelta(seconds=5), NOON + timedelta(seconds=3)

        assert token_bucket.take(name, 10, rate=1, burst=10, at=early) == 5
        assert token_bucket.take(name, 10, rate=1, burst=10, at=late) == 0
        assert token_bucket.take(name, 10, rate=1, burst=10, at=early) == 0

    def test_a_clock_that_is_late_gets_what_is_there(self, place, name):
        assert token_bucket.take(name, 4, rate=1, burst=10, at=NOON) == 4

        assert token_bucket.take(name, 10, rate=1, burst=10, at=NOON - timedelta(seconds=3)) == 6

    def test_a_clock_that_was_an_hour_ahead_stops_nobody_once_it_is_right(self, place, name):
        token_bucket.take(name, 10, rate=1, burst=10, at=NOON + timedelta(hours=1))

        assert token_bucket.take(name, 10, rate=1, burst=10, at=NOON) == 0
        assert token_bucket.take(name, 10, rate=1, burst=10, at=NOON + timedelta(seconds=4)) == 4

    def test_a_limit_that_a_person_changes_holds_at_once(self, place, name):
        assert token_bucket.take(name, 99, rate=1, burst=10, at=NOON) == 10
        assert token_bucket.take(name, 99, rate=1, burst=15, at=NOON) == 5
        assert token_bucket.take(name, 99, rate=1, burst=3, at=NOON + timedelta(seconds=1)) == 0

    def test_nothing_wanted_costs_nothing(self, place, name, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert token_bucket.take(name, 0, rate=1, burst=1, at=NOON) == 0


@pytest.mark.django_db
class TestWhatIsNotForgotten:
    """Tokens that never come back are counted in the database, wherever the others are."""

    def test_a_daily_number_outlives_redis(self, name):
        assert token_bucket.take(name, 30, rate=0, burst=50, at=NOON) == 30

        assert Bucket.objects.get(name=name).taken == 30
        assert token_bucket.take(name, 30, rate=0, burst=50, at=NOON + timedelta(hours=11)) == 20
        assert token_bucket.take(name, 30, rate=0, burst=50, at=NOON + timedelta(hours=11)) == 0
        assert token_bucket.take(name, 30, rate=0, burst=60, at=NOON + timedelta(hours=11)) == 10

    def test_once_is_once(self, name):
        assert token_bucket.claim_once(name, at=NOON)
        assert not token_bucket.claim_once(name, at=NOON + timedelta(days=20))

    def test_old_buckets_go(self, name):
        token_bucket.claim_once(name, at=NOON)
        token_bucket.claim_once(f"{name}-newer", at=NOON + timedelta(days=20))

        token_bucket.forget(at=NOON + timedelta(days=31))

        assert list(Bucket.objects.values_list("name", flat=True)) == [f"{name}-newer"]


@pytest.mark.django_db
def test_while_redis_is_away_the_database_keeps_the_limit(settings, monkeypatch, caplog, name, held_up):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(token_bucket, "_spare_redis_until", 0.0)
    began = time.monotonic()

    given = [token_bucket.take(name, 10, rate=1, burst=25, at=NOON) for _call in range(4)]

    assert given == [10, 10, 5, 0]
    assert [record.levelname for record in caplog.records] == ["WARNING"]  # once, not at every window
    assert time.monotonic() - began < 10 + held_up()


@pytest.mark.fault
@pytest.mark.postgresql
def test_redis_is_asked_again_when_it_is_back(own_redis, settings, monkeypatch, name, db):
    settings.REDIS_URL = own_redis.url
    monkeypatch.setattr(token_bucket, "_spare_redis_until", 0.0)
    monkeypatch.setattr(token_bucket, "SPARE_REDIS_SECONDS", 0.2)
    assert token_bucket.take(name, 4, rate=1, burst=10, at=NOON) == 4
    assert not Bucket.objects.exists()

    own_redis.kill()
    assert token_bucket.take(name, 4, rate=1, burst=10, at=NOON) == 4
    assert Bucket.objects.get().taken == 4

    own_redis.start()
    time.sleep(0.3)
    assert token_bucket.take(name, 4, rate=1, burst=10, at=NOON) == 4
    assert Bucket.objects.get().taken == 4


def together(workers: int, call: Callable[[], int]) -> list[int]:
    """Call something in `workers` threads until two seconds are over; return what each got in all."""
    gate = threading.Barrier(workers)
    got = [0] * workers
    faults: list[Exception] = []

    def work(place: int) -> None:
        try:
            gate.wait(10)
            ends = time.monotonic() + 2
            while time.monotonic() < ends:
                got[place] += call()
                time.sleep(0.005)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[place]) for place in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not faults
    return got


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault
def test_four_workers_together_keep_to_the_limit(place, name, caplog):
    began = time.monotonic()

    got = together(4, lambda: token_bucket.take(name, 7, rate=100, burst=20, at=timezone.now()))

    lasted = time.monotonic() - began
    # Each time that Redis did not answer soon enough, the database's own bucket was full when it began to count, and
    # Redis's was full again when it was asked again.
    bursts = 1 + 2 * caplog.text.count("Redis is away")
    assert sum(got) <= 20 * bursts + 100 * lasted
    assert sum(got) >= 3 * 20  # and they use it, however busy the machine is


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault
def test_four_workers_together_keep_to_a_number_of_the_day(name):
    assert sum(together(4, lambda: token_bucket.take(name, 7, rate=0, burst=100, at=timezone.now()))) == 100


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault
def test_of_many_at_once_one_is_the_first_and_every_count_counts(name):
    def first() -> int:
        token_bucket.count(f"{name}-count", 1, at=timezone.now())
        return int(token_bucket.claim_once(name, at=timezone.now()))

    calls = itertools.count()

    def counted() -> int:
        next(calls)
        return first()

    assert sum(together(4, counted)) == 1
    assert Bucket.objects.get(name=f"{name}-count").taken == next(calls)
