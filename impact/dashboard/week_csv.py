"""
A week as CSV: every number of both pages, in a row each, with where it stands and how sure it is. `chart` is what weeks came to, and
`taken_last` the last value that was taken by the end of the week, such as one day's.
"""

from typing import Any

from lib.csv_rows import lines

from .week_page import WeekPage

HEAD = ("part", "what", "detail", "week", "value", "low_95", "high_95", "of", "unit", "taken_on")


def csv_of(page: WeekPage) -> bytes:
    """Return a week as CSV; shares are of 1, and a gap is an empty value."""
    code = page.week.code
    rows: list[tuple[Any, ...]] = [HEAD]
    rows += [("said", one.title, one.label, code, "", "", "", "", "", one.on.isoformat()) for one in page.said]
    for one in page.listed:
        snapshot = one.latest
        if snapshot is None:
            continue
        of_all = "" if snapshot.of_all is None else plain(snapshot.of_all)
        unit = str(one.measure.get_unit_display())
        rows.append(
            (
                "taken_last",
                str(one.measure),
                "",
                code,
                plain(snapshot.value),
                "",
                "",
                of_all,
                unit,
                snapshot.on.isoformat(),
            )
        )
    for chart in page.reach.charts:
        rows += [
            ("chart", chart.name, "; ".join(row.notes), row.week.code, plain(row.value), "", "", "", "", "")
            for row in chart.rows
        ]
    for opinion in page.opinions:
        for result in opinion.results:
            ends = (round(end, 4) for end in (result.agreed.seen, result.agreed.low, result.agreed.high))
            rows.append(
                ("opinion", result.words, opinion.shown_group, code, *ends, result.answers, "", opinion.on.isoformat())
            )
    rows += [("open", one.words, one.detail, code, one.count, "", "", "", "", "") for one in page.open.rows]
    return lines(rows)


def plain(value: Any) -> str:
    """Return a number as files have it, "" for a gap."""
    return "" if value is None else f"{value.normalize():f}"
