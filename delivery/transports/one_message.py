"""
One message that is no mailing, to one address of a channel: a code, a hint. It is in no ledger; whoever sends it keeps what became of
it, and how many there were is counted for what they cost (costs.of_day).
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.core import mail
from django.db import DatabaseError

from campaigns.models import Campaign
from delivery.message.addresses import Unaddressable
from delivery.message.mime import Person
from delivery.models import Channel, Delivery, Message, Purpose, SingleMessageCount
from delivery.models.limits import Mailer

from . import costs, exercise_mail, failover
from .push.notification import PAGE, TOPIC, URGENT
from .transport import Outcome, transport_for
from .whatsapp.transport import CODE

log = logging.getLogger(__name__)

LEFT = {Delivery.State.ACCEPTED, Delivery.State.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Words:
    """
    What is said: a line, where a channel has a title for it `title`, and the `page` of ours that it leads to. What is said later of the
    same `topic` takes its place on a device. `code` is the one that the line says, which some channels send by itself.
    """

    text: str
    title: str = ""
    page: str = ""
    topic: str = ""
    language: str = ""
    is_urgent: bool = False
    code: str = ""

    def written(self, channel: str) -> str:
        """Return all of it as one text; a notification leads to the page by itself, and has its title above."""
        if channel == Channel.PUSH:
            return self.text
        return " ".join(part for part in (f"{self.title}:" if self.title else "", self.text, self.page) if part)


def send(
    channel: str,
    address: str,
    words: Words,
    purpose: Purpose,
    *,
    campaign: Campaign,
    at: datetime,
    practised: bool | None = None,
) -> bool:
    """Send words to an address and return whether they may have left (see `hand_over`)."""
    return hand_over(channel, address, words, purpose, campaign=campaign, at=at, practised=practised).state in LEFT


def hand_over(
    channel: str,
    address: str,
    words: Words,
    purpose: Purpose,
    *,
    campaign: Campaign,
    at: datetime,
    practised: bool | None = None,
) -> Outcome:
    """
    Send words to an address, count them and return what became of them. When `practised`, as in an exercise unless somebody says
    otherwise, they come to the mail catcher. Not for use in a transaction.
    """
    is_exercise = campaign.is_exercise if practised is None else practised
    outcome = (caught_outcome if is_exercise else handed_over)(channel, address, words, campaign=campaign, at=at)
    parts = costs.parts_of(channel, words.written(channel))
    try:
        SingleMessageCount.count(channel, purpose, outcome.state, parts, is_exercise=is_exercise, at=at)
    except DatabaseError as fault:  # it has left, and whoever sends it has to know that
        log.error("A message by %s was not counted: %s", channel, type(fault).__name__)
    return outcome


def caught_outcome(channel: str, address: str, words: Words, *, campaign: Campaign, at: datetime) -> Outcome:
    """Have the mail catcher take it, and return what became of it."""
    with mail.mailers[Mailer.EXERCISE] as connection:
        left = connection.send_messages([caught(channel, address, words, campaign)])
    return Outcome(0, Delivery.State.ACCEPTED if left else Delivery.State.DEFERRED)


def handed_over(channel: str, address: str, words: Words, *, campaign: Campaign, at: datetime) -> Outcome:
    """Have its channel take it, and return what became of it."""
    text = words.written(channel)
    transport = transport_for(failover.working(Mailer(channel)))
    try:
        headers = {
            name: value for name, value in ((PAGE, words.page), (TOPIC, words.topic), (CODE, words.code)) if value
        }
        headers |= {URGENT: "1"} if words.is_urgent else {}
        message = Message(
            channel=channel, language=words.language, subject=words.title or text[:200], text=text, headers=headers
        )
        compiled = transport.compiled(message, at=at)
        person = Person(delivery_id=0, recipient_id=0, email=address, name="", unsubscribe_url="")
        return next(iter(transport.send([transport.prepare(compiled, person)])))
    except Unaddressable as fault:
        return Outcome(0, Delivery.State.FAILED, "5.1.1", str(fault)[:200])
    except ValueError as fault:
        log.error("A message by %s could not be made: %s", channel, fault)
        return Outcome(0, Delivery.State.FAILED, "", str(fault)[:200])
    finally:
        transport.close()


def caught(channel: str, address: str, words: Words, campaign: Campaign) -> mail.EmailMessage:
    """Return the mail that stands for it in an exercise, with all that its reader would see, and the page that a tap would open."""
    text = words.written(channel)
    if channel == Channel.PUSH:
        text = "\n".join(part for part in (words.title, words.text, words.page) if part)
    subject = " ".join(text.split())[:60]  # a header has one line, a notice of staff several
    to = exercise_mail.address_of(channel, 0)
    name = exercise_mail.shown(channel, address).replace('"', "'")
    return mail.EmailMessage(subject, text, campaign.sender_email, [f'"{name}" <{to}>'])
