"""Every finding belongs to one step of the editor, and the steps say how far they are."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from bulletins.checks import editor_steps, registry
from bulletins.checks.findings import ADVICE, STOPS, Finding
from tests.support import builders

RULES = Path(editor_steps.__file__).parent


def finding(place: str, level: str = STOPS) -> Finding:
    """Return something that is to be mended in a place."""
    return Finding(level, "code", "Where", "Says.", place=place)


@pytest.mark.parametrize(
    ("place", "step"),
    [
        ("edition:sv:title", "write"),
        ("message:3:fi", "messages"),
        ("action:3:fi", "messages"),
        ("actions", "messages"),
        ("variant:sv:instagram:caption", "channels"),
        ("asset:7", "pictures"),
        ("targets", "recipients"),
        ("changed:fi", "recipients"),
        ("checklist", "check"),
        ("", "check"),
    ],
)
def test_what_is_found_belongs_to_the_step_in_which_it_is_mended(place: str, step: str) -> None:
    assert editor_steps.step_of(finding(place)) == step


def test_every_place_that_a_rule_names_has_a_step_of_its_own() -> None:
    named = set()
    for module in RULES.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "place":
                first = next((one for one in ast.walk(node.value) if isinstance(one, ast.Constant)), None)
                if first is not None and isinstance(first.value, str):
                    named.add(first.value.partition(":")[0])
    known = set().union(*(places for _label, places, _is_begun in editor_steps.STEPS.values()))
    assert {"message", "variant", "asset", "targets"} <= named
    assert named - known <= {"checklist", "body", "title"}  # "body" and "title" are the fields of an edition


def test_what_to_fix_next_is_the_first_in_the_order_of_the_steps() -> None:
    found = [finding("targets"), finding("edition:fi:body", ADVICE), finding("asset:1"), finding("")]

    assert editor_steps.first_stop(found) == found[2]
    assert editor_steps.first_stop([finding("asset:1", ADVICE)]) is None


@pytest.mark.django_db
def test_the_steps_count_what_stops_and_say_what_is_begun(campaign: Any) -> None:
    bulletin = builders.build_bulletin(campaign)
    desk = registry.load_workspace(bulletin, at=timezone.now())
    steps = editor_steps.editor_steps(desk, [finding("asset:1"), finding("asset:2"), finding("asset:2", ADVICE)])

    assert [(one.name, one.stops, one.is_begun) for one in steps] == [
        ("write", 0, True),
        ("messages", 0, True),
        ("channels", 0, False),
        ("pictures", 2, False),
        ("recipients", 0, True),
        ("check", 0, True),
    ]
    assert [one.number for one in steps] == [1, 2, 3, 4, 5, 6]
