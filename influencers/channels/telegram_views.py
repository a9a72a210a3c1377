"""How an influencer links Telegram: a link that works once, for ten minutes, and opens our bot there."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone

from delivery.models import Channel
from delivery.recipients import channel_addresses
from delivery.recipients.address_codes import NotPossible
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from lib.http.posted_forms import posted_from

from . import shown_channels, views


@influencer_required
@posted_from("influencers:channels")
def link(request: PortalRequest) -> HttpResponse:
    """Show the link: it leads out, and a browser follows no form there."""
    if not shown_channels.has_telegram(request.campaign):
        raise Http404
    try:
        token = channel_addresses.ask_for_link(request.influencer.recipient, Channel.TELEGRAM, at=timezone.now())
    except NotPossible as refusal:
        return views.shown(request, telegram_refusal=str(refusal))
    return views.shown(request, telegram_link=f"https://t.me/{settings.TELEGRAM_BOT}?start={token}")
