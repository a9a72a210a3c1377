"""Which channels messages may take: mail, and each other for which the settings name a way (docs/operating/channels)."""

from django.conf import settings
from django.utils.translation import gettext_noop

from campaigns.models import Campaign
from delivery.models import Channel, Message, Send

from .whatsapp import templates

NOT_SET_UP = gettext_noop(
    "Held: nothing is set up any more by which messages of this channel leave. Set it up, or cancel the send; the email goes "
    "on its own."
)
NO_TEMPLATE = gettext_noop(
    "Held: for one of its languages Meta has approved no template of WhatsApp, or has paused it. Look under WhatsApp templates, then "
    "release it, or cancel it; the email goes on its own."
)


def beside_mail(campaign: Campaign) -> list[Channel]:
    """
    Return the channels but mail by which messages of a campaign go. In an exercise nothing leaves: whatever the settings name
    for exercises comes to the mail catcher.
    """
    named = settings.EXERCISE_CHANNELS if campaign.is_exercise else settings.TRANSPORTS
    return [channel for channel in Channel if channel != Channel.MAIL and channel.value in named]


def blocking_reason(send: Send) -> str | None:
    """Return why a send of a channel but mail may not begin, None where it may."""
    if send.mailing.campaign.is_exercise:
        return None
    if send.channel not in settings.TRANSPORTS:
        return NOT_SET_UP
    if send.channel == Channel.WHATSAPP:
        said = Message.objects.filter(mailing=send.mailing_id, channel=send.channel)
        if templates.languages_without(set(said.values_list("language", flat=True))):
            return NO_TEMPLATE
    return None
