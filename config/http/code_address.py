"""The address in every QR code, short and without a language: it leads on in the language of the browser."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import override
from django.views.decorators.http import require_safe

from campaigns.cards import check_codes

from .bare_address import language_for

LONGEST = 40  # characters


@require_safe
def redirect_code(request: HttpRequest, typed: str = "") -> HttpResponse:
    """
    Lead to the page of a code, however it is written. Without asking the database, so that a page that is kept is found
    while the database is away.
    """
    with override(language_for(request)):
        code = check_codes.read(typed) or typed[:LONGEST]
        response = HttpResponseRedirect(reverse("website:code", args=[code]) if code else reverse("website:codes"))
    patch_vary_headers(response, ["Accept-Language"])
    return response
