"""Sessions as rows of the database that know whose they are, and when one ends (settings.SESSION_ENGINE)."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.models import Session

# Hours after which staff log in again, whatever they do.
STAFF_HOURS = 12

# What a session holds about itself: when it began and was last used (seconds since 1970), and where.
BEGAN, SEEN, STAFF, DEVICE, PLACE = "began", "seen", "staff", "device", "place"


class SessionStore(DatabaseStore):
    """Sessions in the database, which end when their time is over, whoever reads or writes them meanwhile."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the rows."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row, with what can be asked about it."""
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        if BEGAN in data and SESSION_KEY in data:
            row.user_id = int(data[SESSION_KEY])
            row.began_at, row.seen_at = moment(data[BEGAN]), moment(data[SEEN])
            row.device, row.place = data[DEVICE], data[PLACE]
        return row

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Return when it ends."""
        return ends_at(self) or super().get_expiry_date(**kwargs)

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return the seconds until it ends, at least 0."""
        end = ends_at(self)
        return max(0, int((end - timezone.now()).total_seconds())) if end else super().get_expiry_age(**kwargs)


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
