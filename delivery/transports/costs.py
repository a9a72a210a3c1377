"""
What the messages of a channel cost of which each is paid for: people times parts times the price of a part, by language; one of WhatsApp
is one part. Before a send for those who chose them, after it for what has left or may have; with what went beside all sends
(single_messages), it is what a day costs. Prices are data (MailerLimit); zero is
a price, none is not.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, ReadingLevel
from delivery.models import (
    Audience,
    Channel,
    ChannelChoice,
    Delivery,
    MailerLimit,
    Message,
    Purpose,
    Recipient,
    Send,
    SingleMessageCount,
    limits,
)
from delivery.models.limits import Mailer
from lib.text.languages.languages import language_heading
from lib.text.numbers.money import money
from lib.text.numbers.whole_numbers import grouped

from .sms import parts

# What has left, or may have: an unknown one is paid for as well.
PAID = {Delivery.State.ACCEPTED, Delivery.State.UNKNOWN}
# What a send may cost in the end.
TO_PAY = {*PAID, *Delivery.TO_GO}
# Channels of which each message is paid for.
PRICED = tuple(Channel(mailer) for mailer in limits.PRICED)


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
    beyond: str = ""  # which limit it goes beyond, as `over_limit` has it
    most: int | None = None  # of that limit

    @property
    def held_words(self) -> str:
        """That it will be held, and why, in the active language; "" where nothing holds it."""
        if not self.beyond or self.most is None:
            return ""
        values = {"most": grouped(self.most)}
        if self.beyond == "send":
            return _("More than the %(most)s that one send may have: it is held until somebody releases it.") % values
        return (
            _("With it, more than the %(most)s that one day may have: it is held until somebody releases it.") % values
        )

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
        return parts_in(self.lines)

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


def expected(channel: str, people: QuerySet[Recipient], texts: Mapping[str, str]) -> Cost:
    """Return what a text costs (`texts` by language, the first for readers of others) to these addresses, as if it left now. Two queries."""
    numbers: dict[str, int] = {}
    for language, number in people.values_list("person__language").annotate(n=Count("pk")).order_by():
        theirs = language if language in texts else next(iter(texts))
        numbers[theirs] = numbers.get(theirs, 0) + number
    lines = (Line(code, numbers[code], parts_of(channel, text)) for code, text in texts.items() if code in numbers)
    return priced(lines, channel)


def who_chose(channel: str, audiences: Iterable[Audience], *, wants: str) -> QuerySet[Recipient]:
    """Return the addresses that members of audiences chose for a channel, for what it is."""
    chosen = ChannelChoice.objects.filter(recipient=OuterRef("pk"), wants=wants)
    return members_at(channel, audiences).filter(Exists(chosen))


def members_at(channel: str, audiences: Iterable[Audience]) -> QuerySet[Recipient]:
    """Return the addresses of a channel at which members of audiences can be told."""
    members = Recipient.objects.filter(
        memberships__audience__in=list(audiences), memberships__left_at=None, pk=OuterRef("person")
    )
    return Recipient.objects.wanting_bulletins().filter(Exists(members), channel=channel)


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


def limit_of(channel: str) -> MailerLimit | None:
    """Return the limit of a channel that is paid for, where it has any of a send or a day; one query."""
    limit = MailerLimit.objects.filter(mailer=Mailer(channel)).first() if channel in PRICED else None
    return limit if limit and (limit.most_per_send is not None or limit.most_per_day is not None) else None


def passed(limit: MailerLimit, largest: int, all_of_it: int, others: int) -> str:
    """Return which limit is passed by a send of `largest` parts, or by all of it after the `others` of its day: "send", "day" or ""."""
    if limit.most_per_send is not None and largest > limit.most_per_send:
        return "send"
    return "day" if limit.most_per_day is not None and others + all_of_it > limit.most_per_day else ""


def over_limit(send: Send, *, at: datetime) -> str:
    """Return which limit a send that has its rows goes beyond: "send", "day" or "" for none."""
    limit = limit_of(send.channel)
    if limit is None:
        return ""
    mine = parts_in(lines_of([send], states=TO_PAY))
    return passed(limit, mine, mine, others_of_day(limit, send.channel, send.mailing.campaign, at=at, besides=send))


def would_pass(cost: Cost, each: Callable[[], Iterable[Cost]], campaign: Campaign, *, at: datetime) -> Cost:
    """
    Return an estimate with the limit that it goes beyond, if it left at `at`; `each` returns those of its audiences, of which each
    is a send.
    """
    limit = limit_of(cost.channel)
    if limit is None:
        return cost
    is_large = limit.most_per_send is not None and cost.parts > limit.most_per_send
    largest = max((one.parts for one in each()), default=0) if is_large else 0
    beyond = passed(limit, largest, cost.parts, others_of_day(limit, cost.channel, campaign, at=at))
    return replace(cost, beyond=beyond, most=limit.most_per_send if beyond == "send" else limit.most_per_day)


def others_of_day(
    limit: MailerLimit, channel: str, campaign: Campaign, *, at: datetime, besides: Send | None = None
) -> int:
    """Return of how many parts the messages of a day are, but those of one send; 0 where no day has a limit."""
    if limit.most_per_day is None:
        return 0
    return of_day(channel, campaign.local(at), is_exercise=campaign.is_exercise, besides=besides, states=TO_PAY).parts


def parts_in(lines: Iterable[Line]) -> int:
    """Return of how many parts lines are together."""
    return sum(line.people * line.parts for line in lines)


# --- A day -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DayCost:
    """What the messages of a channel cost on a day: those of sends, and others by what they are for."""

    sends: Cost
    others: Mapping[str, int]

    @property
    def parts(self) -> int:
        """Of how many parts they are together."""
        return self.sends.parts + sum(self.others.values())

    @property
    def words(self) -> str:
        """All of them with what they cost, then those of no send: "34 parts, €1.22 (to staff 12, codes 3)"."""
        together = replace(self.sends, lines=(Line("", 1, self.parts),)).words
        beside = ", ".join(f"{Purpose(name).label} {grouped(number)}" for name, number in self.others.items())
        return f"{together} ({beside})" if beside else together


def of_day(
    channel: str, local: datetime, *, is_exercise: bool, besides: Send | None = None, states: Iterable[str] = PAID
) -> DayCost:
    """
    Return what a channel costs on the day of a moment, by the clock of that moment: of its sends (but one) what is in these states, of
    single messages what has left or may have. Five queries at most.
    """
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = {"gte": midnight, "lt": midnight + timedelta(days=1)}
    mode = Campaign.Mode.EXERCISE if is_exercise else Campaign.Mode.LIVE
    sends = Send.objects.filter(channel=channel, mailing__campaign__mode=mode)
    sends = sends.filter(**{f"fanned_out_at__{name}": moment for name, moment in day.items()})
    lines = lines_of(sends.exclude(pk=besides.pk) if besides else sends, states=states)
    single = SingleMessageCount.objects.filter(channel=channel, state__in=PAID, is_exercise=is_exercise)
    single = single.filter(**{f"hour__{name}": moment for name, moment in day.items()})
    others = dict(single.values_list("purpose").annotate(n=Sum("parts")).order_by("purpose"))
    return DayCost(priced(lines, channel), others)


def is_day_full(channel: str, campaign: Campaign, *, at: datetime) -> bool:
    """Return whether a day has as many messages of a channel as it may; one query where nobody set a limit."""
    limit = limit_of(channel)
    if limit is None or limit.most_per_day is None:
        return False
    return of_day(channel, campaign.local(at), is_exercise=campaign.is_exercise).parts >= limit.most_per_day
