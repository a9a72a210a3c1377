"""
How long somebody stays logged in, where, and how that ends.

A session is a row that knows whose it is, so that people see theirs and can end them. Whoever may enter the desk is
logged out after STAFF_IDLE_MINUTES without doing anything, and after `STAFF_HOURS` whatever they do; everybody else after
SESSION_COOKIE_AGE seconds. What a page asks for by itself is no activity.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from . import devices, limiting
from .keying import mark
from .models import Session, User, new_stamp

# Hours after which staff log in again, whatever they do.
STAFF_HOURS = 12
# Seconds for which activity is not noted again: nobody needs to know it to the minute, and each time is a write.
STAFF_NOTED_EVERY = 60
NOTED_EVERY = 3600

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


def begin(session: SessionBase, user: User, *, device: str, place: str, at: datetime) -> None:
    """Note in a session that somebody has just logged in: who, when and where."""
    session[BEGAN] = session[SEEN] = at.timestamp()
    session[STAFF] = user.is_staff or user.is_superuser
    session[DEVICE], session[PLACE] = device[:200], place[:45]


def touch(session: SessionBase, *, at: datetime) -> None:
    """Note that the person does something, unless that was noted just now."""
    if is_worth_noting(session, at=at):
        session[SEEN] = at.timestamp()


def is_worth_noting(session: SessionBase, *, at: datetime) -> bool:
    """Tell whether it is long enough since it was noted that the person did something."""
    return at.timestamp() - session[SEEN] >= (STAFF_NOTED_EVERY if session[STAFF] else NOTED_EVERY)


def is_activity(request: HttpRequest) -> bool:
    """
    Tell whether a person asked for this, and not a page by itself: they opened a page or sent a form. A script's
    requests say so, and a browser that says nothing is taken to be a person.
    """
    by_script = request.headers.get("HX-Request") or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    return not by_script


class ActivityMiddleware:
    """
    Note in the session who logged in where, and that they do something; and in the browser that they have (devices). It asks
    nothing of whoever has no session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if session.accessed and SESSION_KEY in session:
            if BEGAN in session:
                if is_activity(request):
                    touch(session, at=timezone.now())
            elif isinstance(request.user, User):
                device, place = request.headers.get("User-Agent", ""), limiting.place_of(request)
                begin(session, request.user, device=device, place=place, at=timezone.now())
                devices.remember(request, response, request.user)
        return response


# --- Seeing and ending them ------------------------------------------------------------------------


def sessions_of(user: User, *, at: datetime) -> list[Session]:
    """Return the sessions in which somebody is logged in, the one that was used last first. One query."""
    return list(user.sessions.filter(expire_date__gt=at, began_at__isnull=False).order_by("-seen_at", "-began_at"))


# What browsers call themselves, the first that fits: each also names those that it is like.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def name_of_device(agent: str) -> str:
    """Return what people call a browser and what it runs on ("Firefox, Windows"), "" when it doesn't say."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part)


def handle_of(session_key: str) -> str:
    """Return what a page calls a session, which opens nothing."""
    return mark("accounts.sessions.handle", session_key)[:24]


def end(user: User, handle: str) -> bool:
    """End one of somebody's sessions, and tell whether there was one: the browser is out on its next request."""
    for key in user.sessions.values_list("session_key", flat=True):
        if handle_of(key) == handle:
            return bool(user.sessions.filter(session_key=key).delete()[0])
    return False


def end_all(user: User, *, but: HttpRequest | None = None) -> int:
    """
    End somebody's sessions, wherever they are, but the one of the request `but`, and return how many ended. What is asked
    at this moment in one of them is the last that it can ask.
    """
    user.session_stamp = new_stamp()
    user.save(update_fields=["session_stamp"])
    ended = user.sessions.all()
    if but is not None:
        ended = ended.exclude(session_key=but.session.session_key)
    count: int = ended.delete()[0]
    if but is not None:
        update_session_auth_hash(but, user)
    return count


def forget_old(*, at: datetime) -> int:
    """Delete the sessions that are over, and return how many."""
    deleted: int = Session.objects.filter(expire_date__lte=at).delete()[0]
    return deleted
