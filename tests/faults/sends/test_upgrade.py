"""An installation is upgraded in mid-send: the tables first, then workers of the new version, then those of the old one stop."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from delivery.models import Delivery
from delivery.sending import dispatch, sweeper
from operations import process_supervisor
from tests.faults.support.oracle import assert_accounted_for, note
from tests.faults.support.workers import ALL_QUEUES, ROOT, await_ready, celery_worker, finish, running
from tests.support.builders import build_audience, build_campaign, build_fanned_out_send, states_of

State = Delivery.State
pytestmark = [pytest.mark.fault, pytest.mark.fault(34), pytest.mark.postgresql]
SIZE = 1500
LEFT_OUT = shutil.ignore_patterns(".*", "var", "docs", "tests", "__pycache__", "*.po")
# What the rules allow (tests/upgrades/migration_rules.py): columns that nobody has to fill, an index, a table.
MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "{last}")]
    operations = [
        migrations.AddField("delivery", "noted_at", models.DateTimeField(null=True)),
        migrations.AddField("send", "colour", models.CharField(max_length=9, db_default="grey")),
        migrations.AddIndex("send", models.Index(fields=["colour"], name="send_by_colour")),
        migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())]),
    ]
"""


def next_version(place: Path) -> Path:
    """Copy the code to `place`, with a migration that this version does not have, and return the folder."""
    shutil.copytree(ROOT, place, ignore=LEFT_OUT)
    migrations = place / "delivery" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9000_next_version.py").write_text(MIGRATION.format(last=last), encoding="utf-8")
    return place


def manage(folder: Path, env: dict[str, str], *words: str) -> None:
    """Run a management command of the next version."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]


def columns_of(table: str) -> set[str]:
    """Return the names of a table's columns."""
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def test_tables_and_then_workers_are_upgraded_in_mid_send(own_database, own_env, smtp_sink: Any, tmp_path):
    smtp_sink.delay = 0.03
    send = build_fanned_out_send(build_audience(build_campaign(), size=SIZE), at=timezone.now())
    folder = next_version(tmp_path / "next")
    words = ["env", "-C", str(folder), *process_supervisor.celery_worker("new", ALL_QUEUES, 2)]

    with celery_worker(own_env, name="old") as old:
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(50)
        manage(folder, own_env, "migrate", "--verbosity=0")
        assert {"noted_at"} <= columns_of("delivery_delivery") and "colour" in columns_of("delivery_send")
        by_old = len(smtp_sink.caught)
        smtp_sink.wait_for(by_old + 30)  # the old version goes on, on the new tables
        with running(words, own_env, "new") as new:
            await_ready(new)
            dispatch.wake_workers(at=timezone.now())
            before_stop = len(smtp_sink.caught)
            assert before_stop < SIZE
            seconds = old.terminate()
            smtp_sink.delay = 0
            finish(send)
    sweeper.sweep(at=timezone.now())

    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: SIZE} and not smtp_sink.duplicates
    note(
        f"migrated after {by_old} of {SIZE}; old workers ended {seconds:.0f} s after they were asked to, at {before_stop}; "
        "the rest left by new ones; none in doubt, none twice"
    )
