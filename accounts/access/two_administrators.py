"""
What one administrator alone may not do: give someone the power to say a second person's yes, change the way into an
account that has it or had it lately, or put another administrator out, who could say no. Such a change is held
(models.HeldChange) until another administrator agrees, or until a day has passed in which every administrator knew of
it (held_changes).

It holds from the first live bulletin on: until then a new site is set up as fast as its people can type. Whoever owns
the server is not held up (`at_once`): their commands are written down, and every administrator is notified.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from accounts.audit import trail
from accounts.models import AuditEntry, HeldChange, User

from . import campaign_roles
from .roles import Role

WAITS = timedelta(hours=24)
# How long an account stays guarded whose powers were taken away, and how long a change of the way into one is notified
# of.
LATELY = timedelta(days=30)
# Who says the second yes, who writes payments down, and who gives others the power to.
GUARDED = (Role.APPROVER, Role.FACT_CHECKER, Role.FINANCE, Role.ADMIN)
# Whose words they say it to: an administrator who says it may not alone make, or take over, a second self who writes.
WRITING = (Role.EDITOR, Role.LIAISON, Role.CONTRIBUTOR, Role.PARTNER, Role.MUNICIPALITY, Role.CREATOR)
WITHOUT_DESK = (Role.CONTRIBUTOR, Role.PARTNER, Role.MUNICIPALITY, Role.CREATOR)
FLAGS = ("is_active", "is_staff", "is_superuser")
# What a held change about one campaign alone may say: roles there, and with them the way to the desk.
OF_ONE_CAMPAIGN = {"campaign_roles", "is_staff", "taken", "campaign"}
Kind = HeldChange.Kind

_beginnings: list[Callable[[], datetime | None]] = []


def enforce_since(began: Callable[[], datetime | None]) -> None:
    """Let the rule hold from the time that `began()` returns; an upper app says so when it starts."""
    if began not in _beginnings:
        _beginnings.append(began)


def live_since() -> datetime | None:
    """Return since when the rule holds, None before that; a query."""
    return min(filter(None, (began() for began in _beginnings)), default=None)


def is_in_force() -> bool:
    """Return whether the rule holds already; a query."""
    return live_since() is not None


def agreed_by_two(by: User | None, at_once: bool) -> dict[str, Any]:
    """Return what the audit log keeps of a change that took effect at once because a second administrator, `by`, agreed to it."""
    return {"agreed": True} if at_once and by is not None else {}


def rights_of(user: User) -> dict[str, Any]:
    """
    Return what someone may do as the database says it now: roles by name, permissions of their own, and the three
    marks; and where there are any, the roles that hold in one campaign ("12:editor"). Four queries.
    """
    marks = User.objects.filter(pk=user.pk).values(*FLAGS).get()
    roles = Group.objects.filter(user=user).order_by("name").values_list("name", flat=True)
    own = Permission.objects.filter(user=user).order_by("pk")
    names = own.values_list("content_type__app_label", "codename")
    in_campaigns = campaign_roles.names_of(user)
    rights = {"roles": list(roles), "permissions": sorted(".".join(one) for one in names), **marks}
    return rights | ({"campaign_roles": in_campaigns} if in_campaigns else {})


def second_approvers() -> QuerySet[User]:
    """Return who has the power to say a second person's yes, in a campaign at least, which no one administrator alone gives."""
    second = (Role.APPROVER, Role.FACT_CHECKER)
    may = Q(is_superuser=True) | Q(groups__name__in=second) | Q(campaign_roles__role__in=second)
    return User.objects.filter(may, is_active=True).distinct().order_by("pk")


def is_second_approver(user: User) -> bool:
    """Return whether somebody is one of them; one query."""
    return second_approvers().filter(pk=user.pk).exists()


def guarded_from(by: User | None) -> tuple[str, ...]:
    """Return the roles that `by` alone does not give; one query."""
    return (*GUARDED, *WRITING) if by is not None and is_second_approver(by) else GUARDED


def powers(rights: dict[str, Any], guarded: tuple[str, ...]) -> set[str]:
    """Return what of someone's rights needs two people to be given, and counts as long as they can get in."""
    if not rights["is_active"]:
        return set()
    roles = {one for one in rights["roles"] if one in guarded and (rights["is_staff"] or one in WITHOUT_DESK)}
    own = rights["permissions"] if rights["is_staff"] else ()
    there = rights.get("campaign_roles", ()) if rights["is_staff"] else ()
    roles |= {one for one in there if campaign_roles.role_in(one) in guarded}
    return roles | {*own} | ({"superuser"} if rights["is_superuser"] else set())


def holds(user: User, by: User | None, *, at: datetime) -> bool:
    """
    Return whether `by` alone may not change the way into an account: it has such powers, would have them if it were
    open, waits for some, or had some lately. A few queries.
    """
    guarded = guarded_from(by)
    may = Q(is_superuser=True) | Q(groups__name__in=guarded) | Q(user_permissions__isnull=False)
    may |= Q(campaign_roles__role__in=guarded)
    is_guarded = User.objects.filter(may | Q(held_changes__isnull=False), pk=user.pk).exists()
    return (is_guarded or had_powers_lately(user, guarded, at=at)) and is_in_force()


def had_powers_lately(user: User, guarded: tuple[str, ...], *, at: datetime) -> bool:
    """Return whether powers were taken from someone lately, who could be given them back; one query."""
    changes = AuditEntry.objects.about(user).filter(verb="user.roles_changed", at__gt=at - LATELY)
    return any(powers(detail["before"], guarded) for detail in changes.values_list("detail", flat=True))


