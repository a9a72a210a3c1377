"""
Reading again without a connection. A service worker (static/influencers/offline.js) keeps on the phone the pages that their answer allows
it to, for one reader; nothing else stores them.
"""

from django.http import HttpResponseBase

from accounts.crypto.keyed_hashes import mark

HEADER = "Portal-Keep"


def mark_of(user: int | None) -> str:
    """Return the mark of a reader, by the key of their login. It tells nobody anything."""
    return mark("influencers.portal.offline", str(user))[:20]


def allow[R: HttpResponseBase](response: R, reader: str) -> R:
    """Let a reader's own device keep a page. Another mark, and all that was kept is wiped."""
    response[HEADER] = reader
    return response
