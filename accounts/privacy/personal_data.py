"""What this app keeps of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import rate_limit
from accounts.access import campaign_roles, two_administrators
from accounts.login import codes, first_administrator
from accounts.models import Attempt, AuditEntry, CodeMail, EntryLink, HeldChange, Session, User
from accounts.sessions import activity

from . import account_closure, data_subjects, retention
from .data_subjects import Part, Person, Rows
from .retention import DataSubject, Ground, Rule

# --- For how long ----------------------------------------------------------------------------------


def attempts_over(at: datetime) -> QuerySet[Any]:
    """Return what no longer counts."""
    return Attempt.objects.filter(until__lte=at)


def sessions_over(at: datetime) -> QuerySet[Any]:
    """Return the sessions that have ended."""
    return Session.objects.filter(expire_date__lte=at)


def code_mails_over(at: datetime) -> QuerySet[Any]:
    """Return the mails with codes that work no more."""
    return CodeMail.objects.filter(asked_at__lte=at - codes.CODE_LASTS)


def links_over(at: datetime) -> QuerySet[Any]:
    """Return the links to log in by that work no more."""
    return EntryLink.objects.filter(until__lte=at)


RULES = (
    Rule(
        "attempts",
        DataSubject.READERS,
        gettext_lazy("A code made from your IP address when you send something or log in"),
        gettext_lazy("To prevent floods of messages and password guessing. The address itself is not kept."),
        Ground.SAFETY,
        gettext_lazy("Nobody. It is used only for counting."),
        gettext_lazy("For as long as the limit lasts: minutes to a day."),
        due=attempts_over,
        forget=lambda at: rate_limit.forget_old(at=at),
    ),
    Rule(
        "sessions",
        DataSubject.STAFF,
        gettext_lazy("Your logins: when, with which browser and from which IP address"),
        gettext_lazy(
            "To keep you logged in, and to let you see and end sessions that are not yours. This applies "
            "to influencers too."
        ),
        Ground.SAFETY,
        gettext_lazy("You."),
        gettext_lazy("Until you log out, or for 14 days at most."),
        due=sessions_over,
        forget=lambda at: activity.forget_old(at=at),
    ),
    Rule(
        "code_mails",
        DataSubject.STAFF,
        gettext_lazy("Your address, while an email with a login code is waiting to be sent"),
        gettext_lazy("To send it."),
        Ground.SAFETY,
        gettext_lazy("Nobody."),
        gettext_lazy("Ten minutes at most, for as long as the code works."),
        due=code_mails_over,
        forget=retention.deleting(code_mails_over),
    ),
    Rule(
        "entry_links",
        DataSubject.STAFF,
        gettext_lazy("That a link for your first login was created"),
        gettext_lazy("To let you in once. Only a fingerprint of the link is kept."),
        Ground.SAFETY,
        gettext_lazy("Nobody."),
        gettext_lazy("Until the link is used or expires."),
        due=links_over,
        forget=lambda at: first_administrator.forget_old(at=at),
    ),
    Rule(
        "held_changes",
        DataSubject.STAFF,
        gettext_lazy("Your new address or password, while it is waiting for a second administrator"),
        gettext_lazy("So that nobody can take over an approver's account."),
        Ground.SAFETY,
        gettext_lazy("Administrators see the address; only a hash of the password is kept."),
        gettext_lazy("Until it takes effect or is stopped: 24 hours at most."),
    ),
    Rule(
        "account",
        DataSubject.STAFF,
        gettext_lazy("Your name, address, language and roles"),
        gettext_lazy("To give you access to what your work needs."),
        Ground.TASK,
        gettext_lazy("Colleagues see your name; administrators see your address."),
        gettext_lazy(
            "For as long as you work here. You can have it erased: what you approved will then say “former staff”."
        ),
    ),
    Rule(
        "audit",
        DataSubject.STAFF,
        gettext_lazy("Who approved, sent, exported, erased and changed what, and when"),
        gettext_lazy(
            "It must be possible to show years later that two people agreed to every text. It contains "
            "no names or addresses."
        ),
        Ground.DUTY,
        gettext_lazy("Administrators."),
        gettext_lazy("Permanently. The log is worth having only because it cannot be changed or deleted."),
    ),
)


# --- Of one person ---------------------------------------------------------------------------------


def users_of(person: Person) -> QuerySet[User]:
    """Return the logins of someone."""
    return User.objects.filter(person.has("email"))


def account(person: Person) -> Rows:
    """Return someone's login."""
    fields = ("pk", "email", "name", "language", "is_staff", "is_superuser", "is_active", "date_joined", "last_login")
    rows = data_subjects.plain(users_of(person), *fields)
    for row in rows:
        user = User(pk=row["pk"])
        row["roles"] = sorted(user.groups.values_list("name", flat=True))
        row["campaign_roles"] = campaign_roles.names_of(user)
        row["second_factors"] = data_subjects.plain(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        )
        row["changes_that_wait"] = data_subjects.plain(
            HeldChange.objects.filter(user=user), "kind", "rights", "email", "asked_at", "due_at"
        )
    return rows


