"""
Whether the mail servers of the world will believe mail of our sending domain: SPF, DKIM, DMARC, TLS, reverse DNS.

`examine` looks, `examine_and_keep` also keeps what was found, `blocking_reason` says whether a live send may go. They ask the
network, so none of them belongs inside a transaction. docs/operating/mail/preflight.md tells people what to do.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import dns.resolver
from django.conf import settings
from django.utils.encoding import punycode
from django.utils.translation import gettext_noop

from campaigns.models import Campaign
from delivery.models import Channel, Preflight, Send
from delivery.transports import channels

from . import dns as preflight_dns
from .dkim import check_dkim
from .dmarc import check_dmarc
from .dns import Names, Unanswered
from .mx import check_mx
from .preflight_findings import Finding, Level
from .ptr import check_reverse, sending_hosts
from .relay import check_relays, check_tls
from .spf import check_spf

__all__ = [
    "COULD_NOT_LOOK",
    "NOT_LOOKED_AT",
    "REASONS",
    "Finding",
    "Level",
    "blocking_reason",
    "check_tls",
    "domain_of",
    "examine",
    "examine_and_keep",
    "is_due",
    "keep",
    "latest",
    "refresh_due",
    "sender_domain",
    "stored_reason",
]

EXAMINE_SECONDS = 20.0
ON_THE_SPOT_SECONDS = 10.0
REFRESH_SECONDS = 20.0

FRESH = timedelta(hours=24)  # how long a result speaks for a send
TRUSTED = timedelta(days=7)  # how long a passed one still does when nobody can look
AHEAD = timedelta(hours=2)  # how long before its slot a send's domain is looked at
AGAIN = timedelta(hours=6)
AGAIN_AFTER_FAILURE = timedelta(minutes=5)
KEPT = timedelta(days=30)

# --- What stands in the way: reasons for a held send, translated where they are shown ---------------------------

REASONS = {
    "SPF": gettext_noop(
        "Held by the preflight: the SPF record of the sending domain is not in order. Fix it, or "
        "release the send as it is."
    ),
    "DKIM": gettext_noop(
        "Held by the preflight: the DKIM key of the sending domain is not in order. Fix it, or release "
        "the send as it is."
    ),
    "DMARC": gettext_noop(
        "Held by the preflight: the DMARC record of the sending domain is not in order. Fix it, or "
        "release the send as it is."
    ),
    "TLS": gettext_noop(
        "Held by the preflight: the connection to the mail relay is not encrypted as it should be. Fix "
        "it, or release the send as it is."
    ),
}
COULD_NOT_LOOK = gettext_noop(
    "Held by the preflight: the sending domain could not be looked up, and it has not passed a check "
    "in the last seven days. Try again later, or release the send as it is."
)
NOT_LOOKED_AT = gettext_noop(
    "Held by the preflight: the sending domain has not been checked in the last 24 hours. Run ./run "
    "doctor mail, or release the send as it is."
)


def sender_domain(campaign: Campaign) -> str:
    """Return the domain that a campaign's mail is from."""
    return domain_of(campaign.sender_email)


def domain_of(address: str) -> str:
    """
    Return the domain of an address, or a domain as it is, in ASCII and lower case; "" for none.

    One that no name server can know (an empty label, or one of more than 63 characters) stays as it is written.
    """
    written = address.rpartition("@")[2]
    try:
        return punycode(written).lower()
    except UnicodeError:
        return written.lower()


def latest(domain: str, *, at: datetime) -> Preflight | None:
    """Return what was found when `domain` was last looked at, as known at `at`."""
    return Preflight.objects.filter(domain=domain, at__lte=at).first()


def stored_reason(domain: str, *, at: datetime) -> str | None:
    """
    Return why the stored results keep live sends of `domain` back at `at` (one of the constants above), or None.

    Where the last look could not see everything, and saw nothing wrong, a passed one of the last seven days counts.
    """
    last = latest(domain, at=at)
    if last is None or at - last.at > FRESH:
        return NOT_LOOKED_AT
    if last.passed:
        return None
    wrong = [row["check"] for row in last.findings if row["level"] == Level.WRONG]
    if wrong:
        return REASONS[wrong[0]]
    passed = Preflight.objects.filter(domain=domain, passed=True, at__gte=at - TRUSTED, at__lte=at)
    return None if passed.exists() else COULD_NOT_LOOK


