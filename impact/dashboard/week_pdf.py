"""A week for the minister as PDF: one A4, tagged, its charts drawn from the same places as those of the page."""

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from impact.charts import paper_chart
from impact.charts.week_charts import written
from impact.surveys.result_lines import TICKS, Row
from lib.images.typesetting import PLAIN, STRONG, showable
from lib.pdf.paper import INK, KEPT, LINE, SMALL, SOFT, Paper

from .week_page import WeekPage

MOST_SAID, MOST_STATEMENTS, MOST_OPEN = 4, 4, 4
CHART_TALL, SHARE_TALL, AXIS_TALL = 112.0, 27.0, 10.0
MIDDLE = 0.55  # of the width: where the scale of shares begins


def render(page: WeekPage, *, title: str, campaign: str) -> bytes:
    """Return a week as PDF in the active language; the same week gives the same bytes once it is over."""
    paper = Paper(f"{title}. {campaign}", language=get_language() or "en", at=page.at)
    if page.campaign.is_exercise:
        paper.band(_("Exercise: nothing on this page is real."))
    paper.title(title)
    days = {"first": date_format(page.week.first), "last": date_format(page.week.last), "campaign": campaign}
    told = _("%(first)s to %(last)s. %(campaign)s.") % days
    paper.note(told if page.is_over else f"{told} {_('The week goes on: these are its numbers so far.')}", after=0)
    section(paper, _("What we said"), page.said_in_short)
    paper.listed([f"{one.title} ({', '.join([one.label, *one.detail])})" for one in page.said[:MOST_SAID]])
    reach_section(paper, page)
    section(paper, _("What people think"), page.opinions_in_short)
    statements = [(one.shown_group, row) for one in page.opinions for row in one.rows][:MOST_STATEMENTS]
    for number, (group, row) in enumerate(statements, start=1):
        share_figure(paper, group, row, has_axis=number == len(statements))
    section(paper, _("What is open"), page.open.in_short)
    paper.listed(
        [f"{one.count} {one.words}{f' ({one.detail})' if one.detail else ''}" for one in page.open.rows[:MOST_OPEN]]
    )
    return paper.bytes()


def reach_section(paper: Paper, page: WeekPage) -> None:
    """Write how far it got: the chart that leads, and a table of the next measures."""
    section(paper, _("How far it got"), page.reach.in_short)
    if page.reach.lead and not page.reach.lead.is_empty:
        paper_chart.draw(paper, page.reach.lead, tall=CHART_TALL, is_titled=False)
    if page.reach.lines:
        paper.table(
            [_("Measure"), _("Week %(number)d") % {"number": page.week.number}, pgettext("of a value", "Change")],
            [
                [str(one.measure), _("no value") if one.value is None else written(one.value), one.change or "–"]
                for one in page.reach.lines
            ],
            widths=(3, 1, 1.5),
        )


def section(paper: Paper, name: str, finding: str) -> None:
    """Write the heading of a part, and what was found below it."""
    paper.move(8)
    paper.need(KEPT)
    paper.say(name, role="/H2", font=STRONG, size=SMALL, colour=SOFT, after=0)
    paper.say(finding, font=STRONG, size=11, after=3)


def share_figure(paper: Paper, group: str, row: Row, *, has_axis: bool) -> None:
    """Draw a share with its interval, and the time before below it; its words are beside it, and are read out for it."""
    alt = " ".join(part for part in (f"{group}: {row.words} {row.shown}.", row.change) if part)
    tall = SHARE_TALL + (AXIS_TALL if has_axis else 0)
    paper.figure(alt, tall, lambda on, left, top, width: _share(on, group, row, left, top, width, has_axis=has_axis))
    paper.move(-4)


def _share(paper: Paper, group: str, row: Row, left: float, top: float, width: float, *, has_axis: bool) -> None:
    pdf, start = paper.pdf, left + MIDDLE * width
    wide = width - MIDDLE * width

    def across(per_cent: float) -> float:
        return start + wide * per_cent / 100

    def words(text: str, x: float, y: float, font: str, size: float, colour: str) -> None:
        pdf.set_font(font, size=size)
        pdf.set_text_color(colour)
        pdf.text(x, y, showable(text))

    def line(x1: float, x2: float, y1: float, y2: float, colour: str, thick: float) -> None:
        pdf.set_draw_color(colour)
        pdf.set_line_width(thick)
        pdf.line(x1, y1, x2, y2)

    words(f"{group}: {row.words}", left, top + 9, PLAIN, SMALL, INK)
    words(" ".join(part for part in (row.shown, row.change) if part), left, top + 20, PLAIN, 7.5, SOFT)
    for x in TICKS:
        line(across(x), across(x), top, top + SHARE_TALL - 3, LINE, 0.5)
    line(across(0), across(0), top, top + SHARE_TALL - 3, INK, 1.2)
    pdf.set_fill_color(paper_chart.LAKE)
    line(across(row.place.low), across(row.place.high), top + 7, top + 7, paper_chart.LAKE, 2.2)
    pdf.circle(across(row.place.seen), top + 7, 3, style="DF")
    if row.then:
        line(across(row.then.low), across(row.then.high), top + 17, top + 17, paper_chart.LAKE, 0.8)
        pdf.set_fill_color(paper_chart.WHITE)
        pdf.circle(across(row.then.seen), top + 17, 2.2, style="DF")
    for x in (0, 50, 100) if has_axis else ():
        label = f"{x} %" if x == 100 else str(x)
        back = {0: 0.0, 50: 0.5, 100: 1.0}[x] * pdf.get_string_width(label)
        words(label, across(x) - back, top + SHARE_TALL + 6, PLAIN, 7.5, SOFT)
