"""
Notices are written in the transaction of the deed that they tell of, and sent right after it (notifications/sending.py).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.access import campaign_roles
from accounts.models import User
from campaigns.models import Campaign
from lib import task_queue

from .channels import planned_copies
from .models import Notice
from .notice_kinds import Kind


def write(
    kind: Kind,
    people: Iterable[User | None],
    *,
    at: datetime,
    about: Any = None,
    campaign: Campaign | None = None,
    text: str = "",
    path: str = "",
    hook: bool = False,
) -> list[Notice]:
    """
    Write that each of `people` is to be told, once each, and the notification hook too with `hook` and an address for it;
    have a worker woken when the transaction is through. Return the rows.

    `about` is the row that the kind is about, if it is about one; `campaign` is its campaign unless given. None among the
    people is the address that the kind names (`Kind.contact`), or else the hook. `text` goes to people only, as it is.
    Who works here by roles in other campaigns only is told nothing of this one. The hook leads out of this system, so it hears nothing
    of an exercise in which a drill runs.
    """
    if not kind.is_about(about):
        raise TypeError(f"A notice of the kind {kind.key} is not about {about!r}.")
    where = campaign or about.campaign
    told: dict[int | None, User | None] = {person.pk if person else None: person for person in people}
    for stranger in campaign_roles.strangers(told.values(), where.pk):
        del told[stranger]
    if hook and settings.NOTIFY_URL and not where.drill:
        told[None] = None
    rows = [
        Notice(
            kind=kind.key,
            campaign=where,
            subject_id=about.pk if about else None,
            version=kind.version_of(about) if about else None,
            path=path,
            person=person,
            text=text,
            at=at,
            next_attempt_at=at,
        )
        for person in told.values()
    ]
    if rows:
        planned_copies.plan(rows, kind, about)
        Notice.objects.bulk_create(rows)
        planned_copies.store(rows)
        transaction.on_commit(wake, robust=True)  # the tick sends it if no worker can be woken
    return rows


def wake() -> None:
    """Ask a worker to send what waits. What nobody took in a minute is forgotten: the tick does it too."""
    task_queue.wake("notifications.tasks.deliver_notices", queue="urgent")
