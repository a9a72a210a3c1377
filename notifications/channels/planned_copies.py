"""Which copies of notices go by other channels than mail, written with them in one transaction (outbox.py)."""

from typing import Any

from notifications.models import Notice, NoticeCopy
from notifications.notice_kinds import Kind

from .wishes import Reach, reach_of, ways, wishes_of


def plan(rows: list[Notice], kind: Kind, subject: Any) -> None:
    """Plan by which channels notices of one kind about one subject, not stored yet, go; whoever is no colleague gets mail. Two queries at most."""
    people = [row.person for row in rows if row.person is not None]
    wishes = wishes_of(people) if people and not kind.only_mail else {}
    reach = reach_of(kind, subject)
    for row in rows:
        found = ways(wishes.get(row.person_id or 0), reach, campaign=row.campaign, at=row.at)
        row.by_mail = found.by_mail
        row.planned = [
            NoticeCopy(to=one, is_urgent=reach == Reach.URGENT, next_attempt_at=found.at) for one in found.addresses
        ]
        if not found.by_mail and not found.addresses:
            row.sent_at = row.at  # it is at the desk, which is all that they want of it


def store(rows: list[Notice]) -> None:
    """Store what was planned for notices that are stored now; a query where there is anything."""
    copies = []
    for row in rows:
        for copy in row.planned:
            copy.notice = row
            copies.append(copy)
    if copies:
        NoticeCopy.objects.bulk_create(copies)
