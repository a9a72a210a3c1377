"""Whom a version goes to, and when: the numbers that approvers read are those of the sends that publishing plans."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bulletins.approval import approval_workflow
from bulletins.models import Bulletin, Cadence, Target
from bulletins.publication import corrections, distribution, publish
from bulletins.scheduling.admin import slots
from delivery.fanout import fanout
from delivery.models import Delivery, KeptCount, Recipient, Send
from delivery.recipients import audience_sizes
from delivery.reports import kept_counts, send_progress
from tests.support import builders

NOON = builders.NOON
LATER = NOON + timedelta(hours=2)


def shares(plan):
    """Return a plan's departures as (seconds after noon, people)."""
    return [(int((one.due_at(NOON) - NOON).total_seconds()), one.people) for one in plan.departures]


def test_those_who_get_it_at_once_come_first_and_each_later_slot_is_named(campaign, alma):
    close = builders.build_audience(campaign, "close", size=3)
    near = builders.build_audience(campaign, "near", size=2, stagger_minutes=30)
    wide = builders.build_audience(campaign, "wide", size=5, cadence="day", language="fi")
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=[wide, near, close])
    Target.objects.filter(audience=wide).update(timing="next_slot")
    builders.submitted(bulletin, by=alma)

    plan = distribution.distribution_of(bulletin, at=NOON)

    assert shares(plan) == [(0, 3), (30 * 60, 2), (3 * 3600, 5)]
    assert plan.first.at_once and plan.people == 10
    assert plan.headline(by_reader=True) == "Goes to up to 3 people the moment you approve it"
    assert plan.further() == ["2 more, 30 minutes after approval", "5 more on Wed 25 March 2026, 15:00"]
    assert plan.first.languages() == "Finnish 1, Swedish 1, English 1"


def test_who_is_in_two_audiences_is_counted_once_where_mail_leaves_first(campaign, alma, monkeypatch):
    close = builders.build_audience(campaign, "close", size=3)  # one reader of each language
    wide = builders.build_audience(campaign, "wide", size=5, cadence="day", languages=["fi", "sv"])
    near = builders.build_audience(campaign, "near", size=2, language="sv")
    readers = list(Recipient.objects.filter(memberships__audience=close).order_by("pk"))
    builders.join(wide, readers)
    builders.join(near, readers[:1])
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=[wide, near, close], urgency="urgent")
    Target.objects.filter(audience=wide).update(timing="next_slot")
    builders.submitted(bulletin, by=alma)

    plan = distribution.distribution_of(bulletin, at=NOON)
    assert shares(plan) == [(0, 5), (3 * 3600, 5)], "of 14 memberships the 10 people"
    assert plan.headline() == "Goes to 5 people the moment it is approved"
    assert slots.pane_of(bulletin, at=NOON)["people"] == 10

    monkeypatch.setattr(audience_sizes, "COMPARED", 3)
    plan = distribution.distribution_of(bulletin, at=NOON)
    assert plan.headline() == "Goes to up to 6 people the moment it is approved", "only a bound is known"
    monkeypatch.undo()

    approval_workflow.approve(bulletin, digest=bulletin.digest, by=builders.second_person(), at=NOON)
    for send in publish.publish(bulletin, at=NOON).mailing.sends.order_by("slot_at", "pk"):
        fanout.fan_out(send, at=NOON)
    assert Delivery.objects.count() == 10, "as the ledger has it"


def test_nothing_leaves_before_its_embargo_ends(campaign, alma):
    audience = builders.build_audience(campaign, size=3)
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=[audience], embargo_until=LATER, urgency="urgent")
    builders.submitted(bulletin, by=alma)

    assert shares(distribution.distribution_of(bulletin, at=NOON)) == [(2 * 3600, 3)]
    assert shares(distribution.distribution_of(bulletin, at=LATER + timedelta(seconds=1))) == [(0, 3)]


