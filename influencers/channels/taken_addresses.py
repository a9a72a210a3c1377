"""Somebody else has proven a number or another address that an influencer had: it is off their page, and they are told by mail."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from delivery.models import Channel, Recipient
from delivery.recipients.address_forms import as_hinted
from influencers import notices
from influencers.models import Influencer
from notifications import outbox


def tell(person: Recipient, channel: str, address: str, at: datetime) -> None:
    """Write to whoever had an address, once in however many campaigns they take part; in the transaction that takes it from them."""
    taking_part = person.influencers.filter(state=Influencer.State.ACTIVE).exclude(user=None)
    influencer = taking_part.select_related("campaign", "user").order_by("-pk").first()
    if influencer is None or influencer.user is None:
        return
    with override(influencer.campaign.language_for(influencer.user)):
        where = f"{Channel(channel).label} {as_hinted(channel, address)}".strip()
        headline = _("Messages no longer come to you here: %(where)s") % {"where": where}
        words = _(
            "Somebody else has just shown that this is theirs, so it was removed from your settings. What came to you only there comes by "
            "email again. Is it still yours? Add it again on the page below, and tell us by answering this email."
        )
        outbox.write(
            notices.ADDRESS_TAKEN,
            [influencer.user],
            campaign=influencer.campaign,
            text=f"{headline}\n{words}",
            path=reverse("influencers:channels"),
            at=at,
        )
