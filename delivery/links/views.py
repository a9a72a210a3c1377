"""One click and out, and the mail in the browser."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from delivery.recipients import seed_list
from delivery.subscriptions import subscription_choices

from . import unsubscribe as links_unsubscribe
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


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """
    Ask on GET, which changes nothing since mail scanners follow links; take the reader off on POST.

    Mail programs post here by themselves (RFC 8058), without cookie or login, so the signed link is the only key.
    """
    try:
        recipient_id, mailing = links_unsubscribe.read(token)
        if request.method == "POST":
            links_unsubscribe.take_off(recipient_id, mailing, at=timezone.now())
    except links_unsubscribe.BadLink as refusal:
        return render(request, "delivery/links/bad_link.html", {"refusal": refusal}, status=404)
    context = {
        "has_left": request.method == "POST",
        "is_digest": mailing.is_digest,
        "preferences": subscription_choices.address_of(recipient_id, mailing) if mailing.is_digest else "",
        "reply_to": mailing.campaign.reply_to,
        "names": {row.code: row.name for row in mailing.campaign.languages.all()},
    }
    response = render(request, "delivery/links/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def seed(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET whether an address wants test mails, and note on POST that it does. The signed link is the only key."""
    now = timezone.now()
    try:
        address = seed_list.confirm(token, at=now) if request.method == "POST" else seed_list.read(token, at=now)
    except seed_list.BadLink as refusal:
        response = render(request, "delivery/links/bad_link.html", {"refusal": refusal}, status=404)
    else:
        names = {row.code: row.name for row in address.campaign.languages.all()}
        context = {"has_confirmed": address.confirmed_at is not None or request.method == "POST", "names": names}
        response = render(request, "delivery/recipients/seed.html", context)
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


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
            return render(request, "delivery/links/read_text.html", {"page": page})
        note = render_to_string("delivery/links/_newer.html") if page.is_newer else ""
    body = BODY.search(page.html)
    start = body.end() if body else 0
    return HttpResponse(page.html[:start] + note + page.html[start:])
