"""A chart of weeks: zero is on it, a gap is a gap, and its caption says the finding."""

from datetime import date
from decimal import Decimal

import pytest

from impact.charts import week_charts
from impact.weeks import Week, up_to

NOW = Week(date(2026, 5, 11))
WEEKS = up_to(NOW, 6)


def build(*values: float | None, **more: object) -> week_charts.WeekChart:
    """Return the chart of six weeks, the last one not over."""
    given = {week: Decimal(str(value)) for week, value in zip(WEEKS, values, strict=True) if value is not None}
    return week_charts.build("tiktok", "TikTok", given, weeks=WEEKS, now=NOW, unit="people", **more)  # type: ignore[arg-type]  # whatever a test gives


def test_the_scale_begins_at_zero_and_the_caption_says_the_finding() -> None:
    chart = build(8000, 9000, 10000, 12000, 20000, 4000)
    assert chart.zero == week_charts.BOTTOM
    assert (chart.title, chart.finding) == ("TikTok: 20,000 people, week 19", "+150 % since week 15.")
    assert chart.ticks[0].words == "20 k" and len(chart.lines) == 1
    assert [dot.is_ring for dot in chart.dots] == [True]
    assert build(8000, 9000, 10000, 12000, 20000, 4000, begins=WEEKS[2]).finding == "+100 % since week 17."


def test_a_gap_is_a_gap_and_no_zero() -> None:
    chart = build(10, None, None, 20, 30, None)
    assert chart.gaps and "No value in week 16–17: a gap, not a zero." in chart.finding
    assert len(chart.lines) == 1 and "130" not in chart.lines[0]
    assert [row.value for row in chart.rows[1:3]] == [None, None]
    assert len(chart.dots) == 2  # the one with gaps on both sides, and the last


def test_zero_and_less_than_zero_are_drawn_where_they_are() -> None:
    assert build(0, 0, 0, 0, 0, 0).lines[0].count(",130") == 6
    chart = build(-10, 10, -10, 10, -10, 10)
    assert week_charts.TOP < chart.zero < week_charts.BOTTOM
    assert "+0" not in build(0, 5, 5, 5, 5, 5).finding and "+5 since week 15." in build(0, 5, 5, 5, 5, 5).finding


def test_without_a_value_the_chart_says_so() -> None:
    chart = build(None, None, None, None, None, None)
    assert chart.is_empty and "no value in these weeks" in chart.title and chart.finding == ""


@pytest.mark.parametrize("value", ["0.001", "1", "99", "101", "999999999999"])
def test_the_top_of_a_scale_is_round_and_above_its_values(value: str) -> None:
    top = week_charts.rounded_up(Decimal(value))
    assert Decimal(value) <= top <= 10 * Decimal(value)


def test_notes_and_weeks_do_not_leave_the_drawing() -> None:
    chart = build(1, 2, 3, 4, 5, 6, notes={WEEKS[0]: ["first"], NOW: ["bots removed"]}, aim=Decimal(50))
    assert [(note.words, note.anchor) for note in chart.notes] == [("1", "middle"), ("2", "middle")]
    assert chart.told == [(WEEKS[0], "first"), (NOW, "bots removed")]  # two would meet, so they are told below
    [alone] = build(1, 2, 3, 4, 5, 6, notes={NOW: ["bots removed"]}).notes
    assert (alone.words, alone.anchor) == ("bots removed", "end")
    assert chart.aim and chart.aim.y > week_charts.TOP - 1
    assert chart.weeks[0].anchor == "start" and chart.weeks[-1].anchor == "end"
