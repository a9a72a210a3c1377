"""Digests from slot to row: who gets what, once; what is late, missed, paused, changed or withdrawn in between."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bulletins.publication import corrections
from config.tick import DUE_STEPS
from delivery.links import unsubscribe
from delivery.models import Delivery, Mailing, Membership, Message, Send, Subscription, Suppression, TopicSet
from delivery.sending import dispatch, sweeper, worker
from delivery.subscriptions import subscription_choices
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.builders import (
    NOON,
    build_audience,
    build_bulletin,
    build_cadence,
    build_claim,
    build_published_version,
    build_subscribers,
    build_topic,
    editor,
    in_all,
    published,
    second_person,
)
from website.digests import digest_runs, outdated_digests, publication_order
from website.models import Digest, DigestItem, DigestRun, Publication

State = Delivery.State
HELSINKI = ZoneInfo("Europe/Helsinki")
SLOT = NOON + timedelta(hours=3)  # the daily digest of NOON's day, a Wednesday
NEXT = SLOT + timedelta(days=1)
WRONG = in_all(en="The day was wrong.")

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(campaign):
    """Whom bulletins are sent to; nobody here."""
    return build_audience(campaign)


@pytest.fixture
def daily(campaign):
    return digest(campaign, "day")


@pytest.fixture(autouse=True)
def two_at_a_time(settings, windows_of):
    windows_of(2)
    settings.SEND_CHUNK = 2
    settings.TRANSPORTS = {"exercise": "mailer"}


def digest(campaign, every, **fields):
    """Return a digest's audience: every day, every Monday or every month at 15:00, or at once."""
    return build_audience(campaign, f"digest-{every}", kind="digest", tier=None, cadence=every, **fields)


def publish(campaign, network, *, at=NOON, topics=(), **fields):
    """Publish a bulletin and return it."""
    bulletin = build_bulletin(campaign, audiences=[network], at=at, **fields)
    bulletin.topics.set(topics)
    return published(bulletin, at=at).bulletin


def anew(bulletin, begin=corrections.start_correction, *, at):
    """Correct or retract a published bulletin."""
    begin(bulletin, by=editor(), at=at, what_changed=WRONG)
    bulletin.refresh_from_db()
    return published(bulletin, at=at).bulletin


def tick(at, *, work=True):
    """Do what a tick does, and what workers do of it."""
    for step in DUE_STEPS:
        step(at=at)
    digest_runs.catch_up(at=at)
    dispatch.start_due_sends(at=at)
    if work:
        for send in Send.objects.filter(state=Send.State.SENDING, mailing__is_digest=True):
            worker.work(send.pk, clock=lambda: at)
    sweeper.sweep(at=at)
    outdated_digests.reconcile(at=at)


def told(subscription):
    """Return what was handed over to a subscriber, mail by mail: [(what it is about, whether it corrects), …]."""
    mails = Delivery.objects.filter(
        recipient=subscription.recipient_id, state=State.ACCEPTED, mailing__is_digest=True
    ).order_by("pk")
    return [
        [
            (item.publication.about, item.is_correction)
            for item in DigestItem.objects.filter(digest__mailing=mail.mailing_id).select_related("publication")
        ]
        for mail in mails
    ]


def about(bulletin):
    return f"bulletin-{bulletin.pk}"


# --- One person alone who pauses and shows again ---------------------------------------------------------------


def test_pausing_and_showing_again_by_turns_makes_no_flood_and_leaves_readers_with_what_is_so(campaign):
    at_once = digest(campaign, "immediate")
    (reader,) = build_subscribers(1, at_once)
    claim = build_claim(campaign)
    tick(NOON + timedelta(minutes=20))
    fact = (f"fact-{claim.pk}", True)
    assert told(reader) == [[(fact[0], False)]]

    for turn in range(6):
        at = NOON + timedelta(hours=1, minutes=turn)
        verdict_workflow.pause(claim, by=editor(), at=at)
        tick(at)
        tick(at + timedelta(seconds=20))
        verdict_workflow.resume(claim, by=editor(), at=at + timedelta(seconds=30))
        tick(at + timedelta(seconds=40))
    ended = NOON + timedelta(hours=2)
    tick(ended)
    assert told(reader)[1:] == [[fact]]
    assert list(Publication.objects.order_by("pk").values_list("change", flat=True)) == ["new", "paused"]

    tick(ended + timedelta(hours=24))
    tick(ended + timedelta(hours=24, minutes=20))
    assert told(reader)[2:] == [[fact]]
    assert Publication.objects.latest("pk").change == "resumed"


