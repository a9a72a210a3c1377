"""
How fast mail may leave: what a worker asks before each window, and what it learns after.

There are limits that people set (MailerLimit, DomainLimit), and what mailers and domains asked for themselves. All
workers on all hosts share them. Where no limit stands and everything is accepted, asking costs nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import inf

from django.conf import settings
from django.db.models import DateTimeField, F, FloatField, Value
from django.db.models.functions import Cast
from django.utils.encoding import punycode

from delivery.models import Delivery, DomainLimit, MailerHealth, MailerLimit, Mailing, Send, SingleMessageCount
from delivery.models.limits import Mailer
from delivery.transports import failover
from delivery.transports.transport import Outcome

from . import token_bucket

LOOK_AGAIN = timedelta(seconds=5)
BURST_SECONDS = 1  # a mailer may get the messages of one second at once
LONGEST_STEP_SECONDS = 2  # nobody waits longer than this for a single message: what comes less often comes with a tick
# A domain that says 421 gets so many a minute for some time, and half of it each time that it says so again.
SLOW_PER_MINUTE = 30.0
SLOWEST_PER_MINUTE = 1.0
SLOW_MINUTES = 10
# Rows of a mailer that has just failed go back for so long: the next run takes them by the second one.
CHANGE_OVER_SECONDS = 10.0
FORGOTTEN_AFTER = timedelta(days=1)

State = Delivery.State


@dataclass
class Limits:
    """What holds now: {domain: messages a second}, how often the mailer failed, until when it is closed."""

    domains: dict[str, float] = field(default_factory=dict)
    failures: int = 0
    down_until: datetime | None = None
    wait_until: datetime | None = None


class Flow:
    """The flow of one run of a worker: one send, by one mailer. Not for use in a transaction."""

    def __init__(self, send: Send, mailer: str, *, clock: Callable[[], datetime]) -> None:
        self.send = send
        self.mailer = mailer
        self.clock = clock
        self.limit = limit_of(mailer)
        # Urgent mail counts for the warm-up, but does not wait for the next day.
        self.urgent = send.mailing.queue == Mailing.Queue.URGENT
        self.spare = 0  # tokens taken for rows that did not leave after all
        self.full_until: datetime | None = None
        self.limits = Limits()
        self.looked_at: datetime | None = None
        self._refresh()

    def capacity(self, wanted: int) -> int:
        """Return how many of `wanted` messages may leave now."""
        at = self._refresh()
        if self._closed(at):
            return 0
        if self.limit is None:
            return wanted
        used = min(wanted, self.spare)
        more = 0 if self.full_until and at < self.full_until else wanted - used
        if more and self.limit.per_second:
            rate = self.limit.per_second
            seconds = BURST_SECONDS if 1 / rate <= LONGEST_STEP_SECONDS else settings.TICK_SECONDS
            more = token_bucket.take(f"mailer:{self.mailer}", more, rate=rate, burst=max(1.0, rate * seconds), at=at)
        if more:
            more = self._warm(more, at=at)
        self.spare -= used
        return used + more

    def wait(self) -> float:
        """Return in how many seconds there may be room again, after capacity() had none."""
        at = self.clock()
        if self.limits.down_until and at < self.limits.down_until and failover.has_fallback(self.mailer):
            return CHANGE_OVER_SECONDS
        ends = [end for end in (self._closed(at), self.full_until) if end and at < end]
        if ends:
            return (max(ends) - at).total_seconds()
        # For half of a burst, or for the one message that there is in a longer time.
        one = 1 / self.limit.per_second if self.limit and self.limit.per_second else 0
        return max(BURST_SECONDS / 2, one)

    def delayed(self, addresses: Mapping[int, str]) -> dict[int, float]:
        """Return {delivery key: seconds to wait} of those {delivery key: address} whose domain has no room now."""
        at = self._refresh()
        if not self.limits.domains:
            return {}
        by_domain: dict[str, list[int]] = defaultdict(list)
        for pk, address in addresses.items():
            domain = domain_of(address)
            if domain in self.limits.domains:
                by_domain[domain].append(pk)
        held: dict[int, float] = {}
        # The catcher of exercises takes no room in a real domain's bucket.
        where = "exercise" if self.mailer == Mailer.EXERCISE else "live"
        for domain, ids in by_domain.items():
            rate = self.limits.domains[domain]
            burst = max(1.0, rate * settings.TICK_SECONDS)  # what waits goes on with a tick
            going = token_bucket.take(f"domain:{where}:{domain}", len(ids), rate=rate, burst=burst, at=at)
            held |= {pk: place / rate for place, pk in enumerate(ids[going:], start=1)}
        self.spare += len(held) if self.limit else 0
        return held

    def note(self, outcomes: Sequence[Outcome], domains: Mapping[int, str]) -> None:
        """
        Learn from a window: a domain that says 421 is slowed down, a mailer that fails is left alone. `domains` is
        {delivery key: domain of its address}. No query when all were accepted, and as many for a large window as for
        a small one.
        """
        troubled = [outcome for outcome in outcomes if outcome.state != State.ACCEPTED]
        well = not (self.limits.failures or self.limits.down_until or self.limits.wait_until)
        if not troubled and (well or not outcomes):
            return
        at = self.clock()
        about_mailer = {(outcome.code, outcome.detail) for outcome in troubled if outcome.about_mailer}
        if not well or any(map(failover.is_mailer_trouble, troubled)):
            failover.note_health(self.mailer, outcomes, at=at)
            self.looked_at = None
        slow = {
            domain_of(domains[outcome.delivery_id]): outcome
            for outcome in troubled
            if (outcome.code[:3] == "421" or outcome.retry_after is not None)
            and (outcome.code, outcome.detail) not in about_mailer  # said once for a whole window
            and outcome.delivery_id in domains
        }
        if slow:
            self._slow_down(slow, at=at)
            self.looked_at = None

    # --- What holds now -------------------------------------------------------------------------------

    def _refresh(self) -> datetime:
        """Read what holds, unless that was done just now; return the time."""
        at = self.clock()
        if self.looked_at is None or not self.looked_at <= at < self.looked_at + LOOK_AGAIN:
            self.limits = limits_at(self.mailer, at=at)
            self.looked_at = at
        return at

    def _closed(self, at: datetime) -> datetime | None:
        """Return until when nothing leaves by this mailer, if it is closed at `at`."""
        ends = (self.limits.down_until, self.limits.wait_until)
        return max((end for end in ends if end and at < end), default=None)

    def _warm(self, wanted: int, *, at: datetime) -> int:
        """Return how many of `wanted` the warm-up lets go today, which ends at midnight in the campaign's zone."""
        campaign = self.send.mailing.campaign
        today = campaign.local(at).date()
        most = daily_limit(self.limit, today) if self.limit else inf
        if most == inf:
            return wanted
        name = f"warm-up:{self.mailer}:{today:%Y-%m-%d}"
        taken = token_bucket.take(name, wanted, rate=0, burst=inf if self.urgent else most, at=at)
        if not taken:
            self.full_until = datetime.combine(today + timedelta(days=1), time(), campaign.zone)
        return taken

    def _slow_down(self, slow: Mapping[str, Outcome], *, at: datetime) -> None:
        """Write down that domains asked us to slow down; one query, however many they are."""
        limits = []
        for domain, outcome in slow.items():
            now = self.limits.domains.get(domain)
            rate = SLOW_PER_MINUTE if now is None else max(SLOWEST_PER_MINUTE, min(SLOW_PER_MINUTE, now * 60 / 2))
            seconds = max(SLOW_MINUTES * 60, min(outcome.retry_after or 0, failover.LONGEST_WAIT_SECONDS))
            limits.append(
                DomainLimit(
                    domain=domain,
                    learnt=True,
                    per_minute=rate,
                    until=at + timedelta(seconds=seconds),
                    reason=f"{outcome.code} {outcome.detail}".strip()[:200],
                )
            )
        DomainLimit.objects.bulk_create(
            sorted(limits, key=lambda limit: limit.domain),  # in one order, so that two workers don't block each other
            update_conflicts=True,
            unique_fields=["domain", "learnt"],
            update_fields=["per_minute", "until", "reason"],
        )


