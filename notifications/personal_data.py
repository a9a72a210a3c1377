"""What notices keep of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule

from . import notice_kinds
from .channels import addresses
from .models import Notice, NoticeWishes, StaffAddress, StaffProof


def expired(at: datetime) -> QuerySet[Any]:
    """Return what was sent, or given up, long ago, but for kinds that have a rule of their own."""
    ended = Q(sent_at__isnull=False) | Q(given_up_at__isnull=False)
    others = [kind.key for kind in notice_kinds.registered() if kind.has_own_rule]
    return Notice.objects.filter(ended, at__lte=retention.rule("notices").before(at)).exclude(kind__in=others)


def proofs_over(at: datetime) -> QuerySet[Any]:
    """Return the addresses of colleagues that were entered and never proven."""
    return StaffProof.objects.filter(asked_at__lte=retention.rule("notice_proofs").before(at))


RULES = (
    Rule(
        "notice_proofs",
        DataSubject.STAFF,
        gettext_lazy("A phone number that you entered and did not confirm"),
        gettext_lazy("To ask by a code whether it is yours."),
        Ground.TASK,
        gettext_lazy("Nobody."),
        gettext_lazy("%(days)s; the code works for ten minutes."),
        fixed=1,
        due=proofs_over,
        forget=retention.deleting(proofs_over),
        rests=DAILY,
    ),
    Rule(
        "notice_addresses",
        DataSubject.STAFF,
        gettext_lazy(
            "Your phone number, devices and chats for notifications, what you chose for each, quiet hours and time zone"
        ),
        gettext_lazy("To tell you at once of what is urgent or waits for you."),
        Ground.TASK,
        gettext_lazy("You."),
        gettext_lazy("Until you remove it, or your account is closed."),
    ),
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


def ways(person: Person) -> Rows:
    """Return where a colleague is told, and what they chose."""
    whose = users_of(person)
    return [
        *data_subjects.plain(
            StaffAddress.objects.filter(user__in=whose), "channel", "address", "user_hash", "since", "broken_at"
        ),
        *data_subjects.plain(StaffProof.objects.filter(user__in=whose), "channel", "address", "user_hash", "asked_at"),
        *data_subjects.plain(
            NoticeWishes.objects.filter(user__in=whose),
            *("urgent", "waits", "news", "quiet_begins", "quiet_ends", "time_zone"),
        ),
    ]


def forget_ways(person: Person, by: User | None, at: datetime) -> None:
    """Forget where a colleague was told, and what they chose."""
    for user in users_of(person):
        addresses.leave_everything(user, by, at)
    NoticeWishes.objects.filter(user__in=users_of(person)).delete()


PARTS = (
    Part("notices", gettext_lazy("Email notifications"), notices, forget),
    Part("notice_addresses", gettext_lazy("Where and how you are told at the desk"), ways, forget_ways),
)
