"""
Reading again without a connection. A service worker (static/influencers/offline.js) keeps on the phone the pages that
their answer allows it to, for one reader; nothing else stores them.
"""

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase

from accounts.crypto.keyed_hashes import mark
from influencers.access.portal_request import PortalRequest
from influencers.models import Influencer

HEADER = "Portal-Keep"
View = Callable[..., HttpResponseBase]


def cached_offline(view: View) -> View:
    """
    Let the reader's own device keep what an influencer's page shows. The header says for whom, in a mark that tells
    nobody anything: another mark, and all that was kept is wiped.
    """

    @wraps(view)
    def marked(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.reader_mark = mark_of(request.influencer)
        response = view(request, *args, **kwargs)
        response[HEADER] = request.reader_mark
        return response

    return marked


@cache
def script() -> bytes:
    """Return the service worker. It is served from the portal's own path, which is all that it rules over."""
    return (Path(settings.BASE_DIR) / "static" / "influencers" / "offline.js").read_bytes()


def mark_of(influencer: Influencer) -> str:
    """Return the mark of a reader."""
    return mark("influencers.portal.offline", str(influencer.pk))[:20]
