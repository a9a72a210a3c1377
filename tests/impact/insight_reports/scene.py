"""A week to report on: claims that were seen, questions that were asked, and a report of it."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from campaigns.models import Campaign
from factcheck.models import Claim, Sighting
from impact.insight_reports import report_steps
from impact.models import InsightReport
from impact.weeks import Week
from questions.models import Question, QuestionGroup
from tests.support import builders

LANGUAGES = ("fi", "sv", "en")


def last_week(campaign: Campaign, at: datetime) -> Week:
    """Return the week before the one of `at`."""
    return Week.of(campaign.local(at).date()).before()


def see(claim: Claim, times: int, at: datetime, **fields: Any) -> None:
    """Report that a claim was seen so often, on the Tuesday of the week before `at`."""
    day = last_week(claim.campaign, at).first + timedelta(days=1)
    values = {"platform": "tiktok", "reach": 2000, "seen_on": day, "language": "fi"} | fields
    Sighting.objects.bulk_create(Sighting(claim=claim, channel="secretgroup", **values) for _ in range(times))


def ask(campaign: Campaign, slug: str, people: int, at: datetime, **fields: Any) -> QuestionGroup:
    """Return a question that so many people asked in the week before `at`, in one person's words."""
    words = builders.in_all(en=f"Label of {slug}?")
    group = QuestionGroup.objects.create(campaign=campaign, slug=slug, label=words, **fields)
    moment = last_week(campaign, at).begins(campaign.zone) + timedelta(days=2)
    Question.objects.create(
        campaign=campaign,
        group=group,
        language="fi",
        text="my own words",
        times=people,
        channel="@mychannel",
        asked_at=moment,
    )
    return group


def week(campaign: Campaign, at: datetime) -> dict[str, Any]:
    """Return two claims, one of them published, and three questions, of which one was asked by few."""
    begun = last_week(campaign, at).begins(campaign.zone)
    Campaign.objects.filter(pk=campaign.pk).update(starts_on=(begun - timedelta(weeks=4)).date())
    campaign.refresh_from_db()
    public = builders.build_claim(campaign, at=begun + timedelta(days=1))
    secret = builders.build_claim(
        campaign, "secret", published=False, at=begun, text=builders.in_all(en="The secret rumour")
    )
    see(public, 12, at)
    see(public, 6, at - timedelta(weeks=1))
    see(secret, 7, at, platform="youtube", reach=None)
    return {
        "public": public,
        "secret": secret,
        "void": ask(campaign, "void", 31, at),
        "second": ask(campaign, "second", 9, at),
        "rare": ask(campaign, "rare", 2, at),
    }


def drafted(campaign: Campaign, *, by: User, at: datetime) -> InsightReport:
    """Return the report of the week before `at`, drafted from data."""
    return report_steps.draft(campaign, last_week(campaign, at), by=by, at=at)


def complete(report: InsightReport, *, by: User, at: datetime, is_public: bool = True, word: str = "") -> None:
    """Judge every claim, write every language, and give every recommendation who and when."""
    values = report_steps.flat(report)
    sent = {name: ("2026-12-24" if name.startswith("day") else "3") for name in values if not name.endswith("_out")}
    sent["is_public"] = "yes" if is_public else ""
    report_steps.save_judgement(report, sent, {}, by=by, at=at)
    for code in LANGUAGES:
        words = {"title": f"Finding {code} {word}", "lead": f"Summary {code}"}
        for number in (1, 2):
            words |= {f"what{number}": f"Answer it {code}", f"who{number}": f"Ministry {code}"}
        for claim in report.figures["claims"]:
            words |= {
                f"{claim['pk']}_actor": f"A closed group {code}",
                f"{claim['pk']}_effect": f"Trips in vain {code}",
            }
        report_steps.save_words(report, code, words, {}, by=by, at=at)
    report.refresh_from_db()


def approved(
    campaign: Campaign, *, by: User, approver: User, at: datetime, is_public: bool = True, word: str = ""
) -> InsightReport:
    """Return a report that a second person approved."""
    report = drafted(campaign, by=by, at=at)
    complete(report, by=by, at=at, is_public=is_public, word=word)
    report_steps.submit(report, by=by, at=at)
    report.refresh_from_db()
    report_steps.approve(report, digest=report_steps.REPORT.digest_of(report), by=approver, at=at)
    report.refresh_from_db()
    return report
