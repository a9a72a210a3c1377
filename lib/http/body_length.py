"""How long the body of a request says that it is."""

from django.http import HttpRequest


def announced(request: HttpRequest) -> int:
    """Return how many bytes a request says that it brings, 0 when it does not say; whoever reads it counts for themselves."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said[:19]) if said.isascii() and said.isdecimal() else 0
