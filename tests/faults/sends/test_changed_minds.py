"""Faults 15, 16 and 17: someone leaves, corrects, withdraws or pauses while real workers are sending."""

import time
import urllib.request
from collections import defaultdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from bulletins.approval import approval_workflow
from bulletins.models import Bulletin, Version
from bulletins.publication import corrections, publish
from config.celery import app
from delivery.message.verp import delivery_of_return_path
from delivery.models import Delivery, Membership, Send
from delivery.reports import ledger
from delivery.sending import dispatch, sweeper, worker
from tests.faults.support.oracle import assert_accounted_for, note
from tests.faults.support.workers import celery_worker, wait_until
from tests.support.builders import (
    build_audience,
    build_fanned_out_send,
    build_published_version,
    build_recipients,
    editor,
    in_all,
    join,
    second_person,
    states_of,
    submitted,
    unsubscribe_url,
)

State = Delivery.State
SIZE = 300


@pytest.fixture(autouse=True)
def _nothing_left_in_the_broker() -> None:
    """A test before this one may have asked for workers that never came."""
    app.control.purge()


def go_on_to_the_end(*sends: Send, seconds: float = 60) -> None:
    """Tick every second until nothing of these sends is to go."""
    gives_up_at = time.monotonic() + seconds
    while not all(Send.objects.get(pk=send.pk).finished_at for send in sends):
        now = timezone.now()
        dispatch.start_due_sends(at=now)
        dispatch.wake_workers(at=now)
        sweeper.sweep(at=now)
        assert time.monotonic() < gives_up_at, "the sends do not end"
        time.sleep(0.25)


# --- 15 -----------------------------------------------------------------------------------------------


