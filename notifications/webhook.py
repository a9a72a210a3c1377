"""The notification hook: what staff should know at once, posted to one address (NOTIFY_URL) as signed JSON."""

import hashlib
import hmac
import json
import urllib.request
from datetime import datetime
from functools import partial
from typing import Any
from urllib.error import URLError

from django.conf import settings
from django.utils.translation import override

from . import notice_kinds
from .models import Notice

ANSWERS_WITHIN = 10  # seconds


def post(notice: Notice, subject: Any, *, at: datetime) -> None:
    """Post the headline of a notice about `subject`, signed. Raise URLError, OSError or HTTPError when it was not taken."""
    with override(notice.campaign.language_for()):
        url = notice.address(subject)
        added = notice.added_for_hook(subject)
        headline = f"{notice.headline(subject)}. {added}" if added else notice.headline(subject)
        said = {
            "text": f"{headline}: {url}",
            "kind": notice.kind,
            "urgency": notice_kinds.get(notice.kind).urgency(subject),
            "url": url,
            "campaign": notice.campaign.slug,
            "at": notice.at.isoformat(),
        }
    body = json.dumps(said, ensure_ascii=False).encode()
    timestamp = str(int(at.timestamp()))
    request = urllib.request.Request(  # noqa: S310 (the scheme is checked where the setting is read)
        settings.NOTIFY_URL,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "crisis-bulletins",
            "X-Timestamp": timestamp,
            "X-Signature": f"sha256={signature(timestamp, body)}",
        },
    )
    with opener().open(request, timeout=ANSWERS_WITHIN) as answer:
        if not 200 <= answer.status < 300:
            raise URLError(f"HTTP {answer.status}")


def signature(timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 (hex) of a post under NOTIFY_SECRET."""
    return hmac.new(settings.NOTIFY_SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: what is signed for one address is not for another."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Return nothing, so that the redirect is an error."""


opener = partial(urllib.request.build_opener, NoRedirect)
