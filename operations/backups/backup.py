"""
Back-ups: the database, the media and a manifest that says what must be in them, in a folder of their own.

A back-up holds personal data and no keys: `SUPPRESSION_KEY` and `SECRET_KEY` have to be kept elsewhere. The manifest has
a fingerprint of the first, so that a restore under another key is noticed. Redis holds nothing that is kept.
"""

import fcntl
import hashlib
import hmac
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count
from django.utils.translation import gettext_lazy

from accounts.audit import chain
from accounts.models import AuditEntry
from accounts.privacy.retention import DataSubject, Ground, Rule
from delivery.models import Delivery
from operations.startup_errors import Refusal, first_line

KEPT = 14  # back-ups, one a day
RULE = Rule(
    "backups",
    DataSubject.EVERYBODY,
    gettext_lazy("Backups of everything listed here"),
    gettext_lazy(
        "So that a fault or a fire loses nothing. People who were erased are erased again when a backup is restored."
    ),
    Ground.SAFETY,
    gettext_lazy("The people who run the servers."),
    gettext_lazy("%(days)s, until newer ones replace them."),
    fixed=KEPT,
)
FORMAT = 1
MANIFEST = "manifest.json"
MEDIA = "media.tar"
DATABASE = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
NAME = re.compile(r"bulletins-\d{8}T\d{6}Z")
PARTIAL = ".partial"
# libpq's variables, so that no password stands in a command line.
LIBPQ = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
LIBPQ_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs")


def back_up(folder: Path, *, keep: int, at: datetime, say: Callable[[str], None]) -> Path:
    """
    Write a back-up into `folder` and return its own folder there, then remove the oldest beyond `keep`.

    The database is copied as it was at one moment, while everything goes on; its media, which are written before the
    rows that name them, after it. Nothing with the final name is there before all of it is. Raise Refusal when another
    back-up is being written into `folder`, or when a part cannot be read; what was written then is removed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise Refusal(f"Not done: another back-up is being written into {folder}. Nothing was changed.") from fault
        for left_over in folder.glob(f"bulletins-*{PARTIAL}"):
            shutil.rmtree(left_over)
        made = folder / f"bulletins-{at:%Y%m%dT%H%M%SZ}"
        if made.exists():
            raise Refusal(f"Not done: {made} is there already. Nothing was changed.")
        partial = made.with_name(made.name + PARTIAL)
        partial.mkdir(mode=0o700)
        try:
            write(partial, at=at, say=say)
            partial.rename(made)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        for old in complete(folder)[keep:]:
            shutil.rmtree(old)
            say(f"Removed {old.name}, as {keep} are kept.")
    return made


def complete(folder: Path) -> list[Path]:
    """Return the back-ups in `folder` that were finished, the newest first."""
    found = (path for path in folder.iterdir() if NAME.fullmatch(path.name) and (path / MANIFEST).is_file())
    return sorted(found, key=lambda path: path.name, reverse=True)


def write(folder: Path, *, at: datetime, say: Callable[[str], None]) -> None:
    """Write the parts of a back-up, and last the manifest."""
    say("Database …")
    with transaction.atomic():
        facts = copy_database(folder / DATABASE[connection.vendor])
    say("Media …")
    media_files = pack_media(folder / MEDIA)
    parts = {path.name: {"bytes": path.stat().st_size, "sha256": sha256_of(path)} for path in sorted(folder.iterdir())}
    manifest = {"format": FORMAT, "made_at": at.isoformat(), **facts, "media_files": media_files, "files": parts}
    with (folder / MANIFEST).open("w", encoding="utf-8") as stream:
        json.dump(manifest, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())


def copy_database(file: Path) -> dict[str, Any]:
    """
    Copy the database into `file` and return the facts about the same moment. It is the first thing in its transaction,
    which on SQLite keeps writers waiting meanwhile, and on PostgreSQL nobody.
    """
    if connection.vendor == "sqlite":
        facts = database_facts()
        with sqlite3.connect(connection.settings_dict["NAME"]) as beside:
            beside.execute("VACUUM INTO ?", (str(file),))
        beside.close()
        file.chmod(0o600)
        return facts
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
    # pg_dump sees the database as this transaction does. A schema that is named is dumped without extensions, which belong
    # to the server: only a superuser may make most of them again.
    words = ("--format=custom", "--schema=public", "--no-owner", "--no-privileges")
    run("pg_dump", *words, f"--snapshot={snapshot}", f"--file={file}")
    return database_facts()


def database_facts() -> dict[str, Any]:
    """Return what a restored database must hold: migrations, rows of each table, the ledger's sums, the audit log's."""
    migrations: dict[str, list[str]] = {}
    for app, name in MigrationRecorder.Migration.objects.order_by("app", "name").values_list("app", "name"):
        migrations.setdefault(app, []).append(name)
    return {
        "database": connection.vendor,
        "server": connection.get_database_version()[0],
        "suppression_key": key_fingerprint(),
        "migrations": migrations,
        "rows": rows_by_table(),
        "ledger": dict(Delivery.objects.values_list("state").annotate(rows=Count("pk")).order_by("state")),
        "audit_sha256": fingerprint_of_the_audit_log(),
        "audit_head": chain.head_line(),
    }


def rows_by_table() -> dict[str, int]:
    """Return how many rows each table has."""
    counted = {}
    with connection.cursor() as cursor:
        for name in table_names():
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            counted[name] = cursor.fetchone()[0]
    return counted


def table_names() -> list[str]:
    """Return the names of all tables but those that PostgreSQL's extensions brought."""
    with connection.cursor() as cursor:
        names = {info.name for info in connection.introspection.get_table_list(cursor) if info.type in {"t", "p"}}
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_class JOIN pg_depend ON objid = pg_class.oid AND classid = 'pg_class'::regclass "
                "WHERE deptype = 'e'"
            )
            names -= {name for (name,) in cursor}
    return sorted(names)


