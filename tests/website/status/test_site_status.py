"""What the status page says: in which state all is, from measured emails, sends and the record."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Campaign
from delivery.models import MailerHealth, SeedAddress, SeedArrival, Send
from delivery.reports import inbox_times
from tests.support.builders import NOON, build_audience, build_campaign, build_mailing
from website.models import Incident
from website.status import email_delays, uptime
from website.status.site_status import State, site_status

pytestmark = pytest.mark.django_db


@pytest.fixture
def live() -> Campaign:
    return build_campaign("live", mode="live")


def send_of(campaign: Campaign, *, slot: datetime = NOON, queue: str = "urgent", **fields: Any) -> Send:
    """Return a send of a slot and urgency."""
    name = f"send-{Send.objects.count()}"
    mailing = build_mailing(campaign, name, languages=[], queue=queue, created_at=slot - timedelta(hours=1))
    values = {"slot_at": slot, "state": Send.State.FINISHED} | fields
    return Send.objects.create(mailing=mailing, audience=build_audience(campaign, name), slot_key=name, **values)


def measure(send: Send, *seconds: int | None, spam: bool = False) -> None:
    """Let emails of a send take so many seconds to inboxes of ours; None for one that is missing."""
    folder = SeedArrival.Folder.SPAM if spam else SeedArrival.Folder.INBOX
    for taken in seconds:
        seed = SeedAddress.objects.create(
            campaign=send.mailing.campaign, email=f"s{SeedAddress.objects.count()}@mail.example", language="fi"
        )
        arrived = None if taken is None else send.slot_at + timedelta(seconds=taken)
        SeedArrival.objects.create(
            send=send, seed=seed, after_row=1, handed_over_at=send.slot_at, arrived_at=arrived, folder=folder
        )


def test_times_are_told_by_urgency_and_a_missing_email_counts_as_the_slowest(live: Campaign) -> None:
    measure(send_of(live), 4, 8, 6, None)
    measure(send_of(live, queue="digest"), 90, spam=True)
    measure(send_of(build_campaign("other", mode="live")), 1)
    at = NOON + timedelta(hours=1)
    urgent, digest = site_status(live, at=at).last_day
    assert (urgent.queue, urgent.median, urgent.slowest) == ("urgent", 6, None)
    assert (urgent.measured, urgent.missing, urgent.spam) == (4, 1, 0)
    assert (digest.queue, digest.median, digest.slowest, digest.measured, digest.spam) == ("digest", 90, 90, 1, 1)


def test_an_email_on_its_way_is_not_measured_yet(live: Campaign) -> None:
    measure(send_of(live), None)
    for minutes, number in ((14, 0), (16, 1)):
        at = NOON + timedelta(minutes=minutes)
        assert len(inbox_times.measured_since(live, NOON - timedelta(hours=1), at=at)) == number


def test_the_day_and_the_week_count_what_left_in_them(live: Campaign) -> None:
    measure(send_of(live, slot=NOON - timedelta(hours=1)), 10)
    measure(send_of(live, slot=NOON - timedelta(days=2)), 20)
    measure(send_of(live, slot=NOON - timedelta(days=8)), 30)
    status = site_status(live, at=NOON)
    assert [one.seconds for one in status.last_day] == [[10]]
    assert [one.seconds for one in status.last_week] == [[10, 20]]


@pytest.mark.parametrize(
    ("before", "recent", "slow"),
    [
        ([10, 10, 10], [11, 12, 13], False),
        ([10, 10, 10], [200, 200, 200], False),  # longer, but nobody would notice
        ([10, 10, 10], [400, 400, 400], True),
        ([10, 10, 10], [None, None, 5], True),
        ([10, 10, 10], [9_000, 9_000], False),  # too few to say so
        ([400, 400, 400], [900, 900, 900], False),  # as long as usual, for a large send
        ([400, 400, 400], [1_300, 1_300, 1_300], True),
        ([], [800, 800, 800], False),
        ([], [1_000, 1_000, 1_000], True),
    ],
)
def test_emails_are_slow_when_the_last_hours_took_far_longer_than_those_before(
    live: Campaign, before: list[int], recent: list[int | None], slow: bool
) -> None:
    measure(send_of(live, slot=NOON - timedelta(days=1)), *before)
    measure(send_of(live, slot=NOON - timedelta(minutes=50)), *recent)
    measured = inbox_times.measured_since(live, NOON - timedelta(days=7), at=NOON)
    assert email_delays.is_slow(measured, at=NOON) is slow
    assert site_status(live, at=NOON).state == (State.SLOW if slow else State.WORKING)


@pytest.mark.parametrize(
    ("fields", "held_up"),
    [
        ({"state": "held"}, True),
        ({"state": "planned"}, True),
        ({"state": "planned", "slot_at": NOON - timedelta(minutes=4)}, False),
        ({"state": "planned", "slot_at": NOON + timedelta(hours=1)}, False),
        ({"state": "held", "slot_at": NOON - timedelta(days=2)}, False),
        ({"state": "paused"}, False),  # somebody wanted it so
        ({"state": "sending"}, False),
    ],
)
def test_emails_are_held_up_when_a_send_waits_although_its_time_has_come(
    live: Campaign, fields: dict[str, Any], held_up: bool
) -> None:
    send_of(live, **{"slot_at": NOON - timedelta(minutes=10)} | fields)
    assert site_status(live, at=NOON).state == (State.HELD_UP if held_up else State.WORKING)


def test_emails_are_held_up_when_no_mail_server_takes_them(live: Campaign, settings: Any) -> None:
    settings.MAILERS = {"default": {}, "backup": {}, "exercise": {}}
    MailerHealth.objects.create(mailer="default", failures=5, down_until=NOON)
    assert not email_delays.is_held_up(live, at=NOON)
    MailerHealth.objects.create(mailer="backup", failures=5, down_until=NOON)
    assert email_delays.is_held_up(live, at=NOON)
    assert not email_delays.is_held_up(build_campaign("drill"), at=NOON)


def test_a_record_that_stands_still_and_an_open_incident_weigh_more(live: Campaign) -> None:
    send_of(live, slot=NOON - timedelta(minutes=10), state="held")
    uptime.record(works=True, at=NOON - timedelta(hours=1))
    assert site_status(live, at=NOON).state == State.STOPPED
    incident = Incident.objects.create(campaign=live, title={"en": "x"}, text={"en": "y"}, started_at=NOON)
    assert site_status(live, at=NOON).state == State.INCIDENT
    Incident.objects.filter(pk=incident.pk).update(ended_at=NOON + timedelta(minutes=1))
    status = site_status(live, at=NOON + timedelta(minutes=2))
    assert (status.state, status.open, status.ended) == (State.STOPPED, [], [incident])


def test_incidents_of_this_campaign_are_told_the_newest_first_and_for_a_month(live: Campaign) -> None:
    def begun(days: int, *, ended: int | None = None, campaign: Campaign = live) -> Incident:
        moments = {"started_at": NOON - timedelta(days=days)}
        if ended is not None:
            moments["ended_at"] = NOON - timedelta(days=ended)
        return Incident.objects.create(campaign=campaign, title={"en": str(days)}, text={"en": "y"}, **moments)

    old, new, over = begun(50), begun(1), begun(30, ended=29)
    begun(40, ended=31)
    begun(-1)
    begun(1, campaign=build_campaign("other", mode="live"))
    status = site_status(live, at=NOON)
    assert (status.open, status.ended) == ([new, old], [over])
