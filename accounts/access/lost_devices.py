"""
What goes with a device that somebody has lost, when an administrator resets their second factor. Apps above add theirs: (whose, by
whom, when).
"""

from collections.abc import Callable
from datetime import datetime

from accounts.models import User

LOST_WITH_IT: list[Callable[[User, User | None, datetime], object]] = []


def forget(user: User, *, by: User | None, at: datetime) -> None:
    """Forget it, in a transaction."""
    for one in LOST_WITH_IT:
        one(user, by, at)
