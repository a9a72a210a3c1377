"""Which language a request is answered in: that of its address, where the site speaks it, else as Django finds it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from lib.text.languages import spoken_languages


def language_of(request: HttpRequest) -> str:
    """Return the language that a request is answered in."""
    named = spoken_languages.of_path(request.path_info)
    return named or translation.get_language_from_request(request, check_path=True)


class LanguageMiddleware(LocaleMiddleware):
    """Django's own knows the languages of the settings; this one knows those that people added, too."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language of the address, or the one that Django finds."""
        named = spoken_languages.of_path(request.path_info)
        if not named or named in spoken_languages.BUILT_IN:
            super().process_request(request)
            return
        translation.activate(named)
        request.LANGUAGE_CODE = named

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say which language it is."""
        named = spoken_languages.of_path(request.path_info)
        if not named or named in spoken_languages.BUILT_IN:
            return super().process_response(request, response)  # type: ignore[arg-type]
        response.headers.setdefault("Content-Language", translation.get_language() or named)
        return response
