"""What pages have in common on which people answer by a link, logged in or not: surveys and pretests."""

import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts import rate_limit

View = Callable[..., HttpResponse]
HOUR = 3600
MOST_FROM_PLACE = 5  # answers an hour by one link: many may share an address (a school, a mobile network)


def unseen(view: View) -> View:
    """Return a view that caches, search engines and the addresses that browsers tell others know nothing of."""

    @wraps(view)
    def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = view(request, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return csrf_exempt(never_cache(opened))


def is_one_more_allowed(request: HttpRequest, kind: str, pk: int) -> bool:
    """Return whether one more answer from a place is not too many; then it is counted, by a keyed hash for an hour."""
    place = rate_limit.client_address(request)
    around = rate_limit.network_of(place)
    of_place = rate_limit.Limit(f"{kind}-from", MOST_FROM_PLACE, HOUR)
    of_network = rate_limit.Limit(f"{kind}-network", MOST_FROM_PLACE * rate_limit.PLACES_OF_A_NETWORK, HOUR)
    counts = [(of_place, f"{pk} {place}"), *([(of_network, f"{pk} {around}")] if around else [])]
    return rate_limit.allow_all(counts)


class PlainText(forms.CharField):
    """Words on one line, without what nobody sees."""

    def to_python(self, value: Any) -> str:
        """Return the text with each run of blanks and control characters as one blank."""
        said = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in super().to_python(value) or "")
        return " ".join(said.split())
