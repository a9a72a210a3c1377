"""
Back-ups come back closed: nobody knows what left after they were made, so nothing leaves until a person has looked.

In the transaction that brings the rows back, every send that was planned or under way is put on hold, every delivery that
had not ended becomes unknown, and the sign "restored" is put up. While it stands, no task does anything
(config/celery.py); the pages and the desk are there. `reopen` takes it down.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_noop

from accounts.audit import chain, trail
from accounts.models import AuditSeal
from bulletins.authority_posts import jobs as authority_posts
from delivery.models import Delivery, Pulse, Send, Subscription
from operations.startup_errors import Refusal, redis_sentence
from website.models import PublicationCount

from . import backup, re_erasure

SIGN = "restored"
# Numbers of rows that were lost are in mails that left: in return paths, in links. They are never given again.
GAP = 1_000_000

HELD = gettext_noop(
    "It comes from a backup: some or all of it may have been sent since. Check what was sent, then "
    "release or cancel it."
)
DOUBT = gettext_noop("It was not finished when the backup was made. It may have been sent since.")

# For both databases, and before anyone sees them: a worker that nobody stopped would be faster than a person.
CLOSE = """
UPDATE delivery_send SET state = 'held', reason = '{held}', holds = holds + 1
 WHERE state IN ('planned', 'sending', 'paused');
UPDATE delivery_delivery SET state = 'unknown', lease = NULL, next_attempt_at = NULL, finished_at = '{at}', detail = '{doubt}'
 WHERE state IN ('queued', 'claimed', 'handing_off', 'deferred');
DELETE FROM delivery_lease;
UPDATE bulletins_target SET grace_minutes = 0
 WHERE slot_at <= '{at}' AND bulletin_id IN (SELECT id FROM bulletins_bulletin WHERE state = 'approved');
INSERT INTO delivery_pulse (name, at, detail) VALUES ('{sign}', '{at}', '{name}')
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail;
"""
# Begin a transaction and drop in it whatever the schema has, but for what extensions brought. pg_trgm is the one we need.
EMPTY = r"""
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SELECT format('DROP %s IF EXISTS %s CASCADE', kind, name)
  FROM (SELECT 'pg_class'::regclass AS catalog, oid, relnamespace AS schema, oid::regclass::text AS name,
               CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
          FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
         UNION ALL
        SELECT 'pg_proc'::regclass, oid, pronamespace, oid::regprocedure::text, 'ROUTINE' FROM pg_proc) AS thing
 WHERE schema = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = catalog AND objid = thing.oid AND deptype = 'e')
 ORDER BY kind <> 'TABLE'
\gexec
"""
# What people know of: what is in these tables is theirs, and nothing but work puts it there.
KINDS = {
    "accounts": "accounts_user",
    "campaigns": "campaigns_campaign",
    "bulletins": "bulletins_bulletin",
    "influencers": "influencers_influencer",
    "recipients": "delivery_recipient",
    "sends": "delivery_send",
}
NUMBERS = {
    "sqlite": "UPDATE sqlite_sequence SET seq = seq + {gap};",
    "postgresql": """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + {gap})
  FROM pg_sequences WHERE schemaname = 'public';
