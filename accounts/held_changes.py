"""
What becomes of a change that one administrator alone may not make (safeguard): another one agrees or stops it; after a
day it takes effect by itself. Every administrator is notified when it begins to wait, and so is the person whose
account it is.
"""

import logging
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lib.text.languages.languages import site_language

from .access import campaign_roles, credential_changes, independence, role_grants, two_administrators
from .audit import trail
from .login import second_factor
from .models import AuditEntry, HeldChange, User

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
# What the audit log calls a change of the way into an account, and what people do.
CHANGED = {
    "user.address_changed": gettext_lazy("change of email address"),
    "user.password_changed": gettext_lazy("change of password"),
    "user.second_factor_reset": gettext_lazy("reset of the second factor"),
}


class NotSettled(Exception):
    """A change that someone cannot agree to, or stop. The message says why; nothing was changed."""


@transaction.atomic
def agree(change: HeldChange, *, by: User, at: datetime) -> None:
    """Let a change take effect now: a second administrator agrees. Raise NotSettled."""
    held = lock_change(change)
    require_administrator(by, held)
    if by.pk == held.asked_by_id:
        raise NotSettled(
            _(
                "You requested this yourself. Another administrator has to agree, or it takes effect when the "
                "time runs out."
            )
        )
    if by.pk == held.user_id:
        raise NotSettled(
            _(
                "This concerns your own account. Another administrator has to agree, or it takes effect when "
                "the time runs out."
            )
        )
    if held.asked_by_id and (why := independence.why_not(by, {held.asked_by_id}, at=at)):
        raise NotSettled(
            " ".join([why, _("Another administrator has to agree, or it takes effect when the time runs out.")])
        )
    trail.note("user.change_agreed", held.user, by=by, at=at, **audit_details(held))
    apply(held, by=by, at=at)


@transaction.atomic
def stop(change: HeldChange, *, by: User, at: datetime) -> None:
    """Let a change never take effect: any administrator says no, also whoever asked. Raise NotSettled."""
    held = lock_change(change)
    require_administrator(by, held)
    note_stop(held, by=by, at=at)
    held.delete()


@transaction.atomic
def apply_now(change: HeldChange, *, at: datetime) -> None:
    """Let a change take effect now, because the server's owner says so. Raise NotSettled."""
    held = lock_change(change)
    trail.note("user.change_forced", held.user, by=None, at=at, via="command", **audit_details(held))
    apply(held, by=None, at=at)


def apply_due(*, at: datetime) -> int:
    """
    Let what has waited long enough take effect, and return how many changes that were. What was asked for by someone
    who is no administrator any more is stopped.
    """
    made = 0
    for change in HeldChange.objects.filter(due_at__lte=at).order_by("due_at", "pk")[:MOST_AT_ONCE]:
        try:
            with transaction.atomic():
                held = lock_change(change)
                asker = held.asked_by
                if asker is None or role_grants.deciders(held.rights).filter(pk=asker.pk).exists():
                    trail.note("user.change_made", held.user, by=None, at=at, **audit_details(held))
                    apply(held, by=None, at=at)
                    made += 1
                else:
                    note_stop(held, by=None, at=at)
                    held.delete()
        except NotSettled:
            continue  # someone else was faster
    return made


def notify_due(*, at: datetime) -> int:
    """Mail each administrator, and the person, what has begun to wait; return how many mails left. Not in a transaction."""
    sent = 0
    for change in (
        HeldChange.objects.filter(told_at=None).select_related("user", "asked_by").order_by("pk")[:MOST_AT_ONCE]
    ):
        if not HeldChange.objects.filter(pk=change.pk, told_at=None).update(told_at=at):
            continue
        mails = [deliver(person, change.user, change) for person in recipients(change.user, change.rights)]
        sent += sum(mails)
        if not any(mails):
            HeldChange.objects.filter(pk=change.pk).update(told_at=None)  # the next tick tries again
    return sent


@transaction.atomic
def close_now(user: User, *, at: datetime) -> None:
    """Close an account now, an administrator's too, because the server's owner says so: it logs in no more."""
    with role_grants.changing(user, by=None, at=at, at_once=True):
        two_administrators.withhold_rights(user, {"is_active": True})


