"""A page that says what went wrong, whatever it was: made without the database, the session and context processors."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import override

from ..language_middleware import language_of


def plain_page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Return `template` in the reader's language, rendered without context processors."""
    with override(language_of(request)):
        return HttpResponse(render_to_string(template, {"path": request.get_full_path()}), status=status)
