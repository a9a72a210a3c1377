"""What influencers report, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.paginator import Page, Paginator

from campaigns.models import Campaign
from factcheck.models import Claim, Sighting
from factcheck.spread import silence_thresholds
from influencers.models import Influencer
from influencers.profiles import contact_person

PER_PAGE = 20
Status = Claim.Status


class Outcome(StrEnum):
    """What became of a report. Staff have more words, and their reasons stay with them."""

    WAITING = "waiting"
    IN_WORK = "in_work"
    CHECKED = "checked"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Report:
    """Something that an influencer reported. `about` is the claim that its verdict comes from."""

    sighting: Sighting
    about: Claim
    outcome: Outcome

    @property
    def words(self) -> str:
        """The claim in the words in which it was reported."""
        text = self.sighting.claim.text
        return text.get(self.sighting.language) or next(iter(text.values()), "")

    @property
    def is_same_as_another(self) -> bool:
        """Return whether someone else had reported the same before."""
        return self.about.pk != self.sighting.claim_id


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """One page of an influencer's reports."""

    page: Page
    contact: contact_person.Contact


def reports(influencer: Influencer, campaign: Campaign, *, number: Any) -> ReportsPage:
    """Return page `number` of what an influencer reported, the latest first; two queries."""
    seen = Sighting.objects.filter(reporter=influencer.user_id, claim__campaign=campaign)
    seen = seen.select_related("claim__current_version", "claim__duplicate_of__current_version").order_by(
        "-created_at", "-pk"
    )
    page = Paginator(seen, PER_PAGE).get_page(number)
    page.object_list = [report_of(sighting) for sighting in page.object_list]
    return ReportsPage(page, contact_person.contact_of(influencer, campaign))


def report_of(sighting: Sighting) -> Report:
    """Return a report with what became of it."""
    about = sighting.claim.duplicate_of or sighting.claim
    return Report(sighting, about, outcome_of(about))


def outcome_of(claim: Claim) -> Outcome:
    """Return what became of the reports of a claim; needs `current_version` at hand."""
    if claim.status == Status.WITHDRAWN:
        return Outcome.WITHDRAWN
    if claim.current_version:
        return Outcome.PAUSED if claim.paused_at else Outcome.CHECKED
    if claim.status == Status.SET_ASIDE:
        return Outcome.SET_ASIDE
    return Outcome.WAITING if claim.status == Status.OPEN else Outcome.IN_WORK


def likely(influencer: Influencer, campaign: Campaign, *, language: str) -> dict[str, str]:
    """Return what a report of an influencer's likely says: their first platform and their language; one query."""
    accounts = influencer.accounts.order_by("pk").values_list("platform", "influencer__recipient__language")
    platform, spoken = accounts.first() or ("", language)
    return {"platform": platform, "language": silence_thresholds.main_language(spoken or campaign.default_language)}
