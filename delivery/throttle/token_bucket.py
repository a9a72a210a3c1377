"""
Token buckets that every worker on every host takes from: in Redis, or in the database without it.

A bucket remembers how many tokens are out of it; they come back at a rate. What must not be forgotten (a rate of 0:
so many and no more) is always counted in the database. While Redis is away the database counts for it, so that all
workers together still keep to the limit.

Each host brings its own time. One whose clock is a little late waits a little longer; no token comes back twice.
"""

import logging
import math
import time
from datetime import datetime, timedelta
from functools import lru_cache

import redis
from django.conf import settings
from django.db import transaction
from django.db.models import F
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from delivery.models import Bucket

log = logging.getLogger(__name__)

AHEAD = timedelta(seconds=30)  # a bucket further in the future than this was counted by a clock that was wrong
SPARE_REDIS_SECONDS = 5  # how long Redis is not asked again after it didn't answer
TRIES = 20  # against other workers on one row, each of which got its tokens when this one did not
FORGOTTEN_AFTER = timedelta(days=30)
ROUNDING = 1e-6

TAKE = """
local wanted, rate, burst, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local held = redis.call('HMGET', KEYS[1], 'taken', 'at')
local taken, at = tonumber(held[1] or '0'), tonumber(held[2] or ARGV[4])
if at - now > tonumber(ARGV[5]) then at = now end
taken = math.max(0, taken - math.max(0, now - at) * rate)
local granted = math.max(0, math.min(wanted, math.floor(burst - taken + 0.000001)))
taken = taken + granted
redis.call('HSET', KEYS[1], 'taken', string.format('%.6f', taken), 'at', string.format('%.6f', math.max(now, at)))
redis.call('EXPIRE', KEYS[1], math.ceil(taken / rate) + 60)
return granted
"""

_spare_redis_until = 0.0


def take(name: str, wanted: int, *, rate: float, burst: float, at: datetime) -> int:
    """
    Take up to `wanted` tokens out of a bucket that holds `burst` and gets `rate` back a second; return how many it
    had. With a rate of 0 none ever comes back. `name` has at most 300 characters.
    """
    global _spare_redis_until
    if wanted <= 0:
        return 0
    if rate and settings.REDIS_URL and time.monotonic() >= _spare_redis_until:
        try:
            return _take_from_redis(name, wanted, rate, burst, at)
        except redis.RedisError as fault:
            _spare_redis_until = time.monotonic() + SPARE_REDIS_SECONDS
            log.warning("Redis is away (%s); the database counts how fast mail leaves.", fault)
    return _take_from_row(name, wanted, rate, burst, at)


def claim_once(name: str, *, at: datetime) -> bool:
    """Return whether this is the first call for `name`, of however many at once."""
    return take(name, 1, rate=0, burst=1, at=at) == 1


def count(name: str, number: int, *, at: datetime) -> int:
    """Add `number` to a count that only grows, and return what it is just then."""
    with transaction.atomic():  # the row stays ours until it is read
        Bucket.objects.bulk_create([Bucket(name=name, at=at)], ignore_conflicts=True)
        row = Bucket.objects.filter(name=name)
        row.update(taken=F("taken") + number, at=at)
        return round(row.values_list("taken", flat=True)[0])


def give_back(name: str) -> None:
    """Forget a bucket, so that it is full again."""
    Bucket.objects.filter(name=name).delete()


def forget(*, at: datetime) -> int:
    """Remove the buckets that nobody has taken from for a month; return how many."""
    return Bucket.objects.filter(at__lt=at - FORGOTTEN_AFTER).delete()[0]


def _take_from_redis(name: str, wanted: int, rate: float, burst: float, at: datetime) -> int:
    key = f"{settings.REDIS_PREFIX}:bucket:{name}"
    now = f"{at.timestamp():.6f}"
    granted = _script(settings.REDIS_URL)(keys=[key], args=[wanted, rate, burst, now, AHEAD.total_seconds()])
    return int(granted)


@lru_cache(maxsize=4)
def _script(url: str) -> Script:
    """Return the script on a client of its own, which gives up soon: a worker must not wait for a limit."""
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 1))
    return client.register_script(TAKE)


def _take_from_row(name: str, wanted: int, rate: float, burst: float, at: datetime) -> int:
    for _try in range(TRIES):
        row = Bucket.objects.filter(name=name).values_list("taken", "at").first()
        if row is None:
            Bucket.objects.bulk_create([Bucket(name=name, at=at)], ignore_conflicts=True)
            continue
        seen, since = row
        start = at if since - at > AHEAD else since
        taken = max(0.0, seen - max(0.0, (at - start).total_seconds()) * rate)
        granted = max(0, math.floor(min(wanted, burst - taken + ROUNDING)))
        if not granted and start == since:
            return 0
        mine = Bucket.objects.filter(name=name, taken=seen, at=since)
        if mine.update(taken=taken + granted, at=max(start, at)):
            return granted
    return 0
