"""The way of a report: drafted from data, edited, submitted, approved by a second person to exactly these words, opened again, withdrawn."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from agreement import steps
from agreement.digests import old_digest_of
from agreement.kinds import Columns, Kind, register
from agreement.refusals import Refused
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


class ReportAgreement(Kind[InsightReport]):
    """Reports of a week. Readers keep what was approved last, a whole copy, while another version is written."""

    name = "insight"
    covers = ("rumour and insight report",)
    model = InsightReport
    agree_permission = "impact.approve_insightreport"
    columns = Columns(agreed_by="approved_by", agreed_at="approved_at")
    agreed = State.APPROVED
    keeps_last_agreed = True
    verbs: ClassVar = {"written": "insight.saved", "agreed": "insight.approved"}

    def content_of(self, row: InsightReport) -> dict[str, Any]:
        """Return all that a report's printed form is made from, also what one for everyone leaves out."""
        names = ("campaign_id", "is_public", "figures", "judged", "words", "days")
        days = {"week_on": row.week_on.isoformat(), "figures_at": row.figures_at.isoformat()}
        return days | {name: getattr(row, name) for name in names}

    def old_digest(self, row: InsightReport) -> str:
        """Return the digest of 1.6.1."""
        return old_digest_of(content_of(row))

    def faults(self, row: InsightReport, *, at: datetime) -> Iterator[str]:
        """Yield what is missing or must not be in it."""
        yield from faults(row)

    def is_open(self, row: InsightReport) -> bool:
        """Return whether it is a draft: in review it stays as it was submitted."""
        return row.state == State.DRAFT

    def is_agreed(self, row: InsightReport) -> bool:
        """Return whether what it says now is approved."""
        return row.state == State.APPROVED

    def agreed_rows(self) -> "models.QuerySet[InsightReport]":
        """Return those that are approved as they are."""
        return InsightReport.objects.filter(state=State.APPROVED).select_related("campaign")

    def is_stored_digest(self, row: InsightReport) -> bool:
        """Return whether it says what it said, and readers get the copy of just that."""
        return super().is_stored_digest(row) and (not self.is_agreed(row) or row.approved == content_of(row))

    def noted(self, row: InsightReport) -> dict[str, Any]:
        """Return which version it is, and for whom."""
        return {"version": row.number, "public": row.is_public}

    def on_submitted(self, row: InsightReport, *, by: User, at: datetime) -> None:
        """Call those who may approve it."""
        people = self.who_may_agree(row).exclude(pk__in=row.writers)
        outbox.write(notices.REPORT_WANTED, people, about=row, at=at)

    def who_may_agree(self, row: InsightReport) -> "models.QuerySet[User]":
        """Return the colleagues who may approve it; one query."""
        return User.objects.staff_with(self.agree_permission, row.campaign_id)

    def on_sent_back(self, row: InsightReport, *, remark: str, by: User, at: datetime) -> None:
        """Tell those who wrote it."""
        people = User.objects.filter(pk__in=row.writers, is_active=True).exclude(pk=by.pk)
        outbox.write(notices.REPORT_SENT_BACK, people, about=row, text=remark, at=at)

    def on_agreed(self, row: InsightReport, *, by: User, at: datetime) -> None:
        """Keep the copy that readers get, and renew the pages of one for everyone."""
        content = content_of(row)
        if any(gone(content, row.campaign, at=at).values()):
            raise Refused(
                _(
                    "Not approved: something in it has been withdrawn or paused since. "
                    "Send it back and draft the figures again."
                )
            )
        was_public = bool(row.approved.get("is_public")) and row.withdrawn_at is None
        row.approved, row.number, row.withdrawn_at = content, row.number + 1, None
        if was_public:
            page_changes.note_retraction()
        elif row.is_public:
            page_changes.changed()


REPORT = register(ReportAgreement())


# --- Drafting and writing ---------------------------------------------------------------------------------


@transaction.atomic
def draft(campaign: Campaign, week: Week, *, by: User, at: datetime) -> InsightReport:
    """Count a week that is over and begin its report. Raise Refused for a week that goes on, or that has one."""
    if week.ends(campaign.zone) > at or week.last < campaign.starts_on:
        raise Refused(_("Not drafted: choose a week of the campaign that is over, so that no number changes any more."))
    if InsightReport.objects.filter(campaign=campaign, week_on=week.first).exists():
        raise Refused(_("Not drafted: this week has a report already. Open it in the list."))
    report = InsightReport(campaign=campaign, week_on=week.first)
    count_anew(report, at=at)
    report.words = drafted(report.figures, campaign.language_codes())
    rows = [one for one in report.figures["questions"]["rows"] if one["state"] == "void"][:MOST_ADVICE]
    report.days = [
        campaign.local(datetime.fromisoformat(one["answer_by"])).date().isoformat() if one["answer_by"] else ""
        for one in rows
    ]
    steps.begin(REPORT, report, by=by, at=at)
    trail.note("insight.drafted", report, by=by, at=at, digest=report.digest)
    return report


