"""The audit log as CSV."""

import json
from collections.abc import Iterator
from typing import Any

from accounts.models import AuditEntry, AuditEntryQuerySet, AuditSeal
from lib.csv_rows import BOM, lines

from .chain import moment

ROWS_AT_A_TIME = 2000
# The same in every language, so that two exports can be laid side by side.
AUDIT_COLUMNS = ("entry", "at", "actor", "verb", "kind", "key", "subject", "digest", "detail")
# The link of the chain (accounts/audit/chain.py); empty for what is not sealed yet.
SEAL_COLUMNS = ("seal", "sealed_at", "chain_digest", "mac", "mac_key")


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
