"""What a request knows beside what Django puts there."""

from django.http import HttpRequest

from campaigns.models import Campaign


class CampaignRequest(HttpRequest):
    """
    A request that has come through CampaignMiddleware. `campaign` is the one that the address is about, or at the desk the one
    that the user works on; `shown_campaign` is the one that the site shows. Both are None while there is none.
    """

    campaign: Campaign | None
    shown_campaign: Campaign | None
    # At the desk: the campaigns that the user may work in, and the roles that they have in each alone.
    desk_campaigns: list[Campaign]
    roles_by_campaign: dict[int, list[str]]