""",
}


def restore(
    folder: Path, *, replace: bool, other_key: bool, at: datetime, say: Callable[[str], None]
) -> dict[str, Any]:
    """
    Bring back what `folder` holds and return its manifest. The site is closed at `at` then, see `reopen`.

    Everything that can be looked at is looked at before anything changes, and the database changes in one transaction.
    Raise Refusal when the back-up is damaged, comes from newer code or another kind of database, or belongs to another
    SUPPRESSION_KEY (unless `other_key`); when there is data already (unless `replace`); while others use the database;
    and when what came back is not what the manifest says.
    """
    manifest = read_manifest(folder)
    say("Looking at the back-up …")
    refuse_unusable(folder, manifest, other_key=other_key)
    refuse_data_loss(replace=replace)
    re_erasure.remember()
    say("Media …")
    archive, there = folder / backup.MEDIA, set(backup.media_names())
    added: list[str] = []
    try:
        for name in unpack_media(archive, leaving=there):
            added.append(name)
        say("Database …")
        load(folder / backup.DATABASE[connection.vendor], closing=closing(folder.name, at=at))
    except BaseException:
        delete_media(added)
        raise
    delete_media(there)
    for _name in unpack_media(archive, leaving=set(added)):
        pass
    say("Comparing …")
    compare(manifest)
    note_restored(manifest, at=at)
    if is_up_to_date():
        erased = re_erasure.erase_again(datetime.fromisoformat(manifest["made_at"]), at=at)
        say(f"Erased again: {erased:,} people who were erased after the back-up was made.")
    else:
        say(
            "People who were erased after the back-up was made are still in it. After migrate, reopen erases them again."
        )
    clear_cache(say)
    return manifest


# --- Looking ----------------------------------------------------------------------------------------


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a back-up, or raise Refusal when it is none."""
    try:
        manifest: dict[str, Any] = json.loads((folder / backup.MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise Refusal(f"Not restored: {folder} is no finished back-up. Nothing was changed.") from fault
    if manifest.get("format") != backup.FORMAT or not backup.NAME.fullmatch(folder.name):
        raise Refusal(f"Not restored: {folder} is not a back-up that this version reads. Nothing was changed.")
    return manifest


def refuse_unusable(folder: Path, manifest: dict[str, Any], *, other_key: bool) -> None:
    """Raise Refusal when a back-up is damaged or is not for this installation."""
    for name, part in manifest["files"].items():
        path = folder / name
        if not path.is_file() or backup.sha256_of(path) != part["sha256"]:
            raise Refusal(
                f"Not restored: {path} is missing or is not what was backed up. Take another back-up. Nothing was changed."
            )
    if manifest["database"] != connection.vendor:
        raise Refusal(
            f"Not restored: the back-up is of {manifest['database']} and DATABASE_URL names {connection.vendor}. "
            "Nothing was changed."
        )
    if connection.get_database_version()[0] < manifest["server"]:
        raise Refusal(
            f"Not restored: the back-up is of version {manifest['server']} of the database server, and this one is older. "
            "Nothing was changed."
        )
    known = MigrationLoader(None).disk_migrations
    newer = [f"{app} {name}" for app, names in manifest["migrations"].items() for name in names]
    newer = [one for one in newer if (*one.split(" "),) not in known]
    if newer:
        raise Refusal(
            f"Not restored: the back-up is of a newer version of this software ({newer[0]}). Install that version first. "
            "Nothing was changed."
        )
    if manifest["suppression_key"] != backup.key_fingerprint() and not other_key:
        raise Refusal(
            "Not restored: the back-up was made under another SUPPRESSION_KEY, so whoever must get no mail would not be "
            "known. Set the key that was used then. If it is lost for good, say --other-key. Nothing was changed."
        )


def refuse_data_loss(*, replace: bool) -> None:
    """Raise Refusal while there is data, unless it may go, and while others are at it."""
    tables = backup.table_names()
    others = 0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Only what clears tables by itself has no user.
            cursor.execute(
                "SELECT COUNT(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
            )
            others = cursor.fetchone()[0]
    connection.close()
    if others:
        raise Refusal(
            f"Not restored: there are {others} other connections to this database. Stop web servers, workers and "
            "timetable on every machine first. Nothing was changed."
        )
    if (tables or any(backup.media_names())) and not replace:
        raise Refusal(
            f"Not restored: there is data here already ({describe_data()}). Make a back-up of it, then say --replace: all of "
            "it goes. Nothing was changed."
        )


def describe_data() -> str:
    """Return what is in the database and among the media, counted by kind, also of another version's tables."""
    tables = set(backup.table_names())
    found = []
    with connection.cursor() as cursor:
        for kind, table in KINDS.items():
            if table in tables:
                cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  a constant
                found.append((kind, cursor.fetchone()[0]))
    found.append(("media files", sum(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))))
    told = [f"{count:,} {kind}" for kind, count in found if count]
    return ", ".join(told) or f"{len(tables)} tables, none with anything of yours"


# --- Bringing back ----------------------------------------------------------------------------------


def unpack_media(archive: Path, *, leaving: set[str]) -> Iterator[str]:
    """Store the media of a back-up, but those in `leaving`, and yield the name of each."""
    with tarfile.open(archive) as packed:
        for entry in packed:
            content = packed.extractfile(entry) if entry.name not in leaving else None
            if content is not None:
                stored = default_storage.save(entry.name, File(content, entry.name))
                assert stored == entry.name, f"{entry.name} is there already"
                yield stored


def delete_media(names: Iterable[str]) -> None:
    """Delete media."""
    for name in names:
        default_storage.delete(name)


def closing(name: str, *, at: datetime) -> str:
    """Return the statements that close a database which comes from the back-up `name`."""
    moment = f"{at:%Y-%m-%d %H:%M:%S.%f}+00:00"
    statements = CLOSE + NUMBERS[connection.vendor]
    return statements.format(held=HELD, doubt=DOUBT, sign=SIGN, gap=GAP, at=moment, name=name)


def load(file: Path, *, closing: str) -> None:
    """Put a copy of the database in the place of what is there, and run `closing` on it before anyone sees it."""
    if connection.vendor == "sqlite":
        load_sqlite(file, closing=closing)
    else:
        load_postgresql(file, closing=closing)


def load_sqlite(file: Path, *, closing: str) -> None:
    """Make the copy ready beside the database, then give it its name."""
    database = Path(connection.settings_dict["NAME"])
    beside = database.with_name(f"{database.name}.restoring")
    try:
        shutil.copyfile(file, beside)
        with sqlite3.connect(beside) as copy:
            copy.executescript(f"BEGIN;{closing}COMMIT;")
        copy.close()
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        os.replace(beside, database)
    finally:
        beside.unlink(missing_ok=True)


def load_postgresql(file: Path, *, closing: str) -> None:
    """
    Empty the schema, read the dump into it and close it, all in one transaction: it is all there, or nothing has changed.
    Extensions stay as they are, whoever owns them; also an older back-up's own list of them is not followed.

    The transaction is committed by the last line that psql reads, which it gets only if pg_restore was content.
    """
    words = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-")
    with backup.start("psql", words, stdin=subprocess.PIPE) as psql:
        assert psql.stdin is not None and psql.stderr is not None
        try:
            psql.stdin.write(EMPTY.encode())
            psql.stdin.flush()
            read = ("--schema=public", "--no-owner", "--no-privileges", "--no-comments", "--file=-", str(file))
            with backup.start("pg_restore", read, stdout=psql.stdin) as reader:
                trouble = reader.communicate()[1]
            if reader.returncode == 0:
                psql.stdin.write(f"SET search_path = public;\n{closing}\nCOMMIT;\n".encode())
            psql.stdin.close()
        except BrokenPipeError:  # psql has stopped, and says why
            pass
        said = psql.stderr.read()
    backup.refuse_failure("psql", psql.returncode, said)
    backup.refuse_failure("pg_restore", reader.returncode, trouble)


def compare(manifest: dict[str, Any]) -> None:
    """Raise Refusal, and leave the site closed, when what is there now is not what the manifest says."""
    now = backup.database_facts()
    # The restore itself takes leases away and puts up its sign.
    own = {Pulse._meta.db_table, "delivery_lease"}
    wrong = [
        f"{table} has {now['rows'].get(table, 0)} rows instead of {rows}"
        for table, rows in manifest["rows"].items()
        if table not in own and now["rows"].get(table) != rows
    ]
    if backup.ledger_sums(now["ledger"]) != backup.ledger_sums(manifest["ledger"]):
        wrong.append("the ledger's sums differ")
    if now["audit_sha256"] != manifest["audit_sha256"]:
        wrong.append("the audit log differs")
    if now["audit_head"] != manifest.get("audit_head", now["audit_head"]):
        wrong.append("the seals of the audit log differ")
    if wrong:
        raise Refusal(
            f"Restored, but it is not what was backed up: {'; '.join(wrong[:5])}. Nothing is sent. Take another back-up."
        )


def note_restored(manifest: dict[str, Any], *, at: datetime) -> None:
    """Write into the audit log that it comes from a back-up, and under which key its seals are to be read from now on."""
    seal = AuditSeal.objects.first()
    lost = manifest["suppression_key"] != backup.key_fingerprint()
    trail.note("site.restored", sign(), by=None, at=at, made_at=manifest["made_at"], other_key=lost, via="command")
    if lost and seal is not None:
        chain.accept_key(seal.key_id, at=at)


def is_up_to_date() -> bool:
    """Return whether the database needs no migration."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def sign() -> Pulse:
    """Return the sign that stands while a restored site is closed."""
    return Pulse.objects.get(name=SIGN)


def clear_cache(say: Callable[[str], None]) -> None:
    """Empty our part of Redis: it may have pages of what is lost, and messages about it. Nothing there is kept."""
    if not settings.REDIS_URL:
        return
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=10) as link:
            for key in link.scan_iter(match=f"{settings.REDIS_PREFIX}:*", count=1000):
                link.unlink(key)
    except redis.RedisError as fault:
        say(
            f"{redis_sentence(settings.REDIS_URL, fault)} Empty it before you start: it may have pages of what is lost."
        )


# --- Opening ----------------------------------------------------------------------------------------


def is_closed() -> bool:
    """Return whether the site comes from a back-up and nobody has opened it again; one query."""
    return Pulse.objects.filter(name=SIGN).exists()


@transaction.atomic
def reopen(*, skip_digests: bool, at: datetime) -> tuple[int, int]:
    """
    Let tasks work again; return how many sends are held, and how many deliveries are unknown.

    `skip_digests` counts everything that is published as told to every subscriber, for digests that left after the
    back-up was made. Who was erased after it was made is erased again, unless that is done. Raise Refusal when the site is
    not closed.
    """
    closed = Pulse.objects.filter(name=SIGN).first()
    if closed is None or not Pulse.objects.filter(pk=closed.pk).delete()[0]:
        raise Refusal("Not done: this site waits for nobody to open it. Nothing was changed.")
    made_at = datetime.strptime(closed.detail, "bulletins-%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    re_erasure.erase_again(made_at, at=at)
    authority_posts.doubt_waiting(at=at)
    trail.note("site.reopened", closed, by=None, at=at, digests="skip" if skip_digests else "keep", via="command")
    if skip_digests:
        newest = PublicationCount.objects.filter(campaign=OuterRef("campaign")).values("last")
        behind = Subscription.objects.annotate(newest=Subquery(newest)).filter(cursor__lt=F("newest"))
        behind.update(cursor=Subquery(newest), mailing=None, cursor_before=None)
    held = Send.objects.filter(state=Send.State.HELD).count()
    return held, Delivery.objects.filter(state=Delivery.State.UNKNOWN).count()