def sessions_held(person: Person) -> Rows:
    """Return where someone is logged in."""
    rows: QuerySet[Any] = Session.objects.filter(user__in=users_of(person), began_at__isnull=False).order_by("began_at")
    return list(rows.values("began_at", "seen_at", "expire_date", "device", "place"))


def audit_entries(person: Person) -> Rows:
    """Return what someone did that was written down."""
    entries = AuditEntry.objects.filter(actor__in=users_of(person))
    return data_subjects.plain(entries, "at", "verb", "subject_type", "subject_id", "subject")


def refuse_to_close(person: Person, by: User | None) -> None:
    """Raise NotErased for the last administrator, and for whoever may do everything unless `by` may, too."""
    for user in users_of(person):
        if account_closure.is_last_administrator(user):
            raise data_subjects.NotErased(
                _(
                    "Not done: nobody else could then give people access. Make someone else an "
                    "administrator first. Nothing was changed."
                )
            )
        if user.is_superuser and by is not None and not by.is_superuser:
            raise data_subjects.NotErased(
                _(
                    "Not erased: this person has full access, so only someone else with full access "
                    "can erase them. Nothing was changed."
                )
            )
    refuse_to_remove(person, by)


def refuse_to_remove(person: Person, by: User | None) -> None:
    """Raise NotErased for an administrator whom `by` alone may not put out."""
    for user in users_of(person):
        rights = two_administrators.rights_of(user)
        if (
            two_administrators.loss(user, rights, rights | {"is_active": False}, by)
            and two_administrators.is_in_force()
        ):
            raise data_subjects.NotErased(
                _(
                    "Not erased: this person is an administrator, and one administrator cannot remove "
                    "another alone. First take away the administrator role, which needs two people or "
                    "24 hours. Nothing was changed."
                )
            )


def close_account(person: Person, by: User | None, at: datetime) -> None:
    """Close someone's login for good, with the codes and links that wait for them."""
    CodeMail.objects.filter(person.has("email")).delete()
    for user in users_of(person):
        account_closure.close(user, by=None if by == user else by, at=at)


def has_desk_account(person: Person) -> bool:
    """Return whether someone works here."""
    return any(user.is_active and account_closure.is_colleague(user) for user in users_of(person))


PARTS = (
    Part(
        "account",
        gettext_lazy("Login"),
        account,
        close_account,
        refuse=refuse_to_close,
        needs=has_desk_account,
        addresses=lambda: User.objects.values_list("email", flat=True),
    ),
    Part("sessions", gettext_lazy("Open sessions"), sessions_held),
    Part("deeds", gettext_lazy("Actions in the audit log"), audit_entries),
)
