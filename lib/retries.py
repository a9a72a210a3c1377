"""When something that did not leave is tried again: after longer and longer waits. The one ladder, of bulk and single mail alike."""

from datetime import datetime, timedelta

WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60)]  # after the first, second … try; then the last
GIVEN_UP_AFTER = timedelta(hours=24)  # for a mail or a notice


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after a try before which there were `attempts` others."""
    return WAITS[min(max(attempts, 0), len(WAITS) - 1)]


def next_attempt(attempts: int, *, at: datetime) -> datetime:
    """Return when the next try may be of something that is tried at `at` and was tried `attempts` times before."""
    return at + wait_after(attempts)
