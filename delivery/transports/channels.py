"""Which channels messages may take: mail, and each other for which the settings name a way (docs/operating/channels)."""

from django.conf import settings
from django.utils.translation import gettext_noop

from campaigns.models import Campaign
from delivery.models import Channel, Send

NOT_SET_UP = gettext_noop(
    "Held: nothing is set up any more by which messages of this channel leave. Set it up, or cancel the send; the email goes "
    "on its own."
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
    known = send.mailing.campaign.is_exercise or send.channel in settings.TRANSPORTS
    return None if known else NOT_SET_UP
