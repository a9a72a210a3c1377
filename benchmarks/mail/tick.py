"""The tick beside open sends of which hardly anything is left to go."""

import statistics
import sys
import time
from datetime import timedelta
from typing import Any

from .send import build

ROWS = 1_000_000
TICKS = 7
LEDGER = """
INSERT INTO delivery_delivery (send_id, mailing_id, recipient_id, language, state, attempts, crashes, code, detail,
                               provider_id, possible_duplicate, receipt, finished_at)
SELECT {send}, {mailing}, n, 'en', 'accepted', 1, 0, '250', '', '', FALSE, 0, %s FROM generate_series(1, {rows}) AS n
"""


def tick(sends: int) -> dict[str, Any]:
    """Time the idle tick beside `sends` open sends of a million rows, of which one is deferred in each; and beside none."""
    from django.db import connection

    from config.tick import STEPS, take

    take(STEPS)
    limit = one(STEPS)
    for number in range(sends):
        leave_open(build(0, key=f"open-{number}"))
        print(f"{number + 1} of {sends} sends written", file=sys.stderr, flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) delivery_delivery")
    take(STEPS)  # the first one counts each of them
    seconds = [one(STEPS) for _tick in range(TICKS)]
    slowest = sorted(((one((step,)), f"{step.__module__}.{step.__name__}") for step in STEPS), reverse=True)[:3]
    return {
        "rows": sends * ROWS,
        "seconds": round(max(seconds), 2),
        "p50_s": round(statistics.median(seconds), 2),
        "limit_seconds": round(limit, 2),
        "ratio": round(max(seconds) / limit, 1),
        "slowest": {name: round(took, 2) for took, name in slowest},
    }


def one(steps: Any) -> float:
    """Time these steps."""
    from config.tick import take

    began = time.monotonic()
    take(steps)
    return time.monotonic() - began


def leave_open(send: Any) -> None:
    """Write the rows of a send that left an hour ago, but for one that is tried again tomorrow."""
    from django.db import connection
    from django.db.models import Max
    from django.utils import timezone

    from delivery.models import Delivery, Send

    now = timezone.now()
    before = Delivery.objects.aggregate(last=Max("pk"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute(LEDGER.format(send=send.pk, mailing=send.mailing_id, rows=ROWS), [now - timedelta(hours=1)])
    last = Delivery.objects.aggregate(last=Max("pk"))["last"]
    Delivery.objects.filter(pk=last).update(state="deferred", finished_at=None, next_attempt_at=now + timedelta(days=1))
    Send.objects.filter(pk=send.pk).update(
        state="sending",
        fanned_out_at=now - timedelta(hours=2),
        served_at=now - timedelta(hours=1),
        candidates=ROWS,
        first_delivery=before + 1,
        last_delivery=last,
        claimed_up_to=last,
    )
