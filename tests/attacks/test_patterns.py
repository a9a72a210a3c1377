"""No regular expression of ours takes more than its time by the length of what it is given, whatever that is."""

import pytest

from . import budget, patterns


def test_every_pattern_is_found():
    found, lost = patterns.every()
    assert lost == [], "Made at run time: write in `patterns.made` what they are made like."
    assert len(found) > 300


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_pattern_is_linear_on_runs_of_everything():
    outcomes = budget.elsewhere("tests.attacks.patterns")
    assert {outcome.case for outcome in outcomes if not outcome.case.startswith("seed ")} == set(patterns.every()[0])
    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []


@pytest.mark.parametrize("pattern", [r"[\w-]*token", r"\s+$", r"(a+)+b", r"<(\w+)([^>]*)>"])
def test_a_pattern_that_takes_the_square_is_told(pattern, monkeypatch):
    monkeypatch.setattr(patterns, "every", lambda: ({"x": (patterns.re.compile(pattern), {"search"})}, []))
    monkeypatch.setattr(patterns, "SHORT", 2_000)
    monkeypatch.setattr(patterns, "LONG", 20_000)
    reader = patterns.Reader("patterns", patterns.linear, lambda: [("x", b"x")], seconds=2, megabytes=400)
    (outcome,) = budget.measure(reader, reader.cases())
    assert outcome.wrong
