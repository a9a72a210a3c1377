"""Errors of the API, in the form of RFC 9457."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request, override

from website.api.base import PROBLEM, problem_of


class ApiProblemsMiddleware:
    """
    Tell every error of the API as a problem (RFC 9457), whoever found it: the view, the framework (an address that is no number, a
    method that is not taken), or what stands before both.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_told = response.get("Content-Type", "").startswith(PROBLEM)
        if response.status_code < 400 or is_told or not request.path.startswith("/api/"):
            return response
        with override(get_language_from_request(request)):
            return problem_of(response)
