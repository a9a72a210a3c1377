"""The way of a report: drafted from data, edited, submitted, approved by a second person to exactly these words, opened again, withdrawn."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import conflicts
from campaigns.http import page_changes
from campaigns.models import Campaign
from factcheck.models import Thresholds
from impact.models import InsightReport
from impact.weeks import Week
from lib.text.languages.languages import language_heading
from notifications import outbox

from . import figures as counting
from . import notices, risk
from .public_part import content_of, gone
from .report_words import MOST_ADVICE, drafted, names_somebody

State = InsightReport.State


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


def fingerprint(report: InsightReport) -> str:
    """Return the SHA-256 (hex) of all that an approval covers."""
    return hashlib.sha256(json.dumps(content_of(report), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def held(report: InsightReport) -> InsightReport:
    """Return the report as it stands, for this transaction alone."""
    return InsightReport.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=report.pk)


# --- Drafting and writing ---------------------------------------------------------------------------------


@transaction.atomic
def draft(campaign: Campaign, week: Week, *, by: User, at: datetime) -> InsightReport:
    """Count a week that is over and begin its report. Raise NotDone for a week that goes on, or that has one."""
    if week.ends(campaign.zone) > at or week.last < campaign.starts_on:
        raise NotDone(_("Not drafted: choose a week of the campaign that is over, so that no number changes any more."))
    if InsightReport.objects.filter(campaign=campaign, week_on=week.first).exists():
        raise NotDone(_("Not drafted: this week has a report already. Open it in the list."))
    report = InsightReport(campaign=campaign, week_on=week.first)
    count_anew(report, at=at)
    report.words = drafted(report.figures, campaign.language_codes())
    rows = [one for one in report.figures["questions"]["rows"] if one["state"] == "void"][:MOST_ADVICE]
    report.days = [
        campaign.local(datetime.fromisoformat(one["answer_by"])).date().isoformat() if one["answer_by"] else ""
        for one in rows
    ]
    wrote(report, by=by, at=at)
    trail.note("insight.drafted", report, by=by, at=at, digest=fingerprint(report))
    return report


@transaction.atomic
def draft_again(report: InsightReport, *, by: User, at: datetime) -> InsightReport:
    """Count the week again; what people wrote and judged stays. Raise NotDone unless it is a draft."""
    report = open_for_writing(report)
    count_anew(report, at=at)
    wrote(report, by=by, at=at)
    trail.note("insight.drafted", report, by=by, at=at, digest=fingerprint(report))
    return report


def count_anew(report: InsightReport, *, at: datetime) -> None:
    """Put a week's figures into a report, with what they propose for claims that nobody has judged."""
    thresholds = Thresholds.of(report.campaign)
    report.figures, report.figures_at = counting.count(report.campaign, Week(report.week_on), at=at), at
    judged = {str(one["pk"]): risk.proposed(one, thresholds) for one in report.figures["claims"]}
    report.judged = judged | {key: one for key, one in report.judged.items() if key in judged}


def open_for_writing(report: InsightReport) -> InsightReport:
    """Return a report that is written on. Raise NotDone for one that is approved or in review."""
    found = held(report)
    if found.state != State.DRAFT:
        raise NotDone(_("Not saved: the report is no draft any more. Reload the page."))
    return found


def wrote(report: InsightReport, *, by: User, at: datetime) -> None:
    """Store a report with who worked on it."""
    report.writers = sorted({*report.writers, by.pk})
    report.edited_by, report.edited_at = by, at
    report.save()


@transaction.atomic
def save_words(
    report: InsightReport, language: str, sent: Mapping[str, str], read: Mapping[str, str], *, by: User, at: datetime
) -> list[conflicts.Clash]:
    """
    Save the words in one language. `read` holds the token of each text that `by` started from: one that somebody else has changed
    meanwhile is not overwritten but returned, with theirs and mine. Raise NotDone unless it is a draft.
    """
    report = open_for_writing(report)
    stored = {name: report.words.get(language, {}).get(name, "") for name in sent}
    saved = conflicts.merge(stored, sent, read)
    if saved.changed:
        texts = {**report.words.get(language, {}), **saved.changed}
        report.words = {**report.words, language: {name: text for name, text in texts.items() if text}}
        wrote(report, by=by, at=at)
        trail.note(
            "insight.saved",
            report,
            by=by,
            at=at,
            digest=fingerprint(report),
            language=language,
            texts=sorted(saved.changed),
        )
    return saved.clashes


