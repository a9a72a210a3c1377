"""
A bulletin in the making, or a message that was frozen, as its readers get it: the mail, its plain text, and the portal's page. Made by the code
that publishes (bulletins.mail.printed_editions.print_edition) and by the portal's own page, so nothing else can come out later.
"""

import re
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_sameorigin

from accounts.access import row_scopes
from bulletins.editing import editions
from bulletins.mail import printed_editions
from bulletins.models import Bulletin, Edition, NotAllowed, Parts, Version
from delivery.message.personal_fields import filled, sample_values
from delivery.models import Message
from influencers.portal import bulletin_page

# What is shown runs nothing and leads nowhere; only the desk may frame it. Mail carries its looks inline.
PREVIEW_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-same-origin"],
}

_SCRIPT = re.compile(r"<script\s[^<>]*></script>")  # the portal's own; the policy would refuse them aloud


@xframe_options_sameorigin
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Show one language of a bulletin as "mail", "portal" or "text" (`as`), with words that are not saved yet when they
    are posted. It changes nothing.
    """
    if not request.user.has_perm("bulletins.view_bulletin"):
        raise PermissionDenied
    asked = request.POST if request.method == "POST" else request.GET
    bulletin = get_object_or_404(
        Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages"), pk=pk
    )
    edition = get_object_or_404(
        bulletin.editions.prefetch_related("variants"),
        language=asked.get("language") or bulletin.original_language,
        reading_level=asked.get("level") or "standard",
    )
    edition.bulletin = bulletin
    for name in editions.FIELDS:
        if request.method == "POST" and name in asked:
            text = editions.normalized(name, asked[name])
            setattr(edition, name, text.split() if name == "hashtags" else text)
    try:
        return shown(bulletin, edition, asked.get("as", "mail"), at=timezone.now())
    except (NotAllowed, ValueError) as fault:
        return HttpResponse(render_to_string("config/desk/preview_fault.html", {"why": str(fault)}))


def shown(bulletin: Bulletin, edition: Edition, form: str, *, at: datetime) -> HttpResponse:
    """Return an edition in one of its forms. Raise NotAllowed or ValueError, with a sentence, when it is too long."""
    published, words = printed_editions.print_edition(bulletin, edition, at=at)
    if form == "portal":
        with override(edition.language):
            page = bulletin_page.preview(version_of(bulletin, at=at), published, bulletin.campaign, at=at)
            template = (
                "influencers/portal/bulletins/retracted.html"
                if page.version.is_retracted
                else "influencers/portal/bulletins/bulletin.html"
            )
            return HttpResponse(_SCRIPT.sub("", render_to_string(template, context_of(page))))
    mail = printed_editions.mail_of_edition(words)
    if form == "text":
        return HttpResponse(
            render_to_string("config/desk/preview_text.html", {"mail": mail, "language": edition.language})
        )
    return HttpResponse(mail.html)


def version_of(bulletin: Bulletin, *, at: datetime) -> Version:
    """Return the version that publishing now would make, unsaved."""
    first = bulletin.versions.order_by("number").values_list("first_published_at", flat=True).first()
    return Version(
        bulletin=bulletin,
        number=bulletin.version,
        kind=bulletin.kind,
        what_changed=bulletin.what_changed,
        share_text=bulletin.share_text,
        urgency=bulletin.urgency,
        printed=Parts(bulletin).printed.plain(),
        published_at=at,
        first_published_at=first or at,
    )


def context_of(page: bulletin_page.BulletinPage) -> dict[str, Any]:
    """Return what the portal's template reads beside its page."""
    campaign = page.version.bulletin.campaign
    text = next((row for row in campaign.languages.all() if row.code == page.edition.language), None)
    return {"page": page, "campaign": campaign, "campaign_text": text, "LANGUAGE_CODE": page.edition.language}


@xframe_options_sameorigin
def message_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a frozen message as an email, with words where it says what is each recipient's own."""
    if not request.user.has_perm("delivery.view_message"):
        raise PermissionDenied
    message = get_object_or_404(row_scopes.visible(Message.objects.all(), request.user), pk=pk)
    values = {name: "#" if name.endswith("_url") else words for name, words in sample_values().items()}
    return HttpResponse(filled(message.html, values, in_html=True))
