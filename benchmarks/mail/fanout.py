"""From a send to its rows, timed beside bare INSERT … SELECTs of the same rows."""

import resource
import time
from collections import defaultdict
from datetime import timedelta
from typing import Any

from .send import analyse, build

# Written by the database itself: building a million people in Python would take longer than all that is measured.
PEOPLE = """
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {number})
INSERT INTO delivery_recipient (email, address_hash, name, language, state, created_at)
SELECT '{key}' || n || '@example.net', '{key}' || n, 'Reader ' || n,
       CASE n %% 3 WHEN 0 THEN 'fi' WHEN 1 THEN 'sv' ELSE 'en' END, 'active', %s FROM counted
"""
MEMBERS = """
INSERT INTO delivery_membership (audience_id, recipient_id, joined_at, reason, left_because)
SELECT {audience}, id, %s, '', '' FROM delivery_recipient WHERE address_hash LIKE '{key}%%'
"""
# The hand-over asks for it.
CONSENTS = """
INSERT INTO delivery_consent (recipient_id, purpose, text_version, language, source, given_at, confirmed_at)
SELECT id, '{purpose}', '1', language, 'bench', %s, %s FROM delivery_recipient WHERE address_hash LIKE '{key}%%'
"""


def fill(audience: Any, number: int, *, key: str) -> None:
    """Let the database write `number` members of an audience, who joined yesterday and agreed to its mail."""
    from django.db import connection
    from django.utils import timezone

    joined = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE.format(number=number, key=key), [joined])
        cursor.execute(MEMBERS.format(audience=audience.pk, key=key), [joined])
        cursor.execute(CONSENTS.format(purpose=audience.purpose.value, key=key), [joined, joined])


def plan(recipients: int, *, key: str, queue: str, ahead: timedelta) -> Any:
    """Write an audience of `recipients` by the database itself, and a send to it that is due in a moment."""
    from django.utils import timezone

    from delivery.models import Send

    planned = build(0, key=key, queue=queue)
    Send.objects.filter(pk=planned.pk).update(state=Send.State.PAUSED)  # nothing of it is there yet
    fill(planned.audience, recipients, key=key)
    analyse()
    Send.objects.filter(pk=planned.pk).update(state=Send.State.PLANNED, slot_at=timezone.now() + ahead)
    planned.refresh_from_db()
    return planned


def fanout(recipients: int) -> dict[str, Any]:
    """
    Time a fan-out to a tenth and to all of `recipients`. The limit is the same INSERT … SELECT by itself into a table
    like the ledger with its primary key only; `keyless` is into one with no key at all, `both_keys` into one that keeps a
    person from getting a mailing twice, too.
    """
    tenth = one(recipients // 10, "tenth")
    whole = one(recipients, "whole")
    return {
        **whole,
        "ten_times_the_rows": round(whole["seconds"] / tenth["seconds"], 1),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def one(recipients: int, key: str) -> dict[str, Any]:
    """Build an audience, fan out, and time the limits."""
    from django.utils import timezone

    from delivery.fanout import fanout

    from .send import analyse, build

    planned = build(0, key=key)
    fill(planned.audience, recipients, key=key)
    analyse()
    settle()
    began = time.monotonic()
    rows = fanout.fan_out(planned, at=timezone.now())
    seconds = time.monotonic() - began
    keyed = min(bare(planned, keyed=True) for _time in range(2))
    both = min(bare(planned, keyed=True, once_each=True) for _time in range(2))
    keyless = min(bare(planned, keyed=False) for _time in range(2))
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "per_second": round(rows / seconds),
        "limit_seconds": round(keyed, 2),
        "ratio": round(seconds / keyed, 2),
        "both_keys_seconds": round(both, 2),
        "both_keys_ratio": round(seconds / both, 2),
        "keyless_seconds": round(keyless, 2),
        "keyless_ratio": round(seconds / keyless, 2),
    }


def settle() -> None:
    """Let PostgreSQL write down what the preparations left, so that this does not fall into the measurement."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")


def empty_ledger(*, keyed: bool) -> None:
    """Make an empty table "bare" like the ledger, with its primary key only, or with no key at all."""
    from django.db import connection

    from delivery.models import Delivery

    postgresql = connection.vendor == "postgresql"
    kept = [str(field.column) for field in Delivery._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(kept)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        if postgresql:
            key = "INCLUDING IDENTITY" if keyed else "INCLUDING DEFAULTS"
            cursor.execute(f"CREATE TABLE bare (LIKE delivery_delivery {key})")
            if keyed:
                cursor.execute("ALTER TABLE bare ADD PRIMARY KEY (id)")
            else:
                cursor.execute("ALTER TABLE bare ALTER id DROP NOT NULL")
        else:
            cursor.execute(f"CREATE TABLE bare (id integer {'PRIMARY KEY AUTOINCREMENT' if keyed else ''}, {columns})")


def bare(planned: Any, *, keyed: bool, once_each: bool = False) -> float:
    """
    Time a bare INSERT … SELECT of the same rows into a table like the ledger, with or without its primary key, and `once_each`
    with its other key.
    """
    from django.db import connection, transaction
    from django.utils import timezone

    from delivery.fanout import fanout
    from delivery.models import Membership, Recipient

    empty_ledger(keyed=keyed)
    if once_each:
        with connection.cursor() as cursor:
            cursor.execute("CREATE UNIQUE INDEX bare_once_each ON bare (mailing_id, recipient_id)")
    settle()
    began = time.monotonic()
    tables = {
        "delivery": "bare",
        "membership": Membership._meta.db_table,
        "recipient": Recipient._meta.db_table,
        "languages": "'fi', 'sv', 'en'",
        "easy": "NULL",
        "who": "r",
    }
    sql = fanout.INSERT.format_map(defaultdict(str, tables))  # none of the clauses that choose among the members
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = {"send": planned.pk, "mailing": planned.mailing_id, "audience": planned.audience_id, "at": now}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, {**values, "fallback": "en", "channel": "mail"})
    return time.monotonic() - began
