"""The disk runs full while mail is on its way: everything of ours is on it, and on nothing else."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from delivery.models import Delivery, Send
from delivery.sending.journal import MOST
from operations import process_supervisor
from operations.process_supervisor import Supervisor
from tests.faults.support.oracle import assert_accounted_for, in_doubt, note
from tests.faults.support.workers import ALL_QUEUES, PROCESSES, wait_until
from tests.support import migrated_database, system_parts
from tests.support.builders import (
    build_audience,
    build_campaign,
    build_fanned_out_send,
    build_mailing,
    build_send,
    states_of,
)

from .conftest import working_on

State = Delivery.State
pytestmark = [
    pytest.mark.fault,
    pytest.mark.fault(20),
    pytest.mark.skipif(
        os.geteuid() != 0 or sys.platform != "linux",
        reason="a small file system can be mounted only by root on Linux",
    ),
]
SIZE = 400


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 600 MB."""
    place = Path(tempfile.mkdtemp(prefix="disk-", dir=system_parts.short_temporary_folder()))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600m,mode=755", "tmpfs", str(place)], capture_output=True, text=True
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        place.rmdir()


@pytest.fixture
def database_on_it(small_disk: Path, django_db_blocker: Any) -> Iterator[str]:
    """A database on the small disk, of the kind that is tested now; its address."""
    if connection.vendor == "sqlite":
        url = f"sqlite:///{small_disk}/db.sqlite3"
        migrated_database.copy_file(small_disk / "db.sqlite3")
        with working_on(url, django_db_blocker):
            yield url
        return
    server = migrated_database.PostgreSQL(durable=True)
    server.folder.rmdir()
    server.folder = small_disk / "postgresql"
    server.folder.mkdir()
    server.log = server.folder / "log"
    with server, working_on(server.url, django_db_blocker):
        yield server.url


@pytest.fixture
def system(small_disk: Path, database_on_it: str, smtp_sink: Any, settings: Any) -> Iterator[Supervisor]:
    """Worker and beat as `./run serve` keeps them going; broker, logs and database are on the small disk."""
    from tests.conftest import environment_of_children

    settings.DATA_DIR = small_disk
    settings.TICK_SECONDS = 2
    env = environment_of_children(settings) | {
        "DATABASE_URL": database_on_it,
        "DATA_DIR": str(small_disk),
        "LOG_LEVEL": "WARNING",
        "TICK_SECONDS": "2",
    }
    with Supervisor(small_disk) as supervisor:
        supervisor.add(
            "worker",
            process_supervisor.celery_worker("worker", ALL_QUEUES, 2),
            env,
            ready=supervisor.log_contains("worker", process_supervisor.WORKER_READY),
        )
        supervisor.add("beat", process_supervisor.celery_beat(small_disk), env)
        supervisor.start()
        yield supervisor


def fill(disk: Path) -> Path:
    """Write until nothing more fits; return the file."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    if not filler.write(bytes(size)):
                        break
            except OSError:
                continue
    return path


def ready() -> tuple[int, list[str]]:
    """Ask /health/ready."""
    answer = Client().get("/health/ready")
    return answer.status_code, answer.json()["reasons"]


@pytest.mark.long
def test_nothing_is_sent_health_is_red_and_it_goes_on_unaided(small_disk, system, smtp_sink):
    """One send is in the middle when it happens; another becomes due meanwhile."""
    smtp_sink.delay = 0.03
    campaign = build_campaign()
    audience, later = (build_audience(campaign, slug, size=SIZE) for slug in ("network", "later"))
    wait_until("health", lambda: ready() == (200, []))
    began = timezone.now()
    due = build_send(later, build_mailing(campaign, "later"), slot_at=began + timedelta(seconds=12))
    send = build_fanned_out_send(audience, at=began)
    wait_until("mail", lambda: len(smtp_sink.caught) > SIZE // 8, 11)

    filler = fill(small_disk)
    filled = len(smtp_sink.caught)
    reasons: set[str] = set()

    def look() -> bool:
        system.check()
        status, told = ready()
        assert status == 503
        reasons.update(told)
        return timezone.now() > due.slot_at + timedelta(seconds=4)

    wait_until("the second slot to pass", look)
    assert "The disk is nearly full." in reasons
    # What was in the air may still arrive, a window of each connection. PostgreSQL can write for a while in the files
    # that it has, and what can be written down may go.
    after = len(smtp_sink.caught) - filled
    assert connection.vendor == "postgresql" or after <= MOST * PROCESSES
    assert all(caught.recipient.startswith("network-") for caught in smtp_sink.caught)
    filler.unlink()

    def ended() -> bool:
        system.check()
        return not Send.objects.exclude(state=Send.State.FINISHED).exists()

    smtp_sink.delay = 0
    going = wait_until("mail", lambda: ended() or len(smtp_sink.caught) > filled + after)
    wait_until("the end", ended, 120)
    wait_until("health", lambda: ready() == (200, []))
    doubts = [in_doubt(one) for one in (send, due)]
    for one, doubt in zip((send, due), doubts, strict=True):
        assert_accounted_for(one, smtp_sink)
        assert states_of(one).get(State.ACCEPTED) == SIZE - doubt
    assert sum(doubts) <= MOST * PROCESSES and not smtp_sink.duplicates
    note(f"503; {after} mails more of the send that was under way, none of the one that was due")
    note(f"going again {going:.1f} s after there was room")
    note(f"in doubt: {sum(doubts)}, none came twice")
