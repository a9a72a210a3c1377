"""What the front page says when no campaign is open: which one ended last, since when, and where everything of it is kept."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from bulletins.reader_view.published_fact_checks import latest_facts
from bulletins.reader_view.published_versions import listed
from campaigns.models import Campaign
from questions.answers.published_answers import answers_of


@dataclass(frozen=True, slots=True)
class EndedCampaign:
    """A campaign that is over: its name, its last day in its own zone, and (name, address) of its pages that have something."""

    campaign: Campaign
    name: str
    ended_on: date
    pages: list[tuple[str, str]]


def last_ended(*, at: datetime) -> EndedCampaign | None:
    """Return the campaign that readers had last, a live one before an exercise; None where none has ended. Five queries."""
    campaign = Campaign.objects.ended().prefetch_related("languages").first()
    if campaign is None or campaign.closed_at is None:
        return None
    lists = (
        (_("Bulletins"), "website:archive", listed(campaign, at=at)),
        (_("Fact-checks"), "factcheck:claims", latest_facts(campaign)),
        (_("Answers"), "website:answers", answers_of(campaign, at=at)),
    )
    return EndedCampaign(
        campaign,
        campaign.marked(campaign.named()),
        campaign.local(campaign.closed_at).date(),
        [(name, f"{reverse(page)}?campaign={campaign.slug}") for name, page, kept in lists if kept.exists()],
    )
