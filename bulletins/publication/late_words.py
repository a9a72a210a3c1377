"""When more was promised and has not come: the pages say so from that moment, and whoever has the bulletin is reminded once."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from bulletins import notices
from bulletins.models import Urgency, Version
from bulletins.reader_view import next_words
from campaigns.http import page_changes
from notifications import outbox

AT_MOST = 50  # in one call; the next goes on


def note_late(*, at: datetime) -> int:
    """
    Note each promise that is late by now: public pages are made anew, and the one who has the bulletin is told, or all who write where
    nobody has it. Return how many there were. Two at once note each once.
    """
    keys = list(next_words.late(at=at).filter(late_noted_at=None).values_list("pk", flat=True)[:AT_MOST])
    return sum(note(key, at=at) for key in keys)


@transaction.atomic
def note(key: int, *, at: datetime) -> bool:
    """Note one promise that is late; return whether this call did."""
    if not Version.objects.filter(pk=key, late_noted_at=None).update(late_noted_at=at):
        return False
    page_changes.changed()
    bulletin = Version.objects.select_related("bulletin__campaign", "bulletin__taken_by").get(pk=key).bulletin
    person = bulletin.taken_by
    people = (
        [person]
        if person and person.is_active and person.is_staff
        else list(User.objects.staff_with("bulletins.change_bulletin", bulletin.campaign_id))
    )
    outbox.write(notices.NEXT_WORD_LATE, people, about=bulletin, hook=bulletin.urgency == Urgency.URGENT, at=at)
    return True
