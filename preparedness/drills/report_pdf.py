"""The report of a drill as PDF, in the active language; the same report gives the same bytes."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lib.images.typesetting import STRONG
from lib.pdf.paper import Paper
from preparedness.models import Drill

from .report import Report


def render(drill: Drill, report: Report) -> bytes:
    """Return a report as PDF in the active language, tagged."""
    paper = Paper(report.title, language=get_language() or "en", at=drill.ended_at or drill.made_at)
    paper.band(_("Exercise report. Everything in it happened in a drill."))
    paper.note(f"{_('After-action report')}: {report.scenario}. {report.campaign}, {report.day}")
    paper.title(report.title)
    paper.say(report.lead, size=12.5, after=8)
    for name, value in ((_("Length and speed"), report.length), (_("Taking part"), report.taking_part)):
        paper.note(f"{name}: {value}")
    paper.note(f"{_('Events')}: {report.events}")
    paper.heading(_("What to do better"))
    for number, (what, why) in enumerate(report.better, start=1):
        paper.say(f"{number}. {what}", font=STRONG, size=11)
        paper.note(why, after=5)
    listed(paper, _("What the team will do"), [f"{what} {taken}".strip() for what, taken in report.lessons])
    listed(paper, _("What went well"), report.well)
    table(
        paper,
        _("Measures against earlier drills"),
        [_("Measure"), *report.days, _("Aim")],
        [[one.name, *one.earlier, one.value, one.aim] for one in report.rows],
    )
    table(
        paper,
        _("Who was waited for"),
        [_("Work waited for"), _("Times"), _("In all"), _("Longest")],
        [[who, str(times), total, longest] for who, times, total, longest in report.waited],
        _("By role. People are not timed and not named."),
    )
    table(
        paper,
        _("What was put in"),
        [_("Kind"), _("Put in"), _("Dealt with"), _("Median time"), _("Not dealt with")],
        [[one.name, str(one.put_in), str(one.dealt), one.median, one.left] for one in report.kinds],
        widths=(4, 2, 2, 2, 6),
        ends_with_words=True,
    )
    listed(paper, _("Not put in"), report.notes)
    paper.heading(_("How it was measured"))
    paper.say(report.how, size=9)
    return paper.bytes()


def listed(paper: Paper, title: str, lines: Sequence[str]) -> None:
    """Write a heading and a list under it, nothing without any."""
    if lines:
        paper.heading(title)
        paper.listed(lines)


def table(
    paper: Paper, title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "", **shape: Any
) -> None:
    """Write a heading and a table under it."""
    paper.heading(title)
    paper.note(note)
    if rows:
        paper.table(head, rows, **shape)
    else:
        paper.say(_("Nothing."))
