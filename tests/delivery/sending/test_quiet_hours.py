"""Quiet hours: what is not urgent waits for their end, by other channels than mail; nothing is dropped."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from delivery.fanout import fanout
from delivery.models import Channel, Delivery, Message, QuietHours, Wanted
from delivery.sending import worker
from tests.delivery.fanout.test_channels import address_of, people_of
from tests.support.builders import build_audience, build_mailing, build_send, states_of

HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = datetime(2026, 3, 28, 21, 30, tzinfo=UTC)  # 23:30 in Helsinki, where the clocks go forward at three


@pytest.mark.parametrize(
    ("begins", "ends", "clock", "until"),
    [
        ((22, 0), (7, 0), (23, 30), (29, 7)),
        ((22, 0), (7, 0), (6, 59), (28, 7)),
        ((22, 0), (7, 0), (7, 0), None),
        ((12, 0), (14, 0), (13, 0), (28, 14)),
        ((12, 0), (14, 0), (23, 0), None),
    ],
)
def test_hours_may_go_past_midnight(begins, ends, clock, until):
    hours = QuietHours(begins=time(*begins), ends=time(*ends))
    expected = until and datetime(2026, 3, until[0], until[1], tzinfo=HELSINKI)
    assert hours.end(datetime(2026, 3, 28, *clock, tzinfo=HELSINKI)) == expected


@pytest.mark.both
@pytest.mark.parametrize("queue", ["urgent", "bulletin"])
def test_what_is_not_urgent_waits_until_they_are_over(campaign, smtp_sink, queue):
    audience = build_audience(campaign, size=2, kind="influencers")
    ann, ben = people_of(audience)
    for person, number in ((ann, "+358401"), (ben, "+358402")):
        address_of(person, number, Wanted.URGENT, Wanted.BULLETINS)
    QuietHours.objects.create(person=ann, begins=time(22), ends=time(7))
    mailing = build_mailing(campaign, queue=queue)
    Message.objects.freeze([Message(mailing=mailing, channel=Channel.SMS, language="fi", subject="t", text="sms")])
    send = build_send(audience, mailing=mailing, channel=Channel.SMS, slot_at=NIGHT)
    fanout.fan_out(send, at=NIGHT)

    worker.work(send.pk, clock=lambda: NIGHT + timedelta(seconds=1))

    accepted, queued = Delivery.State.ACCEPTED, Delivery.State.QUEUED
    if queue == "urgent":
        assert states_of(send) == {accepted: 2}
        return
    assert states_of(send) == {accepted: 1, queued: 1}
    morning = NIGHT + timedelta(hours=6, minutes=30)  # an hour of the night is missing
    worker.work(send.pk, clock=lambda: morning - timedelta(minutes=1))
    assert states_of(send) == {accepted: 1, queued: 1}
    worker.work(send.pk, clock=lambda: morning + timedelta(seconds=5))
    assert states_of(send) == {accepted: 2}
