"""The headers by which a browser protects itself."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP, build_policy

# What no page of ours asks a browser for, and so no script on it can.
NEVER_ASKED_FOR = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer", "microphone"),
    *("midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)


class SecurityHeadersMiddleware:
    """
    Give every answer the headers by which a browser protects itself: pages, files, redirects and refusals. It is the
    outermost, so that what other middleware refuses has them too. What a view says itself stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_open = response.get("Access-Control-Allow-Origin") == "*"
        for name, value in (
            (str(CSP.HEADER_ENFORCE), build_policy(settings.SECURE_CSP)),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
            ("Permissions-Policy", ", ".join(f"{name}=()" for name in NEVER_ASKED_FOR)),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"),
        ):
            response.headers.setdefault(name, value)
        if not getattr(response, "xframe_options_exempt", False):
            response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        return response
