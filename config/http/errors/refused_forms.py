"""
A form that was refused because its token or cookie was missing or another one: why, and what was typed into it, so that it can
be sent again from the page that says so.
"""

from django.http import HttpRequest
from django.middleware import csrf
from django.utils.translation import gettext_lazy

from lib.http.form_origin import is_from_elsewhere

COOKIE, ELSEWHERE, OLD = "cookie", "elsewhere", "old"
HEADINGS = {
    COOKIE: gettext_lazy("Your browser sent no cookie"),
    ELSEWHERE: gettext_lazy("This form came from another site"),
    OLD: gettext_lazy("The form was open for too long"),
}
MOST_FIELDS = 300
MOST_SIGNS = 100_000
AGAIN = "sent_again"  # marks what comes from our page
OWN = ("csrfmiddlewaretoken", AGAIN)


def why(request: HttpRequest, reason: str) -> str:
    """Return why Django refused a form (`reason` is one of its middleware's): COOKIE, ELSEWHERE or OLD."""
    if is_from_elsewhere(request) or reason.startswith(("Origin checking", "Referer checking")):
        return ELSEWHERE
    return COOKIE if reason == csrf.REASON_NO_CSRF_COOKIE else OLD


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """
    Return the fields of a form and what was typed into them. None of what a page of another site sent: its words must not
    stand in a form of ours. A browser says of itself where a form was, and no page can change that. No passwords either.
    """
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return []
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name not in OWN]
    if len(fields) > MOST_FIELDS or sum(len(name) + len(value) for name, value in fields) > MOST_SIGNS:
        return []
    return [] if any("password" in name for name, _value in fields) else fields


def context(request: HttpRequest, reason: str) -> dict[str, object]:
    """Return what the page of a refused form says."""
    cause = why(request, reason)
    return {
        "cause": cause,
        "heading": HEADINGS[cause],
        "typed": typed(request) if cause != ELSEWHERE else [],
        "has_files": bool(request.FILES),
        "is_again": AGAIN in request.POST,
        "address": request.get_full_path(),
    }
