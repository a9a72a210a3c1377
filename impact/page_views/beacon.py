"""
The picture of one dot that public pages end with: a browser that shows a page asks for it, also where the page came from a cache.
It is answered before anything else, without a query; the view is counted in memory and written later (`writer_thread`).
"""

import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import rate_limit

from .counter import PLACES_OF_A_NETWORK, Key, counter
from .kinds import KINDS
from .readers import is_reader

PREFIX = "/seen/"
ADDRESS = re.compile(r"/seen/(\d{1,9})/([a-z]{1,12})/(\d{1,9})\.gif", re.ASCII)
DOT = (
    b"GIF89a\x01\x00\x01\x00\x80\x01\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x01\x00,\x00\x00\x00\x00"
    b"\x01\x00\x01\x00\x00\x02\x02L\x01\x00;"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class BeaconMiddleware:
    """Answer the picture, count the page that it ends, and pass on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        found = ADDRESS.fullmatch(request.path_info)
        if found is None or found[2] not in KINDS.values():
            return HttpResponse(status=404, headers=HEADERS)
        if is_reader(request):
            key = Key(int(found[1]), found[2], int(found[3]))
            place = rate_limit.client_address(request)
            places = [(place, 1), (rate_limit.network_of(place), PLACES_OF_A_NETWORK)]
            counter.count(key, places, now=time.time())
        return HttpResponse(DOT, content_type="image/gif", headers=HEADERS)
