"""Accounts on networks of this machine, and bulletins that they are to post."""

from bulletins.authority_posts import network_accounts
from bulletins.models import AuthorityAccount, Variant
from tests.support.builders import build_audience, build_bulletin
from tests.support.social_networks import BlueskyServer, MastodonServer


def build_account(campaign, server, **fields):
    """Return an account that works, on a server of this machine or on none."""
    is_bluesky = isinstance(server, BlueskyServer)
    values = {
        "network": "bluesky" if is_bluesky else "mastodon",
        "server": server.address if server else "https://social.example",
        "handle": "@ministry.example" if is_bluesky else "@ministry@social.example",
        "languages": ["fi"],
        "on_correction": "replace" if is_bluesky else "edit",
        "with_card": False,
        "state": "works",
    }
    account = AuthorityAccount(campaign=campaign, **(values | fields))
    network_accounts.set_secret(account, BlueskyServer.PASSWORD if is_bluesky else MastodonServer.TOKEN)
    account.save()
    return account


def build_posted(campaign, *accounts, words="Keitä hanavesi. https://vesi.example/1 #vesi"):
    """Return a draft that these accounts are to post, with words in Finnish."""
    audience = campaign.audiences.first() or build_audience(campaign, size=1)
    bulletin = build_bulletin(campaign, audiences=[audience])
    bulletin.posts_to.set(accounts)
    for edition in bulletin.editions.filter(language="fi", reading_level="standard"):
        for network in {one.network for one in accounts}:
            Variant.objects.create(edition=edition, platform=network, caption=words)
    return bulletin
