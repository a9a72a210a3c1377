"""Refusals that bring no page: a browser would show its own, or nothing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import override

from config.desk import refusal

from ..language_middleware import language_of
from .error_pages import plain_page, text_of


class BareRefusalsMiddleware:
    """
    Give an empty refusal (`HttpResponseNotAllowed` and the like) our page, and keep its status and headers. Only for who asks for
    a page: a browser that opens an address names text/html, while programs, scripts and pictures do not, and htmx says who it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or response.streaming or response.content:
            return response
        if is_for_a_page(request):
            response = with_page(request, response)
        patch_vary_headers(response, ["Accept", "HX-Request"])
        return response


def is_for_a_page(request: HttpRequest) -> bool:
    """Return whether a request comes from a browser that will show the answer as a page."""
    return "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers


def with_page(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    """Return our page with the status, the headers and the cookies of an empty refusal; at the desk in the desk's own frame."""
    status = bare.status_code
    if refusal.is_at_desk(request):
        with override(language_of(request)):
            heading, text = text_of(status)
            page = refusal.told(request, heading, text, status=status)
    else:
        page = plain_page(request, status)
    for name, value in bare.items():
        if name not in {"Content-Type", "Content-Length"}:
            page[name] = value
    page.cookies = bare.cookies
    page.headers["Content-Length"] = str(len(page.content))
    return page
