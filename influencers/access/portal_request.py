"""What a request of the portal knows: whose it is."""

from accounts.models import User
from campaigns.http.requests import CampaignRequest
from campaigns.models import Campaign
from influencers.models import Influencer


class PortalRequest(CampaignRequest):
    """A request that `influencer_required` has let in. `reader_mark` is there on the pages that are kept for reading offline."""

    campaign: Campaign
    user: User
    influencer: Influencer
    reader_mark: str
