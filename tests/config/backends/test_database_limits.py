"""No statement of a page or a worker keeps others waiting without end; commands have no limit."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from bulletins.models import Snippet
from config.backends import database_limits

ROOT = Path(__file__).resolve().parents[3]
ASK = "import {module}; from django.db import connections; print(connections.settings['default']['OPTIONS'].get('options', ''))"


@pytest.fixture
def limited(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections opened in the test may take two seconds for a statement, and wait one for a lock."""
    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(options, "options", options.get("options", ""))
    database_limits.limit(2, 1)
    connection.close()
    yield
    connection.close()


@pytest.fixture
def locked(limited: None) -> Iterator[None]:
    """Somebody else holds the table of snippets, and does not let go."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Snippet._meta.db_table} IN ACCESS EXCLUSIVE MODE")
            held.set()
            let_go.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    yield
    let_go.set()
    thread.join()


@pytest.mark.postgresql
def test_a_page_that_waits_for_a_lock_says_so(campaign: Any, roles: None, root: Any, locked: None) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(root)

    refused = client.get(reverse("admin:bulletins_snippet_changelist"))

    assert refused.status_code == 503 and refused["Retry-After"] == "5"
    assert "Nothing was changed" in " ".join(refused.content.decode().split())
    assert "not responding" not in refused.content.decode()


@pytest.mark.postgresql
def test_a_statement_that_takes_too_long_is_stopped(limited: None) -> None:
    with pytest.raises(OperationalError) as stopped, connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    assert database_limits.was_stopped(stopped.value)


def test_other_faults_of_the_database_are_no_limits(db: None) -> None:
    assert not database_limits.was_stopped(OperationalError("gone"))
    assert not database_limits.was_stopped(ValueError("wrong"))
    assert not database_limits.was_stopped(None)


@pytest.mark.parametrize(
    ("module", "limits"),
    [
        ("config.wsgi", "-c statement_timeout=15s -c lock_timeout=5s"),
        (
            (
                "config.celery; from celery.signals import celeryd_init; config.celery.app.loader.import_default_modules();"
                "celeryd_init.send(sender=None)"
            ),
            "-c statement_timeout=600s -c lock_timeout=30s",
        ),
        ("django; django.setup()", ""),
    ],
    ids=["web", "worker", "command"],
)
def test_each_kind_of_process_has_its_limits(module: str, limits: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DATA_DIR": str(tmp_path),
        "ENV_FILE": os.devnull,
    }
    said = subprocess.run(
        [sys.executable, "-c", ASK.format(module=module)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == f"-c idle_in_transaction_session_timeout=30s {limits}".strip()
