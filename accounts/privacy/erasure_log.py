"""
Who was erased, beside the database: a back-up that is brought back knows people who were erased after it was made. One line
each in `erased.txt` in DATA_DIR, the moment and the code of the address, which tells nobody who it was.
"""

import logging
import os
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)


def file() -> Path:
    """Return where it is written."""
    return Path(settings.DATA_DIR) / "erased.txt"


def note(code: str, *, at: datetime) -> None:
    """Write down that whoever has the address of a code was erased, when the transaction is through."""
    transaction.on_commit(partial(write, [(at, code)]), robust=True)


def write(erased: Iterable[tuple[datetime, str]]) -> None:
    """Add lines that are not there yet. What cannot be written is named in the log."""
    known = set(read())
    lines = [f"{at.isoformat()} {code}\n" for at, code in erased if (at, code) not in known]
    if not lines:
        return
    try:
        with os.fdopen(os.open(file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w", encoding="ascii") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        log.exception("%s could not be written: a back-up that is restored may bring back who was erased.", file())


def read() -> list[tuple[datetime, str]]:
    """Return when and who, the first first; nothing when there is no such file."""
    try:
        lines = file().read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    found = [line.split(" ") for line in lines]
    return [(datetime.fromisoformat(words[0]), words[1]) for words in found if len(words) == 2]


def erased_since(moment: datetime) -> set[str]:
    """Return the codes of people who were erased after a moment."""
    return {code for at, code in read() if at > moment}
