"""
What the messages of a channel cost of which each is paid for: people times parts times the price of a part, by language; one of WhatsApp
is one part. Before a send for those who chose them, after it for what has left or may have. Prices are data (MailerLimit); zero is
a price, none is not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import ReadingLevel
from delivery.models import Audience, Channel, ChannelChoice, Consent, Delivery, MailerLimit, Message, Recipient, Send
from delivery.models.limits import Mailer
from lib.text.languages import language_heading
from lib.text.money import money
from lib.text.whole_numbers import grouped

from .sms import parts

# What has left, or may have: an unknown one is paid for as well.
PAID = {Delivery.State.ACCEPTED, Delivery.State.UNKNOWN}
# What a send may cost in the end.
TO_PAY = {*PAID, *Delivery.TO_GO}
# Channels of which each message is paid for.
PRICED = (Channel.SMS, Channel.WHATSAPP)


def parts_of(channel: str, text: str) -> int:
    """Return of how many parts a message is that are paid for."""
    return parts.parts_of(text) if channel == Channel.SMS else 1


@dataclass(frozen=True, slots=True)
class Line:
    """How many people get a message of so many parts, in a language."""

    language: str
    people: int
    parts: int

    @property
    def name(self) -> str:
        """The language as a heading, in the active one."""
        return language_heading(self.language)


@dataclass(frozen=True, slots=True)
class Cost:
    """What messages of a channel cost together; `price` is that of a part, None where nobody has said what."""

    lines: tuple[Line, ...]
    price: Decimal | None
    currency: str = "EUR"
    channel: str = Channel.SMS.value

    @property
    def has_parts(self) -> bool:
        """Whether its messages may be of several parts."""
        return self.channel == Channel.SMS

    @property
    def people(self) -> int:
        """How many people get one."""
        return sum(line.people for line in self.lines)

    @property
    def parts(self) -> int:
        """Of how many parts they are together."""
        return sum(line.people * line.parts for line in self.lines)

    @property
    def amount(self) -> Decimal | None:
        """What they cost, None where there is no price."""
        return None if self.price is None else self.price * self.parts

    @property
    def words(self) -> str:
        """Parts and amount in the active language: "1,234 parts, €67.87"."""
        if not self.has_parts:
            parts = ngettext("%(n)s message", "%(n)s messages", self.parts) % {"n": grouped(self.parts)}
            unknown = _("%(parts)s; nobody has written what a message costs") % {"parts": parts}
        else:
            parts = ngettext("%(n)s part", "%(n)s parts", self.parts) % {"n": grouped(self.parts)}
            unknown = _("%(parts)s; nobody has written what a part costs") % {"parts": parts}
        return unknown if self.amount is None else f"{parts}, {money(self.amount, self.currency)}"


def priced(lines: Iterable[Line], channel: str) -> Cost:
    """Return lines with the price of a part as it is now; one query."""
    limit = MailerLimit.objects.filter(mailer=Mailer(channel)).first()
    return Cost(tuple(lines), limit.price if limit else None, limit.currency if limit else "EUR", channel)


def expected(channel: str, audiences: Iterable[Audience], texts: Mapping[str, str], *, wants: str) -> Cost:
    """
    Return what a text costs (`texts` by language, the first for readers of others) to those members of audiences who chose a
    channel for what it is, as if it left now. Two queries.
    """
    agreed = Consent.objects.in_force(Consent.Purpose.BULLETINS).filter(recipient=OuterRef("pk"))
    chosen = ChannelChoice.objects.filter(recipient=OuterRef("pk"), wants=wants)
    members = Recipient.objects.filter(
        memberships__audience__in=list(audiences), memberships__left_at=None, pk=OuterRef("person")
    )
    found = Recipient.objects.deliverable().filter(Exists(agreed), Exists(chosen), Exists(members), channel=channel)
    people: dict[str, int] = {}
    for language, number in found.values_list("person__language").annotate(n=Count("pk")).order_by():
        theirs = language if language in texts else next(iter(texts))
        people[theirs] = people.get(theirs, 0) + number
    lines = (Line(code, people[code], parts_of(channel, text)) for code, text in texts.items() if code in people)
    return priced(lines, channel)


def of_send(send: Send, *, states: Iterable[str] = PAID) -> Cost:
    """Return what a send has cost so far: each message that left or may have. Three queries."""
    return priced(lines_of([send], states=states), send.channel)


def lines_of(sends: Iterable[Send], *, states: Iterable[str]) -> list[Line]:
    """Return how many people of sends by one channel are in these states, by language, with the parts of their message; two queries."""
    known = list(sends)
    if not known:
        return []
    channel = known[0].channel
    sizes = {
        (mailing, language): parts_of(channel, text)
        for mailing, language, text in Message.objects.filter(
            mailing__in={send.mailing_id for send in known}, channel=channel, reading_level=ReadingLevel.STANDARD
        ).values_list("mailing", "language", "text")
    }
    rows = Delivery.objects.of(*known).filter(state__in=set(states))
    counted = rows.values_list("mailing", "language").annotate(n=Count("pk")).order_by("mailing", "language")
    return [Line(language, number, sizes.get((mailing, language), 1)) for mailing, language, number in counted]


def over_limit(send: Send, *, at: datetime) -> str:
    """Return which limit a send that has its rows goes beyond: "send", "day" or "" for none."""
    limit = MailerLimit.objects.filter(mailer=Mailer(send.channel)).first() if send.channel in PRICED else None
    if limit is None or (limit.most_per_send is None and limit.most_per_day is None):
        return ""
    mine = sum(line.people * line.parts for line in lines_of([send], states=TO_PAY))
    if limit.most_per_send is not None and mine > limit.most_per_send:
        return "send"
    if limit.most_per_day is None:
        return ""
    local = send.mailing.campaign.local(at)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    today = Send.objects.filter(
        channel=send.channel,
        fanned_out_at__gte=midnight,
        fanned_out_at__lt=midnight + timedelta(days=1),
        mailing__campaign__mode=send.mailing.campaign.mode,
    ).exclude(pk=send.pk)
    others = sum(line.people * line.parts for line in lines_of(today, states=TO_PAY))
    return "day" if mine + others > limit.most_per_day else ""
