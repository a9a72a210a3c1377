"""Room for the ledger: nothing is handed over whose outcome might not fit on the disk any more."""

import shutil
from pathlib import Path

from django.db import connection

ROOM = 4 * 1024**2  # bytes: what becomes of a window, and whatever else is written meanwhile


def is_full() -> bool:
    """
    Return whether there is no room where SQLite writes.

    Its log is as long as it ever was and is written over, so that it goes on for a while on a full disk, and fails at
    any moment, also between a mail and its outcome. A PostgreSQL server keeps room for that itself, and says so in
    time.
    """
    if connection.vendor != "sqlite":
        return False
    return shutil.disk_usage(Path(connection.settings_dict["NAME"]).parent).free < ROOM
