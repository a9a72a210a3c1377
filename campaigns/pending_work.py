"""What waits on Today for somebody besides bulletins, submissions and questions: each app says what of its own, and for whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.urls import reverse

from accounts.models import User

from .models import Campaign
from .translated_fields import in_language


@dataclass(frozen=True, slots=True)
class PendingWork:
    """Something that somebody may do now, as a sentence that says how much of it there is, and where it is done."""

    words: str
    address: str


# From a campaign, a person and the present moment to what waits for them; one query for whoever may do it, none for others.
Finder = Callable[[Campaign, User, datetime], list[PendingWork]]

FINDERS: list[Finder] = []


def register(*finders: Finder) -> None:
    """Say what of an app waits for people."""
    FINDERS.extend(finder for finder in finders if finder not in FINDERS)


def waiting_for(campaign: Campaign, user: User, *, at: datetime) -> list[PendingWork]:
    """Return what of all apps waits for somebody."""
    return [one for finder in FINDERS for one in finder(campaign, user, at)]


def to_check(
    rows: QuerySet[Any],
    key: str,
    *,
    one: str,
    several: Callable[[int], str],
    page: str,
    query: Mapping[str, str] | None = None,
) -> list[PendingWork]:
    """
    Return what waits for a check: one by its title (`one` has its place), several by their number. `key` is the field with the key of
    their `page` at the desk ("stories_offer"), `query` what is asked of its list. One query that reads one row, however many wait.
    """
    first = rows.annotate(of_all=Window(Count("*"))).values_list(key, "title", "of_all").first()
    if first is None:
        return []
    pk, title, count = first
    if count == 1:
        return [PendingWork(one % {"title": in_language(title)}, reverse(f"admin:{page}_change", args=[pk]))]
    return [PendingWork(several(count) % {"n": count}, reverse(f"admin:{page}_changelist", query=query))]
