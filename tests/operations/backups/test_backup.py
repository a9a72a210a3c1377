"""A back-up comes back whole, and closed: what may have left since waits for a person, and is not sent by itself."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.privacy import erasure
from accounts.privacy.data_subjects import Person
from config.tasks import start_due, tick
from delivery.models import Delivery, Pulse, Send, Subscription, TopicSet
from lib.mail_addresses import code_of
from operations.backups import backup
from operations.backups import restore as operations_restore
from operations.backups.scratch_database import temporary
from operations.startup_errors import Refusal
from tests.support import builders
from tests.support.system_parts import LOOPBACK
from website.models import PublicationCount

ROOT = Path(__file__).resolve().parents[3]
STATE = Delivery.State
# What a restore changes on purpose: rows of its own come into the first two.
ADDED_TO = {"delivery_pulse", "accounts_auditentry"}
CHANGED = ADDED_TO | {"delivery_send", "delivery_delivery", "delivery_lease", "bulletins_target"}
EXTENSIONS = "SELECT oid, extname, extowner FROM pg_extension WHERE extname <> 'pg_trgm' ORDER BY extname"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def media(settings, tmp_path) -> Path:
    """A media folder with two files in it."""
    settings.MEDIA_ROOT = str(tmp_path / "here" / "media")
    (tmp_path / "here" / "media" / "cards").mkdir(parents=True)
    (tmp_path / "here" / "media" / "cards" / "b1.png").write_bytes(b"\x89PNG" + bytes(range(256)) * 40)
    (tmp_path / "here" / "media" / "tekstitys ä.vtt").write_text("WEBVTT\n", encoding="utf-8")
    return tmp_path / "here" / "media"


@pytest.fixture
def under_way(campaign, noon) -> Send:
    """A send in the middle: of six, one has been accepted, one was being handed over and one waits for a second try."""
    send = builders.build_fanned_out_send(builders.build_audience(campaign, "middle", size=6), at=noon)
    for state, pk in zip([STATE.ACCEPTED, STATE.HANDING_OFF, STATE.DEFERRED], rows_of(send), strict=False):
        Delivery.objects.filter(pk=pk).update(state=state)
    return send


def rows_of(send: Send) -> list[int]:
    """Return the keys of a send's deliveries."""
    return list(Delivery.objects.filter(send=send).order_by("pk").values_list("pk", flat=True))


def back_up(folder: Path, *words: str) -> Path:
    """Write a back-up with the command and return its folder."""
    out = StringIO()
    call_command("backup", str(folder), *words, stdout=out, stderr=StringIO())
    return Path(out.getvalue().strip())


@contextlib.contextmanager
def empty_database(tmp_path: Path) -> Iterator[str]:
    """Make an empty database of the kind that these tests run on, and yield its address."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'there.sqlite3'}"
        return
    with temporary(f"postgres://{chosen['USER']}@{LOOPBACK}:{chosen['PORT']}/{chosen['NAME']}") as url:
        yield url


def restore(folder: Path, url: str, place: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Restore into the database `url` with the command, in a process and a data folder of its own."""
    return manage("restore", str(folder), *words, url=url, place=place, **environment)


