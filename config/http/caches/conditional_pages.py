"""Pages that a reader has already: ETag and 304."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from campaigns.http import page_changes
from campaigns.http.machine_responses import etag_of


class ConditionalPagesMiddleware:
    """
    Give every page that is nobody's own its ETag, and answer 304 to whoever has it already. A page for a session or a
    token, with a cookie of its own or not to be stored, has none. A 304 is as much a kept page as what it stands for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_for_anybody(request, response) or response.has_header("ETag"):
            return response
        response["ETag"] = etag = etag_of(response.content)
        answer = get_conditional_response(request, etag=etag, response=response)
        assert isinstance(answer, HttpResponse)  # the page itself at least
        if page_changes.MARK in response:
            answer[page_changes.MARK] = response[page_changes.MARK]
        return answer


def is_for_anybody(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether an answer is a page that anyone who asks the same would get. Who brings a token is someone."""
    return (
        request.method in {"GET", "HEAD"}
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "Authorization" not in request.headers
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.get("Cache-Control", "")
    )
