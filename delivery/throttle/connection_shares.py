"""
How many connections each worker may have to a mailer: the limit of the mailer (MailerLimit.connections), shared out among
all workers on all hosts.

A share is a part of a worker's lease. It is free again when the lease ends, and when its worker falls silent: whatever
that does meanwhile, it opens no connection without its lease. Each queue leaves a fifth of the limit to every more urgent
one. docs/developing/decisions/delivery/0037-connection-shares.md says why.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from delivery.models import Lease, MailerLimit, Mailing

DEFAULT = MailerLimit._meta.get_field("connections").default


def most(limit: int, queue: str) -> int:
    """Return how many of the `limit` connections of a mailer the workers of a queue may have in all, one at least."""
    more_urgent = Mailing.Queue.values.index(queue)
    return max(1, limit - more_urgent * max(1, limit // 5))


def free(mailer: str, queue: str, *, at: datetime) -> int:
    """Return how many connections to a mailer nobody has and the workers of a queue may have; two queries."""
    limit = MailerLimit.objects.filter(mailer=mailer).values_list("connections", flat=True).first()
    return max(0, most(limit or DEFAULT, queue) - used(mailer, at=at))


def used(mailer: str, *, at: datetime) -> int:
    """Return how many connections to a mailer the workers may have that were alive at `at`."""
    return Lease.objects.filter(mailer=mailer, until__gt=at).aggregate(sum=Sum("connections"))["sum"] or 0


def take(lease: Lease, *, at: datetime) -> bool:
    """Store a new lease with one connection to its mailer; return whether there was one to have."""
    with transaction.atomic():
        if free_and_locked(lease.mailer, lease.send.mailing.queue, at=at) < 1:
            return False
        lease.connections = 1
        lease.save()
        return True


def change(lease: Lease, wanted: int, *, at: datetime) -> int:
    """Let the worker of a lease have `wanted` connections, or as many more as are free; return how many it has now."""
    if wanted > lease.connections:
        with transaction.atomic():
            more = free_and_locked(lease.mailer, lease.send.mailing.queue, at=at)
            lease.connections = min(wanted, lease.connections + more)
            Lease.objects.filter(pk=lease.pk).update(connections=lease.connections)
    elif wanted < lease.connections:
        lease.connections = wanted
        Lease.objects.filter(pk=lease.pk).update(connections=wanted)
    return lease.connections


def free_and_locked(mailer: str, queue: str, *, at: datetime) -> int:
    """Return how many are free, and let nobody else ask before the transaction ends. The limit's row is made when missing."""
    limits = MailerLimit.objects.select_for_update(no_key=True)
    limit = (
        limits.filter(mailer=mailer).first()
        or limits.get_or_create(mailer=mailer, defaults=MailerLimit.stated(mailer))[0]
    )
    return max(0, most(limit.connections, queue) - used(mailer, at=at))