def manage(*words: str, url: str, place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a management command on the database `url`."""
    keys = {name: os.environ[name] for name in ("PATH", "SECRET_KEY", "ENV_FILE")}
    own = {"DATABASE_URL": url, "DATA_DIR": str(place), "REDIS_PREFIX": "restored", "LOG_LEVEL": "WARNING"}
    own |= {"REDIS_URL": os.environ["REDIS_URL"]} if "REDIS_URL" in os.environ else {}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=keys | own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def contents(url: str) -> dict[str, list[str]]:
    """Return every row of every table of a database, in an order of their own."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as link:
            names = [name for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
            names = [name for name in names if not name.startswith("sqlite_")]
            return {name: sorted(map(repr, link.execute(f'SELECT * FROM "{name}"'))) for name in names}
    with psycopg.connect(url) as link:
        tables = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        names = [name for (name,) in link.execute(f"{tables} AND relnamespace = 'public'::regnamespace").fetchall()]
        return {name: sorted(map(repr, link.execute(f'SELECT * FROM "{name}"'))) for name in names}


def own_url() -> str:
    """Return the address of this test's database."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    return f"postgres://{chosen['USER']}@{LOOPBACK}:{chosen['PORT']}/{chosen['NAME']}"


def one(url: str, query: str) -> Any:
    """Return what a query finds in a database, as one list of rows."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as link:
            return link.execute(query).fetchall()
    with psycopg.connect(url) as link:
        return link.execute(query).fetchall()


# --- There and back ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_table_and_file_comes_back(tmp_path, media, campaign, noon, under_way):
    builders.build_published_version(campaign, at=noon)
    made = back_up(tmp_path / "kept")
    before = contents(own_url())

    with empty_database(tmp_path) as url:
        done = restore(made, url, tmp_path / "there")
        assert done.returncode == 0, done.stderr
        after = contents(url)

    assert before.keys() == after.keys() and len(before) > 60
    assert sum(map(len, before.values())) > 500
    assert {name for name in before if before[name] != after[name]} <= CHANGED
    assert {len(before[name]) - len(after[name]) for name in CHANGED - ADDED_TO} == {0}
    there = tmp_path / "there" / "media"
    files = {path.relative_to(media): path.read_bytes() for path in media.rglob("*") if path.is_file()}
    assert len(files) == 2
    assert {path.relative_to(there): path.read_bytes() for path in there.rglob("*") if path.is_file()} == files


@pytest.mark.slow
def test_a_send_in_the_middle_comes_back_held_and_what_may_have_left_is_unknown(
    tmp_path, media, campaign, noon, under_way
):
    audience = builders.build_audience(campaign, "later", size=2)
    planned = builders.build_send(audience, builders.build_mailing(campaign, "mailing-2"), slot_at=noon)
    finished = builders.build_fanned_out_send(audience, mailing=builders.build_mailing(campaign, "mailing-3"), at=noon)
    Delivery.objects.filter(send=finished).update(state=STATE.ACCEPTED)
    Send.objects.filter(pk=finished.pk).update(state=Send.State.FINISHED)
    made = back_up(tmp_path / "kept")

    with empty_database(tmp_path) as url:
        done = restore(made, url, tmp_path / "there")
        assert done.returncode == 0, done.stderr
        sends = dict(one(url, "SELECT id, state FROM delivery_send"))
        (reason,) = one(url, f"SELECT reason FROM delivery_send WHERE id = {under_way.pk}")[0]
        ended = one(
            url,
            f"SELECT state, COUNT(*), COUNT(finished_at) FROM delivery_delivery WHERE send_id = {under_way.pk} GROUP BY state",
        )

    assert sends == {under_way.pk: "held", planned.pk: "held", finished.pk: "finished"}
    assert reason == operations_restore.HELD
    assert sorted((state, rows) for state, rows, _at in ended) == [("accepted", 1), ("unknown", 5)]
    assert Send.objects.get(pk=under_way.pk).state == Send.State.SENDING, "the first database stays as it is"


@pytest.mark.slow
def test_a_number_that_may_be_in_somebodys_mail_is_not_given_again(tmp_path, media, campaign, under_way):
    made = back_up(tmp_path / "kept")
    last = max(rows_of(under_way))
    with empty_database(tmp_path) as url:
        assert restore(made, url, tmp_path / "there").returncode == 0
        if connection.vendor == "sqlite":
            ((given,),) = one(url, "SELECT seq FROM sqlite_sequence WHERE name = 'delivery_delivery'")
        else:
            ((given,),) = one(url, "SELECT nextval('delivery_delivery_id_seq')")
    assert given > last + operations_restore.GAP - 1


@pytest.mark.slow
def test_what_is_there_goes_only_when_somebody_says_so(tmp_path, media, campaign, under_way):
    made = back_up(tmp_path / "kept")
    with empty_database(tmp_path) as url:
        assert restore(made, url, tmp_path / "there").returncode == 0
        (tmp_path / "there" / "media" / "new.png").write_bytes(b"new")
        before = contents(url)

        refused = restore(made, url, tmp_path / "there")
        assert refused.returncode == 3
        assert "there is data here already (" in refused.stderr and "--replace" in refused.stderr
        assert "1 campaigns" in refused.stderr and "media files)" in refused.stderr
        assert contents(url) == before
        assert (tmp_path / "there" / "media" / "new.png").exists()

        done = restore(made, url, tmp_path / "there", "--replace")
        assert done.returncode == 0, done.stderr
        assert contents(url).keys() == before.keys()
        assert not (tmp_path / "there" / "media" / "new.png").exists()
        assert {path.name for path in (tmp_path / "there").glob("media*")} == {"media"}


@pytest.mark.slow
def test_a_back_up_of_what_was_restored_can_be_restored_again(tmp_path, media, campaign, under_way):
    made = back_up(tmp_path / "kept")
    with empty_database(tmp_path) as url:
        assert restore(made, url, tmp_path / "there").returncode == 0
        second = manage("backup", str(tmp_path / "again"), url=url, place=tmp_path / "there")
        assert second.returncode == 0, second.stderr
        before = contents(url)
        done = restore(Path(second.stdout.strip()), url, tmp_path / "there", "--replace")
        assert done.returncode == 0, done.stderr
        assert {name for name, rows in contents(url).items() if rows != before[name]} <= ADDED_TO


@pytest.mark.slow
def test_who_was_erased_since_does_not_come_back(tmp_path, media, campaign, noon, settings):
    digest = builders.build_digest(campaign)
    for name in ("elli", "other"):
        builders.build_subscription(digest, f"{name}@example.net")
    made = back_up(tmp_path / "kept")
    settings.DATA_DIR = tmp_path / "there"  # where the erasure is noted, and where the back-up comes back
    settings.DATA_DIR.mkdir()
    erasure.erase(Person.of("elli@example.net"), reason="asked", by=None, at=timezone.now())

    with empty_database(tmp_path) as url:
        done = restore(made, url, tmp_path / "there")
        assert done.returncode == 0, done.stderr
        after = [row for rows in contents(url).values() for row in rows]
    assert [row for row in after if "other@example.net" in row]
    assert not [row for row in after if "elli" in row.lower()]
    assert [row for row in after if code_of("elli@example.net") in row], "her address is suppressed, by its code"


@pytest.mark.slow
@pytest.mark.postgresql
def test_extensions_that_somebody_else_owns_stay_as_they_are(tmp_path, media, campaign, under_way):
    """The owner of a database may neither drop nor make pg_stat_statements; the one who runs the server has."""
    made = back_up(tmp_path / "kept")
    before = contents(own_url())
    with empty_database(tmp_path) as url:
        with psycopg.connect(url, autocommit=True) as superuser:
            name = superuser.info.dbname
            superuser.execute("CREATE EXTENSION pg_stat_statements; CREATE EXTENSION earthdistance CASCADE")
            superuser.execute(f"CREATE ROLE {name} LOGIN; ALTER DATABASE {name} OWNER TO {name}")
            there = superuser.execute(EXTENSIONS).fetchall()
        owner = url.replace(f"//{connection.settings_dict['USER']}@", f"//{name}@")
        assert one(owner, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
        first = restore(made, owner, tmp_path / "there")
        assert first.returncode == 0, first.stderr
        again = manage("backup", str(tmp_path / "again"), url=owner, place=tmp_path / "there")
        assert again.returncode == 0, again.stderr
        second = restore(Path(again.stdout.strip()), owner, tmp_path / "there", "--replace")
        assert second.returncode == 0, second.stderr
        after = contents(url)
        assert one(url, EXTENSIONS) == there
    assert {table for table in before if before[table] != after[table]} <= CHANGED


# --- Refusals ------------------------------------------------------------------------------------------


def spoil(made: Path, how: str) -> None:
    """Damage a back-up, or make it one of another time or place."""
    manifest = json.loads((made / "manifest.json").read_text())
    if how == "damaged":
        with (made / backup.DATABASE[connection.vendor]).open("r+b") as stream:
            stream.seek(2000)
            stream.write(b"\0\xff\0\xff")
        return
    if how == "no manifest":
        (made / "manifest.json").unlink()
        return
    if how == "no media":
        (made / "media.tar").unlink()
        return
    manifest |= {
        "newer": {"migrations": {"bulletins": ["0099_of_next_year"]}},
        "newer server": {"server": 99},
        "other kind": {"database": "oracle"},
        "other format": {"format": 99},
    }[how]
    (made / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("damaged", "is missing or is not what was backed up"),
        ("no media", "media.tar is missing"),
        ("no manifest", "is no finished back-up"),
        ("newer", "newer version of this software (bulletins 0099_of_next_year)"),
        ("newer server", "this one is older"),
        ("other kind", "the back-up is of oracle"),
        ("other format", "is not a back-up that this version reads"),
    ],
)
def test_what_cannot_be_restored_is_refused_and_nothing_changes(tmp_path, media, campaign, monkeypatch, how, says):
    made = back_up(tmp_path / "kept")
    spoil(made, how)
    before = contents(own_url())
    with pytest.raises(Refusal) as refusal:
        operations_restore.restore(made, replace=True, other_key=False, at=timezone.now(), say=lambda line: None)
    assert says in str(refusal.value) and "Nothing was changed." in str(refusal.value)
    assert contents(own_url()) == before
    assert (media / "cards" / "b1.png").exists()


@pytest.mark.slow
def test_another_suppression_key_is_refused_unless_somebody_says_that_the_old_one_is_lost(tmp_path, media, campaign):
    made = back_up(tmp_path / "kept")
    with empty_database(tmp_path) as url:
        refused = restore(made, url, tmp_path / "there", SUPPRESSION_KEY="another")
        assert refused.returncode == 3 and "another SUPPRESSION_KEY" in refused.stderr
        assert not url.startswith("sqlite") or contents(url) == {}
        done = restore(made, url, tmp_path / "there", "--other-key", SUPPRESSION_KEY="another")
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.postgresql
def test_while_others_use_the_database_nothing_is_restored(tmp_path, media, campaign):
    made = back_up(tmp_path / "kept")
    with empty_database(tmp_path) as url:
        with psycopg.connect(url):
            refused = restore(made, url, tmp_path / "there")
        assert refused.returncode == 3
        assert "there are 1 other connections to this database" in refused.stderr
        assert contents(url) == {}


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_dump_that_ends_in_the_middle_changes_nothing(tmp_path, media, campaign, under_way):
    made = back_up(tmp_path / "kept")
    with empty_database(tmp_path) as url:
        assert restore(made, url, tmp_path / "there").returncode == 0
        before = contents(url)
        dump = made / "database.dump"
        dump.write_bytes(dump.read_bytes()[:-2000])
        manifest = json.loads((made / "manifest.json").read_text())
        manifest["files"]["database.dump"]["sha256"] = backup.sha256_of(dump)
        (made / "manifest.json").write_text(json.dumps(manifest))
        (tmp_path / "there" / "media" / "cards" / "b1.png").unlink()

        refused = restore(made, url, tmp_path / "there", "--replace")
        assert refused.returncode == 3 and "Nothing was changed." in refused.stderr
        assert contents(url) == before
        assert {path.name for path in (tmp_path / "there" / "media").rglob("*.*")} == {"tekstitys ä.vtt"}


@pytest.mark.slow
def test_what_came_back_otherwise_than_it_was_is_told(tmp_path, media, campaign, under_way):
    made = back_up(tmp_path / "kept")
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["rows"]["campaigns_campaign"] += 1
    manifest["ledger"]["accepted"] += 1
    manifest["audit_sha256"] = "0" * 64
    (made / "manifest.json").write_text(json.dumps(manifest))
    with empty_database(tmp_path) as url:
        told = restore(made, url, tmp_path / "there")
        assert told.returncode == 3
        assert "campaigns_campaign has 1 rows instead of 2" in told.stderr
        assert "the ledger's sums differ; the audit log differs. Nothing is sent." in told.stderr
        assert one(url, "SELECT COUNT(*) FROM delivery_pulse WHERE name = 'restored'") == [(1,)]


# --- Keeping -------------------------------------------------------------------------------------------


def test_the_oldest_back_ups_go_and_nothing_else_does(tmp_path, media, campaign):
    kept = tmp_path / "kept"
    for name in ("bulletins-20250101T000000Z", "bulletins-20250102T000000Z", "notes"):
        (kept / name).mkdir(parents=True)
        (kept / name / "manifest.json").write_text("{}")
    (kept / "bulletins-20240101T000000Z.partial").mkdir()
    made = back_up(kept, "--keep", "2")
    assert {path.name for path in kept.iterdir()} == {".lock", "notes", "bulletins-20250102T000000Z", made.name}


def test_a_back_up_is_for_its_owner_only_and_holds_no_key(tmp_path, media, campaign, settings):
    made = back_up(tmp_path / "kept")
    assert [oct(path.stat().st_mode & 0o077) for path in [made, *made.iterdir()]] == ["0o0"] * 4
    for path in made.iterdir():
        assert settings.SUPPRESSION_KEY.encode() not in path.read_bytes()


def test_a_back_up_that_fails_leaves_nothing_behind_and_takes_nothing_away(tmp_path, media, campaign, monkeypatch):
    kept = tmp_path / "kept"
    first = back_up(kept)

    def full(file: Path) -> int:
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(backup, "pack_media", full)
    with pytest.raises(OSError):
        backup.back_up(kept, keep=1, at=timezone.now() + timedelta(minutes=1), say=lambda line: None)
    assert {path.name for path in kept.iterdir()} == {".lock", first.name}


def test_to_keep_none_is_refused(tmp_path, media, campaign):
    with pytest.raises(CommandError, match="--keep is at least 1"):
        call_command("backup", str(tmp_path / "kept"), "--keep", "0")
    assert not (tmp_path / "kept").exists()


# --- Closed, and open again ----------------------------------------------------------------------------


@pytest.fixture
def closed(noon) -> None:
    """The site comes from a back-up."""
    Pulse.beat(operations_restore.SIGN, at=noon, detail="bulletins-20260325T100000Z")


def test_while_closed_no_task_does_anything(closed, campaign, noon):
    send = builders.build_send(builders.build_audience(campaign, size=2), slot_at=noon)
    tick()
    start_due()
    send.refresh_from_db()
    assert send.state == Send.State.PLANNED
    assert not Pulse.objects.filter(name="tick").exists()

    operations_restore.reopen(skip_digests=False, at=timezone.now())
    tick()
    assert Pulse.objects.filter(name="tick").exists()
    send.refresh_from_db()
    assert send.state == Send.State.SENDING


def test_while_closed_the_health_page_says_why_nothing_is_sent(closed, client):
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["It was restored from a back-up and waits for a person: nothing is being sent."]
    assert client.get("/health/live").status_code == 200


@pytest.mark.slow
def test_an_approved_bulletin_whose_slot_has_passed_is_held_as_late(tmp_path, media, campaign, noon):
    builders.build_approved_bulletin(campaign, audiences=[builders.build_audience(campaign, size=1)], at=noon)
    made = back_up(tmp_path / "kept")
    with empty_database(tmp_path) as url:
        done = restore(made, url, tmp_path / "there")
        assert done.returncode == 0, done.stderr
        assert one(url, "SELECT DISTINCT grace_minutes FROM bulletins_target") == [(0,)]


def test_digests_are_kept_or_skipped_as_the_person_says(closed, campaign):
    audience = builders.build_audience(campaign)
    everything = TopicSet.objects.create(campaign=campaign, key="")
    (reader,) = builders.build_recipients(1, audience)
    PublicationCount.objects.update_or_create(campaign=campaign, defaults={"last": 9})
    subscription = Subscription.objects.create(
        recipient=reader,
        campaign=campaign,
        audience=audience,
        topics=everything,
        told_topics=everything,
        language="fi",
        cursor=4,
        subscribed_at=builders.NOON,
    )
    call_command("reopen", "--digests", "keep", stdout=StringIO())
    subscription.refresh_from_db()
    assert subscription.cursor == 4

    Pulse.beat(operations_restore.SIGN, at=builders.NOON, detail="bulletins-20260325T100000Z")
    call_command("reopen", "--digests", "skip", stdout=StringIO())
    subscription.refresh_from_db()
    assert subscription.cursor == 9


def test_what_is_open_cannot_be_opened(campaign):
    with pytest.raises(Refusal, match="waits for nobody"):
        call_command("reopen", "--digests", "keep")


def test_the_reasons_fit_their_columns():
    assert len(operations_restore.HELD) <= (Send._meta.get_field("reason").max_length or 0)
    assert len(operations_restore.DOUBT) <= (Delivery._meta.get_field("detail").max_length or 0)
    assert not any("'" in words or "{" in words for words in (operations_restore.HELD, operations_restore.DOUBT))


@pytest.mark.postgresql
def test_a_back_up_is_of_one_moment(tmp_path, media, campaign, monkeypatch):
    """What is written while it is made is in all of it or in nothing."""
    counting = backup.database_facts

    def slow() -> dict[str, Any]:
        with contextlib.closing(connections.create_connection("default")) as beside, beside.cursor() as cursor:
            cursor.execute("INSERT INTO delivery_pulse (name, at, detail) VALUES ('beside', now(), '')")
        return counting()

    monkeypatch.setattr(backup, "database_facts", slow)
    made = back_up(tmp_path / "kept")
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["rows"]["delivery_pulse"] == 0
    assert Pulse.objects.filter(name="beside").count() == 1
