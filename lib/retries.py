"""When something that did not leave is tried again: after longer and longer waits."""

from datetime import datetime, timedelta

WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … try; then the last
GIVEN_UP_AFTER = timedelta(hours=24)  # for a mail or a notice


def next_attempt(attempts: int, *, at: datetime) -> datetime:
    """Return when the next try may be of something that is tried at `at` and was tried `attempts` times before."""
    return at + WAITS[min(attempts, len(WAITS) - 1)]
