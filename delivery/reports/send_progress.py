"""How a send is doing: its ledger, its pace, and what goes wrong, from one walk over its rows."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from math import inf
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Subquery
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from delivery.models import Delivery, KeptCount, MailerHealth, MailerLimit, Mailing, Send
from delivery.models.limits import Mailer
from delivery.throttle.mail_rate import daily_limit
from delivery.transports.failover import expected_way

from .ledger import Ledger, Lines
from .ledger_totals import KINDS, totals_of

State = Delivery.State

PACE = timedelta(minutes=1)  # how far back the pace is measured
LARGE = 100_000  # candidates from which on the page looks less often
KEPT = 1_000  # candidates from which on no page walks over the rows: they are counted beside it (kept_counts.py)
STALE = timedelta(minutes=10)
TROUBLE = (State.FAILED, State.DEFERRED, State.UNKNOWN)
REPORTED = (Delivery.Receipt.BOUNCED, Delivery.Receipt.COMPLAINED, Delivery.Receipt.DELIVERED)

# What a status means, by the longest beginning that fits. The second number of a class applies to all of it.
MEANINGS = {
    "421": gettext_noop("The receiving server asked us to slow down. We will, and will try again."),
    "450": gettext_noop("The mailbox is busy, or the server asks for a second attempt. We will try again."),
    "451": gettext_noop("The receiving server has a problem of its own. We will try again."),
    "452": gettext_noop("The mailbox or the receiving server is full. We will try again."),
    "4": gettext_noop("The receiving server could not accept it now. We will try again, for 72 hours from the slot."),
    "4.2.2": gettext_noop("The mailbox is full. We will try again."),
    "4.7": gettext_noop(
        "The receiving server wants less mail from us, or asks for a second attempt. We will try again."
    ),
    "5": gettext_noop("The receiving server refused it permanently. We will not try again."),
    "5.1.1": gettext_noop("This address does not exist. It gets no more email."),
    "5.1.10": gettext_noop("The domain accepts no mail. The address gets no more email."),
    "5.1": gettext_noop("The address cannot be used. Have it corrected."),
    "5.2.1": gettext_noop("The mailbox is closed. The person has to be asked for another address."),
    "5.2.2": gettext_noop("The mailbox is full, and the server does not want another attempt."),
    "5.2.3": gettext_noop("The email is too large for that mailbox."),
    "5.3.4": gettext_noop("The email is too large for that server."),
    "5.4": gettext_noop("The receiving server cannot forward it. Its administrator has to check."),
    "5.6": gettext_noop("The receiving server could not read the email. Tell our administrator."),
    "5.7": gettext_noop(
        "The receiving server refuses our email by its policy. It says nothing about the address: "
        "check the preflight, and write to their postmaster."
    ),
    Delivery.QUARANTINED: gettext_noop(
        "Workers stopped while they prepared this email, so it was set aside. It was not sent."
    ),
    Delivery.BY_STAFF: "",  # the row says how
}
WITHOUT_CODE = {
    State.UNKNOWN: gettext_noop("Handed over, but no reply came. It may have arrived. It needs your decision."),
    State.DEFERRED: gettext_noop("It was not sent: no connection, or no answer. We will try again."),
    State.FAILED: gettext_noop("It was not sent, and we will not try again."),
}


@dataclass
class Problem:
    """
    How many people share one state and code. `says` is the words of one of the servers, `next_try` the soonest
    moment at which one of them is tried again.
    """

    state: str
    code: str
    people: int
    says: str = ""
    next_try: datetime | None = None

    @property
    def label(self) -> str:
        """The state in words."""
        return str(State(self.state).label)

    @property
    def means(self) -> str:
        """What the code means and what to do, in English; translated where it is shown."""
        return meaning(self.state, self.code)


@dataclass
class Progress:
    """
    What one walk over the rows of sends found. `ended` counts those that ended within the last minute,
    `possibly_twice` those sent again after their outcome was unknown, `quarantined` those set aside, `receipts` those
    of the accepted by what the provider said later.
    """

    ledger: Ledger = field(default_factory=Ledger)
    problems: list[Problem] = field(default_factory=list)
    ended: int = 0
    possibly_twice: int = 0
    quarantined: int = 0
    receipts: Counter[int] = field(default_factory=Counter)

    @property
    def reported(self) -> list[tuple[Delivery.Receipt, int]]:
        """What was said later of the accepted, with how many they are; nothing of which there is none."""
        return [(receipt, self.receipts[receipt]) for receipt in REPORTED if self.receipts[receipt]]


@dataclass(frozen=True)
class Pace:
    """How fast a send goes, in messages per minute, what share is done in per cent, and when it will end."""

    per_minute: int
    percent: int
    ends_at: datetime | None


def kinds_of(sends: Iterable[Send], *, at: datetime) -> QuerySet[Delivery, tuple[Any, ...]]:
    """Return how many rows of these sends are of each kind, from a walk over all of them."""
    return (
        Delivery.objects.of(*sends)
        .values_list("send_id", "language", "state", "code", "receipt")
        .annotate(
            people=Count("pk"),
            ended=Count("pk", filter=Q(finished_at__gt=at - PACE) & ~Q(state__in=Delivery.WITHHELD)),
            twice=Count("pk", filter=Q(possible_duplicate=True)),
            says=Min("detail", filter=Q(state__in=TROUBLE)),
            next_try=Min("next_attempt_at", filter=Q(state=State.DEFERRED)),
        )
        .order_by("send_id", "language")
    )


def current_kinds(sends: Iterable[Send], *, at: datetime) -> Iterator[tuple[Any, ...]]:
    """
    Yield the same: of large sends as it was counted last (kept_counts.py), of others as it is now; a query of each. A send under
    way that nobody counted lately, because that process stands still, is counted now.
    """
    chosen = list(sends)
    kept = kept_of(chosen, at=at)
    if others := [send for send in chosen if send.pk not in kept]:
        yield from kinds_of(others, at=at)
    for pk, one in kept.items():
        for *kind, next_try in one.figures:
            yield pk, *kind, next_try and parse_datetime(next_try)


def kept_of(sends: Iterable[Send], *, at: datetime) -> dict[int, KeptCount]:
    """Return what was counted beside the pages of those of `sends` for which that stands, by their keys; one query, or none."""
    large = {kept_name(send): send for send in sends if is_large(send)}
    if not large:
        return {}
    found = KeptCount.objects.filter(name__in=large)
    return {large[one.name].pk: one for one in found if large[one.name].finished_at or at - one.at < STALE}


def is_large(send: Send) -> bool:
    """Return whether a send has so many rows that no page walks over them."""
    return (send.candidates or 0) >= KEPT


def kept_name(send: Send) -> str:
    """Return by what name the kinds of a send's rows are kept."""
    return f"send {send.pk}"


