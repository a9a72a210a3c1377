"""Sessions as rows of the database that know whose they are (settings.SESSION_ENGINE)."""

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.models import Session, User

from .expiry import BEGAN, DEVICE, PLACE, SEEN, ends_at, moment


class SessionStore(DatabaseStore):
    """Sessions in the database, which end when their time is over, whoever reads or writes them meanwhile."""

    left_to: tuple[User, datetime] | None = None

    def leave_to(self, user: User, *, until: datetime) -> None:
        """
        Keep the session that logging in replaces, for whoever sends the same code from it again. A browser that sends a form
        twice drops the first answer, and the new session with it. What is left has nobody logged in, and ends when `user` logs out.
        """
        self.left_to = (user, until)

    def cycle_key(self) -> None:
        """Take a new key, and delete the session under the former one, unless it is left to someone."""
        if self.left_to is None:
            super().cycle_key()
            return
        former, data = self.session_key, self._session  # type: ignore[attr-defined]  # Django has it without saying so
        (user, until), self.left_to = self.left_to, None
        self.create()
        self._session_cache = data
        Session.objects.filter(session_key=former, user=None).update(user=user, expire_date=until)

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
