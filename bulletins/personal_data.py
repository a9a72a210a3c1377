"""What this app keeps of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule

from .models import MessageInput, Presence

# --- For how long ----------------------------------------------------------------------------------


def presences_over(at: datetime) -> QuerySet[Any]:
    """Return who had a bulletin open days ago."""
    return Presence.objects.filter(seen_at__lte=retention.rule("presences").before(at))


RULES = (
    Rule(
        "presences",
        DataSubject.STAFF,
        gettext_lazy("Which bulletin you have open"),
        gettext_lazy("So that two people don't overwrite each other's work."),
        Ground.TASK,
        gettext_lazy("Others who have it open."),
        gettext_lazy("%(days)s at most."),
        fixed=1,
        due=presences_over,
        forget=retention.deleting(presences_over),
    ),
)


# --- Of one person ---------------------------------------------------------------------------------


def contacts(person: Person) -> Rows:
    """Return the message inputs that name someone's address for questions."""
    return data_subjects.plain(
        MessageInput.objects.filter(person.has("contact")), "reference", "contact", "received_at"
    )


def forget_contacts(person: Person, by: User | None, at: datetime) -> None:
    """Name someone's address for questions no more, and forget which bulletins they have open."""
    MessageInput.objects.filter(person.has("contact")).update(contact="")
    Presence.objects.filter(user__in=users_of(person)).delete()


PARTS = (
    Part(
        "input_contacts",
        gettext_lazy("Contact details in submissions"),
        contacts,
        forget_contacts,
        addresses=lambda: MessageInput.objects.exclude(contact="").values_list("contact", flat=True),
    ),
)
