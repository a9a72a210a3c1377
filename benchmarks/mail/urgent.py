"""
Urgent bulletins while a digest of real size is under way: beat, tick, planning and a worker for each queue, as in production.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import environment
from operations import process_supervisor

from . import digest as digests
from .fanout import CONSENTS, fill
from .send import DEADLINE_SECONDS, analyse, warm_up
from .sinks import Sink

PROCESSES = 2  # for each queue of mail, as ./run serve starts them


def urgent(recipients: int, subscribers: int, sink: Sink) -> dict[str, Any]:
    """
    Approve urgent bulletins to `recipients` while a digest to `subscribers` is planned, fanned out and sent: seconds from
    the approval until mails were accepted, the worst of the three moments. `limit_…` is the same with nothing beside it.
    """
    from delivery.models import Delivery, Send
    from website.models import DigestRun

    queues = {"urgent-planning": 1, "tick": 1, "urgent": PROCESSES, "bulletin": PROCESSES, "digest": PROCESSES}
    sends = Send.objects.filter(mailing__is_digest=True)
    waiting = prepare(recipients)
    with environment.workers(**queues) as workers:
        warm_up(PROCESSES)
        with beat():
            alone = approve(waiting.pop())
        say(f"Alone: the first mail after {alone[0]:.2f} s. Writing {subscribers:,} subscribers …")
        digests.build(subscribers)
        agree()
        analyse()
        seconds, moments = {}, {}
        with beat():  # and with the first second the digest's slot, which was missed
            say("Waiting for the digest's slot …")
            wait_until(is_planning)
            moments["planned"] = DigestRun.objects.count() < len(digests.RHYTHMS)
            seconds["planned"] = approve(waiting.pop())
            say("Approved while the digest was planned. Waiting for its fan-out …")
            wait_until(sends.exclude(fanned_out_at=None).exists)
            moments["fanned_out"] = sends.filter(fanned_out_at=None).exists()
            seconds["fanned_out"] = approve(waiting.pop())
            say("Approved while it was fanned out. Waiting for its mails …")
            rows = Delivery.objects.filter(mailing__is_digest=True, state="accepted")
            wait_until(lambda: rows[:1000].count() == 1000)
            seconds["sent"] = approve(waiting.pop())
            moments["sent"] = sends.filter(state="sending").exists()
            sends.update(state=Send.State.PAUSED)
            memory = workers.rss_mb()
            wait_until(lambda: not Delivery.objects.filter(state="handing_off").exists())
    return {
        "digest": subscribers,
        "first_s": round(max(one[0] for one in seconds.values()), 2),
        **{f"p{share}_s": round(max(quantile(one, share) for one in seconds.values()), 2) for share in (50, 95, 99)},
        "last_s": round(max(one[-1] for one in seconds.values()), 2),
        "moments": {
            name: {"digest_was": moments[name], "first_s": round(one[0], 2), "p95_s": round(quantile(one, 95), 2)}
            for name, one in seconds.items()
        },
        "limit_first_s": round(alone[0], 2),
        "limit_p95_s": round(quantile(alone, 95), 2),
        "ratio": round(max(quantile(one, 95) for one in seconds.values()) / quantile(alone, 95), 2),
        "arrived_in_all": sink.messages(),
        "rss_mb": round(memory),
    }


def agree() -> None:
    """Let the database write down that every subscriber agreed to the digests."""
    from django.db import connection
    from django.utils import timezone

    from delivery.models import Consent

    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(CONSENTS.format(purpose=Consent.Purpose.DIGEST.value, key="subscriber"), [now, now])


def say(line: str) -> None:
    """Tell of a step as soon as it is reached."""
    print(line, file=sys.stderr, flush=True)


def prepare(recipients: int, *, bulletins: int = 4) -> list[Any]:
    """Write urgent bulletins that wait for their approval, each to an audience of `recipients`."""
    from django.utils import timezone

    from tests.support import builders

    campaign = builders.build_campaign("urgent")
    written = []
    for number in range(bulletins):
        audience = builders.build_audience(campaign, f"urgent-{number}")
        fill(audience, recipients, key=f"urgent-{number}")
        draft = builders.build_bulletin(campaign, audiences=[audience], at=timezone.now(), urgency="urgent")
        written.append(builders.submitted(draft, at=timezone.now()))
    analyse()
    return written


def approve(bulletin: Any) -> list[float]:
    """Approve a bulletin and return how long after it each of its mails was accepted, the shortest first."""
    from django.utils import timezone

    from bulletins.approval import approval_workflow
    from delivery.models import Delivery, Send
    from tests.support import builders

    at = timezone.now()
    version = approval_workflow.approve_and_publish(
        bulletin, digest=bulletin.digest, by=builders.second_person(), at=at
    )
    send = Send.objects.get(mailing=version.mailing_id)

    def is_over() -> bool:
        send.refresh_from_db()
        return send.fanned_out_at is not None and not Delivery.objects.of(send).to_go().exists()

    wait_until(is_over)
    ended = Delivery.objects.of(send).filter(state="accepted").values_list("finished_at", flat=True)
    return sorted((moment - at).total_seconds() for moment in ended if moment)


def is_planning() -> bool:
    """Return whether someone plans the digest of an audience: that is held meanwhile."""
    from django.db import OperationalError, transaction

    from delivery.models import Audience

    try:
        with transaction.atomic():
            list(Audience.objects.filter(kind="digest").select_for_update(no_key=True, nowait=True))
    except OperationalError:
        return True
    return False


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


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for something. Stop with a sentence when it does not come."""
    gives_up_at = time.monotonic() + DEADLINE_SECONDS
    while not happened():
        if time.monotonic() > gives_up_at:
            raise SystemExit("Not measured: the sends did not end.")
        time.sleep(0.1)


def quantile(seconds: list[float], share: int) -> float:
    """Return within how many seconds `share` of a hundred were done."""
    return seconds[max(0, -(-len(seconds) * share // 100) - 1)]