def flat(report: InsightReport) -> dict[str, str]:
    """Return what is judged of a report by the names of its form: "17_reach", "17_out", "day0", "is_public"; "" for what is open."""
    found = {"is_public": "yes" if report.is_public else ""}
    for claim in report.figures.get("claims", []):
        judged = report.judged.get(str(claim["pk"]), {})
        found |= {f"{claim['pk']}_{name}": str(judged.get(name, "")) for name in risk.FACTORS}
        found[f"{claim['pk']}_out"] = "yes" if judged.get("is_left_out") else ""
    return found | {f"day{place}": (report.days[place : place + 1] or [""])[0] for place in range(MOST_ADVICE)}


@transaction.atomic
def save_judgement(
    report: InsightReport, sent: Mapping[str, str], read: Mapping[str, str], *, by: User, at: datetime
) -> list[conflicts.Clash]:
    """
    Save how large the risks are, by when something is recommended, and for whom the report is, by the names of `flat`. As with words,
    what somebody else has changed meanwhile is returned and not overwritten. Raise NotDone unless it is a draft.
    """
    report = open_for_writing(report)
    stored = flat(report)
    saved = conflicts.merge(stored, sent, read)
    if saved.changed:
        now = stored | saved.changed
        report.is_public = bool(now["is_public"])
        report.days = [now[f"day{place}"] for place in range(MOST_ADVICE)]
        report.judged = {str(one["pk"]): judgement(str(one["pk"]), now) for one in report.figures.get("claims", [])}
        wrote(report, by=by, at=at)
        digest = fingerprint(report)
        trail.note(
            "insight.saved", report, by=by, at=at, digest=digest, changed=sorted(saved.changed), public=report.is_public
        )
    return saved.clashes


def judgement(key: str, values: Mapping[str, str]) -> dict[str, Any]:
    """Return what is judged of one claim, as a report keeps it."""
    found: dict[str, Any] = {name: int(values[f"{key}_{name}"]) for name in risk.FACTORS if values[f"{key}_{name}"]}
    return found | ({"is_left_out": True} if values[f"{key}_out"] else {})


# --- Two people -------------------------------------------------------------------------------------------


def faults(report: InsightReport) -> Iterator[str]:
    """Yield what is missing or must not be in a report before it can be submitted; `campaign.languages` is at hand."""
    campaign, content = report.campaign, content_of(report)
    later = set(campaign.languages_that_follow())
    advice = sorted({name[-1] for words in report.words.values() for name in words if name.startswith(("what", "who"))})
    for code in campaign.language_codes():
        words = content["words"].get(code, {})
        if words or code not in later:
            yield from faults_in(words, code, advice)
    days = days_of(report, advice)
    if any(not day for day in days):
        yield _("A recommendation has no date by which it is to be done.")
    if any(day and day <= Week(report.week_on).last.isoformat() for day in days):
        yield _("A recommendation is to be done by a date before the week was over.")
    if not all(risk.level_of(one) for one in content["judged"].values()):
        yield _("A claim has no reach, harm or doubt yet. Judge it, or leave it out.")


def faults_in(words: Mapping[str, str], code: str, advice: list[str]) -> Iterator[str]:
    """Yield what is missing or must not be in the words of one language; `advice` are the numbers of the recommendations."""
    wanted = ["title", "lead", *(f"{kind}{number}" for number in advice for kind in ("what", "who"))]
    if any(not words.get(name) for name in wanted):
        yield _("%(language)s: the finding, the summary, or a recommendation with who does it is missing.") % {
            "language": language_heading(code)
        }
    if any(map(names_somebody, words.values())):
        yield _("%(language)s: a text names an account or has a link. Describe it instead.") % {
            "language": language_heading(code)
        }


