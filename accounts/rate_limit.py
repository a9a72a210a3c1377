"""
How often something may be done from one place. Counted in the database, so it holds for all processes and without
Redis. Of the place a keyed hash is kept, and only for as long as it counts.

A place of IPv6 is what a household has (/64). Whoever rents a server is often given 65,536 of those (/48), so the network
around the place is counted as well, wherever a place is.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.crypto.keyed_hashes import mark

from .models import Attempt

FORGOTTEN_AT_ONCE = 5_000  # rows
PLACES_OF_A_NETWORK = 8  # whose worth a whole /48 may do: offices and mobile networks hold many households
PLACES_FOR_AN_OWNER = 4  # of them for one owner's door, so that no network reaches its ceiling (guarding) alone


def allow(bucket: str, key: str, *, most: int, seconds: int, at: datetime | None = None) -> bool:
    """
    Return whether `key` may do it once more: at most `most` times in the last `seconds`; if so, it is counted.

    `bucket` names what is done ("report"). What is refused does not count, so waiting always helps. `at` is now.
    """
    at = at or timezone.now()
    counts = counts_of(bucket, key, most)
    with transaction.atomic():
        for key_hash, ceiling in counts:
            one_at_a_time(f"{bucket} {key_hash}")
            counted = Attempt.objects.filter(bucket=bucket, key_hash=key_hash)
            counted.filter(until__lte=at).delete()
            if counted.count() >= ceiling:
                return False
        until = at + timedelta(seconds=seconds)
        Attempt.objects.bulk_create(
            Attempt(bucket=bucket, key_hash=key_hash, until=until) for key_hash, _most in counts
        )
    return True


def is_used_up(bucket: str, key: str, *, most: int, at: datetime | None = None) -> bool:
    """Return whether `key` may not do it once more (`allow`); nothing is counted. One query for each of its places."""
    counting = Attempt.objects.filter(bucket=bucket, until__gt=at or timezone.now())
    return any(counting.filter(key_hash=code).count() >= ceiling for code, ceiling in counts_of(bucket, key, most))


def refund(bucket: str, key: str) -> None:
    """Count one less: what was allowed last did not happen."""
    for key_hash, _most in counts_of(bucket, key):
        last = Attempt.objects.filter(bucket=bucket, key_hash=key_hash).order_by("-pk").first()
        if last is not None:
            last.delete()


@dataclass(frozen=True)
class Limit:
    """So many times (`most`) in so many `seconds`, counted under the name `bucket`."""

    bucket: str
    most: int
    seconds: int

    def allow(self, key: str, *, at: datetime | None = None) -> bool:
        """Return whether `key` may do it once more; if so, it is counted. `at` is now."""
        return allow(self.bucket, key, most=self.most, seconds=self.seconds, at=at)

    def give_back(self, key: str) -> None:
        """Count one less."""
        refund(self.bucket, key)


type Counted = list[tuple[Limit, str]]  # by which limits something is counted, and under which keys


@dataclass(frozen=True, kw_only=True)
class StrangerLimits:
    """
    How often strangers may do something for one owner: from one place for that owner, from one place for anyone (None: without a
    limit of its own), and for one owner from wherever.
    """

    from_place_for_owner: Limit
    from_place: Limit | None
    for_owner: Limit

    def counts_of_strangers(self, place: str, owner: str) -> Counted:
        """Return what a stranger's try is counted by. The ceiling is last: what a place may not do does not count there."""
        of_place = [(self.from_place, place)] if self.from_place else []
        return [*of_place, (self.from_place_for_owner, f"{place} {owner}"), (self.for_owner, owner)]


def allow_all(counts: Counted, *, at: datetime | None = None) -> bool:
    """Return whether all limits allow it. What one of them refuses does not count for the others."""
    return exceeded_limit(counts, at=at) is None


def exceeded_limit(counts: Counted, *, at: datetime | None = None) -> Limit | None:
    """Return the limit that does not allow it; None when all do, and then it is counted by each."""
    for number, (limit, key) in enumerate(counts):
        if not limit.allow(key, at=at):
            refund_all(counts[:number])
            return limit
    return None


def refund_all(counts: Counted) -> None:
    """Count one less of each."""
    for limit, key in counts:
        limit.give_back(key)


def counts_of(bucket: str, key: str, most: int = 0) -> list[tuple[str, int]]:
    """
    Return under which codes something is counted, and how often each may: a place, or a place and whom it tries for
    ("2001:db8:1:2::/64 alma@…"); and the same with the network around it.
    """
    place, space, owner = key.partition(" ")
    around, worth = network_of(place), PLACES_FOR_AN_OWNER if owner else PLACES_OF_A_NETWORK
    wider = [(code_of(bucket, f"{around}{space}{owner}"), most * worth)] if around else []
    return [(code_of(bucket, key), most), *wider]


def code_of(bucket: str, key: str) -> str:
    """Return what is kept of whoever does something: an HMAC-SHA256 (hex)."""
    return mark("accounts.rate_limit", f"{bucket}\n{key}")


def forget_old(*, at: datetime) -> int:
    """Delete some of what no longer counts, and return how many rows that were."""
    some = Attempt.objects.filter(until__lte=at).order_by("until").values("pk")[:FORGOTTEN_AT_ONCE]
    return Attempt.objects.filter(pk__in=some).delete()[0]


def client_address(request: HttpRequest) -> str:
    """Return the IP address that a request comes from; of IPv6 the half that a household has."""
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


def network_of(place: str) -> str:
    """Return the network (/48) around a place of IPv6; "" around any other, and of what is no place."""
    if not place.endswith("/64"):
        return ""
    try:
        return str(ipaddress.IPv6Network(place).supernet(new_prefix=48))
    except ValueError:
        return ""


def one_at_a_time(name: str) -> None:
    """Wait until nobody else counts the same, until the end of the transaction. (SQLite has one writer anyway.)"""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
