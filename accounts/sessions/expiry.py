"""When a session ends: of staff after a time without activity and after some hours, of everyone else after some weeks."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

# Hours after which staff log in again, whatever they do.
STAFF_HOURS = 12
# How long before its end they are told.
WARNED_MINUTES = 2

# What a session holds about itself: when it began and was last used (seconds since 1970), and where.
BEGAN, SEEN, STAFF, DEVICE, PLACE = "began", "seen", "staff", "device", "place"


def moment(seconds: float) -> datetime:
    """Return a moment from seconds since 1970."""
    return datetime.fromtimestamp(seconds, tz=timezone.get_fixed_timezone(0))


def ends_at(session: SessionBase) -> datetime | None:
    """Return when a session ends if nothing more is done in it, None for one in which nobody is logged in."""
    if BEGAN not in session:
        return None
    began, seen = moment(session[BEGAN]), moment(session[SEEN])
    if not session[STAFF]:
        return began + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return ends_if_used(session, at=seen)


def ends_if_used(session: SessionBase, *, at: datetime) -> datetime:
    """Return when a session of staff ends that was last used then."""
    idle, most = timedelta(minutes=settings.STAFF_IDLE_MINUTES), timedelta(hours=STAFF_HOURS)
    return min(at + idle, moment(session[BEGAN]) + most)
