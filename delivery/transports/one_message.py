"""One message that is no mailing, to one address of a channel: a code. It is in no ledger, and lost with its reply."""

from datetime import datetime

from django.core import mail

from campaigns.models import Campaign
from delivery.message.mime import Person
from delivery.models import Delivery, Message
from delivery.models.limits import Mailer

from . import exercise_mail, failover
from .transport import transport_for

LEFT = {Delivery.State.ACCEPTED, Delivery.State.UNKNOWN}


def send(channel: str, address: str, text: str, *, campaign: Campaign, at: datetime) -> bool:
    """Send words to an address and return whether they may have left. In an exercise they come to the mail catcher."""
    if campaign.is_exercise:
        with mail.mailers[Mailer.EXERCISE] as connection:
            return bool(connection.send_messages([caught(channel, address, text, campaign)]))
    transport = transport_for(failover.working(Mailer(channel)))
    try:
        compiled = transport.compiled(Message(channel=channel, subject=text[:200], text=text), at=at)
        person = Person(delivery_id=0, recipient_id=0, email=address, name="", unsubscribe_url="")
        return all(outcome.state in LEFT for outcome in transport.send([transport.prepare(compiled, person)]))
    finally:
        transport.close()


def caught(channel: str, address: str, text: str, campaign: Campaign) -> mail.EmailMessage:
    """Return the mail that stands for it in an exercise."""
    to = exercise_mail.address_of(channel, 0)
    return mail.EmailMessage(text[:60], text, campaign.sender_email, [f'"{address}" <{to}>'])
