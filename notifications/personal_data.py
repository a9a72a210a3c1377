"""What notices keep of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule

from . import notice_kinds
from .models import Notice


def expired(at: datetime) -> QuerySet[Any]:
    """Return what was sent, or given up, long ago, but for kinds that have a rule of their own."""
    ended = Q(sent_at__isnull=False) | Q(given_up_at__isnull=False)
    others = [kind.key for kind in notice_kinds.registered() if kind.has_own_rule]
    return Notice.objects.filter(ended, at__lte=retention.rule("notices").before(at)).exclude(kind__in=others)


RULES = (
    Rule(
        "notices",
        DataSubject.STAFF,
        gettext_lazy("Notifications sent to you by email: an approval to give, a question, thanks"),
        gettext_lazy("To send it, and to see later that it was sent."),
        Ground.TASK,
        gettext_lazy("You."),
        gettext_lazy("%(days)s after it was sent."),
        setting="NOTICE_DAYS",
        due=expired,
        forget=retention.deleting(expired),
    ),
)


def notices(person: Person) -> Rows:
    """Return what someone was told."""
    return data_subjects.plain(
        Notice.objects.filter(person__in=users_of(person)),
        "kind",
        "text",
        "path",
        "at",
        "sent_at",
        "channel",
        "seen_at",
    )


def forget(person: Person, by: User | None, at: datetime) -> None:
    """Tell someone nothing more, and forget what they were told."""
    Notice.objects.filter(person__in=users_of(person)).delete()


PARTS = (Part("notices", gettext_lazy("Email notifications"), notices, forget),)
