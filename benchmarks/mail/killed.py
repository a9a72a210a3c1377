"""A worker that is killed in the middle of a send, beside the same send with nothing wrong."""

import contextlib
import os
import signal
import time
from datetime import timedelta
from itertools import pairwise
from typing import Any

from benchmarks import environment

from .fanout import plan
from .send import warm_up
from .urgent import beat, wait_until


def killed(recipients: int) -> dict[str, Any]:
    """
    Time a send by two workers, of which one is killed (SIGKILL) when a third has left, and started again after a second, as
    a supervisor does. `standstill_s` is the longest silence from then on, `limit_seconds` the send without it.
    """
    from delivery.models import Delivery

    with environment.workers(**{"urgent-planning": 1, "tick": 1}), contextlib.ExitStack() as others:
        one, _other = (others.enter_context(environment.workers(bulletin=1)) for _worker in range(2))
        warm_up(2)
        with beat():
            limit = seconds_of(plan(recipients, key="undisturbed", queue="bulletin", ahead=timedelta(0)))
            send = plan(recipients, key="disturbed", queue="bulletin", ahead=timedelta(0))
            rows = Delivery.objects.filter(send=send, state="accepted")
            wait_until(lambda: rows.count() > recipients // 3)
            at = time.time()
            for pid in one.pids:
                os.killpg(pid, signal.SIGKILL)
            time.sleep(1)
            others.enter_context(environment.workers(bulletin=1))
            seconds = seconds_of(send)
    ended = sorted(moment.timestamp() for moment in rows.values_list("finished_at", flat=True))
    silences = [later - earlier for earlier, later in pairwise([at, *(one for one in ended if one > at)])]
    return {
        "seconds": round(seconds, 1),
        "standstill_s": round(max(silences), 1),
        "limit_seconds": round(limit, 1),
        "ratio": round(seconds / limit, 2),
        "accepted": len(ended),
        "unknown": Delivery.objects.filter(send=send, state="unknown").count(),
    }


def seconds_of(send: Any) -> float:
    """Wait until a send that the beat starts is over, and return how long it took from its fan-out to its last mail."""
    from django.db.models import Max

    from delivery.models import Delivery

    def is_over() -> bool:
        send.refresh_from_db()
        return send.fanned_out_at is not None and not Delivery.objects.of(send).to_go().exists()

    wait_until(is_over)
    last = Delivery.objects.of(send).filter(state="accepted").aggregate(last=Max("finished_at"))["last"]
    return float((last - send.fanned_out_at).total_seconds())
