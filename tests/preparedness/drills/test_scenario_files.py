"""Scenarios are data: every file that ships can be played, and what is wrong with one says file, line and what to do."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from lib.yaml_files import ContentError
from preparedness.drills import scenario_files
from preparedness.drills.scenario_files import FOLDER, KINDS, LANGUAGES

WATER = (FOLDER / "water.yaml").read_text(encoding="utf-8")


def test_the_scenarios_that_ship_can_be_played_and_have_every_kind_of_event() -> None:
    shelf = scenario_files.shelf()

    assert shelf.faults == [] and len(shelf.usable) == 5
    for scenario in shelf.usable.values():
        assert {event.kind for event in scenario.events} == set(KINDS)
        assert all(set(event.name) == set(LANGUAGES) for event in scenario.events)
        planned = [event.offset for event in scenario.events if event.offset is not None]
        assert planned == sorted(planned) and planned[0] == 0 and planned[-1] <= 60 * scenario.minutes


def put(old: str, new: str) -> Callable[[str], str]:
    """Return a change of one place in a file."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("at: 9\n", "at: -5\n"), r"line \d+: events\[2\].at is -5, in the past. Count from the drill’s beginning"),
        (put("at: 9\n", "after: shower\n    wait: 1\n"), r"leads in a loop \(shower → shower\). Let one of them come"),
        (
            lambda text: put("at: 26\n", "after: shower\n    wait: 2\n")(
                put("at: 9\n", "after: formula\n    wait: -0\n")(text)
            ),
            r"leads in a loop \(shower → formula → shower\)",
        ),
        (put("at: 9\n", "after: nobody\n    wait: 1\n"), r"names 'nobody', which no event is called. Name one of coli"),
        (put("at: 9\n", "at: 151\n"), r"would be minute 151, after the end \(150\). Let it come earlier"),
        (put("at: 9\n", "at: 9\n    wait: 3\n"), "wait stands beside at. Keep one of them"),
        (put("    at: 9\n", ""), "at is missing: say in which minute it comes"),
        (put("kind: question", "kind: rumour"), r"kind is 'rumour', which nothing defines; known are input, claim"),
        (put("sv: Får man duscha?, ", ""), r"line \d+: events\[2\].name has no text in sv. Write it in fi, sv, en"),
        (put("times: 40", "time: 40"), r"time is not known here; known are key, kind, .* Remove or rename it"),
        (put("of: coliform", "of: shower"), "is 'shower', which is no event of the kind input. Name one of coliform"),
        (put("      place: {fi: Lehtola", "      palace: {fi: Lehtola"), "palace is not known here; known are place"),
        (put("statement: boil-your", "statement: broil-your"), "is 'broil-your-tap-water', which nothing defines"),
        (put("template: water", "template: wine"), "is 'wine', which cannot be read"),
        (put("key: shower", "key: coliform"), "which line .* has too"),
        (put("minutes: 45", "minutes: 0"), "minutes is 0. Say for how many minutes"),
        (put("minutes: 150", "minutes: 3"), "a drill lasts 5 to 1440 minutes"),
        (put("  approved: 12", "  aproved: 12"), "aproved is not known here"),
        (put('begins: "09:00"\n', ""), "begins is missing: write the time of day"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_line_and_keeps_no_other_from_being_played(
    tmp_path: Any, change: Callable[[str], str], says: str
) -> None:
    (tmp_path / "water.yaml").write_text(change(WATER), encoding="utf-8")
    (tmp_path / "flood.yaml").write_text((FOLDER / "flood.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    shelf = scenario_files.shelf(tmp_path)

    assert list(shelf.usable) == ["flood"]
    assert shelf.faults[0].startswith("water.yaml, line ") and re.search(says, shelf.faults[0]), shelf.faults


def test_an_event_that_hangs_on_what_people_do_has_no_time_of_its_own_but_one_that_only_follows_has() -> None:
    text = put("at: 61\n", "after: notice\n    once: dealt_with\n    wait: 5\n")(WATER)
    text = put("at: 26\n", "after: shower\n    wait: 5\n")(text)
    scenario = scenario_files.parse(text, "water.yaml")

    assert scenario.event("how-long").offset is None and scenario.event("how-long").wait == 300
    assert scenario.event("formula").offset == 14 * 60
    with pytest.raises(ContentError, match="is missing from"):
        scenario_files.read("nothing")