def recent_changes(user: User, *, at: datetime) -> list[tuple[datetime, str, User | None]]:
    """
    Return what someone's account was changed in lately, the newest first: when, what and by whom. Whoever agrees to it
    gets someone else in, should it have been made theirs before. One query.
    """
    entries = AuditEntry.objects.about(user).filter(verb__in=CHANGED, at__gt=at - two_administrators.LATELY)
    return [(entry.at, str(CHANGED[entry.verb]), entry.actor) for entry in entries.select_related("actor")]


def notify_of_command(user: User) -> None:
    """Mail each administrator, and the person, that the server's owner changed an account by a command."""
    for person in recipients(user):
        deliver(person, user)


# --- Parts -----------------------------------------------------------------------------------------


def recipients(user: User, rights: dict[str, Any] | None = None) -> list[User]:
    """Return who is notified of a change: those who decide on it, and the person where they are known now."""
    known = {one.pk: one for one in role_grants.deciders(rights or {}).distinct().order_by("pk")}
    return list((known | {user.pk: user}).values())


def deliver(person: User, whose: User, change: HeldChange | None = None) -> bool:
    """
    Mail one person, in their language, about someone's account: what waits, or that a command changed it. Return
    whether it left. A mail server that is away is noted in the log.
    """
    context: dict[str, Any] = {"person": whose, "change": change, "page": page_url()}
    if change is not None:
        context["lately"] = recent_changes(whose, at=change.asked_at)
    try:
        with override(site_language(person.language)):
            get_adapter().deliver("accounts/mail/held_change", person.email, context)
    except Exception as fault:  # a backend may raise anything; the text may hold an address
        log.error("The mail on a change of account %s was not sent: %s", whose.pk, type(fault).__name__)
        return False
    return True


def page_url() -> str:
    """Return the absolute address of the list of what waits."""
    return settings.PUBLIC_URL + reverse("admin:accounts_heldchange_changelist")


def require_administrator(by: User, held: HeldChange) -> None:
    """Raise NotSettled for whoever is no administrator of the site, nor of the one campaign that a change is about."""
    if not role_grants.deciders(held.rights).filter(pk=by.pk).exists():
        raise NotSettled(_("Only administrators can decide this."))


def lock_change(change: HeldChange) -> HeldChange:
    """Return a change, locked until the end of the transaction. Raise NotSettled for one that is over."""
    rows = HeldChange.objects.select_for_update(of=("self",)).select_related("user", "asked_by")
    held = rows.filter(pk=change.pk).first()
    if held is None:
        raise NotSettled(
            _("This is no longer pending: someone has agreed to it or stopped it, or the time has run out.")
        )
    return held


def audit_details(held: HeldChange) -> dict[str, Any]:
    """Return what the audit log keeps of a change."""
    return {"kind": held.kind, "rights": held.rights, "asked_by": held.asked_by_id}


def note_stop(held: HeldChange, *, by: User | None, at: datetime) -> None:
    """Write down that a change never takes effect."""
    trail.note("user.change_stopped", held.user, by=by, at=at, **audit_details(held))


def apply(held: HeldChange, *, by: User | None, at: datetime) -> None:
    """Let a change take effect, and wait no more; in a transaction."""
    user, kind, rights = held.user, held.kind, held.rights
    email, password = held.email, held.password
    if kind == HeldChange.Kind.ADDRESS and User.objects.filter(email=email).exclude(pk=user.pk).exists():
        note_stop(held, by=None, at=at)  # someone else has the address now
        held.delete()
        return
    held.delete()
    if kind == HeldChange.Kind.RIGHTS:
        with role_grants.changing(user, by=by, at=at, at_once=True):
            user.groups.add(*Group.objects.filter(name__in=rights.get("roles", ())))
            user.user_permissions.add(*two_administrators.permissions(rights))
            campaign_roles.give(user, rights.get("campaign_roles", ()))
            two_administrators.set_flags(user, rights, True)
            two_administrators.withhold_rights(user, rights.get("taken", {}))
    elif kind == HeldChange.Kind.FACTOR:
        second_factor.reset(user, by=by, at=at, at_once=True)
        credential_changes.notify("second_factor_reset", user, user.email)
    elif kind == HeldChange.Kind.ADDRESS:
        before, user.email = user.email, email
        user.save(update_fields=["email"])
        credential_changes.record_new_address(user, before, by=by, at=at, at_once=True)
    else:
        before, user.password = user.password, password
        user.save(update_fields=["password"])
        credential_changes.record_new_password(user, before, by=by, at=at, at_once=True)
