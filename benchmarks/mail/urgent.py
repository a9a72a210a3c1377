"""An urgent send while a digest of real size is under way: beat, tick and a worker for each queue, as in production."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import environment
from operations import process_supervisor

from .fanout import fill
from .send import DEADLINE_SECONDS, analyse, build, warm_up
from .sinks import Sink

DIGEST = 100_000
PROCESSES = 2  # for each queue, as ./run serve starts them
AHEAD = timedelta(seconds=5)


def urgent(recipients: int, sink: Sink) -> dict[str, Any]:
    """
    Time an urgent send to `recipients` while a digest to 100,000 is being sent: seconds from its slot until each mail
    was accepted, and the digest's rate meanwhile. `limit_…` is the same send with nothing beside it.
    """
    from delivery.models import Delivery

    with environment.workers(tick=1, urgent=PROCESSES, bulletin=PROCESSES, digest=PROCESSES) as workers, beat():
        warm_up(PROCESSES)
        alone = seconds_after_slot(wait_for(plan(recipients, key="alone", queue="urgent", ahead=AHEAD)))
        digest = plan(DIGEST, key="digest", queue="digest", ahead=timedelta(0))
        rows = Delivery.objects.filter(send=digest, state="accepted")
        wait_until(lambda: rows.count() > DIGEST // 50)
        began = rows.count(), time.monotonic()
        planned = plan(recipients, key="urgent", queue="urgent", ahead=AHEAD)
        seconds = seconds_after_slot(wait_for(planned))
        ended = rows.count(), time.monotonic()
        under_way = Delivery.objects.filter(send=digest).to_go().exists()
        digest.refresh_from_db()
        digest.cancel()
        memory = workers.rss_mb()
        wait_until(lambda: not Delivery.objects.filter(send=digest, state="handing_off").exists())
    return {
        "digest": DIGEST,
        "digest_under_way": under_way,
        "digest_per_second": per_second(began, ended),
        "first_s": round(seconds[0], 2),
        **{f"p{share}_s": round(quantile(seconds, share), 2) for share in (50, 95, 99)},
        "last_s": round(seconds[-1], 2),
        "limit_first_s": round(alone[0], 2),
        "limit_p95_s": round(quantile(alone, 95), 2),
        "ratio": round(quantile(seconds, 95) / quantile(alone, 95), 2),
        "accepted": len(seconds),
        "arrived_in_all": sink.messages(),
        "rss_mb": round(memory),
    }


@contextlib.contextmanager
def beat() -> Iterator[None]:
    """Run the beat, which asks for the tick and for what is due each second."""
    with tempfile.TemporaryDirectory(prefix="beat-") as folder:
        process = subprocess.Popen(
            process_supervisor.celery_beat(Path(folder)),
            cwd=environment.ROOT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


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


def wait_for(planned: Any) -> Any:
    """Wait until a send that the beat starts has nothing more to go, and return it."""
    from delivery.models import Delivery, Send

    wait_until(
        lambda: (
            Send.objects.filter(pk=planned.pk).exclude(fanned_out_at=None).exists()
            and not Delivery.objects.filter(send=planned).to_go().exists()
        )
    )
    return planned


def wait_until(happened: Any) -> None:
    """Wait for something. Stop with a sentence when it does not come."""
    gives_up_at = time.monotonic() + DEADLINE_SECONDS
    while not happened():
        if time.monotonic() > gives_up_at:
            raise SystemExit("Not measured: the sends did not end.")
        time.sleep(0.2)


def seconds_after_slot(planned: Any) -> list[float]:
    """Return how long after the slot each mail was written down as accepted, the shortest first."""
    from delivery.models import Delivery

    ended = Delivery.objects.filter(send=planned, state="accepted").values_list("finished_at", flat=True)
    return sorted((at - planned.slot_at).total_seconds() for at in ended if at)


def quantile(seconds: list[float], share: int) -> float:
    """Return within how many seconds `share` of a hundred were done."""
    return seconds[max(0, -(-len(seconds) * share // 100) - 1)]


def per_second(first: tuple[int, float], last: tuple[int, float]) -> int:
    """Return the rate between two counts, each with its time."""
    return round((last[0] - first[0]) / max(last[1] - first[1], 0.001))
