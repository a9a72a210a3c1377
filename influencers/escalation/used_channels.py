"""
By which channels an urgent bulletin went. It goes at once by every channel that somebody has chosen for what is urgent
(delivery.fanout.channel_wishes), and nobody is told the same thing twice on one channel: so none follows later.
"""

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.models import Channel, Send
from influencers.models import SeenRequest

NOT_GOING = (Send.State.HELD, Send.State.CANCELLED)


def addresses_by(request: SeenRequest, *, held: bool = False) -> dict[str, int]:
    """
    Return to how many addresses an urgent bulletin goes by each channel but mail, in the order of the channels; with `held`, to how many
    it does not go, because the send waits for a person. In a chat room nobody is asked. One query.
    """
    sends = Send.objects.filter(mailing=request.version.mailing_id).exclude(channel__in=(Channel.MAIL, Channel.ROOM))
    sends = sends.filter(state=Send.State.HELD) if held else sends.exclude(state__in=NOT_GOING)
    counted = dict(sends.values_list("channel").annotate(n=Sum("candidates", default=0)).order_by())
    return {channel.value: counted[channel.value] for channel in Channel if counted.get(channel.value)}


def in_words(request: SeenRequest) -> str:
    """Return by which channels an urgent bulletin went at once, and that none follows, in a few sentences; two queries."""
    went, held = addresses_by(request), addresses_by(request, held=True)
    if went:
        says = _("Sent at once by email and by: %(channels)s. No channel is left.") % {"channels": listed(went)}
    elif held:
        says = _("Sent by email only.")
    else:
        says = _("Sent by email only: nobody has chosen another channel for what is urgent, or none is set up.")
    if held:
        waits = _("Held, and not sent until somebody releases it: %(channels)s.") % {"channels": listed(held)}
        says = f"{says} {waits}"
    return says


def listed(addresses: dict[str, int]) -> str:
    """Return channels with their number of addresses in a line."""
    parts = [
        ngettext("%(channel)s (%(n)d address)", "%(channel)s (%(n)d addresses)", number)
        % {"channel": Channel(channel).label, "n": number}
        for channel, number in addresses.items()
    ]
    return ", ".join(parts)
