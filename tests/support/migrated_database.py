"""
The tables of the tests. Migrating takes eight seconds of a processor, a copy a fraction of one: so they are made once for many
runs, and every database of a test begins as a copy.

They are kept in var/tests, as an SQLite file and as the data folder of a PostgreSQL cluster, under a fingerprint of what they
are made from: migrations, packages, apps, roles. Runs at the same time wait for each other while they make or copy a kind.
"""

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from . import system_parts

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "tests"
AT_MOST = 4  # of each kind, so that who changes between branches finds those of both
SOURCES = (
    "uv.lock",
    "accounts/access/permissions.py",
    "accounts/access/roles.py",
    "tests/support/migrated_database.py",
    "tests/support/quick_migrations.py",
    "*/migrations/*.py",
)
MAKE = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from accounts.access import permissions
from tests.support import quick_migrations
quick_migrations.make_few_classes()
call_command("migrate", verbosity=0)
permissions.sync()
if connection.vendor == "sqlite":
    with connection.cursor() as cursor:
        # Tables are emptied between tests, which the audit log refuses.
        cursor.execute("DROP TRIGGER audit_refuses_delete")
        cursor.execute("DROP TRIGGER seal_refuses_delete")
        cursor.execute("PRAGMA journal_mode=DELETE")  # one file
"""


# --- Copies ---------------------------------------------------------------------------------------------------------


def copy_file(target: Path) -> None:
    """Make an SQLite database with our tables at `target`, whatever was there."""
    for left_over in target.parent.glob(f"{target.name}*"):  # with its log
        left_over.unlink()
    with kept("sqlite") as place:
        shutil.copy(place, target)


class PostgreSQL(system_parts.PostgreSQL):
    """A PostgreSQL server whose database "bulletins" has our tables."""

    def create(self) -> None:
        """Begin with a copy of the kept cluster."""
        with kept("postgresql") as place:
            subprocess.run(["cp", "-a", place, self.data], check=True)


def copy_database(name: str) -> None:
    """Make the database `name` on such a server, as a copy of the one that the settings name; nobody uses that itself."""
    from django.db import connection

    quoted = connection.ops.quote_name
    template = str(connection.settings_dict["NAME"])
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted(name)}")
        cursor.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(template)}")


def prepare(*kinds: str) -> None:
    """
    Make the tables of these kinds now if there are none: on a busy machine it may take longer than a test may. Each keeps one
    processor busy, so they are made side by side.
    """

    def make_one(kind: str) -> None:
        with kept(kind):
            pass

    with ThreadPoolExecutor() as pool:
        list(pool.map(make_one, kinds))


# --- What is kept ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def kept(kind: str) -> Iterator[Path]:
    """Yield the kept tables of a kind, made now if there are none. Nobody else makes, copies or removes such meanwhile."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = KEPT / f"{fingerprint()}.{kind}"
        if not place.exists():
            make(kind, place)
            forget_all_but_newest(kind)
        os.utime(place)
        yield place


@cache
def fingerprint() -> str:
    """Return a hash of all that the tables are made from."""
    postgresql = system_parts.postgresql_folder()
    found = hashlib.sha256(f"{platform.python_version()} {sqlite3.sqlite_version} {postgresql} {os.getuid()}".encode())
    for path in sources():
        found.update(f"{path.relative_to(ROOT)} ".encode() + path.read_bytes())
    settings = (ROOT / "config" / "settings" / "installed_apps.py").read_text(encoding="utf-8")
    found.update("".join(re.findall(r"^INSTALLED_APPS = \[.*?^\]", settings, re.MULTILINE | re.DOTALL)).encode())
    return found.hexdigest()[:16]


def sources() -> list[Path]:
    """Return the files that the tables are made from, with what the migrations import of ours."""
    found = {path for pattern in SOURCES for path in ROOT.glob(pattern)}
    for path in list(found):
        for name in re.findall(r"^(?:from|import) ([a-z_.]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            module = ROOT.joinpath(*name.split("."))
            found |= {one for one in (module.with_suffix(".py"), module / "__init__.py") if one.exists()}
    return sorted(found)


def make(kind: str, place: Path) -> None:
    """Migrate an empty database, and keep it at `place`."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"making-{kind}-", dir=KEPT)))
        made = folder / "made"
        if kind == "sqlite":
            migrate(f"sqlite:///{made}", folder)
        else:
            with system_parts.PostgreSQL() as server:
                migrate(server.url, folder)
                server.stop()
                subprocess.run(["cp", "-a", server.data, made], check=True)
        made.rename(place)


def migrate(url: str, folder: Path) -> None:
    """Make the tables in an empty database. Raise RuntimeError with what was said when that fails."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": "a key for tables only, long enough for every check of its length",
        "DATABASE_URL": url,
        "LC_ALL": "C.UTF-8",
    }
    environment |= {name: os.environ[name] for name in ("PATH", "PYTHONPYCACHEPREFIX") if name in os.environ}
    made = subprocess.run(
        [sys.executable, "-c", MAKE], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise RuntimeError(f"The tables were not made:\n{made.stderr}")


def forget_all_but_newest(kind: str) -> None:
    """Remove the tables of a kind that nobody has used for longest, and what a killed run left half made."""
    by_use = sorted(KEPT.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [*by_use[AT_MOST:], *KEPT.glob(f"making-{kind}-*")]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
