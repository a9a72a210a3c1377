"""A send through a pooler in transaction mode, which hands each connection to somebody else after every transaction."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from delivery.models import Delivery, Send
from operations.backups import backup
from tests.conftest import environment_of_children
from tests.faults.conftest import working_on
from tests.faults.support.oracle import assert_accounted_for
from tests.faults.support.workers import celery_beat, celery_worker, wait_until
from tests.faults.test_lost_postgresql import SIZE, build, ended
from tests.support.builders import states_of
from tests.support.system_parts import Pooler

State = Delivery.State
pytestmark = [pytest.mark.fault, pytest.mark.postgresql]
OURS = "name IN ('plan_cache_mode', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin')"


@pytest.fixture
def pooler(own_postgresql: Any, django_db_blocker: Any) -> Iterator[Pooler]:
    """A pooler before a PostgreSQL server of this test's own with our tables, which this test works through."""
    with Pooler(own_postgresql) as running, working_on(running.url, django_db_blocker):
        yield running


def test_all_mail_leaves_and_nobody_inherits_what_a_worker_asked_of_its_connection(
    pooler: Pooler, smtp_sink: Any, tmp_path: Path
) -> None:
    send = build(smtp_sink)
    env = environment_of_children(settings) | {
        "DATA_DIR": str(tmp_path),
        "TICK_SECONDS": "2",
        "DATABASE_URL": pooler.url,
    }

    with celery_beat(env), celery_worker(env, name="one"), celery_worker(env, name="two"):
        wait_until("the end", lambda: ended(send))
        wait_until("the tick", lambda: Send.objects.get().state == Send.State.FINISHED)

    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: SIZE} and not smtp_sink.duplicates
    backup.fingerprint_of_the_audit_log()  # reads row by row
    url = pooler.url.partition("?")[0]
    links = [psycopg.connect(url) for _number in range(pooler.connections)]  # in a transaction: each has one of its own
    try:
        kept = {link.execute("SELECT pg_backend_pid()").fetchone(): changed(link) for link in links}
    finally:
        for link in links:
            link.close()
    assert len(kept) == pooler.connections and set(kept.values()) == {()}


def changed(link: psycopg.Connection) -> tuple[Any, ...]:
    """Return which of our settings are not as the server has them, and what is prepared."""
    settings = link.execute(f"SELECT name FROM pg_settings WHERE source = 'session' AND {OURS}").fetchall()
    return (*settings, *link.execute("SELECT name FROM pg_prepared_statements").fetchall())
