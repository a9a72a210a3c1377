"""
Inviting, once and when a campaign is public, those of the earlier one who never said whether they may be asked again. Who said
no, has left, or whose address may not be written to by then is not among them.
"""

from datetime import datetime

from django.db import transaction

from accounts.audit import trail
from influencers.models import Influencer
from influencers.onboarding import invitations
from preparedness.models import CampaignStart

from . import copies, influencer_groups


def invite_due(*, at: datetime) -> int:
    """Write the invitations of campaigns that have become public, and return how many. They leave when a second person agreed."""
    return sum(invite(key, at=at) for key in CampaignStart.objects.to_invite().values_list("pk", flat=True))


@transaction.atomic
def invite(key: int, *, at: datetime) -> int:
    """Write the invitations of one start, unless somebody has; return how many."""
    start = CampaignStart.objects.select_for_update().filter(pk=key, invited_at=None).first()
    if start is None or start.earlier is None or start.campaign is None or start.made_by is None:
        return 0
    CampaignStart.objects.filter(pk=key).update(invited_at=at)
    people = influencer_groups.not_in(influencer_groups.undecided(start.earlier), start.campaign).order_by("pk")
    made = Influencer.objects.bulk_create(
        copies.again(
            person,
            campaign_id=start.campaign.pk,
            user_id=None,
            state=Influencer.State.INVITED,
            joined_at=at,
            left_at=None,
            last_visit_at=None,
            came_by_id=None,
        )
        for person in people
    )
    written = invitations.invite(made, by=start.made_by, at=at)
    trail.note("campaignstart.invited", start, by=start.made_by, at=at, people=len(written))
    return len(written)
