"""By which channels the demo's partners want word: some chose text messages or Telegram. Numbers and chats are nobody's."""

from datetime import datetime, timedelta
from decimal import Decimal

from campaigns.models import Campaign
from delivery.models import Channel, MailerLimit, Recipient, Wanted
from delivery.models.limits import Mailer
from delivery.recipients import channel_addresses

# In turn: a channel, and what comes by it.
CHOSEN = (
    (Channel.SMS, (Wanted.URGENT,)),
    (Channel.TELEGRAM, (Wanted.URGENT, Wanted.ANSWERS)),
    (Channel.SMS, (Wanted.URGENT, Wanted.BULLETINS, Wanted.REMINDERS)),
)
PEOPLE = 24
SINCE = timedelta(days=2)
PRICE = Decimal("0.0685")  # of a part, as one provider had it


def write(campaign: Campaign, *, at: datetime) -> None:
    """Have the first partners choose, and say what a part of a text message costs."""
    MailerLimit.objects.get_or_create(mailer=Mailer.SMS, defaults={"price": PRICE, "per_second": 10})
    partners = Recipient.objects.filter(
        memberships__audience__campaign=campaign, memberships__audience__slug="partners"
    )
    for place, person in enumerate(partners.order_by("pk")[:PEOPLE]):
        channel, wants = CHOSEN[place % len(CHOSEN)]
        address = f"+35850555{500 + place:04}" if channel == Channel.SMS else f"{4_711_000 + place}"
        channel_addresses.take(person, channel, address, wants=wants, at=at - SINCE)
