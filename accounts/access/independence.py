"""
Whether two people are two independent people. Who alone made another's account, gave it a role, changed its address, password or
second factor, or invited it, could be that other person, and so could whoever they made: for 30 days neither agrees to the
other's words. It holds on a site that has gone live, for what was done since (two_administrators.live_since).
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, User

from . import two_administrators

# What the audit log calls the acts; of those in LOGIN whoever did them may be able to log in as the other person.
ACTS = {
    "user.added": gettext_lazy("added the account of %(whose)s"),
    "user.invited": gettext_lazy("invited %(whose)s"),
    "user.roles_changed": gettext_lazy("changed the roles of %(whose)s"),
    "user.address_changed": gettext_lazy("changed the email address of %(whose)s"),
    "user.password_changed": gettext_lazy("changed the password of %(whose)s"),
    "user.second_factor_reset": gettext_lazy("reset the second factor of %(whose)s"),
    "user.change_made": gettext_lazy("changed the account of %(whose)s"),
}
LOGIN = ACTS.keys() - {"user.roles_changed"}


class Act(NamedTuple):
    """What one person alone did to another's account."""

    actor: int
    whose: int
    verb: str
    at: datetime


def why_not(by: User, writers: Collection[int], *, at: datetime) -> str:
    """
    Return why somebody is not independent of those with these keys, as a sentence that names the act; "" when they are. Two
    queries, and one for names.
    """
    act = tie(by.pk, {key for key in writers if key != by.pk}, at=at)
    if act is None:
        return ""
    names = User.objects.in_bulk({act.actor, act.whose})
    what = ACTS[act.verb] % {"whose": names[act.whose]}
    return _(
        "%(who)s %(what)s on %(day)s without a second administrator, so for 30 days they do not count as two independent people."
    ) % {"who": names[act.actor], "what": what, "day": date_format(localtime(act.at), "SHORT_DATE_FORMAT")}


def tie(person: int, others: Collection[int], *, at: datetime) -> Act | None:
    """Return an act of the last 30 days by which somebody is tied to one of others, directly or by accounts between them."""
    since = two_administrators.live_since()
    if since is None or not others:
        return None
    done_to: dict[int, list[Act]] = defaultdict(list)
    for act in acts(since=max(since, at - two_administrators.LATELY), at=at):
        done_to[act.whose].append(act)
    mine = reached(person, done_to)
    for other in sorted(others):
        theirs = reached(other, done_to)
        if other in mine:
            return mine[other]
        if person in theirs:
            return theirs[person]
        # Who can log in as both is both.
        for maker in mine.keys() & theirs.keys():
            if mine[maker].verb in LOGIN and theirs[maker].verb in LOGIN:
                return theirs[maker]
    return None


def acts(*, since: datetime, at: datetime) -> list[Act]:
    """Return what people alone did to others' accounts; one query."""
    rows = AuditEntry.objects.filter(at__gt=since, at__lte=at, verb__in=ACTS, subject_type="accounts.user").order_by(
        "pk"
    )
    done = []
    for actor, subject, verb, when, detail in rows.values_list("actor", "subject_id", "verb", "at", "detail"):
        # What two administrators agreed to was done by neither alone; what took effect unopposed was done by who asked for it.
        maker = detail.get("asked_by") if verb == "user.change_made" else None if detail.get("agreed") else actor
        if maker and maker != int(subject):
            done.append(Act(maker, int(subject), verb, when))
    return done


def reached(person: int, done_to: dict[int, list[Act]]) -> dict[int, Act]:
    """
    Return who has somebody's account in their hands, each with the act: whoever changed it, and who can log in as those, through
    however many accounts.
    """
    makers: dict[int, Act] = {}
    open_ends = [person]
    while open_ends:
        whose = open_ends.pop()
        for act in done_to.get(whose, ()):
            if whose != person and act.verb not in LOGIN:
                continue
            if act.actor not in makers:
                open_ends.append(act.actor)
            # An act that lets its maker log in says more than one that gives a role.
            if act.actor not in makers or act.verb in LOGIN:
                makers[act.actor] = act
    return makers
