"""
How long someone stays logged in, where, and how that ends.

A session is a row that knows whose it is, so that people see theirs and can end them. Whoever may enter the desk is
logged out after STAFF_IDLE_MINUTES without doing anything, and after `STAFF_HOURS` whatever they do; everyone else
after SESSION_COOKIE_AGE seconds. What a page asks for by itself is no activity.
"""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import rate_limit
from accounts.crypto.keyed_hashes import mark
from accounts.models import Session, User, new_stamp

from . import known_browsers
from .expiry import BEGAN, DEVICE, PLACE, SEEN, STAFF

# Seconds for which activity is not noted again: nobody needs to know it to the minute, and each time is a write.
FORGOTTEN_AT_ONCE = 1_000  # sessions
STAFF_NOTED_EVERY = 60
NOTED_EVERY = 3600


def begin(session: SessionBase, user: User, *, device: str, place: str, at: datetime) -> None:
    """Note in a session that someone has just logged in: who, when and where."""
    session[BEGAN] = session[SEEN] = at.timestamp()
    session[STAFF] = user.is_staff or user.is_superuser
    session[DEVICE], session[PLACE] = device[:200], place[:45]


def touch(session: SessionBase, *, at: datetime) -> None:
    """Note that the person does something, unless that was noted just now."""
    if is_worth_noting(session, at=at):
        session[SEEN] = at.timestamp()


def is_worth_noting(session: SessionBase, *, at: datetime) -> bool:
    """Return whether it is long enough since it was noted that the person did something."""
    return at.timestamp() - session[SEEN] >= (STAFF_NOTED_EVERY if session[STAFF] else NOTED_EVERY)


def is_activity(request: HttpRequest) -> bool:
    """
    Return whether a person asked for this, and not a page by itself: they opened a page or sent a form. A script's
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
                device, place = request.headers.get("User-Agent", ""), rate_limit.client_address(request)
                begin(session, request.user, device=device, place=place, at=timezone.now())
                known_browsers.remember(request, response, request.user)
        return response


# --- Seeing and ending them ------------------------------------------------------------------------


def sessions_of(user: User, *, at: datetime) -> list[Session]:
    """Return the sessions in which someone is logged in, the one that was used last first. One query."""
    return list(user.sessions.filter(expire_date__gt=at, began_at__isnull=False).order_by("-seen_at", "-began_at"))


def handle_of(session_key: str) -> str:
    """Return what a page calls a session, which opens nothing."""
    return mark("accounts.sessions.activity.handle", session_key)[:24]


def end(user: User, handle: str) -> bool:
    """End one of someone's sessions, and return whether there was one: the browser is out on its next request."""
    for key in user.sessions.values_list("session_key", flat=True):
        if handle_of(key) == handle:
            return bool(user.sessions.filter(session_key=key).delete()[0])
    return False


def end_all(user: User, *, but: HttpRequest | None = None) -> int:
    """
    End someone's sessions, wherever they are, but the one of the request `but`, and return how many ended. What is
    asked at this moment in one of them is the last that it can ask.
    """
    user.session_stamp = new_stamp()
    user.save(update_fields=["session_stamp"])
    ended = user.sessions.all()
    if but is not None:
        ended = ended.exclude(session_key=but.session.session_key)
    forget_replaced(user)
    count: int = ended.delete()[0]
    if but is not None:
        update_session_auth_hash(but, user)
    return count


def forget_replaced(user: User) -> None:
    """Delete the sessions in which someone asked for a code that they have used (SessionStore.leave_to)."""
    user.sessions.filter(began_at=None).delete()


def forget_old(*, at: datetime) -> int:
    """Delete some of the sessions that are over, and return how many."""
    some = Session.objects.filter(expire_date__lte=at).order_by("expire_date").values("pk")[:FORGOTTEN_AT_ONCE]
    deleted: int = Session.objects.filter(pk__in=some).delete()[0]
    return deleted
