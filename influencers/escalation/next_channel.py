"""
The next channel for people who have not seen an urgent bulletin. What is urgent goes at once by every channel that somebody has chosen
for it (delivery.sending.channel_wishes), and nobody is told the same thing twice on one channel: so there is nothing left to plan where
those were used, and the step says by which it went. A channel that is to follow later is planned here.
"""

from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.models import Channel, Send
from delivery.transports import channels
from influencers.models import EscalationStep, SeenRequest

Outcome = EscalationStep.Outcome
NOT_GOING = (Send.State.HELD, Send.State.CANCELLED)


def plan(request: SeenRequest, *, at: datetime) -> tuple[str, int]:
    """Return what came of going on to the next channel, and for how many people; one query where another channel is set up."""
    if not channels.beside_mail(request.campaign):
        return Outcome.NO_CHANNEL, 0
    return (Outcome.ALL_USED if addresses_by(request) else Outcome.NO_CHANNEL), 0


def addresses_by(request: SeenRequest, *, held: bool = False) -> dict[str, int]:
    """
    Return to how many addresses an urgent bulletin goes by each channel but mail, in the order of the channels; with `held`, to how many
    it does not go, because the send waits for a person. One query.
    """
    sends = Send.objects.filter(mailing=request.version.mailing_id).exclude(channel=Channel.MAIL)
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
