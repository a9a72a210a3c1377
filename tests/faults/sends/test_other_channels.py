"""
The faults of a send on every channel but mail: the same tests for each, and what the other side took is the oracle. A channel joins
with one line in tests/faults/support/other_sides.py.
"""

import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign
from delivery.fanout import fanout, stand_ins
from delivery.feedback import receipts as feedback
from delivery.models import (
    Audience,
    Delivery,
    Message,
    ProviderEvent,
    Recipient,
    Send,
    Suppression,
    Wanted,
)
from delivery.reports import ledger
from delivery.sending import dispatch, sweeper, worker
from tests.faults.support.oracle import assert_accounted_for, in_doubt, note
from tests.faults.support.other_sides import GONE, LATER, LOST, REFUSED, SIDES, STALL, OtherSide, Report, Words
from tests.faults.support.workers import PROCESSES, celery_worker, finish, let_leases_run_out, wait_until
from tests.support.builders import (
    NOON,
    build_audience,
    build_bulletin,
    build_campaign,
    build_mailing,
    build_send,
    published,
    states_of,
)

from .test_changed_minds import go_on_to_the_end, publish_anew

State = Delivery.State
pytestmark = pytest.mark.fault


def in_processes[Test: Callable[..., Any]](test: Test) -> Test:
    """Mark a test that needs real workers, or a thousand requests: only ./run faults runs it."""
    return pytest.mark.long(pytest.mark.django_db(transaction=True)(test))


def name_of(words: type[Words]) -> str:
    """Return what a test of a channel is called."""
    return words.channel.value


@pytest.fixture(params=SIDES, ids=name_of)
def side(request: pytest.FixtureRequest, settings: Any, own_buckets: None) -> Iterator[OtherSide]:
    """The other side of each channel, one after the other; messages of this process go there too."""
    with OtherSide(request.param()) as running:
        running.words.forget()
        running.use(settings)
        yield running


def people_of(side: OtherSide, *, size: int, wants: str) -> Audience:
    """Return an audience of a live campaign; as many by the channel go with it who chose that for something."""
    campaign = build_campaign("live", mode=Campaign.Mode.LIVE)
    audience = build_audience(campaign, language="fi", kind="influencers")
    side.words.join(audience, size=size, wants=wants, port=side.port)
    return audience


def build(side: OtherSide, *, size: int, at: datetime, queue: str = "bulletin") -> Send:
    """Return a send by the channel that is under way."""
    audience = people_of(side, size=size, wants=Wanted.URGENT if queue == "urgent" else Wanted.BULLETINS)
    mailing = build_mailing(audience.campaign, queue=queue)
    channel = side.words.channel
    Message.objects.freeze([Message(mailing=mailing, channel=channel, language="fi", subject="Vesi", text="Keitä.")])
    to = side.words.audience(audience)
    send = build_send(to, mailing=mailing, channel=channel, slot_at=at, slot_key="beside")
    fanout.fan_out(send, at=at)
    return send


def came(send: Send, *sides: OtherSide) -> dict[int, int]:
    """Return {delivery key: how many messages came, by any way}."""
    count = sum((one.count for one in sides), Counter[str]())
    return {pk: count[name] for pk, name in Delivery.objects.of(send).values_list("pk", "recipient__name")}


def work(send: Send, at: datetime, side: OtherSide) -> None:
    """Let one worker do what is ready at `at`."""
    side.words.forget()
    worker.work(send.pk, clock=lambda: at)
    sweeper.sweep(at=at)


def work_to_the_end(send: Send, at: datetime, side: OtherSide, *, step: int = 1) -> datetime:
    """Go on in steps of so many minutes until nothing is to go, and return when that was."""
    for _minute in range(0, 90, step):
        if not Delivery.objects.of(send).to_go().exists():
            return at
        at += timedelta(minutes=step)
        work(send, at, side)
    raise AssertionError(f"after 90 minutes: {states_of(send)}")


def row_of(send: Send, side: OtherSide, number: int) -> Delivery:
    """Return the row of a person."""
    return Delivery.objects.of(send).get(recipient__name=side.words.name(number))


