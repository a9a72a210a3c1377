"""Faults 10 and 11: the clocks change, and the timetable stood still. The clock is passed in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from bulletins.models import Bulletin, Version
from bulletins.scheduling import upcoming_sends
from campaigns.models import Campaign
from config.tick import STEPS
from delivery.models import Audience, Delivery, Mailing, Send
from delivery.reports import ledger
from delivery.sending import dispatch, sweeper, worker
from tests.faults.support.oracle import assert_accounted_for, note
from tests.support.builders import (
    NOON,
    approved,
    build_audience,
    build_bulletin,
    build_cadence,
    build_mailing,
    build_published_version,
    build_send,
    states_of,
)

State = Delivery.State
HELSINKI = ZoneInfo("Europe/Helsinki")
pytestmark = pytest.mark.django_db

SPRING = date(2027, 3, 28)  # 03:00–03:59 does not exist
AUTUMN = date(2027, 10, 31)  # 03:00–03:59 comes twice
TIMES = (time(2, 59), time(3), time(3, 30), time(3, 59), time(4), time(15))


def local(day: date, at: time) -> datetime:
    """Return the moment in Helsinki."""
    return datetime.combine(day, at, tzinfo=HELSINKI)


def every(minutes: int, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield real moments, so many minutes apart."""
    at, last = first.astimezone(UTC), last.astimezone(UTC)
    while at <= last:
        yield at
        at += timedelta(minutes=minutes)


