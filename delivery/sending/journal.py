"""
What a worker writes of each mail on its own disk, so that little is in doubt when its process is killed.

A record says that a mail was prepared, that it may have left from now on, or what became of it, until the ledger says so; then
its place is another's. It is in the kernel's hands at once, so it outlives the process, and is not waited for to reach the disk: what was
written before the machine was started anew is not read. It only ever makes doubt smaller. Without a journal, or where a record
is missing or damaged, a mail that was being handed over is in doubt; a worker that cannot write says so in its lease and goes
on without one.
"""

import errno
import fcntl
import logging
import os
import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zlib import crc32

from django.conf import settings

from delivery.models import Delivery, Lease
from delivery.transports.transport import Outcome

log = logging.getLogger(__name__)

# Lease, how many mails were prepared before, delivery; what is known; the rest of an outcome. Then a checksum, and room up to SIZE octets.
RECORD = struct.Struct("<qqq 12s 20s 200s 200s ?d")
CHECKSUM = struct.Struct("<I")
SIZE = 512
MOST = 100  # mails that a window has at most
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PREPARED, BEGUN = "prepared", "begun"
AT_ONCE = -1.0  # for retry_after where the server asked for nothing

State = Delivery.State


class Journal:
    """The journal of one run of a worker. It is locked for as long as the run goes on."""

    def __init__(self, lease: Lease) -> None:
        self._lease_id = lease.pk
        self._number = 0
        self._records: dict[int, tuple[int, int]] = {}  # {delivery: (its place, its number in the order of preparing)}
        self._free: list[int] = []
        self._places = 0
        self._file = -1
        if not lease.journal:
            return
        try:
            folder().mkdir(exist_ok=True)
            self._file = os.open(folder() / lease.journal, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            self._give_up(fault)

    def prepare(self, delivery_id: int) -> None:
        """Write that a mail is being prepared."""
        if delivery_id in self._records:
            place = self._records[delivery_id][0]
        elif self._free:
            place = self._free.pop()
        else:
            place = self._places
            self._places += 1
        self._number += 1
        self._records[delivery_id] = place, self._number
        self._write(delivery_id, PREPARED)

    def forget(self, delivery_ids: Iterable[int]) -> None:
        """Let others have the places of mails of which the ledger knows."""
        for delivery_id in delivery_ids:
            if delivery_id in self._records:
                self._free.append(self._records.pop(delivery_id)[0])

    def begin(self, delivery_id: int) -> None:
        """Write that a mail may have left from now on."""
        self._write(delivery_id, BEGUN)

    def end(self, outcome: Outcome) -> None:
        """Write what became of a mail."""
        asked = AT_ONCE if outcome.retry_after is None else outcome.retry_after
        said = (outcome.code.encode(), outcome.provider_id.encode(), outcome.detail.encode())
        self._write(outcome.delivery_id, outcome.state.value, *said, outcome.about_mailer, asked)

    def close(self) -> None:
        """Let go of it: nothing more leaves under its lease. The sweeper removes it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(
        self,
        delivery_id: int,
        known: str,
        code: bytes = b"",
        provider_id: bytes = b"",
        detail: bytes = b"",
        about_mailer: bool = False,
        retry_after: float = AT_ONCE,
    ) -> None:
        if self._file < 0:
            return
        place, number = self._records[delivery_id]
        about = (self._lease_id, number, delivery_id, known.encode())
        record = RECORD.pack(*about, code, provider_id, detail, about_mailer, retry_after)
        record += CHECKSUM.pack(crc32(record))
        try:
            if os.pwrite(self._file, record, place * SIZE) < len(record):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as fault:
            self._give_up(fault)

    def _give_up(self, fault: OSError) -> None:
        """Go on without a journal. The lease says so before anything else leaves, so that what is written is not believed."""
        log.warning(
            "Lease %s has no journal (%s). After a kill its whole window would be in doubt.", self._lease_id, fault
        )
        Lease.objects.filter(pk=self._lease_id).update(journal="")
        self.close()


@dataclass
class Written:
    """
    What a journal says of mails of which the ledger may not know: what became of them, which certainly have not left, and which
    one was prepared last.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    not_begun: list[int] = field(default_factory=list)
    prepared_last: int | None = None


def read(lease: Lease) -> Written | None:
    """
    Return what a worker of this machine has written under a lease, or None. While it may still go on, nobody knows what it will
    begin.
    """
    machine = this_machine()
    if not machine or not lease.journal.startswith(machine):
        return None
    try:
        with (folder() / lease.journal).open("rb") as file:
            ended = is_free(file.fileno())
            data = file.read()
    except OSError:
        return None
    latest: dict[int, tuple[int, str, Outcome | None]] = {}
    written, newest = Written(), 0
    for place in range(0, len(data), SIZE):
        found = unpack(data[place : place + SIZE], lease)
        if found is None:
            continue
        number, delivery_id, known, outcome = found
        if number >= newest:
            newest, written.prepared_last = number, delivery_id
        if number >= latest.get(delivery_id, (0,))[0]:
            latest[delivery_id] = number, known, outcome
    written.outcomes = [outcome for _number, _known, outcome in latest.values() if outcome]
    written.not_begun = [pk for pk, (_number, known, _outcome) in latest.items() if known == PREPARED and ended]
    return written


def unpack(octets: bytes, lease: Lease) -> tuple[int, int, str, Outcome | None] | None:
    """Return how many were prepared before, delivery, what is known and the outcome, if there is one, of a record of this lease; else None."""
    record, checksum = octets[: RECORD.size], octets[RECORD.size : RECORD.size + CHECKSUM.size]
    if len(record) < RECORD.size or checksum != CHECKSUM.pack(crc32(record)):
        return None
    lease_id, number, delivery_id, *words, about_mailer, retry_after = RECORD.unpack(record)
    if lease_id != lease.pk:
        return None
    known, code, provider_id, detail = (word.rstrip(b"\0").decode(errors="ignore") for word in words)
    if known in {PREPARED, BEGUN}:
        return number, delivery_id, known, None
    asked = None if retry_after == AT_ONCE else retry_after
    return (
        number,
        delivery_id,
        known,
        Outcome(delivery_id, State(known), code, detail, provider_id, asked, about_mailer),
    )


def name_of_new() -> str:
    """Return a name for a journal, which says on which machine it is and since when that has run; "" where none can be kept."""
    machine = this_machine()
    return f"{machine}-{secrets.token_hex(8)}" if machine else ""


@cache
def this_machine() -> str:
    """Return a name of this machine that it has until it is started anew; "" where it has none."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def folder() -> Path:
    """Return where the journals are: on this machine, whoever else has the rest of DATA_DIR."""
    return Path(settings.DATA_DIR) / "journals"


def is_free(descriptor: int) -> bool:
    """Return whether the run that wrote a journal is over: its lock goes with its process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def names() -> set[str]:
    """Return the names of the journals that are here."""
    return set(os.listdir(folder())) if folder().is_dir() else set()


def remove(unused: Iterable[str]) -> None:
    """Remove journals that no lease names any more."""
    for name in unused:
        (folder() / name).unlink(missing_ok=True)