@pytest.mark.fault(1)
@in_processes
def test_a_worker_is_killed_while_the_other_side_has_messages(side, process_env):
    send = build(side, size=60, at=timezone.now(), queue="urgent")
    env = process_env | side.env() | {"SEND_CONNECTIONS": "1"}
    with celery_worker(env, "urgent") as first:
        side.does(STALL, times=1000)
        dispatch.wake_workers(at=timezone.now())
        wait_until("messages that wait for an answer", lambda: len(side.came) >= 1)
        first.kill()
    side.let_go()
    let_leases_run_out()
    sweeper.sweep(at=timezone.now())
    doubt = in_doubt(send)
    assert 1 <= doubt <= 2 * PROCESSES

    with celery_worker(env, "urgent", name="other"):
        finish(send)
    sweeper.sweep(at=timezone.now())
    got = came(send, side)
    assert_accounted_for(send, got)
    assert Counter(got.values()).keys() <= {1, 2}
    note(f"in doubt: {doubt}, sent once more and flagged")


@pytest.mark.fault(3)
@pytest.mark.django_db
def test_what_is_put_off_comes_later_and_once(side):
    send = build(side, size=12, at=NOON)
    side.does(LATER, times=3)

    work(send, NOON, side)
    first = states_of(send)
    assert first[State.DEFERRED] and State.FAILED not in first and State.UNKNOWN not in first
    at = work_to_the_end(send, NOON, side)

    assert states_of(send) == {State.ACCEPTED: 12} and not Suppression.objects.exists()
    got = came(send, side)
    assert set(got.values()) == {1}
    assert_accounted_for(send, got, at=at)
    note(
        f"put off {first[State.DEFERRED]} of 12; all there after {(at - NOON) // timedelta(minutes=1)} minutes, each once"
    )


@pytest.mark.fault(4)
@pytest.mark.django_db
def test_what_is_refused_for_good_goes_by_mail_and_only_who_is_gone_is_suppressed(side, smtp_sink, settings):
    settings.PREFLIGHT = False
    send = build(side, size=12, at=NOON)
    by_mail = build_send(send.audience, send.mailing, slot_key="mail")
    fanout.fan_out(by_mail, at=NOON)
    assert not Delivery.objects.of(by_mail).exists()
    goners, others = (range(at, at + len(side.words.answers[what])) for what, at in ((GONE, 0), (REFUSED, 6)))
    for number in goners:
        side.does(GONE, to=number)
    for number in others:
        side.does(REFUSED, to=number)

    work(send, NOON, side)

    gone, refused = ([row_of(send, side, number).recipient for number in numbers] for numbers in (goners, others))
    lost = len(gone) + len(refused)
    assert states_of(send) == {State.ACCEPTED: 12 - lost, State.FAILED: lost}
    suppressed = set(Suppression.objects.values_list("address_hash", flat=True))
    assert suppressed == {one.address_hash for one in gone}
    assert_accounted_for(send, came(send, side), at=NOON)

    soon = NOON + timedelta(seconds=30)
    for _twice in range(2):
        stand_ins.plan_due(at=soon)
        dispatch.start_due_sends(at=soon)
    people = {one.person.email for one in [*gone, *refused] if one.person}
    instead_of_it = list(Send.objects.filter(instead_of=send))
    assert len(instead_of_it) == bool(people)
    for instead in instead_of_it:
        work(instead, soon, side)
        assert states_of(instead) == {State.ACCEPTED: len(people)}
        assert_accounted_for(instead, smtp_sink, at=soon)
    assert set(smtp_sink.count) == people
    assert ledger.ledger_of([send, *instead_of_it]).total.adds_up
    note(f"{len(gone)} of {lost} suppressed; {len(people)} of {lost} got it by mail half a minute later, once")


@pytest.mark.fault(5)
@pytest.mark.django_db
def test_without_a_connection_it_is_tried_again_and_without_a_reply_nobody_knows(side):
    send = build(side, size=12, at=NOON)
    side.does(LOST, to=2)
    side.does(LOST, to=9)
    with side.away():
        work(send, NOON, side)
        away = states_of(send)
        assert not side.came and not away.keys() - {State.QUEUED, State.DEFERRED}
    at = work_to_the_end(send, NOON, side)

    assert states_of(send) == {State.ACCEPTED: 10, State.UNKNOWN: 2}
    got = came(send, side)
    assert set(got.values()) == {1}
    assert_accounted_for(send, got, at=at)
    assert not stand_ins.plan_due(at=at)  # nor by mail: they may have it
    note("away: tried again and there once; two lost replies: unknown, and never sent again")