def around_the_slots(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield real moments half an hour apart where slots are, before six and about three, else some hours apart."""
    for at in every(30, first, last):
        here = at.astimezone(HELSINKI)
        if here.hour in {2, 3, 4, 5, 14, 15} or (here.hour % 4 == 2 and here.minute < 30):
            yield at


def tick(at: datetime) -> None:
    """Do what a tick does, and what its workers do."""
    for step in STEPS:
        step(at=at)
    for send in Send.objects.filter(state=Send.State.SENDING):
        worker.work(send.pk, clock=lambda: at)
    sweeper.sweep(at=at)


def build_audiences(campaign: Campaign, day: date) -> dict[Audience, time]:
    """Return an audience for each cadence with a slot on `day`, and the local time it asks for."""
    audiences = {}

    def add(slug: str, at: time, every: str, **fields: Any) -> None:
        audience = build_audience(campaign, slug, size=2)
        build_cadence(audience, every, slug=slug, **fields)
        audiences[audience] = at

    for at in TIMES:
        name = f"{at:%H%M}"
        add(f"day-{name}", at, "day", local_time=at)
        add(f"week-{name}", at, "week", local_time=at, weekday=day.weekday())
        add(f"month-{name}", at, "month", local_time=at, day_of_month=day.day)
        add(f"hours-{name}", at, "immediate", not_before=at, not_after=time(16))
    return audiences


@pytest.mark.fault(10)
# A day of days takes a while, so each database has one of the two.
@pytest.mark.parametrize(
    "changes_on", [pytest.param(SPRING, marks=pytest.mark.sqlite), pytest.param(AUTUMN, marks=pytest.mark.postgresql)]
)
def test_one_send_per_local_date_when_the_clocks_change(campaign, smtp_sink, changes_on):
    audiences = build_audiences(campaign, changes_on)
    daily = [audience for audience in audiences if audience.slug.startswith("day-")]
    day = timedelta(days=1)

    def has_slot(audience: Audience, on: date) -> bool:
        return audience in daily or audience.slug.startswith("hours-") or on == changes_on

    for on in (changes_on - day, changes_on, changes_on + day):
        # After the day before's latest slot: each bulletin goes in the slot of its own local date.
        eve = local(on - day, time(22))
        targets = [audience for audience in audiences if has_slot(audience, on)]
        approved(build_bulletin(campaign, audiences=targets, timing="next_slot", at=eve), at=eve)
        for at in around_the_slots(eve, local(on, time(21, 30))):
            tick(at)

    changed = 0
    for audience, asked in audiences.items():
        slots = [send.slot_at.astimezone(HELSINKI) for send in audience.sends.order_by("slot_at")]
        days = [on for on in (changes_on - day, changes_on, changes_on + day) if has_slot(audience, on)]
        assert [slot.date() for slot in slots] == days, audience.slug
        for slot in slots:
            skipped = slot.date() == SPRING and asked.hour == 3
            assert slot.time() == (asked.replace(hour=4) if skipped else asked), audience.slug
            assert slot.fold == 0  # of an hour that comes twice, the first
            changed += skipped
    assert changed == (12 if changes_on == SPRING else 0)
    sends = list(Send.objects.all())
    assert {send.state for send in sends} == {Send.State.FINISHED}
    assert len(smtp_sink.bulk) == 2 * len(sends) == ledger.ledger_of(sends).total.accepted
    for send in sends:
        assert send.fanned_out_at and timedelta(0) <= send.fanned_out_at - send.slot_at <= timedelta(minutes=30)
        assert_accounted_for(send, smtp_sink, at=local(changes_on + 2 * day, time(0)))
    note(
        f"{changes_on}: {len(sends)} sends by {len(audiences)} cadences, one per local date; {changed} moved by an hour"
    )


@pytest.mark.fault(10)
def test_a_slot_that_was_moved_says_its_new_time_before_anyone_approves_it(campaign, signed_in, root):
    audience = build_audience(campaign, size=1)
    build_cadence(audience, "day", local_time=time(3, 30))
    eve = local(SPRING - timedelta(days=1), time(22))
    bulletin = approved(build_bulletin(campaign, audiences=[audience], timing="next_slot", at=eve), at=eve)

    [planned] = upcoming_sends.upcoming(campaign, at=eve)
    page = signed_in(root).get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()

    assert planned.at.astimezone(HELSINKI).time() == time(4, 30)
    assert "4:30" in page and "3:30" not in page.replace("13:30", "")


@pytest.mark.fault(11)
def test_after_26_hours_a_digest_goes_once_and_a_late_bulletin_waits_for_a_person(campaign, smtp_sink, root):
    readers = build_audience(campaign, "readers", size=20, kind=Audience.Kind.DIGEST)
    digest = build_send(readers, build_mailing(campaign, "digest", queue=Mailing.Queue.DIGEST), slot_at=NOON)
    network = build_audience(campaign, "network", size=10)
    build_cadence(network, "day", local_time=time(13))
    build_cadence(build_audience(campaign, "patient", size=5), "day", local_time=time(13), grace_minutes=27 * 60)
    waiting = approved(build_bulletin(campaign, timing="next_slot", at=NOON), at=NOON)
    planned = build_published_version(campaign, audiences=[build_audience(campaign, "others", size=5)], at=NOON)
    back = NOON + timedelta(hours=26)

    for seconds in (0, 30, 60, 90):  # and the timetable goes on ticking
        tick(back + timedelta(seconds=seconds))

    digest.refresh_from_db()
    assert digest.state == Send.State.FINISHED and states_of(digest) == {State.ACCEPTED: 20}
    assert Version.objects.count() == 2 and Bulletin.objects.get(pk=waiting.pk).state == Bulletin.State.PUBLISHED
    late = Send.objects.get(audience=network)
    unsent = planned.mailing.sends.get()
    assert [(send.state, send.reason) for send in (late, unsent)] == [(Send.State.HELD, dispatch.TOO_LATE)] * 2
    assert not Delivery.objects.filter(send__in=[late, unsent]).exists()
    patient = Send.objects.get(audience__slug="patient")
    assert patient.state == Send.State.FINISHED and states_of(patient) == {State.ACCEPTED: 5}
    assert len(smtp_sink.to(root.email)) == 2  # one for each that is held, once
    assert Send.objects.count() == 4 and not {who for who in smtp_sink.duplicates if who.endswith("example.net")}

    late.resume()
    tick(back + timedelta(minutes=5))

    late.refresh_from_db()
    assert late.state == Send.State.FINISHED and states_of(late) == {State.ACCEPTED: 10}
    for send in (digest, late, patient):
        assert_accounted_for(send, smtp_sink, at=back + timedelta(minutes=5))
    note("26 h late: the digest went once (20 of 20), two bulletins were held, one within its grace went")
