"""How far it got in a week: one measure as a chart, and the next ones as numbers with what changed since the week before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.models import Campaign
from impact.charts import week_charts
from impact.charts.week_charts import WeekChart
from impact.measures import queries
from impact.models import Measure
from impact.weeks import Week

LEAD = "post-reach"  # the measure whose chart leads, where a campaign has it
MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class ReachLine:
    """A measure in one line: its value of the week that is shown, None for a gap, and how it changed since the week before."""

    measure: Measure
    value: Decimal | None
    change: str


@dataclass(frozen=True, slots=True)
class Reach:
    """
    The chart that leads, None where nothing is measured, and the lines below it, all compared with the week before; and every chart of the
    team's page.
    """

    lead: WeekChart | None
    lines: list[ReachLine]
    charts: list[WeekChart]

    @property
    def told(self) -> list[WeekChart]:
        """The charts whose numbers stand on the minister's page."""
        return self.charts[: MOST_LINES + 1]

    @property
    def in_short(self) -> str:
        """How far it got, in a sentence."""
        return self.lead.title if self.lead else _("Nothing is measured yet.")


def reach_in(campaign: Campaign, measures: Sequence[Measure], weeks: Sequence[Week], *, now: Week) -> Reach:
    """
    Return how far it got in the last of some weeks, by the measures that belong to no family, in their order; two queries, however many
    measures there are, none without any.
    """
    alone = [one for one in measures if not one.family]
    alone.sort(key=lambda one: one.key != LEAD)
    alone = alone[: queries.MOST_MULTIPLES]
    if not alone:
        return Reach(None, [], [])
    values, notes = queries.week_values(alone, weeks), queries.notes_of(campaign, weeks)
    begins = Week.of(campaign.starts_on)
    charts = [queries.chart_of(one, values[one.pk], weeks, now=now, notes=notes, begins=begins) for one in alone]
    lines = [line_of(one, chart) for one, chart in zip(alone[1:], charts[1:], strict=True)]
    lead = replace(charts[0], finding=line_of(alone[0], charts[0]).change)
    return Reach(lead, lines[:MOST_LINES], charts)


def line_of(measure: Measure, chart: WeekChart) -> ReachLine:
    """Return a measure in one line."""
    last = chart.rows[-1]
    before = chart.rows[-2] if len(chart.rows) > 1 else None
    if last.value is None or before is None or before.value is None:
        return ReachLine(measure, last.value, "")
    return ReachLine(measure, last.value, _("so far") if last.is_open else week_charts.change_of(before, last))
