"""No regular expression of ours takes more than its time by the length of what it is given, whatever that is."""

import pytest

from . import measure, regular_expressions


def test_every_pattern_is_found():
    found, lost = regular_expressions.every()
    assert lost == [], "Made at run time: write in `patterns.made` what they are made like."
    assert len(found) > 300


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_pattern_is_linear_on_runs_of_everything():
    outcomes = measure.elsewhere("tests.attacks.budget.regular_expressions")
    assert {outcome.case for outcome in outcomes if not outcome.case.startswith("seed ")} == set(
        regular_expressions.every()[0]
    )
    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (r"[\w-]*token", True),
        (r"\s+$", True),
        (r"(a+)+b", True),
        (r"[a-z]+@", True),
        (r"<(\w+)([^>]*)>", True),
        (r"(?<![\w-])[\w-]+", False),
    ],
)
def test_a_pattern_that_takes_the_square_is_told_and_no_other(pattern, told, monkeypatch):
    monkeypatch.setattr(
        regular_expressions, "every", lambda: ({"x": (regular_expressions.re.compile(pattern), {"search"})}, [])
    )
    monkeypatch.setattr(regular_expressions, "SHORT", 1_000)
    monkeypatch.setattr(regular_expressions, "LONG", 10_000)
    reader = regular_expressions.Reader(
        "patterns", regular_expressions.linear, lambda: [("x", b"x")], seconds=0.5, megabytes=400
    )
    (outcome,) = measure.measure(reader, reader.cases())
    assert bool(outcome.wrong) == told, outcome
