"""
How old rows of the ledger leave: a month at once.

On PostgreSQL the ledger is partitioned by the keys of mailings, BLOCK of them each. With a month's first mailing a new block
begins: the partition is made, and the rest of the old block's keys are left out. So a partition holds what was mailed in a
month, a row's place follows from its mailing alone, and all that names the mailing reads one partition. When nobody needs to
know any more whom a month's mail went to, its totals are kept and its table is dropped. On SQLite the same rows are deleted,
some at a time.
"""

import logging
from datetime import UTC, datetime

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from delivery.models import Delivery, Mailing, Send
from delivery.reports import ledger_totals

log = logging.getLogger(__name__)

BLOCK = 1_000_000
MANY = 1_000  # rows that the planner has to know of at once
ROUGHLY = 10  # of 100: a tenth of the rows that autovacuum looks at within a minute, in a tenth of the time
AT_ONCE = 5_000  # rows, where they are deleted
PATIENCE = "300ms"  # for which a table to be dropped may keep others waiting
TABLE = Delivery._meta.db_table


def month_of(moment: datetime) -> tuple[int, int]:
    """Return year and month, in UTC."""
    there = moment.astimezone(UTC)
    return there.year, there.month


# --- Beginning ------------------------------------------------------------------------------------


def start_month(*, at: datetime) -> None:
    """Begin a new block where the current one has mailings of an earlier month; two queries, on PostgreSQL only."""
    if connection.vendor != "postgresql":
        return
    newest = Mailing.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    block = newest // BLOCK
    first = Mailing.objects.filter(pk__gte=block * BLOCK).order_by("pk").values_list("created_at", flat=True).first()
    if first is None or month_of(first) >= month_of(at):
        return
    add_partition(block + 1)
    with connection.cursor() as cursor:
        sequence = f"{Mailing._meta.db_table}_id_seq"
        start = (block + 1) * BLOCK
        cursor.execute(f"SELECT setval('{sequence}', GREATEST(last_value, %s)) FROM {sequence}", [start])  # noqa: S608  a name of ours


def ensure_partition(mailing_id: int) -> None:
    """Make the place of a mailing's rows where it was dropped already: something old goes out once more. One query."""
    if connection.vendor == "postgresql":
        add_partition(mailing_id // BLOCK)


def add_partition(block: int) -> None:
    """Make the partition of a block, if there is none. Nobody who reads or writes the ledger waits for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        name = f"{TABLE}_{block}"
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() == (None,):
            # Made by itself and attached, which locks the ledger less than making it as a part of it.
            cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS)")
            cursor.execute(
                f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ({block * BLOCK}) TO ({(block + 1) * BLOCK})"
            )


def note_growth(mailing_id: int, *, rows: int) -> None:
    """
    Have PostgreSQL look at the place of a mailing's rows, where many have just been written. To what it knows of an empty table
    every index is as good as another, and it would read the whole mailing whenever a worker claims some rows of it.
    """
    if rows >= MANY and connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL default_statistics_target TO {ROUGHLY}")
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {TABLE}_{mailing_id // BLOCK}")
            cursor.execute("SET LOCAL default_statistics_target TO DEFAULT")


# --- Leaving --------------------------------------------------------------------------------------


def remove_old(*, at: datetime) -> int:
    """
    Take one step: keep the totals of one send whose rows name nobody any more; or, where that is done for all of a month, let
    the rows go. Return 0 when nothing is left to do, or when it has to wait.
    """
    old = Send.objects.filter(first_delivery__isnull=False, unlinked_at__isnull=False).order_by("pk")
    if send := old.filter(summed_at=None).first():
        ledger_totals.keep(send, at=at)
        return 1
    return drop_block(old) if connection.vendor == "postgresql" else delete_rows(old.first())


def drop_block(old: QuerySet[Send]) -> int:
    """Drop the oldest partition of which only totals are needed; return how many were dropped."""
    newest = Mailing.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for block in sorted({pk // BLOCK for pk in old.values_list("mailing", flat=True)} - {newest // BLOCK}):
        of_block = Send.objects.filter(mailing__gte=block * BLOCK, mailing__lt=(block + 1) * BLOCK)
        with_rows = of_block.filter(first_delivery__isnull=False)
        if not with_rows.filter(summed_at=None).exists() and drop_partition(block):
            return with_rows.update(first_delivery=None, last_delivery=None)
    return 0


def drop_partition(block: int) -> bool:
    """Drop the partition of a block; return False when others are reading the ledger, who are not kept waiting."""
    name = f"{TABLE}_{block}"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
    except OperationalError:
        log.info("The ledger is being read; %s is dropped another time.", name)
        return False
    return True


def delete_rows(send: Send | None) -> int:
    """Delete some of the rows of a send of which only totals are needed; return how many."""
    if send is None:
        return 0
    rows = Delivery.objects.filter(send=send, pk__range=(send.first_delivery, send.last_delivery)).order_by("pk")
    some = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    if some:
        Delivery.objects.filter(send=send, pk__range=(some[0], some[-1])).delete()
    else:
        Send.objects.filter(pk=send.pk).update(first_delivery=None, last_delivery=None)
    return 1
