"""
How often something may be done from one place. Counted in the database, so it holds for all processes and without
Redis. Of the place a keyed hash is kept, and only for as long as it counts.
"""

import ipaddress
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from .keying import mark
from .models import Attempt


def allow(bucket: str, key: str, *, most: int, seconds: int, at: datetime | None = None) -> bool:
    """
    Tell whether `key` may do it once more: at most `most` times in the last `seconds`; if so, it is counted.

    `bucket` names what is done ("report"). What is refused does not count, so waiting always helps. `at` is now.
    """
    at = at or timezone.now()
    key_hash = code_of(bucket, key)
    with transaction.atomic():
        one_at_a_time(f"{bucket} {key_hash}")
        counted = Attempt.objects.filter(bucket=bucket, key_hash=key_hash)
        counted.filter(until__lte=at).delete()
        if counted.count() >= most:
            return False
        Attempt.objects.create(bucket=bucket, key_hash=key_hash, until=at + timedelta(seconds=seconds))
    return True


def give_back(bucket: str, key: str) -> None:
    """Count one less: what was allowed last did not happen."""
    last = Attempt.objects.filter(bucket=bucket, key_hash=code_of(bucket, key)).order_by("-pk").first()
    if last is not None:
        last.delete()


def code_of(bucket: str, key: str) -> str:
    """Return what is kept of whoever does something: an HMAC-SHA256 (hex)."""
    return mark("accounts.limiting", f"{bucket}\n{key}")


def forget_old(*, at: datetime) -> int:
    """Delete what no longer counts, and return how many rows that were."""
    return Attempt.objects.filter(until__lte=at).delete()[0]


def place_of(request: HttpRequest) -> str:
    """Return the network address that a request comes from; of IPv6 the half that a household has."""
    address = get_adapter().get_client_ip(request)
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    if known.version == 6:
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def one_at_a_time(name: str) -> None:
    """Wait until nobody else counts the same, until the end of the transaction. (SQLite has one writer anyway.)"""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
