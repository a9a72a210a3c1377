"""Faults 3 and 4: what servers refuse for now, and what they refuse for good."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from delivery.holds import circuit_breaker
from delivery.models import Delivery, DomainLimit, Send, Suppression
from delivery.sending import sweeper, worker
from delivery.throttle.mail_rate import SLOW_PER_MINUTE
from notifications import held_sends, sending
from tests.faults.support.oracle import assert_accounted_for, note
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_recipients, join, states_of

State = Delivery.State
pytestmark = pytest.mark.django_db
STUBBORN = "stubborn-1@example.net"
MINUTES = [1, 5, 15, 30, 60, 60, 60]


def work(send: Send, at: datetime) -> None:
    """Let one worker do what is ready at `at`."""
    worker.work(send.pk, clock=lambda: at)
    sweeper.sweep(at=at)


@pytest.mark.fault(3)
@pytest.mark.parametrize(
    ("reply", "phase"),
    [
        pytest.param("421 4.7.0", "rcpt", marks=[pytest.mark.sqlite, pytest.mark.long]),
        pytest.param("450 4.2.1", "dot", marks=[pytest.mark.sqlite, pytest.mark.long]),
        pytest.param("451 4.7.1", "rcpt", marks=pytest.mark.postgresql),
        pytest.param("452 4.5.3", "dot", marks=pytest.mark.postgresql),
        ("421 4.7.0", "dot"),
        ("450 4.2.1", "rcpt"),
    ],
)
def test_what_is_refused_for_now_is_tried_less_and_less_often_for_three_days(campaign, smtp_sink, reply, phase):
    audience = build_audience(campaign, size=11)
    join(audience, build_recipients(1, prefix="stubborn-"))
    smtp_sink.reply(phase, f"{reply} Not now", to="stubborn")
    send = build_fanned_out_send(audience)
    row = Delivery.objects.of(send).filter(recipient__email=STUBBORN)

    at = NOON
    attempts: list[datetime] = []
    while at < NOON + timedelta(days=4):
        work(send, at)
        state, code, following, times = row.values_list("state", "code", "next_attempt_at", "attempts").get()
        if times > len(attempts):  # a domain that was slowed down may keep it waiting without an attempt
            attempts.append(at)
            assert code == reply
        if state == State.FAILED:
            break
        assert state in {State.DEFERRED, State.QUEUED} and following and following > at
        at = following

    gaps = [(later - earlier) // timedelta(minutes=1) for earlier, later in pairwise(attempts)]
    assert gaps[: len(MINUTES)] == MINUTES and set(gaps[len(MINUTES) :]) == {60}
    assert attempts[-2] < NOON + timedelta(hours=72) <= attempts[-1] <= NOON + timedelta(hours=73)
    assert states_of(send) == {State.ACCEPTED: 11, State.FAILED: 1}
    assert not Suppression.objects.exists()
    send.refresh_from_db()
    assert send.state == Send.State.FINISHED
    assert_accounted_for(send, smtp_sink, at=at)
    hours = (attempts[-1] - NOON) / timedelta(hours=1)
    note(f"{reply} at {phase}: {len(attempts)} attempts, after {gaps[:6]} minutes, given up after {hours:.0f} h")


@pytest.mark.fault(3)
def test_421_closes_the_connection_and_slows_that_domain_only(campaign, smtp_sink, settings, windows_of):
    windows_of(10)
    audience = build_audience(campaign, size=30)
    slow = build_recipients(40, prefix="slow-")
    for one in slow:
        one.take_address(one.email.replace("example.net", "slow.example.net"), at=NOON - timedelta(days=365))
    join(audience, slow)
    smtp_sink.reply("rcpt", "421 4.7.0 Too many from you", to="slow.example.net", times=1)
    send = build_fanned_out_send(audience)

    work(send, NOON)

    assert smtp_sink.connections == 2  # the first was closed by the 421
    limit = DomainLimit.objects.get()
    assert (limit.domain, limit.per_minute) == ("slow.example.net", SLOW_PER_MINUTE)
    assert limit.reason.startswith("421 4.7.0")
    got = smtp_sink.count
    assert sum(times for address, times in got.items() if address.endswith("@example.net")) == 30
    # The window in hand, and then what the domain takes in the time of a tick.
    at_once = sum(times for address, times in got.items() if address.endswith("@slow.example.net"))
    assert at_once <= 9 + SLOW_PER_MINUTE / 60 * settings.TICK_SECONDS

    by_minute = [at_once]
    at = NOON
    while Delivery.objects.of(send).to_go().exists():
        at += timedelta(minutes=1)
        work(send, at)
        by_minute.append(len(smtp_sink.caught) - 30 - sum(by_minute))
        assert at < NOON + timedelta(minutes=10)

    assert max(by_minute) <= SLOW_PER_MINUTE and not smtp_sink.duplicates
    assert states_of(send) == {State.ACCEPTED: 70}
    assert_accounted_for(send, smtp_sink, at=at)
    note(f"after 421 the domain got {by_minute} a minute (others: 30 at once), on a new connection")


@pytest.mark.fault(4)
def test_only_an_address_that_does_not_exist_is_suppressed(campaign, smtp_sink):
    refusals = {
        "550 5.1.1 No such user": True,
        "550 5.1.10 No such user": True,
        "550 5.7.1 Refused by policy": False,
        "550 5.7.26 Not authenticated": False,
        "550 5.2.1 Mailbox disabled": False,
        "552 5.2.2 Mailbox full": False,
        "550 No": False,
    }
    audience = build_audience(campaign, size=10)
    addresses = [f"network-{n}@example.net" for n in range(2, 2 + len(refusals))]
    for address, words in zip(addresses, refusals, strict=True):
        smtp_sink.reply("rcpt", words, to=address)
    send = build_fanned_out_send(audience)

    work(send, NOON)

    assert states_of(send) == {State.ACCEPTED: 3, State.FAILED: len(refusals)}
    rows = Delivery.objects.of(send).filter(state=State.FAILED).select_related("recipient")
    suppressed = set(Suppression.objects.values_list("address_hash", flat=True))
    for address, (words, gone) in zip(addresses, refusals.items(), strict=True):
        row = rows.get(recipient__email=address)
        assert (row.recipient.address_hash in suppressed) is gone, words
    assert len(suppressed) == 2
    send.refresh_from_db()
    assert send.state == Send.State.FINISHED  # two rejections for policy reasons hold nothing
    assert_accounted_for(send, smtp_sink, at=NOON)
    note(f"of {len(refusals)} kinds of 5xx, 5.1.1 and 5.1.10 suppress the address")


def tell(at: datetime) -> None:
    """Write to staff what there is to tell, as each tick does."""
    held_sends.write_due(at=at)
    sending.deliver_notices(at=at)


@pytest.mark.fault(4)
def test_five_policy_rejections_hold_the_send_and_staff_get_a_mail(campaign, smtp_sink, windows_of, root: Any):
    windows_of(worker.FIRST_WINDOW)
    type(root).objects.filter(pk=root.pk).update(language="en")
    rule = smtp_sink.reply("dot", "550 5.7.1 This looks like spam", to="network-")
    send = build_fanned_out_send(build_audience(campaign, size=60))

    work(send, NOON)

    send.refresh_from_db()
    assert (send.state, send.reason) == (Send.State.HELD, circuit_breaker.REFUSED)
    assert states_of(send) == {State.FAILED: 6, State.QUEUED: 54}
    assert not Suppression.objects.exists()
    tell(NOON)
    [told] = smtp_sink.to(root.email)
    assert circuit_breaker.REFUSED.split(".")[0] in " ".join(told.get_content().split())

    work(send, NOON + timedelta(hours=1))
    tell(NOON + timedelta(hours=1))
    assert states_of(send) == {State.FAILED: 6, State.QUEUED: 54} and len(smtp_sink.to(root.email)) == 1

    rule.times = 0  # put right
    send.resume()
    work(send, NOON + timedelta(hours=2))
    assert states_of(send) == {State.FAILED: 6, State.ACCEPTED: 54}
    assert_accounted_for(send, smtp_sink, at=NOON + timedelta(hours=2))
    note(
        "the 5th policy rejection (of 60) held the send while one more was in the air, staff got one mail; released, the other 54 went"
    )
