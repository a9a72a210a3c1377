"""Who wants less mail gets less, and never misses a correction of what they got or what is urgent."""

from datetime import timedelta

import pytest

from delivery.fanout import fanout, member_preferences
from delivery.models import Delivery, MailChoice, Mailing, Recipient, Snooze
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing, build_send, build_topic

Pace = MailChoice.Pace
ACCEPTED = Delivery.State.ACCEPTED


@pytest.fixture
def people(campaign):
    """Five members: one for each pace, and one on a break."""
    audience = build_audience(campaign, size=5)
    each, day, week, urgent, away = Recipient.objects.order_by("pk")
    for one, pace in ((day, Pace.DAY), (week, Pace.WEEK), (urgent, Pace.URGENT)):
        MailChoice.objects.create(campaign=campaign, recipient=one, pace=pace)
    MailChoice.objects.create(campaign=campaign, recipient=away, break_until=NOON + timedelta(days=3))
    return audience, {"each": each, "day": day, "week": week, "urgent": urgent, "away": away}


def got(send, people):
    names = {person.pk: name for name, person in people.items()}
    return {names[pk] for pk in Delivery.objects.filter(send=send).values_list("recipient", flat=True)}


def test_only_who_wants_each_mail_gets_it_at_once(people):
    audience, who = people
    assert got(build_fanned_out_send(audience), who) == {"each"}


def test_what_is_urgent_comes_to_all(campaign, people):
    audience, who = people
    mailing = build_mailing(campaign, queue=Mailing.Queue.URGENT)
    assert got(build_fanned_out_send(audience, mailing=mailing), who) == set(who)


def test_a_break_ends(campaign, people):
    audience, who = people
    MailChoice.objects.filter(recipient=who["away"]).update(break_until=NOON)
    assert got(build_fanned_out_send(audience), who) == {"each", "away"}


def test_a_wish_in_one_campaign_says_nothing_about_another(people):
    from tests.support.builders import build_campaign, join

    _audience, who = people
    other = build_audience(build_campaign("toinen"), "toinen")
    join(other, who.values())
    assert got(build_fanned_out_send(other, mailing=build_mailing(other.campaign)), who) == set(who)


@pytest.mark.parametrize("exposed_only", [True, False])
def test_a_correction_comes_to_whoever_got_the_first_version(campaign, people, exposed_only):
    audience, who = people
    first = build_mailing(campaign)
    send = build_fanned_out_send(audience, mailing=first)
    Delivery.objects.filter(send=send).update(state=ACCEPTED)
    MailChoice.objects.create(campaign=campaign, recipient=who["each"], pace=Pace.URGENT)

    second = build_mailing(campaign, "mailing-2", thread=first)
    correction = build_send(audience, second, exposed_only=exposed_only)
    fanout.fan_out(correction, at=NOON)

    assert got(correction, who) == {"each"}


def test_a_gathered_send_is_for_those_who_want_it_and_those_who_did_until_lately(campaign, people):
    audience, who = people
    MailChoice.objects.create(
        campaign=campaign, recipient=who["each"], pace=Pace.EACH, pace_before=Pace.WEEK, changed_at=NOON
    )
    mailing = build_mailing(campaign)
    since = NOON - timedelta(days=7)
    assert got(build_fanned_out_send(audience, mailing=mailing, pace=Pace.WEEK, since=since), who) == {"week", "each"}

    later = build_send(audience, build_mailing(campaign, "m2"), pace=Pace.WEEK, since=NOON + timedelta(hours=1))
    fanout.fan_out(later, at=NOON)
    assert got(later, who) == {"week"}


def test_who_snoozes_a_topic_gets_none_of_it_and_keeps_their_place(campaign):
    audience = build_audience(campaign, size=3)
    awake, asleep, ended = Recipient.objects.order_by("pk")
    topic, other = build_topic(campaign, "schools"), build_topic(campaign, "travel")
    Snooze.objects.create(recipient=asleep, topic=topic, until=NOON + timedelta(days=7))
    Snooze.objects.create(recipient=ended, topic=topic, until=NOON)
    who = {"awake": awake, "asleep": asleep, "ended": ended}

    about_schools = build_mailing(campaign)
    about_schools.topics.set([topic])
    about_both = build_mailing(campaign, "both")
    about_both.topics.set([topic, other])
    about_nothing = build_mailing(campaign, "none")
    urgent = build_mailing(campaign, "urgent", queue=Mailing.Queue.URGENT)
    urgent.topics.set([topic])

    assert got(build_fanned_out_send(audience, mailing=about_schools), who) == {"awake", "ended"}
    for mailing in (about_both, about_nothing, urgent):
        assert got(build_fanned_out_send(audience, mailing=mailing), who) == set(who)
    assert asleep.memberships.get().left_at is None


def test_without_wishes_nothing_is_asked(campaign, django_assert_num_queries):
    audience = build_audience(campaign, size=2)
    send, other = build_send(audience), build_send(audience, build_mailing(campaign, "other"))
    with django_assert_num_queries(2):
        assert member_preferences.preference_clauses(send, send.mailing) == ([], [])
    assert fanout.fan_out(other, at=NOON) == 2
