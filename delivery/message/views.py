"""The mail in the browser."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.csp import CSP
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from . import web_version

BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
# A mail brings its styles with it; it needs nothing else and gets nothing else.
MAIL_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}


@never_cache
@require_safe
def read(request: HttpRequest, token: str) -> HttpResponse:
    """Show a mail to its recipient as it is, or its newest version with a sentence that says so."""
    try:
        page = web_version.page(token)
    except web_version.BadLink as refusal:
        response = render(request, "delivery/links/bad_link.html", {"refusal": refusal}, status=404)
    else:
        response = mail(request, page)
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    response["X-Robots-Tag"] = "noindex"
    return response


@csp_override(MAIL_CSP)
def mail(request: HttpRequest, page: web_version.Page) -> HttpResponse:
    """Return a mail's own HTML as a page, with the sentence about a newer version at its top."""
    with override(page.message.language):
        if not page.html:
            return render(request, "delivery/message/read_text.html", {"page": page})
        note = render_to_string("delivery/message/_newer.html") if page.is_newer else ""
    body = BODY.search(page.html)
    start = body.end() if body else 0
    return HttpResponse(page.html[:start] + note + page.html[start:])
