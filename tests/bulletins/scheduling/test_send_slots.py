"""When each tier gets it, what a moved slot says, and cadences that change in mid-campaign."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bulletins.approval import approval_workflow
from bulletins.models import Bulletin, Cadence, NotAllowed
from bulletins.publication import corrections, due_bulletins, publish
from bulletins.scheduling import send_slots
from bulletins.scheduling.admin.slots import pane_of
from delivery.models import Send
from delivery.sending import dispatch, sweeper
from tests.support.builders import (
    NOON,
    approved,
    build_audience,
    build_bulletin,
    build_cadence,
    build_campaign,
    editor,
    in_all,
    second_person,
    submitted,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
HOUR = timedelta(hours=1)


def local(*parts):
    return datetime(*parts, tzinfo=HELSINKI)


@pytest.fixture
def tiers(campaign):
    return build_audience(campaign, "partners", tier=1), build_audience(campaign, "network", stagger_minutes=60)


def slots(bulletin):
    return dict(bulletin.targets.values_list("audience__slug", "slot_at"))


class TestTiers:
    """Partners ahead of the open network, except where every minute counts."""

    def test_as_soon_as_it_is_approved_goes_tier_after_tier(self, campaign, tiers):
        bulletin = approved(build_bulletin(campaign, audiences=tiers))

        assert slots(bulletin) == {"partners": NOON, "network": NOON + HOUR}
        publish.publish(bulletin, at=NOON)
        assert dict(Send.objects.values_list("audience__slug", "slot_at")) == slots(bulletin)

    def test_with_an_embargo_the_hour_counts_from_its_end(self, campaign, tiers):
        bulletin = approved(build_bulletin(campaign, audiences=tiers, embargo_until=NOON + 2 * HOUR))

        assert slots(bulletin) == {"partners": NOON + 2 * HOUR, "network": NOON + 3 * HOUR}

    def test_a_chosen_time_is_the_first_tiers(self, campaign, tiers):
        bulletin = build_bulletin(campaign, audiences=tiers)
        bulletin.targets.update(timing="at_time", at=NOON + HOUR)
        bulletin = submitted(bulletin)

        assert slots(bulletin) == {"partners": NOON + HOUR, "network": NOON + 2 * HOUR}
        contents = bulletin.content()["targets"]
        assert len({one["slot_at"] for one in contents}) == 2  # what is approved are these very times

    def test_a_cadences_slots_are_its_own(self, campaign, tiers):
        for audience in tiers:
            build_cadence(audience, "day")

        bulletin = submitted(build_bulletin(campaign, audiences=tiers, timing="next_slot"))

        assert set(slots(bulletin).values()) == {local(2026, 3, 25, 15)}

    def test_urgent_words_go_to_everybody_at_once(self, campaign, tiers):
        assert set(slots(approved(build_bulletin(campaign, audiences=tiers, urgency="urgent"))).values()) == {NOON}

    def test_a_correction_waits_for_no_tier(self, campaign, tiers):
        bulletin = approved(build_bulletin(campaign, audiences=tiers))
        publish.publish(bulletin, at=NOON)
        Send.objects.update(state=Send.State.FINISHED, fanned_out_at=NOON)
        corrections.start_correction(bulletin, by=editor(), at=NOON, what_changed=in_all(en="x"))
        bulletin.targets.filter(audience=tiers[0]).delete()

        approved(bulletin, at=NOON + HOUR)
        assert due_bulletins.publish_due(at=NOON + HOUR) == [bulletin]

        assert {send.slot_at for send in Send.objects.filter(exposed_only=True)} == {NOON + HOUR}

    def test_a_correction_leaves_those_who_posted_a_head_start_and_digests_none(self, campaign, tiers, monkeypatch):
        monkeypatch.setattr("django.conf.settings.CORRECTION_HEAD_START_SECONDS", 10)
        digest = build_audience(campaign, "digest", kind="digest")
        bulletin = approved(build_bulletin(campaign, audiences=[*tiers, digest]))
        publish.publish(bulletin, at=NOON)
        Send.objects.update(state=Send.State.FINISHED, fanned_out_at=NOON)
        corrections.start_correction(bulletin, by=editor(), at=NOON, what_changed=in_all(en="x"))

        approved(bulletin, at=NOON + HOUR)
        due_bulletins.publish_due(at=NOON + HOUR)

        sends = Send.objects.filter(exposed_only=True).values_list("audience__slug", "slot_at")
        later = NOON + HOUR + timedelta(seconds=10)
        a_moment = NOON + HOUR + timedelta(seconds=1)
        assert dict(sends) == {"partners": later, "network": later, "digest": a_moment}

    def test_the_desk_says_when_in_words(self, campaign, tiers):
        bulletin = build_bulletin(campaign, audiences=tiers)

        def line(slug):
            bulletin.refresh_from_db()
            return next(one for one in pane_of(bulletin, at=NOON)["lines"] if one.audience.slug == slug)

        def chosen(slug):
            one = line(slug)
            return next(option.says for option in one.options if option.value == one.value), one.moment, one.notes

        later = ["Network gets it 60 minutes after the first."]
        assert chosen("partners") == ("as soon as it is approved", None, [])
        assert chosen("network") == ("as soon as it is approved", None, later)
        bulletin.targets.update(timing="at_time", at=NOON + HOUR)
        assert chosen("partners") == ("at a time I choose", NOON + HOUR, [])
        assert chosen("network") == ("at a time I choose", NOON + 2 * HOUR, later)
        bulletin.targets.update(timing="next_slot", at=None)
        assert chosen("network") == ("in the next slot, but none is scheduled", None, [])
        build_cadence(tiers[1], "day")
        assert chosen("network")[1:] == (local(2026, 3, 25, 15), [])
        Bulletin.objects.update(embargo_until=NOON + 5 * HOUR)
        assert chosen("network")[1:] == (local(2026, 3, 26, 15), ["1 slot before the embargo ends is not offered."])
        bulletin.targets.update(timing="at_once")
        assert line("network").moment == NOON + 6 * HOUR and later[0] in line("network").notes


class TestRefusals:
    """Nothing leaves at a time that nobody meant."""

    def test_a_slot_that_has_passed_cannot_be_approved(self, campaign, tiers):
        bulletin = build_bulletin(campaign, audiences=tiers)
        bulletin.targets.update(timing="at_time", at=NOON + HOUR)
        bulletin = submitted(bulletin)
        before = Bulletin.objects.filter(pk=bulletin.pk).values().get()

        with pytest.raises(NotAllowed, match="has passed"):
            approval_workflow.approve(bulletin, digest=bulletin.digest, by=second_person(), at=NOON + 2 * HOUR)

        assert Bulletin.objects.filter(pk=bulletin.pk).values().get() == before and not Send.objects.exists()

    def test_before_its_embargo_ends_nothing_is_published(self, campaign, tiers):
        bulletin = approved(build_bulletin(campaign, audiences=tiers, embargo_until=NOON + HOUR))

        with pytest.raises(NotAllowed, match="embargo has not ended"):
            publish.publish(bulletin, at=NOON + HOUR - timedelta(seconds=1))
        assert not Send.objects.exists()

        assert due_bulletins.publish_due(at=NOON + HOUR) == [bulletin]


@pytest.mark.parametrize(
    ("slot", "at", "says"),
    [
        (local(2027, 3, 28, 4, 30), time(3, 30), "does not exist on 28 March: the clocks go forward. It is sent at"),
        (
            local(2027, 10, 31, 3, 30),
            time(3, 30),
            "occurs twice on 31 October: the clocks go back. It is sent at the first",
        ),
        (local(2027, 3, 27, 3, 30), time(3, 30), None),
        (local(2027, 3, 28, 4, 30), time(4, 30), None),
    ],
)
def test_a_slot_that_the_clocks_move_keeps_the_time_that_was_meant(tiers, slot, at, says):
    cadence = build_cadence(tiers[0], "day", local_time=at)

    found = cadence.next_slot(after=slot.replace(hour=0, minute=0))

    assert found == slot
    explained = cadence.explain(found)
    assert (says in explained and "3:30" in explained) if says else not explained, explained


# --- Cadences that change in mid-campaign --------------------------------------------------------------

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["new", "end", "time", "delete", "write", "approve", "edit"]),
        st.integers(0, 1),  # the audience, or which of two bulletins
        st.sampled_from([time(2, 59), time(3), time(3, 30), time(4), time(15)]),
        st.sampled_from(["day", "week", "month", "immediate"]),
    ),
    min_size=5,
    max_size=14,
)


@pytest.mark.parametrize("around", [date(2027, 3, 28), date(2027, 10, 31)])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
@example(
    changes=[*[("new", 0, time(2, 59), "day")] * 4, ("write", 0, time(2, 59), "day"), ("approve", 0, time(3), "day")]
)
def test_however_cadences_change_every_approved_bulletin_goes_once_to_each_audience(db, around, changes):
    with transaction.atomic():
        play(changes, around)
        transaction.set_rollback(True)


def play(changes, around):
    """Live through changes, five hours apart, and all slots after them."""
    campaign = build_campaign("changing")
    audiences = [build_audience(campaign, slug) for slug in ("partners", "network")]
    for audience in audiences:
        build_cadence(audience, "day", local_time=time(3, 30))
    at = datetime.combine(around - timedelta(days=1), time(0), tzinfo=HELSINKI).astimezone(UTC)
    drafts: list[Bulletin] = []
    fixed: dict[int, dict[str, datetime]] = {}

    for deed, which, hour, every in changes:
        audience = audiences[which]
        day = at.astimezone(HELSINKI).date()
        cadences = Cadence.objects.filter(audience=audience)
        if deed == "new":
            more = {"weekday": 6} if every == "week" else {}
            hours = {} if every == "immediate" else {"local_time": hour}
            build_cadence(
                audience,
                every,
                slug=f"x{Cadence.objects.count()}-{len(fixed)}-{at:%d%H}",
                starts_on=day,
                **hours,
                **more,
            )
        elif deed == "end":
            cadences.filter(starts_on__lte=day).update(until=day)
        elif deed == "time":
            cadences.exclude(every="immediate").update(local_time=hour)
        elif deed == "delete":
            cadences.first() and cadences.first().delete()
        elif deed == "write":
            drafts.append(build_bulletin(campaign, audiences=audiences, timing="next_slot", at=at))
        elif drafts:
            bulletin = drafts.pop(0)
            try:
                approved(bulletin, at=at)
            except NotAllowed:
                drafts.append(bulletin)  # no slot to come; or one that is this very moment
                Bulletin.objects.filter(pk=bulletin.pk).update(state="draft", digest="")
            else:
                fixed[bulletin.pk] = dict(bulletin.targets.values_list("audience__slug", "slot_at"))
                expected = {
                    one.slug: send_slots.next_slot(one, urgency="routine", after=at)[0].astimezone(UTC)
                    for one in audiences
                }
                assert fixed[bulletin.pk] == expected  # a draft takes the cadences as they are
        tick(at)
        last, at = at, at + timedelta(hours=5)
    for moment in sorted({slot for slots_of_it in fixed.values() for slot in slots_of_it.values() if slot > last}):
        tick(moment)

    for pk, slots_of_it in fixed.items():
        bulletin = Bulletin.objects.get(pk=pk)
        assert bulletin.state == Bulletin.State.PUBLISHED
        mailing = bulletin.versions.get().mailing
        for send in [*mailing.sends.all(), *Send.objects.filter(mailing__parts=mailing)]:
            assert send.slot_at == slots_of_it[send.audience.slug]
        reached = Counter(
            Send.objects.filter(mailing__in=[mailing, *mailing.roundups.all()]).values_list("audience__slug", flat=True)
        )
        assert reached == {"partners": 1, "network": 1}


def tick(at):
    due_bulletins.publish_due(at=at)
    dispatch.start_due_sends(at=at)
    sweeper.sweep(at=at)
