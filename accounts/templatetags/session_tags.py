"""What templates ask about whoever is logged in."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone

from accounts.sessions import activity, expiry

register = template.Library()


@register.simple_tag(takes_context=True)
def session_left(context: dict[str, Any]) -> dict[str, Any] | None:
    """
    Return the seconds that a session of staff has left from now on, having just been used, how many minutes before its end they
    are warned, and whose it is, as scripts call them; None for a session that does not end by itself while someone works in it.
    """
    request: HttpRequest | None = context.get("request")
    session = getattr(request, "session", None)
    if request is None or session is None or not session.get(expiry.STAFF):
        return None
    now = timezone.now()
    seen = now if activity.is_worth_noting(session, at=now) else expiry.moment(session[expiry.SEEN])
    return {
        "seconds": int((expiry.ends_if_used(session, at=seen) - now).total_seconds()),
        "warned": expiry.WARNED_MINUTES,
        "who": activity.handle_of(str(request.user.pk)),
    }
