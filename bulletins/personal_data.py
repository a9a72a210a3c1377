"""What this app keeps of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule

from .models import Comment, Handover, MessageInput, Presence

# --- For how long ----------------------------------------------------------------------------------


def presences_over(at: datetime) -> QuerySet[Any]:
    """Return who had a bulletin open days ago."""
    return Presence.objects.filter(seen_at__lte=retention.rule("presences").before(at))


def handovers_over(at: datetime) -> QuerySet[Any]:
    """Return the shifts that were taken over long ago, and those that nobody took over for as long."""
    limit = retention.rule("handovers").before(at)
    return Handover.objects.filter(Q(taken_at__lte=limit) | Q(taken_at=None, given_at__lte=limit))


def comments_over(at: datetime) -> QuerySet[Any]:
    """Return the comments on bulletins that nobody approved for so long."""
    return Comment.objects.filter(at__lte=retention.rule("comments").before(at))


RULES = (
    Rule(
        "comments",
        DataSubject.STAFF,
        gettext_lazy("Comments that you write on a bulletin, and who is mentioned in them"),
        gettext_lazy("So that colleagues can agree on a text before it is approved."),
        Ground.TASK,
        gettext_lazy("Colleagues at the desk."),
        gettext_lazy("Until the bulletin is approved, or for %(days)s."),
        fixed=180,
        due=comments_over,
        forget=retention.deleting(comments_over),
    ),
    Rule(
        "handovers",
        DataSubject.STAFF,
        gettext_lazy("What you write when you hand over a shift, to whom, and who took it over"),
        gettext_lazy("So that the next shift knows what is under way."),
        Ground.TASK,
        gettext_lazy("Colleagues at the desk."),
        gettext_lazy("%(days)s after it was taken over."),
        fixed=30,
        due=handovers_over,
        forget=retention.deleting(handovers_over),
    ),
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


def handovers(person: Person) -> Rows:
    """Return the shifts that someone handed over, and those that they were given."""
    people = users_of(person)
    theirs = Q(given_by__in=people) | Q(given_to__in=people) | Q(taken_by__in=people)
    return data_subjects.plain(Handover.objects.filter(theirs), "given_at", "note", "taken_at")


def forget_handovers(person: Person, by: User | None, at: datetime) -> None:
    """Forget the shifts that someone handed over, and name them on those that they were given no more."""
    people = users_of(person)
    Handover.objects.filter(Q(given_by__in=people) | Q(given_to__in=people)).delete()
    Handover.objects.filter(taken_by__in=people).update(taken_by=None)


def comments(person: Person) -> Rows:
    """Return what someone wrote in comments, and the comments that mention them."""
    people = users_of(person)
    theirs = Comment.objects.filter(Q(by__in=people) | Q(mentions__in=people)).distinct()
    return data_subjects.plain(theirs, "at", "quote", "text", "by")


def forget_comments(person: Person, by: User | None, at: datetime) -> None:
    """
    Forget the words of someone's comments; what others answered stays under the passage. Where they are mentioned, they are called
    what everyone is called who was erased.
    """
    people = users_of(person)
    theirs = Comment.objects.filter(by__in=people)
    theirs.exclude(answers__in=Comment.objects.exclude(by__in=people)).delete()
    theirs.update(text="")


def forget_contacts(person: Person, by: User | None, at: datetime) -> None:
    """Name someone's address for questions no more, and forget which bulletins they have open."""
    MessageInput.objects.filter(person.has("contact")).update(contact="")
    Presence.objects.filter(user__in=users_of(person)).delete()


PARTS = (
    Part("comments", gettext_lazy("Comments on bulletins"), comments, forget_comments),
    Part("handovers", gettext_lazy("Shifts handed over"), handovers, forget_handovers),
    Part(
        "input_contacts",
        gettext_lazy("Contact details in submissions"),
        contacts,
        forget_contacts,
        addresses=lambda: MessageInput.objects.exclude(contact="").values_list("contact", flat=True),
    ),
)