@transaction.atomic
def draft_again(report: InsightReport, *, by: User, at: datetime) -> InsightReport:
    """Count the week again; what people wrote and judged stays. Raise Refused unless it is a draft."""

    def edit(row: InsightReport) -> None:
        count_anew(row, at=at)

    report = write(report, edit, by=by, at=at)
    trail.note("insight.drafted", report, by=by, at=at, digest=report.digest)
    return report


def count_anew(report: InsightReport, *, at: datetime) -> None:
    """Put a week's figures into a report, with what they propose for claims that nobody has judged."""
    thresholds = Thresholds.of(report.campaign)
    report.figures, report.figures_at = counting.count(report.campaign, Week(report.week_on), at=at), at
    judged = {str(one["pk"]): risk.proposed(one, thresholds) for one in report.figures["claims"]}
    report.judged = judged | {key: one for key, one in report.judged.items() if key in judged}


def write(
    report: InsightReport, edit: Callable[[InsightReport], None], *, by: User, at: datetime, **detail: Any
) -> InsightReport:
    """Change a report as it stands now: whoever calls this has merged theirs with it, text by text. Raise Refused."""
    locked = REPORT.lock(report)
    return steps.write(REPORT, locked, edit, seen=REPORT.digest_of(locked), by=by, at=at, **detail)[0]


@transaction.atomic
def save_words(
    report: InsightReport, language: str, sent: Mapping[str, str], read: Mapping[str, str], *, by: User, at: datetime
) -> list[conflicts.Clash]:
    """
    Save the words in one language. `read` holds the token of each text that `by` started from: one that somebody else has changed
    meanwhile is not overwritten but returned, with theirs and mine. Raise Refused unless it is a draft.
    """
    report = REPORT.lock(report)
    stored = {name: report.words.get(language, {}).get(name, "") for name in sent}
    saved = conflicts.merge(stored, sent, read)

    def edit(row: InsightReport) -> None:
        if saved.changed:
            texts = {**row.words.get(language, {}), **saved.changed}
            row.words = {**row.words, language: {name: text for name, text in texts.items() if text}}

    write(report, edit, by=by, at=at, language=language, texts=sorted(saved.changed))
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
    what somebody else has changed meanwhile is returned and not overwritten. Raise Refused unless it is a draft.
    """
    report = REPORT.lock(report)
    stored = flat(report)
    saved = conflicts.merge(stored, sent, read)
    now = stored | saved.changed

    def edit(row: InsightReport) -> None:
        if saved.changed:
            row.is_public = bool(now["is_public"])
            row.days = [now[f"day{place}"] for place in range(MOST_ADVICE)]
            row.judged = {str(one["pk"]): judgement(str(one["pk"]), now) for one in row.figures.get("claims", [])}

    write(report, edit, by=by, at=at, changed=sorted(saved.changed))
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


def submit(report: InsightReport, *, by: User, at: datetime) -> None:
    """Hand a report to a second person. Raise Refused with what is missing."""
    steps.submit(REPORT, report, by=by, at=at)


def send_back(report: InsightReport, *, remark: str, by: User, at: datetime) -> None:
    """Make a report a draft again, with words about why. Raise Refused unless it is in review."""
    steps.send_back(REPORT, report, remark=remark, by=by, at=at)


def approve(report: InsightReport, *, digest: str, by: User, at: datetime) -> None:
    """
    Approve, as a second person, exactly what `by` has read; a report for everyone is public from now on. Raise Refused, also where
    something in it has been withdrawn since it was counted.
    """
    steps.agree(REPORT, report, seen=digest, by=by, at=at)


@transaction.atomic
def reopen(report: InsightReport, *, by: User, at: datetime) -> None:
    """Begin another version of an approved report; readers keep the approved one until then. Raise Refused."""
    report = REPORT.lock(report)
    if report.state != State.APPROVED:
        raise Refused(_("Not opened: the report is not approved. Reload the page."))
    steps.begin(REPORT, report, by=by, at=at)
    trail.note("insight.reopened", report, by=by, at=at)


@transaction.atomic
def withdraw(report: InsightReport, *, by: User, at: datetime) -> None:
    """Take a report away from everyone; the team keeps it. Raise Refused for one that nobody outside can read."""
    report = REPORT.lock(report)
    if not report.approved.get("is_public") or report.withdrawn_at:
        raise Refused(_("Not withdrawn: the report is not public. Reload the page."))
    report.withdrawn_at = at
    report.save()
    trail.note("insight.withdrawn", report, by=by, at=at)
    page_changes.note_retraction()
