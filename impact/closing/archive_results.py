"""What an archive has of a campaign's results, once a second person has approved them: the text, charts of measures, and both as data."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from campaigns.models import Campaign
from impact import weeks
from impact.charts.week_charts import WeekChart
from impact.measures import queries
from impact.models import CampaignResults, Measure, Snapshot, Survey
from impact.surveys import survey_results
from impact.weeks import Week
from lib.statistics.small_groups import FEWEST

from . import results
from .archive_data import as_csv
from .archive_writers import Writer

MOST_WEEKS = 52  # on a chart
RESULTS, SURVEYS, MEASURES = "data/results.json", "data/surveys.csv", "data/measures.csv"
SURVEY = (
    "survey",
    "closed_on",
    "group",
    "chosen",  # by a random "draw", or themselves, by an open "link"
    "question",
    "words",
    "language",
    "agreed",
    "low_95",
    "high_95",
    "answers",
    "asked",
)
MEASURE = ("key", "name", "unit", "on", "value", "of_all")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of one measure with the table behind it."""

    chart: WeekChart
    rows: list[Any]


def approved(campaign: Campaign) -> CampaignResults | None:
    """Return the results of a campaign as far as they may be shown: as a second person approved them."""
    found = results.of(campaign)
    return found if found and results.RESULTS.holds(found) else None


def charts(campaign: Campaign, *, until: date) -> list[Chart]:
    """
    Return a chart of each measure that has values, in the active language; three queries. A week that the end cut short is compared
    with none.
    """
    last = Week.of(until)
    shown = weeks.up_to(last, min(MOST_WEEKS, 1 + (last.first - Week.of(campaign.starts_on).first).days // 7))
    measures = list(Measure.objects.filter(campaign=campaign, pk__in=Snapshot.objects.standing().values("measure")))
    if not measures:
        return []
    values, notes = queries.week_values(measures, shown), queries.notes_of(campaign, shown)
    made = [
        queries.chart_of(one, values[one.pk], shown, now=Week.of(until + timedelta(days=1)), notes=notes)
        for one in measures
        if values[one.pk]
    ]
    return [Chart(one, queries.table_of([one])) for one in made]


def blocks(words: str) -> list[tuple[bool, list[str]]]:
    """Return a text as blocks of lines, each with whether it is a list: lines that begin with a dash."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return [
        (is_list, [line.removeprefix("- ") for line in group])
        for is_list, group in groupby(lines, key=lambda line: line.startswith("- "))
    ]


def write_data(campaign: Campaign, found: CampaignResults, writer: Writer) -> Iterator[str]:
    """Write results, surveys and measures as data, and yield the names of the files."""
    said = {"words": found.words, "figures": found.figures}
    writer.write(RESULTS, json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    yield RESULTS
    writer.stream(SURVEYS, as_csv(SURVEY, survey_lines(campaign)))
    yield SURVEYS
    writer.stream(MEASURES, as_csv(MEASURE, measure_lines(campaign)))
    yield MEASURES


def survey_lines(campaign: Campaign) -> Iterator[tuple[Any, ...]]:
    """Yield the results of each closed survey that enough people answered, the oldest first."""
    surveys = Survey.objects.filter(campaign=campaign, state=Survey.State.CLOSED, answers__gte=FEWEST)
    for survey in surveys.select_related("campaign").order_by("closed_at", "pk"):
        assert isinstance(survey.closed_at, datetime)
        head = (
            survey.pk,
            campaign.local(survey.closed_at).date().isoformat(),
            survey.group,
            "link" if survey.is_public else "draw",
        )
        for row in survey_results.csv_rows(survey)[1:]:
            yield (*head, *row)


def measure_lines(campaign: Campaign) -> Iterable[tuple[Any, ...]]:
    """Yield what stands of each measure, the oldest first."""
    rows = Snapshot.objects.standing().filter(measure__campaign=campaign).select_related("measure")
    for one in rows.order_by("measure__key", "on", "pk").iterator(chunk_size=2000):
        measure = one.measure
        name = next(iter(measure.name.values()), measure.key) if "en" not in measure.name else measure.name["en"]
        yield measure.key, name, measure.unit, one.on.isoformat(), one.value, "" if one.of_all is None else one.of_all
