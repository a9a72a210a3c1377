"""Accounts of the exercise's authority on Mastodon and Bluesky. They are nobody's: what they post comes to the mail catcher."""

from datetime import datetime

from bulletins.authority_posts.network_accounts import BLUESKY_SERVER
from bulletins.models import AuthorityAccount, Network
from campaigns.models import Campaign

# (network, server, name there, what becomes of a post when its bulletin is corrected)
ACCOUNTS = (
    (Network.MASTODON, "https://social.example", "@faktaakoronasta@social.example", AuthorityAccount.OnCorrection.EDIT),
    (Network.BLUESKY, BLUESKY_SERVER, "@faktaakoronasta.example", AuthorityAccount.OnCorrection.REPLACE),
)


def write(campaign: Campaign, *, at: datetime) -> list[AuthorityAccount]:
    """Enter them as they are once their networks know them, and return them."""
    works = AuthorityAccount.State.WORKS
    return [
        AuthorityAccount.objects.create(
            campaign=campaign,
            network=network,
            server=server,
            handle=handle,
            on_correction=rule,
            state=works,
            checked_at=at,
        )
        for network, server, handle, rule in ACCOUNTS
    ]
