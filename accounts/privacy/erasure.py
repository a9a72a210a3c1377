"""Erasing a person: everything that any app holds about them goes, in one transaction, and their sessions end."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.audit import trail
from accounts.login import reauthentication
from accounts.models import Session, User
from accounts.sessions.store import SessionStore

from . import data_subjects, erasure_log
from .data_subjects import Person


@transaction.atomic
def erase(person: Person, *, reason: str, by: User | None, at: datetime) -> None:
    """
    Forget someone, whatever they are to us: only the code of their address stays, suppressed, and what they did for the
    public goes on without their name. Mail on its way stops within one window, and their sessions end. `reason` is a
    fixed code, since it is kept for ever; `by` is None for people themselves. Raise NotErased.
    """
    for part in data_subjects.parts():
        if part.refuse is not None:
            part.refuse(person, by)
    for part in data_subjects.parts():
        if part.erase is not None:
            part.erase(person, by, at)
    end_sessions(person)
    trail.note_person("person.erased", person.code, by=by, at=at, reason=reason)
    erasure_log.note(person.code, at=at)


def end_sessions(person: Person) -> None:
    """
    Delete the sessions that hold someone's address: those in which a code or a step of logging in waits for them. In a
    colleague's it may stand in a form that waits until they have proved again who they are; then only the form goes.
    """
    waiting = Session.objects.filter(Q(began_at=None) | Q(user__is_staff=True) | Q(user__is_superuser=True))
    for row in waiting.iterator():
        data = row.get_decoded()
        if not mentions(data, person):
            continue
        if row.user_id is not None:
            data.pop(reauthentication.KEPT, None)
        if row.user_id is None or mentions(data, person):
            row.delete()
        else:
            row.session_data = SessionStore().encode(data)
            row.save(update_fields=["session_data"])


def mentions(data: Any, person: Person) -> bool:
    """Return whether plain data has the address somewhere in it."""
    words = json.dumps(data, ensure_ascii=False, default=str).lower()
    return any(spelling in words for spelling in person.spellings)
