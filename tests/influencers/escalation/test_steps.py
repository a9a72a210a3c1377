"""The steps as rows: taken once, stopped, held, and never beyond what was approved."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEntry
from bulletins.checks import registry
from bulletins.models import Bulletin, SeenRule
from bulletins.scheduling import seen_steps
from campaigns.drill_clock import DrillClock
from delivery.models import Message, Send
from influencers.escalation import acknowledgement, asked_partners, ladder, seen_chart, seen_counts, step_runner
from influencers.models import AskedPartner, CallNumber, EscalationStep, SeenRequest
from notifications.models import Notice
from preparedness.drills import figures
from preparedness.drills.trails import Trail
from preparedness.models import DrillEvent
from tests.influencers.recall.recall_scene import correct
from tests.support import builders
from tests.support.builders import NOON

from .escalation_scene import ask, partner, tiers

pytestmark = pytest.mark.django_db


def after(minutes: int) -> Any:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def groups(campaign: Any, roles: None) -> Any:
    return tiers(campaign)


@pytest.fixture
def people(campaign: Any, groups: Any) -> Any:
    found = [partner(campaign, name, groups[0]) for name in ("aino", "peter", "zahra")]
    CallNumber.objects.create(influencer=found[0], number="0505550101", given_at=NOON)
    return found


def tick(*minutes: int) -> None:
    for one in minutes:
        step_runner.advance_due(at=after(one))


def state(request: SeenRequest) -> list[tuple[str, str]]:
    return [(one.kind, one.outcome) for one in request.steps.exclude(taken_at=None)]


def test_each_step_is_taken_once_at_its_time(campaign, groups, people):
    liaison = builders.build_user("sanni", "liaison")
    request = ask(campaign, groups[0])

    tick(19)
    assert state(request) == []
    tick(20, 20)
    assert state(request) == [("calls", "done")]
    assert Notice.objects.filter(person=liaison, kind="calls_open").count() == 1
    tick(40, 41)
    assert state(request)[1:] == [("audience", "not_approved")]
    assert Send.objects.count() == 1
    assert AuditEntry.objects.filter(verb="seen.step").count() == 2
    request.refresh_from_db()
    assert request.ended_at is None and request.calls_since == after(20)


def test_a_step_that_fails_leaves_nothing_and_is_taken_with_the_next_tick(campaign, groups, people, monkeypatch):
    builders.build_user("sanni", "liaison")
    request = ask(campaign, groups[0])
    with monkeypatch.context() as broken:
        broken.setattr(step_runner.outbox, "write", lambda *args, **fields: 1 / 0)
        tick(20)
    request.refresh_from_db()
    assert request.calls_since is None and state(request) == []

    tick(21)
    assert len(state(request)) == 1


def test_it_stops_by_itself_when_enough_of_the_closest_tier_have_seen_it(campaign, groups, people):
    partner(campaign, "veli", groups[1])
    request = ask(campaign, *groups)
    for one in people:
        acknowledgement.acknowledge(acknowledgement.asked(request, one), at=after(5))

    tick(10, 20)

    request.refresh_from_db()
    assert (request.ended, request.ended_at, state(request)) == ("enough", after(10), [])
    with translation.override("en"):
        assert {rung.says for rung in ladder.of(request, at=after(20)).rungs} == {"Not taken: it was over before."}


def test_the_next_group_gets_it_by_each_channel_only_when_it_was_approved(campaign, groups, people, settings):
    settings.EXERCISE_CHANNELS = ["sms"]
    wide = partner(campaign, "veli", groups[1])
    request = ask(campaign, groups[0], seen_next=groups[1])
    said = Message(mailing=request.version.mailing, channel="sms", language="fi", subject="t", text="Keitä vesi.")
    Message.objects.freeze([said])
    assert not request.people.filter(influencer=wide).exists()

    tick(10, 20, 40, 41)

    send, by_phone = Send.objects.filter(audience=groups[1]).order_by("pk")
    assert (by_phone.channel, by_phone.slot_at) == ("sms", after(40))
    assert (send.mailing_id, send.slot_at) == (request.version.mailing_id, after(40))
    assert request.people.get(influencer=wide).asked_at == after(40)


def test_a_person_holds_it_and_lets_it_go_on(campaign, groups, people, signed_in):
    request = ask(campaign, groups[0])
    sanni = builders.build_user("sanni", "liaison")
    step_runner.hold(request.pk, by=sanni, at=after(1))
    tick(10, 20)
    assert state(request) == []

    step_runner.go_on(request.pk, by=sanni, at=after(30))
    step_runner.call_now(request.pk, by=sanni, at=after(30))
    assert state(request) == [("calls", "done")]
    tick(30, 40)
    assert state(request) == [("calls", "done"), ("audience", "not_approved")]
    assert set(AuditEntry.objects.filter(verb__startswith="seen.", actor=sanni).values_list("verb", flat=True)) == {
        "seen.held",
        "seen.went_on",
        "seen.step",
    }


def test_a_correction_ends_it_and_nobody_steers_it_any_more(campaign, groups, people):
    request = ask(campaign, groups[0])
    correct(request.version, at=after(12))

    tick(20)

    assert state(request) == []
    with pytest.raises(step_runner.NotSteered):
        step_runner.call_now(request.pk, by=builders.editor(), at=after(20))


def test_the_page_names_the_version_that_asked_whatever_became_of_the_bulletin(campaign, groups, people, signed_in):
    request = ask(campaign, groups[0])
    said = request.version.editions.get(language="en").title
    correct(request.version, at=after(12))
    Bulletin.objects.get().editions.update(title="Another title")

    page = signed_in(builders.build_user("liisa", "liaison")).get(
        reverse("admin:influencers_seenrequest_change", args=[request.pk])
    )

    number = request.version.bulletin.number
    assert page.context["title"] == f"Who has seen bulletin {number}"
    assert page.context["bulletin_title"] == said != "Another title"
    assert f">{number}</a>" in page.content.decode() and f"{number}, v2" not in page.content.decode()
    assert step_runner.words_of_calls(request, 1, at=after(20)).startswith(f"Bulletin {number}, urgent")


def test_the_rule_is_kept_as_it_was_when_the_bulletin_was_submitted(campaign, groups, people):
    rule = SeenRule.objects.create(campaign=campaign, channel_after=None, calls_after=5, audience_after=None)
    request = ask(campaign, groups[0])
    rule.calls_after = 60
    rule.save()

    assert request.plan["rule"]["steps"] == [["calls", 5]]
    tick(5)
    assert [kind for kind, _outcome in state(request)] == ["calls"]


def test_an_approval_covers_night_next_group_and_rule(campaign, groups):
    bulletin = builders.build_bulletin(campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True)
    digests = {bulletin.content_digest()}
    for name, value in (("seen_at_night", True), ("seen_next", groups[1]), ("seen_rule", SeenRule().plain())):
        setattr(bulletin, name, value)
        digests.add(bulletin.content_digest())

    assert len(digests) == 4


def test_whoever_approves_reads_what_follows(campaign, groups, people, signed_in):
    bulletin = builders.build_bulletin(
        campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True, seen_next=groups[1], seen_at_night=True
    )
    builders.submitted(bulletin)
    desk = signed_in(builders.build_user("oskar-here", "approver"))

    html = desk.get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()

    for words in (
        "It goes at once by every channel that they have chosen",
        "After 20 minutes: liaisons call",
        "After 40 minutes: it is also sent to Wide.",
        "90% of the closest",
    ):
        assert words in html
    assert "because life is at stake" in html


def test_the_tick_costs_the_same_however_many_were_asked(campaign, groups):
    def cost(at: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            step_runner.advance_due(at=at)
        return len(queries)

    request = ask(campaign, groups[0])
    few = cost(after(1))
    influencer = partner(campaign, "aino", groups[0])
    AskedPartner.objects.create(request=request, influencer=influencer, tier=1, asked_at=NOON)
    assert cost(after(2)) == few

    SeenRequest.objects.update(ended_at=NOON, ended="over")
    assert cost(after(3)) == 1


def test_the_desk_says_what_comes_next_and_what_stops_it(campaign, groups, people):
    request = ask(campaign, groups[0])
    with translation.override("en"):
        shown = ladder.of(request, at=after(4))
        assert (shown.next, shown.minutes) == ("Next, at 12:20: call list for liaisons", 16)
        assert "90%" in shown.stops and shown.nobody_calls
        tick(20)
        assert [rung.state for rung in ladder.of(request, at=after(22)).rungs] == ["done", "now"]
    assert EscalationStep.objects.count() == 2 and Bulletin.objects.exists()


@pytest.mark.parametrize("is_late", [False, True])
def test_a_next_channel_that_an_older_rule_names_is_promised_to_nobody(campaign, groups, people, is_late):
    rule = SeenRule().plain()
    rule["steps"].insert(0, ["channel", 10])
    bulletin = builders.build_bulletin(
        campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True, seen_rule=rule
    )
    with translation.override("en"):
        words = seen_steps.words_of_plan(bulletin, at=NOON)
    assert not [one for one in words if "10 minutes" in one or "next channel" in one]
    assert words[1].startswith("It goes at once by every channel") and words[2].startswith("After 20 minutes: liaisons")

    request = ask(campaign, groups[0])
    request.steps.all().delete()
    request.plan = request.plan | {"rule": rule}
    request.save()
    asked_partners.plan_steps(request)
    assert [one.kind for one in request.steps.all()] == ["calls", "audience"]
    if is_late:  # it began before
        EscalationStep.objects.create(request=request, position=0, kind="channel", due_at=after(10))
        tick(10)
        assert state(request) == [("channel", "all_used")]


def test_the_page_names_the_channels_that_it_went_by(campaign, groups, people, settings):
    settings.EXERCISE_CHANNELS = ["sms"]
    request = ask(campaign, groups[0])
    with translation.override("en"):
        assert ladder.of(request, at=after(4)).went.startswith("Sent by email only:")
        for channel, number in (("telegram", 1), ("sms", 3), ("push", 0)):
            Send.objects.create(
                mailing=request.version.mailing,
                audience=groups[0],
                channel=channel,
                slot_key=channel,
                slot_at=NOON,
                candidates=number,
            )
        says = "Sent at once by email and by: text message (3 addresses), Telegram (1 address). No channel is left."
        assert ladder.of(request, at=after(12)).went == says
        Send.objects.filter(channel="sms").update(state=Send.State.HELD)
        says = (
            "Sent at once by email and by: Telegram (1 address). No channel is left. "
            "Held, and not sent until somebody releases it: text message (3 addresses)."
        )
        assert ladder.of(request, at=after(12)).went == says


@pytest.mark.parametrize("standing", [Send.State.FINISHED, Send.State.HELD])
def test_a_chat_room_is_no_channel_by_which_the_asked_were_reached(campaign, groups, people, standing):
    request = ask(campaign, groups[0])
    Send.objects.create(
        mailing=request.version.mailing,
        audience=groups[0],
        channel="room",
        slot_key="room",
        slot_at=NOON,
        candidates=1,
        state=standing,
    )

    with translation.override("en"):
        went = ladder.of(request, at=after(4)).went
        lines = seen_counts.standing_of(request, at=after(4), names=False).channels

    assert went == "Sent by email only: nobody has chosen another channel for what is urgent, or none is set up."
    assert [line.name for line in lines] == ["portal", "email"]


@pytest.mark.parametrize(("at_night", "due"), [(False, ["07:00", "07:20"]), (True, ["22:10", "22:30"])])
def test_steps_that_the_night_puts_off_keep_their_distance(campaign, groups, people, at_night, due):
    request = ask(campaign, groups[0], seen_at_night=at_night)
    request.steps.all().delete()
    request.began_at = after(9 * 60 + 50)
    asked_partners.plan_steps(request)

    assert [f"{campaign.local(one.due_at):%H:%M}" for one in request.steps.order_by("position")] == due


def test_the_picture_shows_who_counts_the_steps_and_when_it_is_enough(campaign, groups, people):
    partner(campaign, "veli", groups[1])
    request = ask(campaign, *groups)
    for minutes, one in zip((4, 26), people, strict=False):
        acknowledgement.acknowledge(acknowledgement.asked(request, one), at=after(minutes))
    tick(20)
    with translation.override("en"):
        shown = seen_chart.of(request, ladder.of(request, at=after(28)), at=after(28))

    assert shown and shown.title == "2 of the 3 in closest contact have seen it, 28 minutes after the first send"
    assert [(mark.number, mark.seen) for mark in shown.marks] == [(1, 1), (2, None)]
    assert 0 < shown.marks[0].x < shown.now_x < shown.marks[1].x < 100
    assert shown.enough == 3 and shown.enough_y < shown.now_y


def test_where_nobody_is_asked_it_is_over_at_once_and_said_before_and_after(campaign, groups, signed_in):
    partner(campaign, "veli", groups[1])
    bulletin = builders.build_bulletin(campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True)
    with translation.override("en"):
        assert seen_steps.words_of_plan(bulletin, at=NOON) == [
            "Nobody is asked to say that they have seen it: none of its groups has a partner."
        ]
    assert [one.level for one in registry.findings(bulletin, at=NOON) if one.code == "asks-nobody"] == ["advice"]

    request = SeenRequest.objects.get(version=builders.published(bulletin))
    tick(10, 20, 40)

    assert (request.ended, request.ended_at, state(request)) == ("nobody", NOON, [])
    assert not Notice.objects.filter(kind="calls_open").exists()
    page = signed_in(builders.build_user("liisa", "liaison")).get(
        reverse("admin:influencers_seenrequest_change", args=[request.pk])
    )
    assert page.status_code == 200 and "Nobody was asked" in page.content.decode()


def test_where_nobody_is_asked_yet_the_group_that_was_approved_still_gets_it(campaign, groups):
    wide = partner(campaign, "veli", groups[1])
    bulletin = builders.build_bulletin(
        campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True, seen_next=groups[1]
    )
    with translation.override("en"):
        words = seen_steps.words_of_plan(bulletin, at=NOON)
    assert words[0].startswith("Nobody is asked") and f"After 40 minutes: it is also sent to {groups[1]}." in words

    request = SeenRequest.objects.get(version=builders.published(bulletin))
    tick(20, 40)

    assert request.ended == "" and request.people.get().influencer == wide


def test_where_the_further_group_has_nobody_either_it_is_over_at_once_and_that_is_said(campaign, groups, signed_in):
    bulletin = builders.build_bulletin(
        campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True, seen_next=groups[1]
    )
    with translation.override("en"):
        assert seen_steps.words_of_plan(bulletin, at=NOON) == [
            "Nobody is asked to say that they have seen it: none of its groups has a partner.",
            f"{groups[1]} has no partner now, so nobody else would be asked.",
        ]

    request = SeenRequest.objects.get(version=builders.published(bulletin))
    tick(20, 40)

    assert (request.ended, request.ended_at, state(request)) == ("nobody", NOON, [])
    assert Send.objects.count() == 1


def test_a_further_group_whose_people_are_gone_when_its_turn_comes_ends_it_then(campaign, groups):
    wide = partner(campaign, "veli", groups[1])
    request = ask(campaign, groups[0], seen_next=groups[1])
    wide.recipient.memberships.all().delete()
    with translation.override("en"):
        [_calls, further] = ladder.of(request, at=after(1)).rungs
    assert further.says == f"{groups[1]} has no partner now, so nobody else would be asked."

    tick(20, 40)
    request.refresh_from_db()
    assert (request.ended, state(request)[1]) == ("", ("audience", "done"))
    tick(41)
    request.refresh_from_db()
    assert (request.ended, request.ended_at) == ("nobody", after(41))


def test_those_who_are_asked_go_on_being_asked_where_the_further_group_has_nobody(campaign, groups, people):
    bulletin = builders.build_bulletin(
        campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True, seen_next=groups[1]
    )
    with translation.override("en"):
        words = seen_steps.words_of_plan(bulletin, at=NOON)
    assert (
        words.index(f"{groups[1]} has no partner now, so nobody else would be asked.")
        == words.index(f"After 40 minutes: it is also sent to {groups[1]}.") + 1
    )

    request = SeenRequest.objects.get(version=builders.published(bulletin))
    tick(20, 40, 41)
    request.refresh_from_db()
    assert request.ended == "" and len(state(request)) == 2


def test_who_has_partners_to_ask_is_told_nothing_of_it(campaign, groups, people):
    bulletin = builders.build_bulletin(campaign, audiences=[groups[0]], urgency="urgent", asks_seen=True)
    assert not [one for one in registry.findings(bulletin, at=NOON) if one.code == "asks-nobody"]
    request = SeenRequest.objects.get(version=builders.published(bulletin))
    again = correct(request.version, at=after(12))
    assert not again.bulletin.asks_nobody(at=after(12)) and again.seen_request.ended == ""


def test_a_drill_measures_until_half_and_until_enough_had_seen_it(campaign, groups, people):
    partner(campaign, "veli", groups[1])
    request = ask(campaign, *groups)
    for minutes, one in zip((4, 6, 12), people, strict=True):
        acknowledgement.acknowledge(acknowledgement.asked(request, one), at=after(minutes))
    clock, event = DrillClock(began=NOON, speed=1, minutes=60, begins=time(12)), DrillEvent(key="input")

    trail = Trail(event, published=request.version, approved=NOON)
    assert figures.seen([trail], clock) == {"seen_half": 360.0, "seen_enough": 720.0}
    assert figures.seen([Trail(event)], clock) == {}
