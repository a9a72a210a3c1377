"""The kinds of things that one person at the desk has at a time. Each app registers its own when it starts (apps.py)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign
from notifications.notice_kinds import Kind


def nothing_else(row: Any) -> dict[str, Any]:
    """Return which other fields change when somebody gets a row: none."""
    return {}


@dataclass(frozen=True)
class Assignable:
    """
    One kind of thing, whose model has a `taken_by`, and its campaign under `campaign_by`. `key` stands in addresses and in the audit log, `permission` is what working
    on it takes, `is_open` which rows somebody may have. `rows` are what a list needs to name them; `title` and `name` say what a
    row, and the kind, is called. `notice` tells whoever gets one.

    `changes` are the other fields that change when somebody gets a row, given what it is; `write` notes the assignment where
    that is not only in the audit log, and returns whether it did. `holds` finds what somebody has, and `holder` says who has
    a row, where that may be somebody although nobody has taken it.
    """

    key: str
    name: Any
    permission: str
    is_open: Q
    rows: Callable[[], QuerySet[Any]]
    title: Callable[[Any], str]
    notice: Kind
    changes: Callable[[Any], dict[str, Any]] = nothing_else
    write: Callable[[Any, User | None, User, datetime], bool] = field(default=lambda row, to, by, at: False)
    campaign_by: str = "campaign"
    holds: Callable[[User], Q] = field(default=lambda user: Q(taken_by=user))
    holder: Callable[[Any], User | None] = field(default=lambda row: row.taken_by)

    def is_done_by(self, user: User) -> bool:
        """Return whether somebody may have one."""
        return user.has_perm(self.permission)

    def colleagues(self, campaign: Campaign | None) -> QuerySet[User]:
        """Return who may have one of a campaign, by name."""
        key = campaign.pk if campaign else None
        return User.objects.staff_with(self.permission, key).filter(is_active=True).order_by("name", "email")

    def page(self, row: Any) -> str:
        """Return the path of a row's page."""
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])

    def of(self, user: User, campaign: Campaign) -> QuerySet[Any]:
        """Return what somebody has of a campaign, and is still open, the oldest first."""
        return self.rows().filter(self.is_open, self.holds(user), **{self.campaign_by: campaign}).order_by("pk")

    def campaign_of(self, row: Any) -> Campaign:
        """Return the campaign of a row."""
        found: Campaign = reduce(getattr, self.campaign_by.split("__"), row)
        return found


_kinds: dict[str, Assignable] = {}


def register(*kinds: Assignable) -> None:
    """Add an app's kinds."""
    for kind in kinds:
        _kinds[kind.key] = kind


def registered() -> list[Assignable]:
    """Return every kind, in the order of their keys: bulletins, claims, conversations, submissions, questions."""
    return [_kinds[key] for key in sorted(_kinds)]


def get(key: str) -> Assignable | None:
    """Return a kind by its key, or None."""
    return _kinds.get(key)


def kind_of(row: Any) -> Assignable:
    """Return the kind of a row."""
    return next(kind for kind in _kinds.values() if kind.rows().model is type(row))
