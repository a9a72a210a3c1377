"""What this room keeps of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import About, Ground, Rule
from notifications.models import Notice

from .models import MessageInput, Presence

# --- For how long ----------------------------------------------------------------------------------


def notices_over(at: datetime) -> QuerySet[Any]:
    """Return what was told, or given up, long ago. What is told of a recall is needed as long as the recall."""
    ended = Q(told_at__isnull=False) | Q(given_up_at__isnull=False)
    return Notice.objects.filter(ended, at__lte=retention.rule("notices").before(at)).exclude(kind=Notice.Kind.RECALL)


def presences_over(at: datetime) -> QuerySet[Any]:
    """Return who had a bulletin open days ago."""
    return Presence.objects.filter(seen_at__lte=retention.rule("presences").before(at))


RULES = (
    Rule(
        "notices",
        About.STAFF,
        gettext_lazy("Notifications sent to you by email: an approval to give, a question, thanks"),
        gettext_lazy("To send it, and to see later that it was sent."),
        Ground.TASK,
        gettext_lazy("You."),
        gettext_lazy("%(days)s after it was sent."),
        setting="NOTICE_DAYS",
        due=notices_over,
        forget=retention.deleting(notices_over),
    ),
    Rule(
        "presences",
        About.STAFF,
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


def notices(person: Person) -> Rows:
    """Return what somebody was told."""
    return data_subjects.plain(
        Notice.objects.filter(person__in=users_of(person)), "kind", "text", "path", "at", "told_at"
    )


def forget_notices(person: Person, by: User | None, at: datetime) -> None:
    """Tell somebody nothing more, and forget what they were told and which bulletins they have open."""
    users = users_of(person)
    Notice.objects.filter(person__in=users).delete()
    Presence.objects.filter(user__in=users).delete()


def contacts(person: Person) -> Rows:
    """Return the message inputs that name somebody's address for questions."""
    return data_subjects.plain(
        MessageInput.objects.filter(person.has("contact")), "reference", "contact", "received_at"
    )


def forget_contacts(person: Person, by: User | None, at: datetime) -> None:
    """Name somebody's address for questions no more."""
    MessageInput.objects.filter(person.has("contact")).update(contact="")


PARTS = (
    Part("notices", gettext_lazy("Email notifications"), notices, forget_notices),
    Part(
        "input_contacts",
        gettext_lazy("Contact details in submissions"),
        contacts,
        forget_contacts,
        addresses=lambda: MessageInput.objects.exclude(contact="").values_list("contact", flat=True),
    ),
)
