"""Handing out the card of a statement that is published and stands."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control


def hand_out(
    request: HttpRequest, mark: str, name: str, *, whole: Callable[[], bytes], small: Callable[[], bytes]
) -> HttpResponse:
    """
    Return the card (PNG), drawn if nobody has asked for it before; with ?small=1 a small one (WebP). `mark` tells it from every
    other, `name` is its file's without suffix. Whoever keeps it asks before showing it again: after a pause it is out of reach
    at once.
    """
    is_small = bool(request.GET.get("small"))
    etag = f'"{mark}{"-small" if is_small else ""}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        kind = "webp" if is_small else "png"
        answer = HttpResponse(small() if is_small else whole(), content_type=f"image/{kind}")
        answer["Content-Disposition"] = f'inline; filename="{name}.{kind}"'
        answer["ETag"] = etag
    patch_cache_control(answer, public=True, max_age=0, must_revalidate=True)
    return answer
