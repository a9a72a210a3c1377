"""Which page a form was posted from, as far as the browser says."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def is_from_elsewhere(request: HttpRequest) -> bool:
    """
    Return whether another site's page made the browser post. A program that is no browser says nothing, and may post; so may the
    phone itself, for an app that shares something.
    """
    if fetched := request.headers.get("Sec-Fetch-Site"):
        return fetched not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    own = {f"{request.scheme}://{request.get_host()}", "{0.scheme}://{0.netloc}".format(urlsplit(settings.PUBLIC_URL))}
    return origin is not None and origin not in own