def leave_by_one_click(site: str, send: Send, recipient_id: int, language: str) -> float:
    """Post as a mail program does (RFC 8058); return when the answer came (seconds of time.monotonic())."""
    path = urlsplit(unsubscribe_url(recipient_id, send.mailing_id, language)).path
    click = urllib.request.Request(
        site + path,
        data=b"List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    with urllib.request.urlopen(click, timeout=10) as answer:
        assert answer.status == 200 and answer.url == site + path
    return time.monotonic()


@pytest.mark.fault(15)
def test_after_an_unsubscribe_nothing_is_handed_over(live_site, campaign, smtp_sink, process_env):
    smtp_sink.delay = 0.02
    send = build_fanned_out_send(build_audience(campaign, size=SIZE), at=timezone.now())
    rows = list(Delivery.objects.of(send).order_by("-pk").values_list("recipient_id", "recipient__email", "language"))
    left_at: dict[str, float] = {}

    with celery_worker(process_env, "bulletin"):
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(20)
        # From the far end and from the near one: some have their mail, some are in a chunk, some in a window.
        for recipient_id, email, language in [*rows[:40], *rows[-60:-20]]:
            left_at[email] = leave_by_one_click(live_site, send, recipient_id, language)
        go_on_to_the_end(send)

    assert Membership.objects.filter(left_at=None).count() == SIZE - 80
    late = [
        caught.at - left_at[caught.recipient]
        for caught in smtp_sink.caught
        if caught.recipient in left_at and caught.at > left_at[caught.recipient]
    ]
    assert max(late, default=0) <= 1
    total = ledger.ledger_of([send]).total
    assert total.accepted == len(smtp_sink.caught) and total.accepted + total.suppressed == SIZE
    assert total.suppressed >= 10  # there was something left to hold back
    assert_accounted_for(send, smtp_sink)
    note(
        f"{len(left_at)} one-click posts in mid-send: {total.suppressed} held back, {len(late)} handed over later, "
        f"the latest {max(late, default=0):.2f} s after the commit"
    )


# --- 16 -----------------------------------------------------------------------------------------------


def publish_anew(bulletin: Bulletin, kind: str) -> tuple[Version, float]:
    """Correct or retract by the desk's own steps; return the version, and when it was published (time.monotonic())."""
    now = timezone.now()
    begin = corrections.retract if kind == "retraction" else corrections.start_correction
    begin(bulletin, by=editor(), at=now, what_changed=in_all(en="The day was wrong: it is Tuesday."))
    submitted(bulletin, by=editor(), at=now)
    bulletin.refresh_from_db()
    approval_workflow.approve(bulletin, digest=bulletin.digest, by=second_person(), at=now)
    bulletin.refresh_from_db()
    version = publish.publish(bulletin, at=timezone.now())
    return version, time.monotonic()


def received(sink: Any, *new: Send) -> dict[str, list[tuple[float, int]]]:
    """Return {address: [(when, 1 or 2)]} in the order of arrival: 2 for mails of the `new` sends, 1 for the others."""
    newer = set(Delivery.objects.filter(send__in=new).values_list("pk", flat=True))
    got = defaultdict(list)
    for caught in sink.caught:
        got[caught.recipient].append((caught.at, 1 + (delivery_of_return_path(caught.sender) in newer)))
    return got


@pytest.mark.fault(16)
@pytest.mark.parametrize("kind", ["correction", "retraction"])
def test_a_new_version_stops_the_old_one_and_reaches_whom_it_should(
    campaign, smtp_sink, process_env, roles, kind, settings
):
    # A window that was taken in the same instant is written down before the new version looks who has the old one.
    settings.CORRECTION_HEAD_START_SECONDS = 1
    smtp_sink.delay = 0.01
    smtp_sink.drop("dot", to="network-7@", times=1)  # may have got it
    smtp_sink.reply("dot", "451 4.7.1 Later", to="network-8@", times=1)  # has not
    audience = build_audience(campaign, size=SIZE)
    done = build_audience(campaign, "early", size=20)
    now = timezone.now()
    old = build_published_version(campaign, audiences=[audience, done], at=now)
    early, first = (old.mailing.sends.get(audience=one) for one in (done, audience))
    Send.objects.filter(pk=first.pk).update(slot_at=now + timedelta(hours=1))

    with celery_worker(process_env, "bulletin"):
        go_on_to_the_end(early)
        join(done, build_recipients(5, prefix="newcomer-"), at=now)  # never got it
        Send.objects.filter(pk=first.pk).update(slot_at=now)
        dispatch.start_due_sends(at=now)
        dispatch.wake_workers(at=now)
        smtp_sink.wait_for(20 + SIZE // 2)
        smtp_sink.delay = 0.2  # publishing takes a second, several on a busy machine: mail is still to go then
        version, published_at = publish_anew(old.bulletin, kind)
        smtp_sink.delay = 0.01
        second = version.mailing.sends.get(audience=audience)
        follow_up = version.mailing.sends.get(audience=done)
        go_on_to_the_end(first, second, follow_up)

    got = received(smtp_sink, second, follow_up)
    old_ones = {who: at for who, mails in got.items() for at, number in mails if number == 1}
    new_ones = {who for who, mails in got.items() for _at, number in mails if number == 2}
    stopped_after = max(old_ones.values()) - published_at
    assert stopped_after <= 5
    assert 20 + SIZE // 2 <= len(old_ones) < SIZE  # it was stopped in the middle
    for who, mails in got.items():
        # Each version once, and the newer never before the older.
        assert [number for _at, number in mails] in ([1], [2], [1, 2]), who
    reached = set(old_ones)
    everyone = {f"network-{n}@example.net" for n in range(1, SIZE + 1)}
    if kind == "retraction":
        assert new_ones == reached  # nobody hears of the withdrawal of what they never got
        assert second.exposed_only and "network-8@example.net" not in new_ones
    else:
        # Those in the middle of whose send it was corrected get the new version instead of the old one.
        assert new_ones == {who for who in reached if who.startswith("early-")} | everyone
    assert not any(who.startswith("newcomer-") for who in got)
    assert "network-7@example.net" in new_ones  # may have got it, and did
    first.refresh_from_db()
    total = ledger.ledger_of([first]).total
    assert total.superseded and total.unknown == 1 and total.accepted == len(old_ones) - 20 - 1
    for send in (early, first, second, follow_up):
        send.refresh_from_db()
        assert send.state == Send.State.FINISHED
        assert_accounted_for(send, smtp_sink)
    note(
        f"{kind} at {len(old_ones) - 20} of {SIZE}: the old version stopped {max(stopped_after, 0):.2f} s after it; "
        f"{len(new_ones)} got the new one, {len(reached)} had or may have had the old one; none before it"
    )


@pytest.mark.fault(16)
def test_a_correction_does_not_overtake_an_original_that_is_still_being_handed_over(
    campaign, smtp_sink, process_env, roles
):
    slow = "network-3@example.net"
    smtp_sink.stall("data", 5, to="network-3@", times=1)  # the server thinks before it takes this one
    now = timezone.now()
    old = build_published_version(campaign, audiences=[build_audience(campaign, size=10)], at=now)
    first = old.mailing.sends.get()

    with celery_worker(process_env, "bulletin"):
        dispatch.start_due_sends(at=now)
        dispatch.wake_workers(at=now)
        smtp_sink.wait_for(2)
        version, published_at = publish_anew(old.bulletin, "correction")
        second = version.mailing.sends.get()
        go_on_to_the_end(first, second)

    got = received(smtp_sink, second)
    assert [number for _at, number in got[slow]] == [1, 2]
    waited = got[slow][1][0] - published_at
    others = max(mails[-1][0] for who, mails in got.items() if who != slow) - published_at
    # Of the same window, what had not begun a second later went back, and was stopped by the correction.
    twofold = [who for who, mails in got.items() if [number for _at, number in mails] == [1, 2]]
    assert all([number for _at, number in got[who]] == [2] for who in got.keys() - twofold)
    states = states_of(first)
    assert states == {State.ACCEPTED: len(twofold)} | (
        {State.SUPERSEDED: 10 - len(twofold)} if len(twofold) < 10 else {}
    )
    assert states_of(second) == {State.ACCEPTED: 10}
    for send in (first, second):
        assert_accounted_for(send, smtp_sink)
    note(f"an original that hung for 5 s got its correction after it ({waited:.1f} s; others within {others:.1f} s)")


@pytest.mark.fault(16)
def test_who_may_have_got_it_hears_of_the_withdrawal(campaign, smtp_sink, roles):
    smtp_sink.drop("dot", to="network-3@", times=1)  # an urgent one: it would be tried once more
    now = timezone.now()
    old = build_published_version(campaign, audiences=[build_audience(campaign, size=5)], urgency="urgent", at=now)
    first = old.mailing.sends.get()
    dispatch.start_due_sends(at=now)
    worker.work(first.pk)
    sweeper.sweep(at=now)
    first.refresh_from_db()
    assert states_of(first) == {State.ACCEPTED: 4, State.QUEUED: 1}

    version, _at = publish_anew(old.bulletin, "retraction")
    sweeper.sweep(at=now)
    dispatch.start_due_sends(at=timezone.now())
    second = version.mailing.sends.get()
    worker.work(second.pk)

    assert states_of(first) == {State.ACCEPTED: 4, State.SUPERSEDED: 1}
    assert states_of(second) == {State.ACCEPTED: 5}
    assert [number for _at, number in received(smtp_sink, second)["network-3@example.net"]] == [1, 2]
    note("a person whose urgent mail was in doubt and not tried again hears of the withdrawal")


# --- 17 -----------------------------------------------------------------------------------------------


@pytest.mark.fault(17)
def test_pause_and_resume_send_nothing_again(campaign, smtp_sink, process_env):
    smtp_sink.delay = 0.01
    send = build_fanned_out_send(build_audience(campaign, size=SIZE), at=timezone.now())

    with celery_worker(process_env, "bulletin"):
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(SIZE // 2)
        send.pause()
        paused_at = time.monotonic()
        # Whatever ticks now, nothing more leaves.
        wait_until("workers that have let go", lambda: not send.leases.exists())
        for _tick in range(3):
            sweeper.sweep(at=timezone.now())
            assert dispatch.wake_workers(at=timezone.now()) == 0
        before = len(smtp_sink.caught)
        time.sleep(1)
        assert len(smtp_sink.caught) == before < SIZE
        stopped_after = max(caught.at for caught in smtp_sink.caught) - paused_at
        assert stopped_after <= 1
        for _round in range(3):  # and someone who cannot make up their mind
            send.resume()
            send.pause()
        send.resume()
        go_on_to_the_end(send)

    assert len(smtp_sink.caught) == len(smtp_sink.count) == SIZE and not smtp_sink.duplicates
    assert states_of(send) == {State.ACCEPTED: SIZE}
    assert not Delivery.objects.of(send).filter(attempts__gt=1).exists()
    assert_accounted_for(send, smtp_sink)
    note(
        f"paused at {before} of {SIZE}, stopped after {max(stopped_after, 0):.2f} s; {SIZE} mails in the end, each once"
    )


@pytest.mark.fault(17)
def test_pausing_and_resuming_all_the_time_sends_nothing_again(campaign, smtp_sink, process_env):
    smtp_sink.delay = 0.005
    send = build_fanned_out_send(build_audience(campaign, size=SIZE), at=timezone.now())
    switched = 0

    with celery_worker(process_env, "bulletin"):
        while Delivery.objects.of(send).to_go().exists() and switched < 200:
            dispatch.wake_workers(at=timezone.now())
            time.sleep(0.2)
            send.refresh_from_db()
            if send.state == Send.State.SENDING:
                send.pause()
                send.resume()
                switched += 1
        go_on_to_the_end(send)

    assert switched >= 3
    assert len(smtp_sink.caught) == SIZE and not smtp_sink.duplicates
    assert states_of(send) == {State.ACCEPTED: SIZE}
    assert_accounted_for(send, smtp_sink)
    note(f"paused and resumed {switched} times on the way: {SIZE} mails, each once")
