"""What waits on Today for somebody besides bulletins, submissions and questions: each app says what of its own, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User

from .models import Campaign


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
