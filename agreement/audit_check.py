"""
Whether what is agreed to is still what two people agreed to. What reaches a row by another way than a step (the shell,
QuerySet.update, SQL) is found here, beside the chain of the audit log, which nobody can mend.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from accounts.models import AuditEntry

from .kinds import Kind, registered

AT_ONCE = 500  # rows read at once


class Fault(NamedTuple):
    """A row that nobody, or one person alone, agreed to as it is."""

    kind: str
    key: Any
    what: str


def faults() -> Iterator[Fault]:
    """Yield what is wrong with rows that are agreed to, of every kind; a query for each 500 rows and two for each row with a fault."""
    for kind in registered():
        for row in kind.agreed_rows().iterator(chunk_size=AT_ONCE):
            if what := fault_of(kind, row):
                yield Fault(kind.name, row.pk, what)


def fault_of(kind: Kind[Any], row: Any) -> str:
    """Return what is wrong with one row, in English: it is for whoever owns the server; "" for nothing."""
    # What waits again has its next writers already, and whoever agreed to it last may be one of them.
    if not kind.is_waiting(row) and kind.get_id(row, "agreed_by") in kind.writers_of(row):
        return "the person who agreed is among the writers"
    if not kind.is_stored_digest(row):
        return "it says something else than was agreed to"
    stored = kind.get(row, "digest")
    entries = AuditEntry.objects.about(kind.audited(row)).filter(verb=kind.verb("agreed"))
    if stored and kind.get(row, "digest_version") and not entries.filter(digest=stored).exists():
        return "the audit log does not know that anybody agreed to it"
    return ""
