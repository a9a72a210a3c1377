"""A chart of weeks on a paper: the places of `week_charts` in points, read out as its title and finding."""

from django.utils.translation import gettext as _

from lib.images.typesetting import PLAIN, STRONG, showable
from lib.pdf.paper import INK, LINE, SMALL, SOFT, Paper

from .week_charts import BOTTOM, TOP, Label, WeekChart

TALL = 152.0  # as on a page
LAKE, WHITE = "#0b5c7d", "#ffffff"


def draw(paper: Paper, chart: WeekChart, *, tall: float = TALL, is_titled: bool = True) -> None:
    """
    Write a chart's title, unless what is above says it, and its finding, and draw it below, so `tall` (points); a chart without values
    has only the words.
    """
    paper.need((0 if chart.is_empty else tall) + 40)
    if is_titled:
        paper.say(chart.title, font=STRONG, after=0)
    paper.note(chart.finding)
    if not chart.is_empty:
        alt = " ".join(words for words in (f"{chart.title}.", chart.finding) if words)
        paper.figure(alt, tall, lambda on, left, top, width: _picture(on, chart, left, top, width, tall / TALL))
        for number, (week, words) in enumerate(chart.told, 1):
            paper.note(f"{number}. {_('Week %(number)s:') % {'number': week.number}} {words}", after=0)


def _picture(paper: Paper, chart: WeekChart, left: float, top: float, width: float, flat: float) -> None:
    pdf = paper.pdf

    def across(per_cent: float) -> float:
        return left + width * per_cent / 100

    def line(x1: float, y1: float, x2: float, y2: float, colour: str, wide: float = 0.5) -> None:
        pdf.set_draw_color(colour)
        pdf.set_line_width(wide)
        pdf.line(across(x1), top + flat * y1, across(x2), top + flat * y2)

    def words(label: Label, y: float, colour: str = SOFT) -> None:
        pdf.set_font(PLAIN, size=SMALL - 1)
        pdf.set_text_color(colour)
        said = showable(label.words)
        back = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor] * pdf.get_string_width(said)
        pdf.text(across(label.x) - back, top + flat * y, said)

    pdf.set_fill_color(LINE)
    for x, wide in chart.gaps:
        pdf.rect(across(x), top + flat * TOP, width * wide / 100, flat * (BOTTOM - TOP), style="F")
    for tick in chart.ticks:
        line(0, tick.y, 100, tick.y, LINE)
        words(tick, tick.y - 4)
    if chart.aim:
        with pdf.local_context(dash_pattern={"dash": 3, "gap": 2, "phase": 0}):
            line(0, chart.aim.y, 100, chart.aim.y, SOFT)
        words(Label(14, chart.aim.words, "start"), chart.aim.y - 4)
    for note in chart.notes:
        line(note.x, 16, note.x, BOTTOM, SOFT)
        words(note, 12)
    line(0, chart.zero, 100, chart.zero, INK, 1.2)
    for points in chart.lines:
        pdf.set_draw_color(LAKE)
        pdf.set_line_width(1.6)
        pdf.polyline(
            [(across(float(x)), top + flat * float(y)) for x, y in (point.split(",") for point in points.split())]
        )
    for dot in chart.dots:
        pdf.set_draw_color(LAKE)
        pdf.set_fill_color(WHITE if dot.is_ring else LAKE)
        pdf.circle(across(dot.x), top + flat * dot.y, 3, style="DF")
    for week in chart.weeks:
        words(week, 146)