def test_digest_subscribers_are_named_apart_each_with_their_next_digest(campaign, alma):
    builders.build_audience(campaign, size=3)
    for size, every in enumerate(("week", "day", "immediate"), 2):
        builders.build_subscribers(size, builders.build_digest(campaign, every))
    Cadence.objects.filter(every="immediate").update(not_before=time(9), not_after=time(11))
    bulletin = builders.build_bulletin_in_review(campaign, by=alma)

    plan = distribution.distribution_of(bulletin, at=NOON)  # at 12:00, when digests at once have had their hours

    assert (plan.people, plan.in_digests) == (3, 9)
    assert [(one.people, one.due_at(NOON) > NOON, one.at_once) for one in plan.digests] == [
        (3, True, False),
        (4, True, False),
        (2, True, False),
    ]
    day, at_once, week = (one.moment for one in plan.digests)
    assert day < at_once < week and at_once.astimezone(campaign.zone).time() == time(9)
    Bulletin.objects.update(urgency="urgent")
    bulletin.refresh_from_db()
    urgent = distribution.distribution_of(bulletin, at=NOON)
    assert [(one.people, one.at_once) for one in urgent.digests] == [(4, True), (3, False), (2, False)]
    Cadence.objects.filter(every="week").update(only_urgency="urgent")
    assert distribution.distribution_of(bulletin, at=NOON).in_digests == 9
    Bulletin.objects.update(urgency="routine")
    bulletin.refresh_from_db()
    assert distribution.distribution_of(bulletin, at=NOON).in_digests == 7, "two readers are told only what is urgent"
    Bulletin.objects.update(urgency="urgent")
    bulletin.refresh_from_db()
    assert urgent.digest_times(by_reader=True)[0] == "4 the moment you approve it (Digest-immediate)"
    Bulletin.objects.update(embargo_until=NOON + timedelta(hours=1))
    bulletin.refresh_from_db()
    assert distribution.distribution_of(bulletin, at=NOON).digests[0].moment == NOON + timedelta(hours=1)


@pytest.fixture
def version(campaign, alma):
    """What was published for two audiences, of which one has it in part, and the other waits for its slot."""
    begun = builders.build_audience(campaign, "begun", size=6)
    waiting = builders.build_audience(campaign, "waiting", size=4)
    version = builders.build_published_version(campaign, by=alma, audiences=[begun, waiting])
    Send.objects.filter(audience=waiting).update(slot_at=LATER)
    send = Send.objects.get(audience=begun)
    fanout.fan_out(send, at=NOON)
    rows = list(Delivery.objects.filter(send=send).order_by("pk"))
    Delivery.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(state="accepted")
    Delivery.objects.filter(pk=rows[3].pk).update(state="unknown")
    return version


def corrected(version, alma, step=corrections.start_correction):
    """Return the bulletin with its next version in review."""
    step(version.bulletin, by=alma, at=NOON, what_changed=dict.fromkeys(builders.LANGUAGES, "Wrong day."))
    return builders.submitted(version.bulletin, by=alma)


@pytest.mark.parametrize(
    ("state", "step", "expected"),
    [
        ("finished", corrections.start_correction, [(0, 4), (2 * 3600, 4)]),  # of six, four got it or may have
        ("sending", corrections.start_correction, [(0, 6), (2 * 3600, 4)]),  # the others get the new one instead
        ("finished", corrections.retract, [(0, 4)]),
    ],
)
def test_a_later_version_goes_where_publishing_sends_it(version, alma, oskar, state, step, expected):
    Send.objects.filter(audience__slug="begun").update(state=state)
    bulletin = corrected(version, alma, step)

    plan = distribution.distribution_of(bulletin, at=NOON)
    assert shares(plan) == expected

    approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON)
    second = publish.publish(bulletin, at=NOON)
    planned = []
    Delivery.objects.filter(state__in=["handing_off", "queued", "ready"]).update(state="superseded")
    for send in second.mailing.sends.order_by("slot_at"):
        planned.append((int((send.slot_at - NOON).total_seconds()), fanout.fan_out(send, at=send.slot_at)))
    assert planned == expected


def test_whom_a_digest_told_reads_of_it_in_the_next_one(version, alma):
    assert distribution.distribution_of(corrected(version, alma), at=NOON).in_digests == 0


def test_a_large_send_is_not_walked_over_again(version, alma, monkeypatch):
    for module in (send_progress, kept_counts):
        monkeypatch.setattr(module, "KEPT", 5)
    send = Send.objects.get(audience__slug="begun")
    Send.objects.filter(pk=send.pk).update(state="finished", finished_at=NOON)
    kept_counts.count_large(at=NOON)
    bulletin = corrected(version, alma)
    Delivery.objects.filter(send=send).update(state="accepted")  # not counted yet
    assert KeptCount.objects.filter(name=send_progress.kept_name(send)).exists()

    assert shares(distribution.distribution_of(bulletin, at=NOON))[0] == (0, 4)


def test_many_cost_what_one_costs(campaign, version, alma):
    correction = corrected(version, alma)
    first = builders.build_bulletin_in_review(campaign, by=alma)

    def cost(bulletins):
        fresh = list(Bulletin.objects.filter(pk__in=[one.pk for one in bulletins]))
        with CaptureQueriesContext(connection) as queries:
            distribution.distributions_of(fresh, at=NOON)
        return len(queries)

    before = cost([correction, first])
    for _n in range(3):
        audience = builders.build_audience(campaign, f"more-{_n}", size=1)
        other = builders.build_published_version(campaign, by=alma, audiences=[audience])
        corrected(other, alma)
    assert cost(list(Bulletin.objects.all())) == before <= 14