@pytest.mark.fault(12)
@pytest.mark.parametrize("side", [one for one in SIDES if one.tells_later], ids=name_of, indirect=True)
@in_processes
def test_reports_that_are_repeated_shuffled_and_forged_end_where_the_worst_true_one_says(side):
    send = build(side, size=1, at=timezone.now())
    worker.work(send.pk)
    row = Delivery.objects.of(send).select_related("recipient").get()
    true = side.words.reports(row)
    forged = side.words.reports(row, key="another key, as long as ours") * 20
    posts = [*((one, True) for one in true * (1000 // len(true))), *((one, False) for one in forged)]
    random.Random(12).shuffle(posts)

    def post(what: tuple[Report, bool]) -> tuple[bool, int, float]:
        (path, body, headers), is_true = what
        began = time.monotonic()
        try:
            status = Client().post(path, body, content_type="application/json", headers=headers).status_code
        finally:
            connections.close_all()
        return is_true, status, time.monotonic() - began

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, posts))
    feedback.apply(at=timezone.now())

    assert {status for is_true, status, _seconds in answers if is_true} == {200}
    assert {status for is_true, status, _seconds in answers if not is_true} <= {400, 403}
    assert ProviderEvent.objects.count() <= len(true)
    row.refresh_from_db()
    row.recipient.refresh_from_db()
    assert side.words.heeded(row)
    seconds = statistics.quantiles([one for *_said, one in answers], n=20)[-1]
    assert seconds < 0.2 or os.getloadavg()[0] > (os.cpu_count() or 1)
    note(
        f"1,000 posts and {len(forged)} forged: {ProviderEvent.objects.count()} events, 95 of 100 within {1000 * seconds:.0f} ms"
    )


@pytest.mark.fault(15)
@in_processes
def test_after_somebody_leaves_a_channel_nothing_is_handed_over(side, process_env):
    side.delay = 0.05
    send = build(side, size=150, at=timezone.now())
    rows = list(Delivery.objects.of(send).order_by("-pk").values_list("recipient_id", "recipient__name"))
    people = Recipient.objects.in_bulk(pk for pk, _name in rows)
    left_at: dict[str, float] = {}
    with celery_worker(process_env | side.env(), "bulletin"):
        dispatch.wake_workers(at=timezone.now())
        wait_until("some messages", lambda: len(side.came) >= 10)
        for pk, name in [*rows[:25], *rows[-40:-20]]:
            if side.words.leave(people[pk]):
                left_at[name] = time.monotonic()
        go_on_to_the_end(send)

    late = [at - left_at[name] for name, at, _body in side.came if name in left_at and at > left_at[name]]
    assert max(late, default=0) <= 1
    total = ledger.ledger_of([send]).total
    assert total.accepted == len(side.came) and total.accepted + total.suppressed == 150 and total.suppressed >= 10
    note(
        f"{len(left_at)} left in mid-send: {total.suppressed} held back, {len(late)} handed over later, at most {max(late, default=0):.2f} s"
    )


@pytest.mark.fault(16)
@pytest.mark.parametrize("kind", ["correction", "retraction"])
@in_processes
def test_a_new_version_follows_the_old_one_by_its_channel(side, process_env, roles, settings, kind):
    settings.CORRECTION_HEAD_START_SECONDS = 1
    side.delay = 0.03
    audience = people_of(side, size=120, wants=Wanted.BULLETINS)
    bulletin = build_bulletin(audience.campaign, audiences=[audience])
    for edition in bulletin.editions.all():
        edition.variants.create(platform=side.words.channel, title="Vesi", caption="Keitä vesi.")
    now = timezone.now()
    old = published(bulletin, at=now)
    first = old.mailing.sends.get(channel=side.words.channel)

    with celery_worker(process_env | side.env() | {"PREFLIGHT": "false"}, "bulletin"):
        dispatch.start_due_sends(at=timezone.now())
        dispatch.wake_workers(at=timezone.now())
        wait_until("half of them", lambda: len(side.came) >= 50)
        version, published_at = publish_anew(old.bulletin, kind)
        second = version.mailing.sends.get(channel=side.words.channel)
        go_on_to_the_end(first, second)

    first.refresh_from_db()
    second.refresh_from_db()
    had = dict.fromkeys(
        Delivery.objects.of(first).filter(state=State.ACCEPTED).values_list("recipient__name", flat=True)
    )
    told = dict.fromkeys(
        Delivery.objects.of(second).filter(state=State.ACCEPTED).values_list("recipient__name", flat=True)
    )
    count = side.count
    assert 50 <= len(had) < 120
    assert len(told) == (120 if kind == "correction" else len(had))
    assert all(count[name] == (name in had) + (name in told) for name in {*had, *told})
    stopped = [
        at
        for n, (name, at, _body) in enumerate(side.came)
        if name in had and name not in {one for one, *_rest in side.came[:n]}
    ]
    assert max(stopped) - published_at <= 5
    for send in (first, second):
        assert send.state == Send.State.FINISHED and ledger.ledger_of([send]).total.adds_up
    note(f"{kind} at {len(had)} of 120: {len(told)} got the new version, each once")


@pytest.mark.fault(17)
@in_processes
def test_pause_and_resume_send_nothing_again(side, process_env):
    side.delay = 0.03
    send = build(side, size=120, at=timezone.now())
    with celery_worker(process_env | side.env(), "bulletin"):
        dispatch.wake_workers(at=timezone.now())
        wait_until("a part", lambda: len(side.came) >= 40)
        send.pause()
        paused_at = time.monotonic()
        wait_until("workers that have let go", lambda: not send.leases.exists())
        before = len(side.came)
        time.sleep(1)
        assert len(side.came) == before < 120
        stopped_after = max(at for _name, at, _body in side.came) - paused_at
        assert stopped_after <= 1
        send.resume()
        go_on_to_the_end(send)

    assert states_of(send) == {State.ACCEPTED: 120}
    got = came(send, side)
    assert set(got.values()) == {1}
    assert_accounted_for(send, got)
    note(f"paused at {before} of 120, stopped after {max(stopped_after, 0):.2f} s; all in the end, each once")


@pytest.mark.fault(24)
@in_processes
def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(side, process_env):
    side.delay = 0.2
    send = build(side, size=60, at=timezone.now())
    env = process_env | side.env()
    with celery_worker(env, "bulletin", name="zombie") as zombie:
        dispatch.wake_workers(at=timezone.now())
        wait_until("some messages", lambda: len(side.came) >= 3)
        zombie.freeze()
        let_leases_run_out()
        sweeper.sweep(at=timezone.now())
        doubt = in_doubt(send)
        side.delay = 0
        with celery_worker(env, "bulletin", name="other"):
            finish(send)
            before = list(Delivery.objects.order_by("pk").values())
            zombie.thaw()
            zombie.terminate()
    assert list(Delivery.objects.order_by("pk").values()) == before
    sweeper.sweep(at=timezone.now())
    got = came(send, side)
    assert_accounted_for(send, got)
    assert ledger.ledger_of([send]).total.unknown == doubt
    note(f"in doubt: {doubt}; awake again it changed no row; {sum(n > 1 for n in got.values())} came twice")


@pytest.mark.fault(26)
@pytest.mark.django_db
def test_half_an_hour_away_loses_nothing_and_only_what_was_not_sent_goes_a_second_way(side, settings):
    with OtherSide(side.words) as second:
        side.use(settings, second if side.words.has_second else None)
        send = build(side, size=20, at=NOON)
        side.does(LOST)
        for number in range(20):  # there is something to send all through the half hour
            row = row_of(send, side, number)
            Delivery.objects.filter(pk=row.pk).update(next_attempt_at=NOON + timedelta(minutes=2 * number))
        work(send, NOON, side)
        taken = len(side.came)
        with side.away():
            at = NOON
            for _step in range(10):
                at += timedelta(minutes=3)
                work(send, at, side)
        at = work_to_the_end(send, at, side, step=3)

        got = came(send, side, second)
        assert states_of(send) == {State.ACCEPTED: 19, State.UNKNOWN: 1} and set(got.values()) == {1}
        assert_accounted_for(send, got, at=at)
        assert bool(second.came) is side.words.has_second
        note(
            f"{taken} before, {len(second.came)} by a second way, {len(side.came) - taken} when it was back; each once"
        )
