"""The site's bare address, which leads to the front page in the language of the browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import override
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from lib.text.languages import spoken_languages


def language_for(request: HttpRequest) -> str:
    """Return the first language of the browser that the site speaks; failing that, the campaign's main language."""
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        if served := spoken_languages.variant(wanted):
            return served
    campaign = getattr(request, "campaign", None)
    if campaign is not None and spoken_languages.is_spoken(campaign.default_language):
        return campaign.default_language
    return settings.LANGUAGE_CODE


@require_safe
def redirect_home(request: HttpRequest) -> HttpResponse:
    """Lead to the front page in the reader's language."""
    with override(language_for(request)):
        response = HttpResponseRedirect(reverse("home"))
    patch_vary_headers(response, ["Accept-Language"])
    return response