def blocking_reason(send: Send, *, at: datetime) -> str | None:
    """
    Return why a send may not start at `at`, in English from gettext_noop, or None when it may.

    Exercises are never in the way, nor what a person has let go, nor anything where PREFLIGHT is false. A domain
    without a result of the last 24 hours, or of the last five minutes when it did not pass, is looked at now, for up
    to ten seconds: call it outside any transaction.
    """
    campaign = send.mailing.campaign
    if send.channel != Channel.MAIL:
        return channels.blocking_reason(send)
    if campaign.is_exercise or send.waived or not settings.PREFLIGHT:
        return None
    domain = sender_domain(campaign)
    if is_due(domain, at=at, passed_for=FRESH):
        examine_and_keep(domain, at=at, seconds=ON_THE_SPOT_SECONDS)
    return stored_reason(domain, at=at)


def refresh_due(*, at: datetime) -> list[Preflight]:
    """
    Look at the sending domain of every live campaign that has a send due within two hours, the first due first,
    unless that has been done lately; stop after some 20 seconds. Return the new results. Not inside a transaction.
    """
    if not settings.PREFLIGHT:
        return []
    until = time.monotonic() + REFRESH_SECONDS
    sends = Send.objects.due(at=at + AHEAD).filter(mailing__campaign__mode=Campaign.Mode.LIVE, waived=False)
    campaigns = (send.mailing.campaign for send in sends.select_related("mailing__campaign"))
    found = []
    for domain in dict.fromkeys(sender_domain(campaign) for campaign in campaigns):
        left = until - time.monotonic()
        if left > 1 and is_due(domain, at=at):
            found.append(examine_and_keep(domain, at=at, seconds=min(left, ON_THE_SPOT_SECONDS)))
    return found


def is_due(domain: str, *, at: datetime, passed_for: timedelta = AGAIN) -> bool:
    """Return whether `domain` should be looked at again: after `passed_for`, or five minutes when it did not pass."""
    last = latest(domain, at=at)
    return last is None or at - last.at > (passed_for if last.passed else AGAIN_AFTER_FAILURE)


def examine_and_keep(domain: str, *, at: datetime, seconds: float = EXAMINE_SECONDS) -> Preflight:
    """Examine `domain` and keep the result."""
    return keep(domain, examine(domain, seconds=seconds), at=at)


def keep(domain: str, found: list[Finding], *, at: datetime) -> Preflight:
    """Store what was found at `at`, drop what is older than 30 days, and return the new row."""
    Preflight.objects.filter(domain=domain, at__lt=at - KEPT).delete()
    return Preflight.objects.create(
        domain=domain,
        at=at,
        passed=all(finding.ok for finding in found),
        findings=[finding.as_stored() for finding in found],
    )


# --- Looking ----------------------------------------------------------------------------------------------------


def examine(
    domain: str, *, resolver: dns.resolver.Resolver | None = None, seconds: float = EXAMINE_SECONDS
) -> list[Finding]:
    """
    Look at everything that receivers look at for mail from `domain`, within `seconds`; never raise for what is found.

    The checks run side by side, so that one that waits takes no time from the others.
    """
    try:
        names = Names(resolver or preflight_dns.resolver(), seconds=seconds - 1)
    except Unanswered as silence:
        return [unseen(check, silence) for check in ("SPF", "DKIM", "DMARC")]
    envelope = envelope_domain(domain)
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "SPF": lambda: check_spf(envelope, names),
        "DKIM": lambda: check_dkim(domain, names, settings.DKIM_SELECTORS),
        "DMARC": lambda: check_dmarc(domain, names),
        "TLS": check_relays,
        "MX": lambda: check_mx(envelope, names),
        "reverse DNS": lambda: check_reverse(sending_hosts(), names),
    }
    return side_by_side(checks, seconds=seconds)


def side_by_side(checks: dict[str, Callable[[], Iterator[Finding]]], *, seconds: float) -> list[Finding]:
    """Run the checks at the same time and return their findings in order; one that takes too long is UNSEEN."""
    found: dict[str, list[Finding]] = {}

    def run(name: str, check: Callable[[], Iterator[Finding]]) -> None:
        try:
            found[name] = list(check())
        except Unanswered as silence:
            found[name] = [unseen(name, silence)]

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in checks.items()]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [finding for name in checks for finding in found.get(name) or [unfinished(name)]]


def unseen(check: str, silence: Unanswered) -> Finding:
    """Return the finding of a check that got no answer: no more than a warning where it could not stop a send."""
    level = Level.UNSEEN if check in REASONS else Level.WARNING
    return Finding(check, level, silence.says, silence.do, silence.values)


def unfinished(check: str) -> Finding:
    """Return the finding of a check that did not come to an end."""
    return unseen(
        check, Unanswered(gettext_noop("This check could not be completed."), preflight_dns.CHECK_THE_NETWORK)
    )


def envelope_domain(domain: str) -> str:
    """Return the domain of the return path of mail from `domain`: the one whose SPF record counts."""
    return domain_of(settings.BOUNCE_ADDRESS) or domain
