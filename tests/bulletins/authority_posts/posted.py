"""Accounts on networks of this machine, bulletins that they are to post, and what becomes of these."""

from datetime import timedelta

from bulletins.authority_posts import jobs, network_accounts
from bulletins.models import AuthorityAccount, AuthorityPost, Variant
from bulletins.publication import corrections
from tests.support.builders import NOON, build_audience, build_bulletin, editor, in_all, published
from tests.support.providers.social_networks import BlueskyServer, MastodonServer

LATER = NOON + timedelta(hours=1)
CHANGED = in_all(en="Boil it for five minutes.", fi="Keitä viisi minuuttia.", sv="Koka i fem minuter.")


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


def work(at=NOON):
    """Take what is due, as workers do, until nothing is; return how many tries that took."""
    tries = 0
    while keys := list(AuthorityPost.objects.due(at=at).values_list("pk", flat=True)):
        for pk in keys:
            jobs.run(pk, clock=lambda: at)
        tries += len(keys)
        assert tries < 20
    return tries


def corrected(bulletin, words="Keitä hanavesi viisi minuuttia. #vesi"):
    """Return the version that corrects a bulletin, with these words for its networks."""
    bulletin.refresh_from_db()
    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=CHANGED, share_text=CHANGED)
    Variant.objects.filter(edition__bulletin=bulletin, platform__in=["mastodon", "bluesky"]).update(caption=words)
    return published(bulletin, at=LATER)


def withdrawn(bulletin):
    """Return the version that withdraws a bulletin."""
    bulletin.refresh_from_db()
    corrections.retract(bulletin, by=editor(), at=LATER, what_changed=CHANGED)
    return published(bulletin, at=LATER)