def progress_of(sends: Iterable[Send], *, at: datetime) -> Progress:
    """Return how these sends are doing at `at`; three queries, and as much memory, however many rows there are."""
    chosen = {send.pk: send for send in sends}
    kinds = current_kinds([send for send in chosen.values() if send.summed_at is None], at=at)
    found = Progress()
    lines = Lines(chosen.values())
    problems: dict[tuple[str, str], Problem] = {}
    old = (
        (*kind, people, 0, people if is_twice else 0, "", None)
        for *kind, is_twice, people in totals_of(chosen.values(), *KINDS)
    )
    for send_id, language, state, code, receipt, people, ended, twice, says, next_try in chain(kinds, old):
        lines.line(send_id, language).add(state, people)
        found.ledger.total.add(state, people)
        found.ended += ended
        found.possibly_twice += twice
        if state == State.ACCEPTED:
            found.receipts[receipt] += people
        if state == State.FAILED and code == Delivery.QUARANTINED:
            found.quarantined += people
        if state in TROUBLE:
            problem = problems.setdefault((state, code), Problem(state, code, 0, says or ""))
            problem.people += people
            problem.next_try = min(filter(None, (problem.next_try, next_try)), default=None)
    found.ledger.rows = list(lines.values())
    found.problems = sorted(problems.values(), key=lambda one: (TROUBLE.index(State(one.state)), -one.people))
    return found


def pace_of(send: Send, seen: Progress, *, at: datetime) -> Pace:
    """Return how fast a send goes. The end is not told of one that does not move, or whose first part is out."""
    total = seen.ledger.total
    started = send.fanned_out_at or at
    measured = min(PACE, max(at - started, timedelta(seconds=5)))
    per_minute = round(seen.ended * timedelta(minutes=1) / measured)
    percent = 100 * (total.candidates - total.to_go) // total.candidates if total.candidates else 0
    soon = total.to_go - total.deferred
    moves = send.state == Send.State.SENDING and per_minute > 0 and soon > 0 and not is_first_part(send)
    return Pace(per_minute, percent, at + timedelta(minutes=soon / per_minute) if moves else None)


def is_first_part(send: Send) -> bool:
    """Return whether only the first people of a send get it now."""
    return send.state == Send.State.SENDING and send.canary_up_to is not None


def throttle_reason(send: Send, *, at: datetime) -> str:
    """
    Return what holds a send under way back now, in words, or "": its mailer is closed, warms up, or has a limit. One
    query, and one more where there is a second mailer.
    """
    mailer = expected_way(send)
    health, limit = MailerHealth.objects.filter(mailer=mailer), MailerLimit.objects.filter(mailer=mailer)
    down_until, wait_until, why, per_second, warm_up_from, steps = (
        Send.objects.filter(pk=send.pk)
        .values_list(
            *(Subquery(health.values(name)) for name in ("down_until", "wait_until", "reason")),
            *(Subquery(limit.values(name)) for name in ("per_second", "warm_up_from", "warm_up_steps")),
        )
        .get()
    )
    way = Mailer(mailer).label
    closed = max((end for end in (down_until, wait_until) if end and at < end), default=None)
    if closed:
        time = date_format(timezone.localtime(closed), "SHORT_DATETIME_FORMAT")
        says = _("Nothing is sent before %(time)s: the mail server “%(way)s” failed or asked us to wait (%(why)s).")
        return says % {"time": time, "way": way, "why": why or "–"}
    today = send.mailing.campaign.local(at).date()
    most = daily_limit(MailerLimit(warm_up_from=warm_up_from, warm_up_steps=steps or []), today)
    if most != inf and send.mailing.queue != Mailing.Queue.URGENT:
        return _("The mail server “%(way)s” is warming up. Most messages today: %(n)d.") % {"way": way, "n": most}
    if per_second:
        says = _("The mail server “%(way)s” has a limit. Most messages a second: %(n)s.")
        return says % {"way": way, "n": floatformat(per_second, -2)}
    return ""


def meaning(state: str, code: str) -> str:
    """Return what a row's state and code mean, in English from gettext_noop; "" when there is nothing to explain."""
    basic, _space, enhanced = code.partition(" ")
    for candidate in (enhanced, enhanced.rpartition(".")[0], code, basic, basic[:1] if basic.isdigit() else ""):
        if candidate and candidate in MEANINGS:
            return MEANINGS[candidate]
    return WITHOUT_CODE.get(State(state), "")
