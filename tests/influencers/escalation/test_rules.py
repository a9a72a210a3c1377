"""What follows when: the rules as a table, without rows and without a clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bulletins.models import SeenRule
from influencers.escalation.rules import Decision, Position, Rules, Step, decide

ZONE = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 11, 27, 12, tzinfo=ZONE)
NIGHT = datetime(2026, 11, 27, 4, 5, tzinfo=ZONE)
PLAIN = SeenRule().plain()


def steps(since, *, after=0):
    minutes = dict(PLAIN["steps"])
    rows = [Step(place, kind, since + timedelta(minutes=minutes[kind])) for place, kind in enumerate(minutes, start=1)]
    return rows[after:]


def moved(since, minutes, *, taken=0, seen=0, asked=100, at_night=False, rule=PLAIN, **here):
    rules = Rules.of({"rule": rule, "at_night": at_night})
    place = Position(since, asked, seen, steps(since, after=taken), **here)
    return decide(rules, place, ZONE, at=since + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("minutes", "taken", "seen", "comes"),
    [
        (0, 0, 0, None),
        (19, 0, 50, None),
        (200, 0, 50, "calls"),  # a tick that came late takes one after the other
        (25, 1, 50, None),
        (20, 0, 89, "calls"),
        (20, 0, 90, "enough"),
        (40, 1, 0, "audience"),
        (500, 2, 0, None),
        (24 * 60 + 40, 2, 0, "over"),
        (73 * 60, 0, 0, "over"),
    ],
)
def test_by_day_each_step_comes_after_its_minutes_until_enough_have_seen_it(minutes, taken, seen, comes):
    decision = moved(NOON, minutes, taken=taken, seen=seen)

    assert (decision.step.kind if decision.step else decision.end or None) == comes


def test_nothing_begins_at_night_unless_it_was_approved():
    waits = moved(NIGHT, 30)
    assert waits.step is None and waits.until == datetime(2026, 11, 27, 7, tzinfo=ZONE)
    assert moved(NIGHT, 180).step.kind == "calls"
    assert moved(NIGHT, 20, at_night=True).step.kind == "calls"
    late = datetime(2026, 11, 27, 21, 55, tzinfo=ZONE)
    assert moved(late, 10).until == datetime(2026, 11, 28, 7, tzinfo=ZONE)


def test_a_night_through_which_the_clocks_go_back_ends_by_the_clock():
    night = datetime(2026, 10, 25, 2, tzinfo=ZONE)
    rules = Rules.of({"rule": PLAIN})

    assert rules.out_of_night(night, ZONE).astimezone(UTC) == datetime(2026, 10, 25, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("here", "comes"),
    [
        ({"is_held": True}, None),
        ({"is_held": True, "seen": 100}, "enough"),
        ({"is_closed": True, "is_held": True}, "closed"),
        ({"asked": 0}, "audience"),  # nobody is counted: the steps go on
    ],
)
def test_what_stops_it_comes_before_any_step(here, comes):
    decision = moved(NOON, 45, taken=1, **here)

    assert (decision.step.kind if decision.step else decision.end or None) == comes


@pytest.mark.parametrize(
    ("rule", "asked", "needed"),
    [
        ({}, 100, 90),
        ({}, 7, 7),
        ({}, 1, 1),
        ({"enough_people": 5}, 100, 5),
        ({"enough_people": 5}, 3, 3),
        ({"enough_percent": 1}, 10, 1),
        ({}, 0, 0),
    ],
)
def test_enough_is_a_share_or_a_number_and_never_more_than_there_are(rule, asked, needed):
    assert Rules.of({"rule": PLAIN | rule}).needed(asked) == needed


def test_a_campaign_that_takes_no_step_only_counts():
    rule = PLAIN | {"steps": []}
    here = Position(NOON, 10, 0)

    assert decide(Rules.of({"rule": rule}), here, ZONE, at=NOON) == Decision(until=NOON + timedelta(hours=24))