def limit_of(mailer: str) -> MailerLimit | None:
    """Return the limit of a mailer, made when its provider states one."""
    stated = MailerLimit.stated(mailer)
    limit = MailerLimit.objects.filter(mailer=mailer).first()
    return limit or (MailerLimit.objects.get_or_create(mailer=mailer, defaults=stated)[0] if stated else None)


def domain_of(address: str) -> str:
    """Return the domain of an address, or of itself, as limits name it: in ASCII and lower case."""
    return punycode(address.rpartition("@")[2].strip()).lower()


def daily_limit(limit: MailerLimit, day: date) -> float:
    """Return how many messages may leave by a mailer on a local date; what comes before the warm-up is its start."""
    if limit.warm_up_from is None:
        return inf
    steps = limit.warm_up_steps
    n = max(0, (day - limit.warm_up_from).days)
    return steps[n] if n < len(steps) else inf


def limits_at(mailer: str, *, at: datetime) -> Limits:
    """Return the limits of domains that hold at `at`, and how a mailer is doing; one query."""
    nothing = Value(None, output_field=DateTimeField())
    limits = DomainLimit.objects.in_force(at=at).values_list("domain", "per_minute", "until", nothing)
    health = MailerHealth.objects.filter(mailer=mailer).values_list(
        Value(""), Cast(F("failures"), FloatField()), "down_until", "wait_until"
    )
    found = Limits()
    for domain, number, until, other in limits.union(health, all=True):
        if domain:
            rate = number / 60
            found.domains[domain] = min(rate, found.domains.get(domain, rate))
        else:
            found.failures, found.down_until, found.wait_until = int(number), until, other
    return found


def forget(*, at: datetime) -> None:
    """Remove what was learnt of domains and has been over for a day, buckets that nobody uses, and counts that nobody reads any more. For the tick."""
    DomainLimit.objects.filter(learnt=True, until__lt=at - FORGOTTEN_AFTER).delete()
    token_bucket.forget(at=at)
    SingleMessageCount.objects.filter(hour__lt=at - token_bucket.FORGOTTEN_AFTER).delete()
