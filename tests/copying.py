"""
Making the tables once for all workers of a run: the first one migrates, and the others begin with a copy. Migrating takes
some ten seconds of a processor, a copy less than one.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK, MADE = "tables.lock", "tables.sqlite3"
TEMPLATE = "tables_for_all_workers"


@contextmanager
def shared_tables(folder: Path) -> Iterator[None]:
    """
    Give the place for migrating this worker's database: whoever is first does it while the others wait, and leaves a copy.
    `folder` is the run's. The settings name this worker's database already.
    """
    from django.db import connection

    own = Path(folder, LOCK).open("w")
    fcntl.flock(own, fcntl.LOCK_EX)
    done = Path(folder, "tables.done")
    with own:
        if done.exists():
            take_copy(folder)
            fcntl.flock(own, fcntl.LOCK_UN)
            yield
            return
        yield
        leave_copy(folder)
        connection.close()
        done.touch()


def take_copy(folder: Path) -> None:
    """Make this worker's database from the copy."""
    from django.db import connection

    name = connection.creation._get_test_db_name()
    if connection.vendor == "sqlite":
        shutil.copy(folder / MADE, name)
    else:
        copy_database(TEMPLATE, name)


def leave_copy(folder: Path) -> None:
    """Make the copy from this worker's database."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / MADE)])
    else:
        name = str(connection.settings_dict["NAME"])
        connection.close()
        copy_database(name, TEMPLATE)


def copy_database(source: str, target: str) -> None:
    """Copy a database on PostgreSQL; nobody may be connected to the source."""
    from django.db import connection

    quoted = connection.ops.quote_name
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted(target)} TEMPLATE {quoted(source)}")