def fingerprint_of_the_audit_log() -> str:
    """Return the SHA-256 (hex) of every field of every audit entry, in their order."""
    digest = hashlib.sha256()
    rows = AuditEntry.objects.order_by("pk").values_list(
        *("pk", "at", "actor", "verb", "subject_type", "subject_id", "subject", "digest", "detail")
    )
    for pk, moment, *others in rows.iterator(chunk_size=2000):
        digest.update(json.dumps([pk, moment.isoformat(), *others], sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def key_fingerprint() -> str:
    """Return what tells one SUPPRESSION_KEY from another and says nothing about it."""
    return hmac.new(settings.SUPPRESSION_KEY.encode(), b"back-up", hashlib.sha256).hexdigest()[:16]


def media_names(folder: str = "") -> Iterator[str]:
    """Yield the names of all media in a folder and those below it."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}{name}"
    for name in sorted(folders):
        yield from media_names(f"{folder}{name}/")


def pack_media(file: Path) -> int:
    """Pack the media into `file` and return how many files that were. One that is removed meanwhile is left out."""
    packed = 0
    with tarfile.open(file, "w") as archive:
        for name in media_names():
            try:
                with default_storage.open(name) as content:
                    entry = tarfile.TarInfo(name)
                    entry.mode, entry.size = 0o644, default_storage.size(name)
                    entry.mtime = int(default_storage.get_modified_time(name).timestamp())
                    archive.addfile(entry, content)
            except FileNotFoundError:
                continue
            packed += 1
    file.chmod(0o600)
    return packed


def sha256_of(path: Path) -> str:
    """Return the SHA-256 (hex) of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def run(program: str, *words: str, **options: Any) -> None:
    """Run one of PostgreSQL's programs on the configured database. Raise Refusal with its last words when it fails."""
    with start(program, words, **options) as process:
        said = process.communicate()[1]
    refuse_failure(program, process.returncode, said)


def start(program: str, words: Iterable[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start one of PostgreSQL's programs on the configured database. Raise Refusal when it is not on this machine."""
    found = shutil.which(program)
    if found is None:
        raise Refusal(
            f"Not done: {program} is not on this machine. Debian, Ubuntu: apt install postgresql-client, at least as new as the "
            "server. Nothing was changed."
        )
    return subprocess.Popen([found, *words], env=libpq_environment(), stderr=subprocess.PIPE, **options)


def refuse_failure(program: str, status: int, said: bytes) -> None:
    """Raise Refusal with the first thing that one of PostgreSQL's programs said, unless its status is 0."""
    if status:
        words = first_line(Exception(said.decode(errors="replace") or f"exit status {status}"))
        raise Refusal(f"Not done: {words.removeprefix(f'{program}: ')}. Nothing was changed.")


def libpq_environment() -> Mapping[str, str]:
    """Return the environment in which PostgreSQL's programs find the configured database."""
    chosen: dict[str, Any] = connection.settings_dict
    found = {variable: str(chosen[name]) for name, variable in LIBPQ.items() if chosen.get(name)}
    options = chosen.get("OPTIONS", {})
    found |= {f"PG{name.upper().replace('_', '')}": str(options[name]) for name in LIBPQ_OPTIONS if options.get(name)}
    return {**os.environ, **found, "PGCONNECT_TIMEOUT": "5", "LC_ALL": "C.UTF-8"}


def ledger_sums(states: Mapping[str, int]) -> Counter[str]:
    """Return rows of the ledger by how they ended; what was to go counts as unknown, as a restore makes it."""
    sums: Counter[str] = Counter()
    for state, rows in states.items():
        sums[Delivery.State.UNKNOWN if state in Delivery.TO_GO else state] += rows
    return sums
