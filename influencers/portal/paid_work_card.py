"""What the portal's front page says of paid work: what is open, and how the reader's own stands."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from campaigns.models import Campaign
from campaigns.translated_fields import in_language, language_shown
from influencers.models import Influencer
from stories.models import Commission, CommissionApplication

from . import home_cards

SHOWN = 3
UNDER_WAY = (Commission.State.CHOSEN, Commission.State.AGREED, Commission.State.DELIVERED)


@dataclass(frozen=True, slots=True)
class PaidWork:
    """A commission on the front page; `is_mine` tells that the reader does it."""

    commission: Commission
    title: str
    language: str
    is_mine: bool


def find(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> list[PaidWork]:
    """Return the reader's own paid work that goes on, then what any creator can apply for; one query."""
    mine = CommissionApplication.objects.filter(
        commission=OuterRef("pk"), creator__user=influencer.user_id, state=CommissionApplication.State.CHOSEN
    )
    is_open = Q(pk__in=Commission.objects.taking_applications(at=at).filter(campaign=campaign).order_by().values("pk"))
    rows = Commission.objects.filter(campaign=campaign).annotate(is_mine=Exists(mine))
    rows = rows.filter(is_open | Q(is_mine=True, state__in=UNDER_WAY)).order_by("-is_mine", "deadline", "pk")
    return [
        PaidWork(one, in_language(one.title, language), language_shown(one.title, language), one.is_mine)
        for one in rows[:SHOWN]
    ]


CARDS = home_cards.Cards("paid_work", "influencers/portal/_paid_work.html", find)
