"""Writing down who did what. One call, in the same transaction as the deed."""

from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import AuditEntry, User


def note(
    verb: str, subject: models.Model, *, by: User | None, at: datetime, digest: str = "", **detail: Any
) -> AuditEntry:
    """
    Append an entry: `by` (None: the software itself) did `verb` ("bulletin.approved") to `subject`.

    `verb` is English, a fixed code that documents list; `detail` is plain data that JSON can hold. An entry is for ever,
    so a subject whose name may have to be forgotten says in `audited_as` what it is called here.
    """
    return AuditEntry.objects.create(
        at=at,
        actor=by,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject=str(getattr(subject, "audited_as", subject))[:200],
        digest=digest,
        detail=detail,
    )


def note_person(verb: str, code: str, *, by: User | None, at: datetime, **detail: Any) -> AuditEntry:
    """
    Append an entry about a person who is known by the code of their address only (lib.mail_addresses), whatever rows are
    theirs: whoever knows the address finds the entry again, and nobody else learns it.
    """
    return AuditEntry.objects.create(
        at=at, actor=by, verb=verb, subject_type="person", subject_id=code[:40], subject=code, detail=detail
    )
