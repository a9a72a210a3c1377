"""The circuit breaker: a message that servers refuse for what it is, or for who we are, stops until a person looks."""

import logging
import re
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_noop

from delivery.models import Channel, Delivery, Send
from delivery.throttle import token_bucket
from delivery.transports.transport import Outcome

from . import holds

log = logging.getLogger(__name__)

REFUSALS = 5  # the 5th holds a send; if a person lets it go, the 50th does again, then the 500th …

REFUSED = gettext_noop(
    "Mail servers are refusing it: they take it for spam, do not trust the sender, or cannot accept it "
    "as it is. Messages not yet sent are waiting. Read in the rows what the servers said and fix the "
    "cause, then release or cancel the send."
)

# What a provider says where nothing leaves until a person has seen to it: it does not let us in (RFC 4954), or does not know what
# was agreed with it (RFC 3463, X.3.5: configured incorrectly).
NEEDS_A_PERSON = {"5.7.8", "5.3.5"}
NOT_LET_IN = gettext_noop(
    "Its provider does not let us in, or has paused or does not know what we send by: a token was withdrawn, a template was "
    "changed. Nobody was given up. Read in the rows what it said and mend that, then release or cancel the send."
)

ENHANCED = re.compile(r"\b[245]\.(\d{1,3})\.\d{1,3}\b")
# Without an enhanced code (RFC 3463) 550 and 554 say anything from "no such user" to "spam": the words decide.
PLAIN = re.compile(r"(?:550|554)\b")
POLICY_WORDS = re.compile(r"spam|policy|polic(?:y|ies)|block(?:ed| ?list)|black ?list|reputation|dnsbl|\brbl\b", re.I)


def is_policy(outcome: Outcome) -> bool:
    """Return whether a server refused this mail for policy reasons (5.7.x), for good and not as a way out."""
    if outcome.state != Delivery.State.FAILED or outcome.about_mailer:
        return False
    return says_policy(outcome.code, outcome.detail)


def says_policy(code: str, detail: str = "") -> bool:
    """Return whether a server's status, or its words where that says nothing, mean a policy rejection."""
    if enhanced := ENHANCED.search(code):
        return enhanced[1] == "7"
    return bool(PLAIN.match(code) and POLICY_WORDS.search(detail))


def count_refusals(send: Send, outcomes: Sequence[Outcome], *, at: datetime) -> bool:
    """
    Count the policy rejections in a window; hold the send when there are too many. Return whether it did.

    A window of which nothing was taken, for whatever reason but its addresses, counts as too many: it
    is the mail that nobody takes, and the next window would fail as well.
    """
    if send.channel != Channel.MAIL and any(map(needs_a_person, outcomes)):
        return stop(send, NOT_LET_IN, at=at)
    number = sum(map(is_policy, outcomes))
    if len(outcomes) >= REFUSALS and all(map(is_hopeless, outcomes)):
        number = max(number, REFUSALS)
    return bool(number) and refused(send, number, at=at)


def needs_a_person(outcome: Outcome) -> bool:
    """Return whether a provider refused us in a way that no waiting mends."""
    return outcome.about_mailer and outcome.code.rpartition(" ")[2] in NEEDS_A_PERSON


def is_hopeless(outcome: Outcome) -> bool:
    """Return whether a mail was refused for good, and not for its address."""
    enhanced = ENHANCED.search(outcome.code)
    about_address = enhanced is not None and enhanced[1] == "1"  # RFC 3463
    return outcome.state == Delivery.State.FAILED and not outcome.about_mailer and not about_address


def refused(send: Send, number: int, *, at: datetime) -> bool:
    """Count `number` more policy rejections of a send; hold it when there are too many."""
    total = token_bucket.count(f"refused:{send.pk}", number, at=at)
    if not crosses_threshold(total - number, total):
        return False
    log.warning("Send %s has %s policy rejections.", send.pk, total)
    return stop(send, REFUSED, at=at)


def stop(send: Send, reason: str, *, at: datetime) -> bool:
    """Hold a send, of which staff are told (notifications/held_sends.py); return whether this call did."""
    stopped = Send.objects.get(pk=send.pk)
    if not holds.hold(stopped, reason, at=at):
        return False
    log.warning("Send %s is held.", send.pk)
    return True


def crosses_threshold(before: int, after: int) -> bool:
    """Return whether a count has passed 5, 50, 500 …"""
    step = REFUSALS
    while step <= before:
        step *= 10
    return after >= step
