"""Rows as CSV that no spreadsheet calculates with, and the audit log in it."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from accounts.models import AuditEntry, AuditEntryQuerySet, AuditSeal

from .chain import moment

BOM = "\ufeff"
# How a cell begins that a spreadsheet calculates: some leave out blanks before the sign, or take a line end for one.
FORMULA = re.compile("[\t\r\n]|[\\s\u200b-\u200f\u2060\ufeff]*[=+@＝＋－＠-]")
ROWS_AT_A_TIME = 2000
# The same in every language, so that two exports can be laid side by side.
AUDIT_COLUMNS = ("entry", "at", "actor", "verb", "kind", "key", "subject", "digest", "detail")
# The link of the chain (accounts/audit/chain.py); empty for what is not sealed yet.
SEAL_COLUMNS = ("seal", "sealed_at", "chain_digest", "mac", "mac_key")


def lines(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Return rows of cells as CSV; a text that a spreadsheet would calculate begins with an apostrophe."""
    out = StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet calculates."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def audit_log(entries: AuditEntryQuerySet) -> Iterator[bytes]:
    """
    Give the entries in pieces, the oldest first: CSV as in RFC 4180, UTF-8 with a byte order mark, moments as ISO
    8601 in UTC, people by their key and name, detail as JSON, and the seal of each. One query per 2,000 rows.
    """
    yield BOM.encode() + lines([AUDIT_COLUMNS + SEAL_COLUMNS])
    last = 0
    while rows := list(entries.filter(pk__gt=last).order_by("pk").select_related("actor", "seal")[:ROWS_AT_A_TIME]):
        last = rows[-1].pk
        yield lines(cells(entry) for entry in rows)


def cells(entry: AuditEntry) -> tuple[Any, ...]:
    """Return the cells of one entry."""
    seal: AuditSeal | None = getattr(entry, "seal", None)
    link = (seal.number, moment(seal.sealed_at), seal.digest, seal.mac, seal.key_id) if seal else ("",) * 5
    return (
        entry.pk,
        moment(entry.at),
        f"{entry.actor_id} {entry.actor}" if entry.actor else "",
        entry.verb,
        entry.subject_type,
        entry.subject_id,
        entry.subject,
        entry.digest,
        json.dumps(entry.detail, ensure_ascii=False, sort_keys=True) if entry.detail else "",
        *link,
    )
