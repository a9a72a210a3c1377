"""What statuses of HTTP say, whoever answers with them, and for how long somebody wants to be left alone."""

from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext_noop

TOO_FAST = 429
CONTENT = {400, 406, 413, 415, 422}  # a message in the call, or the call as a whole, is not to the provider's liking
LONGEST_WAIT_SECONDS = 86_400

NOT_UNDERSTOOD = gettext_noop("The provider's reply was not understood, so nobody knows whether it was sent.")


def seconds_to_wait(response: Any) -> float | None:
    """Return what Retry-After asks for, in seconds, however it is written (RFC 9110 §10.2.3); None without one."""
    headers = getattr(response, "headers", {})
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), LONGEST_WAIT_SECONDS)
    try:
        # From their own clock to their own clock.
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return min(max(wait.total_seconds(), 0.0), LONGEST_WAIT_SECONDS)
