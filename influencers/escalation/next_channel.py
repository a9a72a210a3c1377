"""
The next channel for people who have not seen an urgent bulletin. What is urgent goes at once by every channel that somebody has chosen
for it (delivery.sending.channel_wishes), and nobody is told the same thing twice on one channel: so there is nothing left to plan where
those were used, and the step says so. A channel that is to follow later is planned here.
"""

from datetime import datetime

from delivery.models import Channel, Send
from delivery.transports import channels
from influencers.models import EscalationStep, SeenRequest

Outcome = EscalationStep.Outcome


def plan(request: SeenRequest, *, at: datetime) -> tuple[str, int]:
    """Return what came of going on to the next channel, and for how many people; one query where another channel is set up."""
    if not channels.beside_mail(request.campaign):
        return Outcome.NO_CHANNEL, 0
    sends = Send.objects.filter(mailing=request.version.mailing_id).exclude(channel=Channel.MAIL)
    return (Outcome.ALL_USED if sends.exists() else Outcome.NO_CHANNEL), 0
