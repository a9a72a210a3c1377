"""
Hints: that an answer or a reminder waits, by the channel that somebody chose for it, in place of the mail. What it says stays behind the
log-in, for anybody may see the screen of a telephone. One hint goes once to each address; where none has left for certain, the mail goes.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy, override

from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from delivery.models import Delivery, Purpose, Recipient, Suppression, Wanted
from delivery.recipients import suppression
from delivery.throttle import token_bucket
from delivery.transports import channels, costs, one_message

from . import quiet_hours

log = logging.getLogger(__name__)

WORDS = {
    Wanted.ANSWERS: gettext_lazy("You have an answer. Log in to read it."),
    Wanted.REMINDERS: gettext_lazy("There is a reminder for you. Log in to read it."),
}

# How many leave: to one person a day, and altogether an hour. Text messages cost money; what is more goes by mail.
TO_ONE, BY_ALL = 20, 500
HOUR, DAY = timedelta(hours=1).total_seconds(), timedelta(days=1).total_seconds()


@dataclass(frozen=True, slots=True)
class Way:
    """Where a hint goes: the addresses of one channel. `waits_until` is when its person's quiet hours end, None outside of them."""

    wants: Wanted
    person: Recipient
    addresses: tuple[Recipient, ...]
    waits_until: datetime | None = None

    @property
    def channel(self) -> str:
        """The channel that was chosen."""
        return self.addresses[0].channel


def way_to(person: Recipient, wants: Wanted, *, campaign: Campaign, at: datetime) -> Way | None:
    """
    Return by which channel somebody wants such hints, None where it is mail, or where the chosen one does not work. Two queries, none
    where a campaign has no channel but mail.
    """
    known = channels.beside_mail(campaign)
    if not known:
        return None
    chosen = Recipient.objects.wanting_bulletins().filter(
        person=person, channel__in=known, channel_choices__wants=wants
    )
    rows = tuple(chosen.order_by("pk"))
    if not rows:
        return None
    waits = quiet_hours.waits([row.pk for row in rows], zone=campaign.zone, at=at)
    until = at + timedelta(seconds=max(waits.values())) if waits else None
    return Way(wants, person, rows, until)


def send(way: Way, page: str, *, campaign: Campaign, at: datetime) -> bool:
    """
    Send a hint that leads to a page of ours, and return whether it has left for certain, to one address at least. Not for use in a
    transaction.
    """
    if costs.is_day_full(way.channel, campaign, at=at):
        return False
    for name, most, seconds in ((f"hint:person:{way.person.pk}", TO_ONE, DAY), ("hint:all", BY_ALL, HOUR)):
        if not token_bucket.take(name, 1, rate=most / seconds, burst=most, at=at):
            return False
    return any(list(sent(way, page, campaign=campaign, at=at)))


def sent(way: Way, page: str, *, campaign: Campaign, at: datetime) -> Iterator[bool]:
    """Send to each address, and yield whether it was taken there. One that is none any more is suppressed."""
    language = campaign.language_for(way.person)
    with override(language):
        name = campaign.marked(PrintedWords.of(campaign).in_language(language).name)
        words = str(WORDS[way.wants])
    said = one_message.Words(words, name, page, topic=way.wants.value, language=language)
    for address in way.addresses:
        try:
            outcome = one_message.hand_over(way.channel, address.address, said, Purpose.HINT, campaign=campaign, at=at)
        except Exception as fault:  # a transport may raise for what it cannot address; its words may hold the address
            log.error("A hint by %s was not sent: %s", way.channel, type(fault).__name__)
            yield False
            continue
        if outcome.state == Delivery.State.FAILED and suppression.is_missing_address(outcome.code):
            Suppression.objects.get_or_create(
                address_hash=address.address_hash,
                defaults={"reason": Suppression.Reason.NO_SUCH_ADDRESS, "since": at, "note": outcome.code},
            )
        yield outcome.state == Delivery.State.ACCEPTED