def test_a_pause_that_ended_before_it_was_told_tells_nothing(campaign, daily):
    (reader,) = build_subscribers(1, daily)
    claim = build_claim(campaign)
    tick(SLOT)
    for turn in range(3):
        at = SLOT + timedelta(hours=1, minutes=10 * turn)
        verdict_workflow.pause(claim, by=editor(), at=at)
        tick(at)
        verdict_workflow.resume(claim, by=editor(), at=at + timedelta(minutes=5))
        tick(at + timedelta(minutes=5))

    tick(NEXT)
    tick(NEXT + timedelta(days=1))

    assert told(reader) == [[(f"fact-{claim.pk}", False)]]


# --- The slot -----------------------------------------------------------------------------------------------


def test_a_digest_says_once_what_was_published_since_the_last_one(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    tick(SLOT - timedelta(seconds=1))
    assert told(reader) == []
    tick(SLOT)
    tick(SLOT + timedelta(minutes=1))
    two = publish(campaign, network, at=SLOT + timedelta(hours=1))
    tick(NEXT)
    assert told(reader) == [[(about(one), False)], [(about(two), False)]]
    assert DigestRun.objects.filter(slot_at__gte=SLOT).count() == 2


def test_when_there_is_nothing_to_say_nothing_is_sent(campaign, network, daily):
    libraries, schools = build_topic(campaign), build_topic(campaign, "schools")
    (reader,) = build_subscribers(1, daily, topics=[libraries])
    publish(campaign, network, topics=[schools])
    tick(SLOT)
    run = DigestRun.objects.get()
    assert (run.readers, run.silent, Mailing.objects.filter(is_digest=True).count()) == (0, 1, 0)
    reader.refresh_from_db()
    assert reader.cursor == run.upto


def test_readers_of_the_same_share_a_mail_whatever_their_topics_and_languages(campaign, network, daily):
    libraries, schools = build_topic(campaign), build_topic(campaign, "schools")
    build_subscribers(3, daily, topics=[libraries], prefix="l")
    build_subscribers(3, daily, topics=[libraries, schools], prefix="b")
    build_subscribers(3, daily, topics=[schools], prefix="s")
    publish(campaign, network, topics=[libraries])
    publish(campaign, network)
    tick(SLOT)
    sizes = sorted(Digest.objects.values_list("mailing__sends__candidates", flat=True))
    assert sizes == [3, 6]
    assert Message.objects.filter(mailing__is_digest=True).count() == 6


def test_a_reader_of_a_language_that_is_not_served_gets_the_first_one(campaign, network):
    daily = digest(campaign, "day", languages=["sv", "fi"])
    build_subscribers(1, daily, language="en")
    publish(campaign, network)
    tick(SLOT)
    assert list(Delivery.objects.filter(mailing__is_digest=True).values_list("language", flat=True)) == ["sv"]


def test_what_is_published_late_is_in_the_next_digest(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    publish(campaign, network)
    tick(SLOT)
    late = publish(campaign, network, at=SLOT - timedelta(minutes=5))  # it became visible only now
    tick(NEXT)
    assert told(reader)[1] == [(about(late), False)]


def test_a_slot_that_was_missed_goes_once(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network, at=NOON - timedelta(days=2))
    two = publish(campaign, network)
    tick(SLOT + timedelta(hours=26))  # and with it the slot after it
    tick(SLOT + timedelta(hours=27))
    assert told(reader) == [[(about(one), False), (about(two), False)]]
    assert DigestRun.objects.get().slot_at == NEXT


def test_no_slot_before_somebody_subscribed_is_theirs(campaign, network, daily):
    (reader,) = build_subscribers(1, daily, at=SLOT + timedelta(minutes=10))
    publish(campaign, network)
    tick(SLOT + timedelta(minutes=11))
    assert told(reader) == []
    tick(NEXT)
    assert len(told(reader)) == 1


def test_nothing_is_planned_for_a_closed_campaign(campaign, network, daily):
    build_subscribers(1, daily)
    publish(campaign, network)
    campaign.closed_at = NOON
    campaign.save()
    tick(SLOT)
    assert not DigestRun.objects.exists()


def test_a_look_costs_two_queries_when_nothing_is_due(campaign, network, daily, django_assert_num_queries):
    build_subscribers(3, daily)
    publish(campaign, network)
    tick(SLOT)
    with django_assert_num_queries(3):  # campaigns with new publications, cadences, runs
        digest_runs.plan_due(at=SLOT + timedelta(minutes=1))
    with django_assert_num_queries(1):
        outdated_digests.stop_outdated(at=SLOT)
    with django_assert_num_queries(1):
        outdated_digests.reconcile(at=SLOT + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("first", "slots"),
    [
        # 03:30 does not exist on 28 March 2027, and comes twice on 31 October.
        (datetime(2027, 3, 27, 12, tzinfo=HELSINKI), ["2027-03-28T01:30", "2027-03-29T00:30", "2027-03-30T00:30"]),
        (datetime(2027, 10, 30, 12, tzinfo=HELSINKI), ["2027-10-31T00:30", "2027-11-01T01:30", "2027-11-02T01:30"]),
    ],
)
def test_there_is_one_slot_a_day_when_the_clocks_change(campaign, network, first, slots):
    daily = build_audience(campaign, "digest-day", kind="digest")
    build_cadence(daily, "day", local_time=time(3, 30))
    (reader,) = build_subscribers(1, daily, considered_at=first)
    for hour in range(72):
        at = first + timedelta(hours=hour)
        if hour % 6 == 0:
            publish(campaign, network, at=at)
        for step in (digest_runs.plan_due, dispatch.start_due_sends):
            step(at=at.astimezone(UTC))
        Delivery.objects.update(state=State.ACCEPTED)
        Send.objects.update(state="finished", finished_at=at)
        outdated_digests.reconcile(at=at)
    found = sorted(Send.objects.filter(mailing__is_digest=True).values_list("slot_at", flat=True))
    assert [f"{slot.astimezone(UTC):%Y-%m-%dT%H:%M}" for slot in found] == slots
    things = [thing for mail in told(reader) for thing, _corrects in mail]
    assert len(things) == len(set(things))


# --- At once --------------------------------------------------------------------------------------------------


def test_what_goes_at_once_goes_with_the_next_look(campaign, network):
    at_once = digest(campaign, "immediate")
    (reader,) = build_subscribers(1, at_once)
    one = publish(campaign, network)
    tick(NOON + timedelta(seconds=1))
    two = publish(campaign, network, at=NOON + timedelta(minutes=5))
    tick(NOON + timedelta(minutes=5, seconds=1))
    assert told(reader) == [[(about(one), False)], [(about(two), False)]]
    assert set(Mailing.objects.filter(is_digest=True).values_list("queue", flat=True)) == {"bulletin"}


def test_at_once_waits_for_its_hours(campaign, network):
    at_once = build_audience(campaign, "digest-at-once", kind="digest")
    build_cadence(at_once, "immediate", not_before=time(8), not_after=time(20))
    (reader,) = build_subscribers(1, at_once)
    at_night = NOON.replace(hour=23)
    publish(campaign, network, at=at_night)
    tick(at_night + timedelta(minutes=1))
    assert told(reader) == []
    tick(at_night + timedelta(hours=9))
    assert len(told(reader)) == 1


def test_urgent_words_do_not_wait_for_the_hours_and_bring_nobody_else_a_mail_at_night(campaign, network):
    at_once = build_audience(campaign, "digest-at-once", kind="digest")
    build_cadence(at_once, "immediate", not_before=time(8), not_after=time(20))
    schools, water = build_topic(campaign, "schools"), build_topic(campaign, "water")
    (woken,) = build_subscribers(1, at_once, topics=[water], prefix="water-")
    (asleep,) = build_subscribers(1, at_once, topics=[schools], prefix="schools-")
    at_night = NOON.replace(hour=23)
    calm = publish(campaign, network, at=at_night, topics=[schools])
    tick(at_night + timedelta(minutes=1))
    assert told(woken) == told(asleep) == []

    urgent = publish(campaign, network, at=at_night + timedelta(hours=3), topics=[water], urgency="urgent")
    tick(at_night + timedelta(hours=3, minutes=1))
    tick(at_night + timedelta(hours=3, minutes=2))

    assert told(woken) == [[(about(urgent), False)]]
    assert told(asleep) == []
    assert set(Mailing.objects.filter(is_digest=True).values_list("queue", flat=True)) == {"urgent"}

    tick(at_night + timedelta(hours=9, minutes=1))
    assert told(asleep) == [[(about(calm), False)]] and len(told(woken)) == 1


def test_who_wants_only_what_is_urgent_gets_it_at_any_hour_and_nothing_else(campaign, network):
    only_urgent = build_audience(campaign, "digest-urgent", kind="digest")
    build_cadence(only_urgent, "immediate", not_before=time(8), not_after=time(20), only_urgency="urgent")
    weekly = digest(campaign, "week")
    (reader,) = build_subscribers(1, only_urgent, prefix="urgent-")
    (changed,) = build_subscribers(1, weekly, prefix="weekly-")
    publish(campaign, network, at=NOON)
    tick(NOON + timedelta(minutes=1))
    subscription_choices.change_cadence(changed, only_urgent, at=NOON + timedelta(minutes=2))
    tick(NOON + timedelta(minutes=3))
    assert told(reader) == told(changed) == []

    at_night = NOON.replace(hour=23)
    urgent = publish(campaign, network, at=at_night, urgency="urgent")
    tick(at_night + timedelta(minutes=1))
    tick(at_night + timedelta(minutes=2))
    assert told(reader) == told(changed) == [[(about(urgent), False)]]

    build_cadence(only_urgent, "immediate", slug="all")  # with a cadence for everything it is a digest like any other
    calm = publish(campaign, network, at=NOON + timedelta(days=1))
    tick(NOON + timedelta(days=1, minutes=1))
    assert told(reader)[-1] == [(about(calm), False)]


def test_urgent_words_do_not_go_before_the_first_or_after_the_last_day_of_a_cadence(campaign, network):
    at_once = build_audience(campaign, "digest-at-once", kind="digest")
    build_cadence(at_once, "immediate", not_before=time(8), not_after=time(20), until=NOON.date() - timedelta(days=1))
    (reader,) = build_subscribers(1, at_once)
    publish(campaign, network, at=NOON, urgency="urgent")
    tick(NOON + timedelta(minutes=1))
    assert told(reader) == []


def test_urgent_words_go_at_once_on_the_urgent_queue(campaign, network, daily):
    for audience in (digest(campaign, "immediate"), daily):
        build_subscribers(1, audience)
    publish(campaign, network, urgency="urgent")
    tick(SLOT)
    queues = dict(Mailing.objects.filter(is_digest=True).values_list("sends__audience__slug", "queue"))
    assert queues == {"digest-immediate": "urgent", "digest-day": "digest"}


@pytest.mark.parametrize("begin", [corrections.start_correction, corrections.retract])
def test_at_once_a_correction_comes_after_the_mail_to_those_who_posted(campaign, network, daily, settings, begin):
    settings.CORRECTION_HEAD_START_SECONDS = 10
    (soon,) = build_subscribers(1, digest(campaign, "immediate"))
    (later,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    tick(NOON + timedelta(seconds=1))
    two = publish(campaign, network, at=SLOT - timedelta(seconds=2))
    anew(one, begin, at=SLOT - timedelta(seconds=1))
    for second in range(-1, 9):
        tick(SLOT + timedelta(seconds=second))
        assert told(soon) == [[(about(one), False)]]
    # A slot is a slot.
    at_the_slot = [(about(two), False)] if begin is corrections.retract else [(about(two), False), (about(one), False)]
    assert told(later) == [at_the_slot]
    tick(SLOT + timedelta(seconds=9))
    assert told(soon) == [[(about(one), False)], [(about(one), True), (about(two), False)]]


def test_at_once_news_of_a_fact_check_wait_as_a_correction_does(campaign, network, settings):
    settings.CORRECTION_HEAD_START_SECONDS = 10
    (reader,) = build_subscribers(1, digest(campaign, "immediate"))
    claim = build_claim(campaign)
    tick(NOON + timedelta(seconds=1))
    builders.pause_claim(claim, told=in_all(en="We look again."), by=editor(), at=NOON + timedelta(minutes=1))
    tick(NOON + timedelta(minutes=1, seconds=9))
    assert len(told(reader)) == 1
    tick(NOON + timedelta(minutes=1, seconds=10))
    assert told(reader) == [[(f"fact-{claim.pk}", False)], [(f"fact-{claim.pk}", True)]]


def test_whom_a_stopped_digest_did_not_leave_to_waits_for_those_who_posted_too(campaign, network, settings):
    settings.CORRECTION_HEAD_START_SECONDS = 10
    (reader,) = build_subscribers(1, digest(campaign, "immediate"))
    one = publish(campaign, network)
    tick(NOON + timedelta(seconds=1), work=False)
    anew(one, at=NOON + timedelta(minutes=1))
    for second in (1, 9):
        tick(NOON + timedelta(minutes=1, seconds=second))
        assert told(reader) == []
    tick(NOON + timedelta(minutes=1, seconds=10))
    assert told(reader) == [[(about(one), False)]]
    mailing = Delivery.objects.get(recipient=reader.recipient_id, state=State.ACCEPTED).mailing_id
    assert DigestItem.objects.get(digest__mailing=mailing).publication.version.number == 2


# --- Changing one's mind ----------------------------------------------------------------------------------------


def move(subscription, audience, *, at):
    """Change how often someone's digest comes."""
    Membership.objects.filter(recipient=subscription.recipient_id, left_at=None).update(left_at=at)
    Membership.objects.create(audience=audience, recipient_id=subscription.recipient_id, joined_at=at)
    Subscription.objects.filter(pk=subscription.pk).update(audience=audience, considered_at=at)


def test_a_change_of_cadence_keeps_what_is_pending(campaign, network, daily):
    weekly = digest(campaign, "week")
    (reader,) = build_subscribers(1, weekly)
    one = publish(campaign, network)
    move(reader, daily, at=NOON + timedelta(hours=1))
    tick(SLOT)
    tick(SLOT + timedelta(days=5))  # Monday, and nothing new
    assert told(reader) == [[(about(one), False)]]


def test_who_comes_to_at_once_gets_soon_what_is_pending(campaign, network, daily):
    at_once = digest(campaign, "immediate")
    (reader,) = build_subscribers(1, daily)
    build_subscribers(1, at_once)
    publish(campaign, network)
    tick(NOON + timedelta(minutes=1))  # people who have it at once have it
    move(reader, at_once, at=NOON + timedelta(minutes=2))
    tick(NOON + timedelta(minutes=3))
    tick(SLOT)
    assert len(told(reader)) == 1


def test_what_came_at_once_does_not_come_again_weekly(campaign, network):
    at_once, weekly = digest(campaign, "immediate"), digest(campaign, "week")
    (reader,) = build_subscribers(1, at_once)
    publish(campaign, network)
    tick(NOON + timedelta(minutes=1))
    move(reader, weekly, at=NOON + timedelta(minutes=2))
    two = publish(campaign, network, at=NOON + timedelta(hours=1))
    tick(SLOT + timedelta(days=5))
    assert told(reader)[1:] == [[(about(two), False)]]


def test_who_leaves_one_rhythm_while_its_mail_is_in_the_air_gets_it_by_the_other(campaign, network, daily):
    weekly = digest(campaign, "week")
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    tick(SLOT, work=False)
    move(reader, weekly, at=SLOT)
    tick(SLOT + timedelta(minutes=1))  # it is not handed over to who is not in that audience any more
    tick(SLOT + timedelta(minutes=2))
    assert told(reader) == []
    tick(SLOT + timedelta(days=5))
    assert told(reader) == [[(about(one), False)]]


def test_during_a_break_nothing_comes_and_after_it_everything(campaign, network, daily):
    (reader,) = build_subscribers(1, daily, paused_until=NEXT - timedelta(hours=1))
    one = publish(campaign, network)
    tick(SLOT)
    assert told(reader) == []
    two = publish(campaign, network, at=SLOT + timedelta(hours=1))
    tick(NEXT)
    assert told(reader) == [[(about(one), False), (about(two), False)]]


def test_whose_break_ends_while_a_slot_is_planned_waits_for_the_next(campaign, network, daily, monkeypatch):
    reader, other = build_subscribers(2, daily)
    Subscription.objects.filter(pk=reader.pk).update(paused_until=NEXT + timedelta(days=9))
    one = publish(campaign, network)
    tick(SLOT)
    two = publish(campaign, network, at=SLOT + timedelta(hours=1))
    order_since = digest_runs.order_since

    def meanwhile(*args, **kwargs):
        monkeypatch.setattr(digest_runs, "order_since", order_since)
        reader.refresh_from_db()
        subscription_choices.resume(reader, at=NEXT - timedelta(minutes=1))
        return order_since(*args, **kwargs)

    monkeypatch.setattr(digest_runs, "order_since", meanwhile)
    tick(NEXT)
    assert (told(reader), told(other)) == ([], [[(about(one), False)], [(about(two), False)]])
    reader.refresh_from_db()
    assert (reader.cursor, reader.paused_until) == (0, None)
    tick(NEXT + timedelta(days=1))
    assert told(reader) == [[(about(one), False), (about(two), False)]]


def test_who_left_and_who_is_suppressed_gets_nothing(campaign, network, daily):
    gone, bad = build_subscribers(2, daily)
    publish(campaign, network)
    tick(SLOT - timedelta(hours=1))
    mailing = Mailing.objects.create(campaign=campaign, key="any", is_digest=True)
    unsubscribe.unsubscribe_recipient(gone.recipient_id, mailing, at=SLOT)
    Suppression.objects.create(address_hash=bad.recipient.address_hash, reason="no_such_address", since=NOON)
    tick(SLOT)
    tick(SLOT + timedelta(minutes=1))
    assert not Delivery.objects.filter(mailing__is_digest=True).exists()
    assert DigestRun.objects.get(slot_at=SLOT).readers == 0


def test_topics_that_change_between_planning_and_sending_keep_their_cursor(campaign, network, daily):
    libraries, schools = build_topic(campaign), build_topic(campaign, "schools")
    reader, _other = build_subscribers(2, daily, topics=[libraries])
    publish(campaign, network, topics=[libraries])
    two = publish(campaign, network, topics=[schools])
    digest_runs.plan_due(at=SLOT)
    chosen = TopicSet.objects.create(campaign=campaign, key=str(schools.pk))
    both = TopicSet.objects.create(campaign=campaign, key=f"{libraries.pk}.{schools.pk}")
    Subscription.objects.filter(pk=reader.pk).update(topics=chosen, told_topics=both)
    tick(SLOT)
    assert told(reader) == []
    tick(NEXT)
    assert told(reader) == [[(about(two), False)]]


# --- Corrected, withdrawn --------------------------------------------------------------------------------------------


def test_a_correction_of_what_was_told_comes_first_in_the_next_digest(campaign, network, daily):
    (reader,) = build_subscribers(1, daily, language="en")
    one = publish(campaign, network)
    tick(SLOT)
    two = publish(campaign, network, at=SLOT + timedelta(hours=1))
    anew(one, at=SLOT + timedelta(hours=2))
    tick(NEXT)
    assert told(reader)[1] == [(about(one), True), (about(two), False)]
    last = Message.objects.filter(mailing__is_digest=True, language="en").order_by("pk").last()
    assert last.subject.startswith("Correction: Libraries open") and "The day was wrong." in last.text


def test_what_was_withdrawn_before_its_digest_is_not_said(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    anew(one, corrections.retract, at=NOON + timedelta(hours=1))
    tick(SLOT)
    tick(NEXT)
    assert told(reader) == []


def test_a_withdrawn_bulletin_is_told_of_without_its_words(campaign, network, daily):
    (reader,) = build_subscribers(1, daily, language="en")
    one = publish(campaign, network)
    tick(SLOT)
    anew(one, corrections.retract, at=SLOT + timedelta(hours=1))
    tick(NEXT)
    assert told(reader)[1] == [(about(one), True)]
    last = Message.objects.filter(mailing__is_digest=True, language="en").order_by("pk").last()
    assert last.subject == "Bulletin 1 is withdrawn"
    assert "Libraries" not in last.text + last.html


def test_a_fact_check_that_is_paused_is_told_to_who_read_it(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    claim = build_claim(campaign)
    tick(SLOT)
    builders.pause_claim(claim, told=WRONG, by=second_person(), at=SLOT + timedelta(hours=1))
    tick(NEXT)
    thing = f"fact-{claim.pk}"
    assert told(reader) == [[(thing, False)], [(thing, True)]]


@pytest.mark.parametrize("begin", [corrections.start_correction, corrections.retract])
def test_what_changes_in_the_middle_stops_and_the_others_get_the_right_words(campaign, network, daily, begin):
    readers = build_subscribers(10, daily)
    one = publish(campaign, network)
    two = publish(campaign, network)
    tick(SLOT, work=False)
    send = Send.objects.get(mailing__is_digest=True)
    hand_over_half(send)
    assert Delivery.objects.filter(send=send, state=State.ACCEPTED).count() == 5
    anew(one, begin, at=SLOT + timedelta(minutes=1))

    send.refresh_from_db()
    assert send.state == Send.State.CANCELLED and send.reason == outdated_digests.OUTDATED
    for minute in range(2, 5):
        tick(SLOT + timedelta(minutes=minute))
    tick(NEXT)

    states = {state: Delivery.objects.filter(send=send, state=state).count() for state in State}
    assert states[State.ACCEPTED] == states[State.SUPERSEDED] == 5
    retracted = begin is corrections.retract
    have, lacked = [], []
    for reader in readers:
        mails = told(reader)
        (have if len(mails[0]) == 2 and mails[0][0] == (about(one), False) and len(mails) == 2 else lacked).append(
            mails
        )
    assert have == [[[(about(one), False), (about(two), False)], [(about(one), True)]]] * 5
    others = [(about(two), False)] if retracted else [(about(two), False), (about(one), False)]
    assert lacked == [[others]] * 5
    runs = list(DigestRun.objects.order_by("pk").values_list("slot_at", "again", "readers"))
    assert runs == [(SLOT, 0, 10), (SLOT, 1, 5), (NEXT, 0, 5)]


def hand_over_half(send):
    """Hand over half of a send's rows."""
    rows = Delivery.objects.filter(send=send).order_by("pk")
    half = list(rows.values_list("pk", flat=True)[: rows.count() // 2])
    rows.filter(pk__in=half).update(state=State.ACCEPTED, finished_at=SLOT)


def test_what_changes_between_planning_and_sending_is_planned_anew(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    digest_runs.plan_due(at=SLOT)
    anew(one, at=SLOT)
    tick(SLOT)
    tick(SLOT + timedelta(minutes=1))
    assert told(reader) == [[(about(one), False)]]
    numbers = DigestItem.objects.filter(digest__mailing__deliveries__isnull=False).values_list("publication__number")
    assert list(numbers) == [(2,)]


# --- What a person does ------------------------------------------------------------------------------------------------


def test_a_held_digest_gives_way_to_the_next(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    digest_runs.plan_due(at=SLOT)
    held = Send.objects.get(mailing__is_digest=True)
    held.hold("Somebody wants to look.")
    two = publish(campaign, network, at=SLOT + timedelta(hours=1))
    tick(NEXT)
    held.refresh_from_db()
    assert held.state == Send.State.CANCELLED and held.reason == digest_runs.ROLLED_ON
    assert told(reader) == [[(about(one), False), (about(two), False)]]


@pytest.mark.parametrize("begun", [False, True])
def test_what_a_person_cancels_is_in_the_next_slots_digest_and_no_sooner(campaign, network, daily, begun):
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    if begun:
        tick(SLOT, work=False)
    else:
        digest_runs.plan_due(at=SLOT)
    Send.objects.get(mailing__is_digest=True).cancel()
    for minute in range(1, 4):
        tick(SLOT + timedelta(minutes=minute))
    assert DigestRun.objects.count() == 1 and told(reader) == []
    tick(NEXT)
    assert told(reader) == [[(about(one), False)]]


def test_who_still_waits_for_a_digest_gets_no_other_before_it(campaign, network, daily):
    fast, slow = build_subscribers(2, daily)
    one = publish(campaign, network)
    tick(SLOT, work=False)
    rows = Delivery.objects.filter(mailing__is_digest=True)
    rows.filter(recipient=fast.recipient_id).update(state=State.ACCEPTED)
    later = NEXT + timedelta(hours=2)
    rows.filter(recipient=slow.recipient_id).update(state=State.DEFERRED, next_attempt_at=later)
    two = publish(campaign, network, at=SLOT + timedelta(hours=1))
    tick(NEXT)
    assert [len(told(fast)), len(told(slow))] == [2, 0]
    tick(later)
    tick(later + timedelta(minutes=1))
    assert told(fast) == told(slow) == [[(about(one), False)], [(about(two), False)]]


def test_what_failed_counts_as_told(campaign, network, daily):
    (reader,) = build_subscribers(1, daily)
    one = publish(campaign, network)
    tick(SLOT, work=False)
    Delivery.objects.filter(mailing__is_digest=True).update(state=State.FAILED, finished_at=SLOT)
    tick(SLOT + timedelta(minutes=1))
    anew(one, at=SLOT + timedelta(hours=1))
    tick(NEXT)
    assert told(reader) == [[(about(one), True)]]


@pytest.mark.parametrize("sent_again", [False, True], ids=["in doubt", "sent again and then stopped"])
def test_who_may_have_a_digest_does_not_get_it_again(campaign, network, daily, sent_again):
    (reader,) = build_subscribers(1, daily)
    publish(campaign, network)
    tick(SLOT, work=False)
    row = Delivery.objects.filter(mailing__is_digest=True)
    row.update(state=State.UNKNOWN, finished_at=SLOT)
    if sent_again:
        row.update(state=State.QUEUED, possible_duplicate=True, finished_at=None, next_attempt_at=NEXT)
        Send.objects.get(mailing__is_digest=True).cancel()
    tick(SLOT + timedelta(minutes=1))
    assert row.get().state == (State.EXPIRED if sent_again else State.UNKNOWN)

    two = publish(campaign, network, at=SLOT + timedelta(hours=1))
    tick(NEXT)
    assert told(reader) == [[(about(two), False)]]


def test_what_goes_wrong_with_one_audience_does_not_stop_the_others(campaign, network, daily, monkeypatch):
    at_once = digest(campaign, "immediate")
    for audience in (daily, at_once):
        build_subscribers(1, audience)
    publish(campaign, network)
    plan = digest_runs.plan

    def broken(audience, *rest, **named):
        if audience == daily:
            raise ValueError("broken")
        return plan(audience, *rest, **named)

    monkeypatch.setattr(digest_runs, "plan", broken)
    runs = digest_runs.plan_due(at=SLOT)
    assert [run.audience for run in runs] == [at_once]
    monkeypatch.undo()
    assert [run.audience for run in digest_runs.plan_due(at=SLOT)] == [daily]


def test_numbers_are_given_in_the_order_of_becoming_visible(campaign, network):
    first = build_published_version(campaign, audiences=[network], at=NOON)
    assert publication_order.give_numbers(campaign) == 1
    late = build_published_version(campaign, audiences=[network], at=NOON - timedelta(hours=1))
    assert publication_order.give_numbers(campaign) == 2
    numbers = dict(Publication.objects.values_list("version", "number"))
    assert numbers == {first.pk: 1, late.pk: 2}
