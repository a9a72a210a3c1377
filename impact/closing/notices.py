"""What people of authorities are told at the end of a campaign (notifications.notice_kinds)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_noop

from accounts.models import User
from impact.models import CampaignResults
from notifications.notice_kinds import Kind, Matter


class ResultsNoticeKind(Kind):
    """A kind about the results of a campaign, whose words it brings along."""

    model = CampaignResults
    related = ("campaign",)

    def details(self, subject: CampaignResults) -> str:
        """Return the approved text in the active language."""
        words: str = subject.words.get(get_language() or "", "")
        return words or next(iter(subject.words.values()), "")

    def page(self, subject: Any, person: User | None) -> str:
        """Return the bulletins of the campaign."""
        return f"{reverse('website:archive')}?campaign={subject.campaign.slug}"


CAMPAIGN_THANKS = ResultsNoticeKind(
    "campaign_thanks", gettext_noop("Thank you: the campaign has ended. This came of it"), matter=Matter.NEWS
)
KINDS = (CAMPAIGN_THANKS,)