def administers(rights: dict[str, Any]) -> bool:
    """Return whether someone with these rights agrees to what waits, and stops it."""
    return rights["is_active"] and rights["is_staff"] and (rights["is_superuser"] or Role.ADMIN in rights["roles"])


def administered(rights: dict[str, Any]) -> set[str]:
    """Return by name the roles of an administrator that someone with these rights has in campaigns and can use."""
    there = rights.get("campaign_roles", ()) if rights["is_active"] and rights["is_staff"] else ()
    return {one for one in there if campaign_roles.role_in(one) == Role.ADMIN}


def loss(user: User, before: dict[str, Any], after: dict[str, Any], by: User | None) -> dict[str, Any]:
    """
    Return what of a change of rights by `by` puts another administrator out, of the site or of a campaign, who could have
    said no to what comes next; {} for nothing. Anyone steps down by themselves at once.
    """
    if by is None or by.pk == user.pk:
        return {}
    of_site = administers(before) and not administers(after)
    of_campaigns = set() if administers(after) else administered(before) - administered(after)
    if not (of_site or of_campaigns):
        return {}
    taken: dict[str, Any] = {name: True for name in FLAGS if before[name] and not after[name]}
    if of_site and Role.ADMIN in before["roles"] and Role.ADMIN not in after["roles"]:
        taken["roles"] = [str(Role.ADMIN)]
    if gone := sorted(of_campaigns - {*after.get("campaign_roles", ())}):
        taken["campaign_roles"] = gone
    return taken


def restore_rights(user: User, taken: dict[str, Any]) -> None:
    """Give what has to wait to be taken away back to someone; in the transaction that took it."""
    user.groups.add(*Group.objects.filter(name__in=taken.get("roles", ())))
    campaign_roles.give(user, taken.get("campaign_roles", ()))
    set_flags(user, taken, True)


def excess(before: dict[str, Any], after: dict[str, Any], by: User | None) -> dict[str, Any]:
    """Return what of a change of rights by `by` has to wait: what gives powers that were not there; {} for nothing."""
    guarded = guarded_from(by) if after != before else ()
    if not powers(after, guarded) - powers(before, guarded):
        return {}
    held: dict[str, Any] = guarded_of(rights_beyond(after, before), guarded)
    if after["is_superuser"] and not before["is_superuser"]:
        held["is_superuser"] = True
    rest = after | rights_beyond(after, held)
    rest["is_superuser"] = before["is_superuser"] and after["is_superuser"]
    if powers(rest, guarded) - powers(before, guarded):  # an account is opened again
        held |= {name: True for name in ("is_active", "is_staff") if after[name] and not before[name]}
    return {name: wanted for name, wanted in held.items() if wanted}


def guarded_of(rights: dict[str, list[str]], guarded: tuple[str, ...]) -> dict[str, list[str]]:
    """Return roles and permissions without the roles that anyone who gives some may give."""
    roles = [one for one in rights["roles"] if one in guarded]
    there = [one for one in rights["campaign_roles"] if campaign_roles.role_in(one) in guarded]
    return rights | {"roles": roles, "campaign_roles": there}


def rights_beyond(rights: dict[str, Any], others: dict[str, Any]) -> dict[str, list[str]]:
    """Return the roles and permissions of some rights that others have not."""
    names = ("roles", "permissions", "campaign_roles")
    return {name: [one for one in rights.get(name, ()) if one not in others.get(name, ())] for name in names}


def withhold_rights(user: User, held: dict[str, Any]) -> None:
    """Take what has to wait out of someone's rights again; in the transaction that gave it."""
    user.groups.remove(*Group.objects.filter(name__in=held.get("roles", ())))
    user.user_permissions.remove(*permissions(held))
    campaign_roles.take(user, held.get("campaign_roles", ()))
    set_flags(user, held, False)


def set_flags(user: User, rights: dict[str, Any], is_on: bool) -> None:
    """Set or take away each of the three marks that rights name."""
    marks = {name: is_on for name in FLAGS if name in rights}
    if marks:
        User.objects.filter(pk=user.pk).update(**marks)
        vars(user).update(marks)


def permissions(held: dict[str, Any]) -> QuerySet[Permission]:
    """Return the permissions that a change names."""
    named = Q(pk__in=())
    for name in held.get("permissions", ()):
        app, _dot, codename = name.partition(".")
        named |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.filter(named)


def campaign_of(rights: dict[str, Any]) -> int | None:
    """
    Return the key of the campaign that a held change of rights is about alone, so that its own administrators decide on it;
    None where it touches the site or several campaigns.
    """
    taken = rights.get("taken", {})
    others = {name for part in (rights, taken) for name, what in part.items() if what and name not in OF_ONE_CAMPAIGN}
    if others or taken.get("is_staff"):
        return None
    campaigns = {campaign_roles.campaign_in(one) for part in (rights, taken) for one in part.get("campaign_roles", ())}
    return campaigns.pop() if len(campaigns) == 1 else None


def hold_change(user: User, kind: str, *, by: User | None, at: datetime, **wanted: Any) -> HeldChange:
    """
    Let a change wait, in the transaction of the deed. Another address or password takes the place of one that waits, and
    waits anew; the same rights wait once.
    """
    waiting = HeldChange.objects.filter(user=user, kind=kind)
    if kind == Kind.RIGHTS:
        same = waiting.filter(asked_by=by, rights=wanted["rights"]).first()
        if same:
            return same
    else:
        waiting.delete()
    change = HeldChange.objects.create(user=user, kind=kind, asked_by=by, asked_at=at, due_at=at + WAITS, **wanted)
    trail.note("user.change_held", user, by=by, at=at, kind=kind, rights=change.rights)
    return change
