"""A report as PDF, in the active language: tagged, with its own fonts; the same report gives the same bytes."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from impact.charts import paper_chart
from lib.images.typesetting import STRONG
from lib.pdf.paper import Paper

from .report_view import ClaimLine, ReportView

WITH_CHART = 240.0  # points that a heading with its chart takes


def render(view: ReportView, campaign: Campaign, *, at: datetime, status: str) -> bytes:
    """Return a report as PDF; `at` is when it was approved or counted, `status` stands over its title."""
    name = _("Rumour and insight report")
    paper = Paper(f"{name}: {view.title}", language=get_language() or "en", at=at)
    if campaign.is_exercise:
        paper.band(_("Exercise. Nothing in it is real."))
    paper.note(f"{name}. {campaign.named()}. {view.week}. {status}")
    paper.title(view.title or view.week)
    paper.say(view.lead, size=12.5, after=8)
    for label, value in view.meta:
        paper.note(f"{label}: {value}")
    if view.advice:
        paper.heading(_("What we recommend"))
        paper.listed([sentences(one.what, one.taken) for one in view.advice], is_numbered=True)
    claims(paper, view)
    for one in view.described:
        described(paper, one)
    if view.narratives:
        paper.heading(_("Narratives"))
        paper.table(
            [_("Story that claims serve"), _("The need behind it"), _("This week")],
            view.narratives,
            widths=(2, 3, 1),
            words=3,
        )
    paper.need(WITH_CHART)
    paper.heading(_("Where, and how fast"))
    paper_chart.draw(paper, view.charts[0])
    if view.platforms:
        paper.table([_("Platform"), _("Sightings")], view.platforms)
    paper.note(view.platforms_note)
    questions(paper, view)
    paper.heading(_("What was done"))
    for line in view.speed:
        paper.say(line)
    paper.listed([f"{one.when}: {one.kind}. {sentences(one.title, one.note)}" for one in view.done])
    if not view.done:
        paper.say(_("Nothing was published in this week."))
    paper.heading(_("How we know, and what we don’t"))
    for line in view.limits:
        paper.say(line, size=9)
    return paper.bytes()


def sentences(*parts: str) -> str:
    """Return some texts after each other, each with an end."""
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts if part)


def claims(paper: Paper, view: ReportView) -> None:
    """Write the claims by risk."""
    paper.heading(_("Claims and their risk"))
    if view.claims:
        paper.table(
            [_("Claim"), _("Checked"), _("Seen"), _("Reach"), _("Harm"), _("Doubt"), _("Risk")],
            [
                [
                    one.text,
                    one.verdict,
                    "; ".join(filter(None, [one.seen, one.where])),
                    one.reach,
                    one.harm,
                    one.doubt,
                    one.risk,
                ]
                for one in view.claims
            ],
            widths=(20, 14, 17, 15, 15, 11, 12),
            words=7,
        )
    else:
        paper.say(_("No claim to tell of."))
    paper.note(view.other_claims)


def described(paper: Paper, claim: ClaimLine) -> None:
    """Write what is known of one claim by the five things of RESIST, the fact first."""
    paper.heading(claim.heading, 3)
    if claim.heading != claim.text:
        paper.say(_("Said instead: %(claim)s (%(verdict)s)") % {"claim": claim.text, "verdict": claim.verdict}, after=4)
    for label, text in claim.abcde:
        paper.say(label, font=STRONG, size=9, after=0)
        paper.say(text, after=4)


def questions(paper: Paper, view: ReportView) -> None:
    """Write what was asked and what has no answer."""
    paper.need(WITH_CHART)
    paper.heading(_("Questions and voids"))
    paper_chart.draw(paper, view.charts[1])
    if view.questions:
        paper.table(
            [_("Question"), _("People who asked"), _("Answer")],
            [row[:3] for row in view.questions],
            widths=(5, 1.2, 3),
            words=3,
        )
    paper.note(view.other_questions)
