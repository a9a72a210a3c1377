"""What of the portal may be read again without a connection (accounts.access.kept_pages)."""

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase

from accounts.access import kept_pages
from influencers.access.portal_request import PortalRequest
from influencers.models import Influencer

View = Callable[..., HttpResponseBase]


def cached_offline(view: View) -> View:
    """
    Let the reader's own device keep what an influencer's page shows. The header says for whom, in a mark that tells
    nobody anything: another mark, and all that was kept is wiped.
    """

    @wraps(view)
    def marked(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.reader_mark = mark_of(request.influencer)
        return kept_pages.allow(view(request, *args, **kwargs), request.reader_mark)

    return marked


@cache
def script() -> bytes:
    """Return the service worker. It is served from the portal's own path, which is all that it rules over."""
    static = Path(settings.BASE_DIR) / "static"
    return b"\n".join((static / one).read_bytes() for one in ("influencers/offline.js", "delivery/push_worker.js"))


def mark_of(influencer: Influencer) -> str:
    """Return the mark of a reader."""
    return kept_pages.mark_of(influencer.user_id)