def days_of(report: InsightReport, advice: list[str]) -> list[str]:
    """Return the dates of the recommendations that there are, "" for none."""
    return [report.days[int(number) - 1] if int(number) <= len(report.days) else "" for number in advice]


@transaction.atomic
def submit(report: InsightReport, *, by: User, at: datetime) -> None:
    """Hand a report to a second person. Raise NotDone with what is missing."""
    report = open_for_writing(report)
    found = list(faults(report))
    if found:
        raise NotDone(_("Not submitted.") + " " + " ".join(found))
    report.state, report.remark = State.IN_REVIEW, ""
    report.writers = sorted({*report.writers, by.pk})
    report.save()
    trail.note("insight.submitted", report, by=by, at=at, digest=fingerprint(report))
    people = User.objects.staff_with("impact.approve_insightreport", report.campaign_id).exclude(pk__in=report.writers)
    outbox.write(notices.REPORT_WANTED, people, about=report, at=at)


@transaction.atomic
def send_back(report: InsightReport, *, remark: str, by: User, at: datetime) -> None:
    """Make a report a draft again, with words about why. Raise NotDone unless it is in review."""
    report = held(report)
    if report.state != State.IN_REVIEW:
        raise NotDone(_("Not sent back: the report is not in review. Reload the page."))
    report.state, report.remark = State.DRAFT, remark
    report.save()
    trail.note("insight.sent_back", report, by=by, at=at)
    people = User.objects.filter(pk__in=report.writers, is_active=True).exclude(pk=by.pk)
    outbox.write(notices.REPORT_SENT_BACK, people, about=report, text=remark, at=at)


@transaction.atomic
def approve(report: InsightReport, *, digest: str, by: User, at: datetime) -> None:
    """
    Approve, as a second person, exactly what `by` has read; a report for everyone is public from now on. Raise NotDone for whoever
    worked on it, for another content than was read, and where something in it has been withdrawn since it was counted.
    """
    report = held(report)
    if report.state != State.IN_REVIEW:
        raise NotDone(_("Not approved: the report is not in review. Reload the page."))
    if by.pk in {*report.writers, report.edited_by_id}:
        raise NotDone(_("Not approved: you worked on this version. Ask a colleague."))
    if digest != fingerprint(report):
        raise NotDone(_("Not approved: the report has changed since you read it. Read it again."))
    content = content_of(report)
    if any(gone(content, report.campaign, at=at).values()):
        raise NotDone(
            _(
                "Not approved: something in it has been withdrawn or paused since. Send it back and draft the figures again."
            )
        )
    was_public = bool(report.approved.get("is_public")) and report.withdrawn_at is None
    report.state, report.number = State.APPROVED, report.number + 1
    report.approved, report.approved_by, report.approved_at, report.withdrawn_at = content, by, at, None
    report.writers = []
    report.save()
    trail.note("insight.approved", report, by=by, at=at, digest=digest, version=report.number, public=report.is_public)
    if was_public:
        page_changes.note_retraction()
    elif report.is_public:
        page_changes.changed()


@transaction.atomic
def reopen(report: InsightReport, *, by: User, at: datetime) -> None:
    """Begin another version of an approved report; readers keep the approved one until then. Raise NotDone."""
    report = held(report)
    if report.state != State.APPROVED:
        raise NotDone(_("Not opened: the report is not approved. Reload the page."))
    report.state = State.DRAFT
    wrote(report, by=by, at=at)
    trail.note("insight.reopened", report, by=by, at=at)


@transaction.atomic
def withdraw(report: InsightReport, *, by: User, at: datetime) -> None:
    """Take a report away from everyone; the team keeps it. Raise NotDone for one that nobody outside can read."""
    report = held(report)
    if not report.approved.get("is_public") or report.withdrawn_at:
        raise NotDone(_("Not withdrawn: the report is not public. Reload the page."))
    report.withdrawn_at = at
    report.save()
    trail.note("insight.withdrawn", report, by=by, at=at)
    page_changes.note_retraction()
