"""Mail gathered for a day or a week: all of it, once, and nothing when there is nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from bulletins.approval import approval_workflow
from bulletins.publication import corrections
from bulletins.publication import publish as publication_publish
from bulletins.scheduling import personal_digests
from delivery.models import Delivery, MailChoice, Recipient
from delivery.sending import dispatch
from tests.support.builders import (
    NOON,
    approved,
    build_audience,
    build_bulletin,
    editor,
    in_all,
    second_person,
    submitted,
)

Pace = MailChoice.Pace
# NOON is a Wednesday; the next gathered mails leave on Thursday and on Monday at nine in Helsinki.
THURSDAY = datetime(2026, 3, 26, 7, tzinfo=UTC)
MONDAY = datetime(2026, 3, 30, 6, tzinfo=UTC)  # the clocks went forward on Sunday

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(campaign):
    """An audience of three: each mail, daily, weekly."""
    audience = build_audience(campaign, size=3, language="en")
    each, day, week = Recipient.objects.order_by("pk")
    MailChoice.objects.create(campaign=campaign, recipient=day, pace=Pace.DAY)
    MailChoice.objects.create(campaign=campaign, recipient=week, pace=Pace.WEEK)
    return audience, each, day, week


def publish(campaign, audience, *, at=NOON, **fields):
    """Publish a bulletin and start its send."""
    before = at - timedelta(minutes=1)
    bulletin = build_bulletin(campaign, audiences=[audience], at=before, **fields)
    bulletin.targets.update(timing="at_time", at=at)
    publication_publish.publish(approved(bulletin, at=before), at=at)
    dispatch.start_due_sends(at=at)
    Delivery.objects.update(state=Delivery.State.ACCEPTED)
    bulletin.refresh_from_db()
    return bulletin


def anew(bulletin, begin, *, at):
    """Correct or retract a published bulletin and start its send."""
    begin(bulletin, by=editor(), at=at, what_changed=in_all(en="The day was wrong."))
    bulletin.refresh_from_db()
    submitted(bulletin, at=at)
    approval_workflow.approve(bulletin, digest=bulletin.digest, by=second_person(), at=at)
    publication_publish.publish(bulletin, at=at)
    dispatch.start_due_sends(at=at)
    Delivery.objects.update(state=Delivery.State.ACCEPTED)


def start(at):
    """Plan what is to be gathered and start it; return the sends."""
    sends = personal_digests.plan_due(at=at)
    dispatch.start_due_sends(at=at)
    dispatch.start_due_sends(at=at)  # and what a gathered mail passed over
    Delivery.objects.update(state=Delivery.State.ACCEPTED)
    return sends


def mails_to(recipient):
    return list(Delivery.objects.filter(recipient=recipient).order_by("pk").values_list("mailing__key", flat=True))


def test_slots_are_at_nine_in_the_campaigns_zone_also_across_a_clock_change(campaign):
    a_second_before = MONDAY - timedelta(seconds=1)
    assert personal_digests.last_slot(campaign, Pace.DAY, at=THURSDAY) == THURSDAY
    assert personal_digests.next_slot(campaign, Pace.DAY, at=THURSDAY) == THURSDAY + timedelta(days=1)
    assert personal_digests.next_slot(campaign, Pace.WEEK, at=NOON) == MONDAY
    assert personal_digests.last_slot(campaign, Pace.WEEK, at=a_second_before) == datetime(2026, 3, 23, 7, tzinfo=UTC)


def test_two_bulletins_are_one_mail_the_next_day_and_one_for_the_week(campaign, network):
    audience, each, day, week = network
    publish(campaign, audience)
    publish(campaign, audience, at=NOON + timedelta(hours=2))
    assert mails_to(each) == ["bulletin-1-v1", "bulletin-2-v1"]
    assert mails_to(day) == mails_to(week) == []

    start(THURSDAY)
    assert mails_to(day) == ["roundup-1v1-2v1"] and mails_to(week) == []

    start(MONDAY)
    assert mails_to(week) == ["roundup-1v1-2v1"]
    assert len(mails_to(each)) == 2 and len(mails_to(day)) == 1


def test_planned_again_it_is_one_and_nothing_new_is_nothing_sent(campaign, network):
    audience, _each, day, _week = network
    publish(campaign, audience)
    assert len(start(THURSDAY)) == 1
    assert start(THURSDAY + timedelta(minutes=1)) == start(THURSDAY + timedelta(days=1)) == []
    assert mails_to(day) == ["bulletin-1-v1"]


def test_what_comes_late_is_in_the_next_one(campaign, network):
    audience, _each, day, _week = network
    publish(campaign, audience)
    start(THURSDAY)
    publish(campaign, audience, at=THURSDAY + timedelta(minutes=5))
    start(THURSDAY + timedelta(days=1))
    assert mails_to(day) == ["bulletin-1-v1", "bulletin-2-v1"]


def test_a_change_of_mind_keeps_what_is_pending(campaign, network):
    audience, _each, _day, week = network
    publish(campaign, audience)
    changed = {"pace": Pace.EACH, "pace_before": Pace.WEEK, "changed_at": NOON + timedelta(hours=1)}
    MailChoice.objects.filter(recipient=week).update(**changed)
    publish(campaign, audience, at=NOON + timedelta(hours=2))
    assert mails_to(week) == ["bulletin-2-v1"]

    start(MONDAY)

    assert mails_to(week) == ["bulletin-2-v1", "bulletin-1-v1"]


def test_what_is_corrected_before_it_was_gathered_is_gathered_as_it_is_now(campaign, network):
    audience, each, day, _week = network
    bulletin = publish(campaign, audience)
    anew(bulletin, corrections.start_correction, at=NOON + timedelta(hours=1))

    start(THURSDAY)

    assert mails_to(each) == ["bulletin-1-v1", "bulletin-1-v2"]
    assert mails_to(day) == ["bulletin-1-v2"]


def test_a_correction_comes_at_once_to_whoever_got_a_gathered_mail(campaign, network):
    audience, _each, day, week = network
    bulletin = publish(campaign, audience)
    publish(campaign, audience, at=NOON + timedelta(hours=1))
    start(THURSDAY)

    anew(bulletin, corrections.start_correction, at=THURSDAY + timedelta(hours=1))

    assert mails_to(day) == ["roundup-1v1-2v1", "bulletin-1-v2"]
    assert mails_to(week) == []


def test_a_withdrawn_bulletin_and_an_urgent_one_are_not_gathered(campaign, network):
    audience, _each, day, _week = network
    bulletin = publish(campaign, audience)
    publish(campaign, audience, at=NOON + timedelta(hours=1), urgency="urgent")
    anew(bulletin, corrections.retract, at=NOON + timedelta(hours=2))
    assert mails_to(day) == ["bulletin-2-v1"]

    assert start(THURSDAY) == []

    assert mails_to(day) == ["bulletin-2-v1"]


def test_without_anybody_who_wants_it_one_query_looks(campaign, django_assert_num_queries):
    publish(campaign, build_audience(campaign, size=1))
    with django_assert_num_queries(1):
        assert personal_digests.plan_due(at=THURSDAY) == []
