"""What the tests of recalls stand on: a bulletin that is corrected, and people who know its first version."""

from datetime import datetime, timedelta
from typing import Any

from bulletins.models import Bulletin, KeyMessage, Variant, Version
from bulletins.publication import corrections
from campaigns.models import Campaign
from influencers.models import Exposure, Influencer, PlatformAccount, Post, PostFigures
from tests.support import builders
from tests.support.builders import NOON, in_all

LATER = NOON + timedelta(hours=2)
CHANGED = in_all(en="Libraries open on Tuesday.", fi="Kirjastot avataan tiistaina.", sv="Biblioteken öppnar på tisdag.")
SHARE = in_all(en="I said Monday. Tuesday is right.", fi="Sanoin maanantai. Tiistai on oikein.")


def publish(campaign: Campaign, **fields: Any) -> Version:
    """Return a published first version with two key messages and words for Instagram."""
    bulletin = builders.build_bulletin(campaign, variants=True, **fields)
    first = bulletin.key_messages.get()
    source = {"owner": first.owner, "source_name": first.source_name, "source_url": first.source_url}
    KeyMessage.objects.create(bulletin=bulletin, key="distance", text=in_all(en="Keep your distance."), **source)
    return builders.published(bulletin)


def correct(version: Version, *, at: datetime = LATER, **words: Any) -> Version:
    """Publish the next version: the opening is on another day, the rest is as it was."""
    return builders.published(correction_of(version, at=at, **words), at=at)


def correction_of(version: Version, *, at: datetime = LATER, **words: Any) -> Bulletin:
    """Return a bulletin with the words of its next version, which nobody has approved."""
    bulletin = Bulletin.objects.get(pk=version.bulletin_id)
    words = {"what_changed": CHANGED, "share_text": SHARE} | words
    corrections.start_correction(bulletin, by=builders.editor(), at=at, **words)
    number = bulletin.version
    bulletin.key_messages.filter(key="opening").update(text=in_all(en=f"Libraries open on day {number}."))
    Variant.objects.filter(edition__bulletin=bulletin).update(caption=f"Day {number}.")
    return bulletin


def retract(version: Version, *, at: datetime = LATER) -> Version:
    """Publish the retraction of a bulletin."""
    bulletin = Bulletin.objects.get(pk=version.bulletin_id)
    corrections.retract(
        bulletin,
        by=builders.editor(),
        at=at,
        what_changed=in_all(en="The source was wrong."),
        share_text={},
    )
    return builders.published(bulletin, at=at)


def person(campaign: Campaign, name: str, *, language: str = "en", **accounts: int | None) -> Influencer:
    """Return an influencer with accounts: followers by platform."""
    influencer = builders.build_influencer(campaign, name, language=language)
    for platform, followers in accounts.items():
        PlatformAccount.objects.create(influencer=influencer, platform=platform, handle=name, followers=followers)
    return influencer


def posts(
    influencer: Influencer,
    version: Version | None,
    platform: str = "instagram",
    reach: int | None = None,
    **fields: Any,
) -> Post:
    """Return a post about a version, with a figure if given."""
    values = {"language": "en", "posted_at": NOON, "told_at": NOON}
    post = Post.objects.create(
        campaign=influencer.campaign, influencer=influencer, version=version, platform=platform, **values | fields
    )
    if reach is not None:
        PostFigures.objects.create(post=post, at=NOON, reach=reach)
    return post


def does(influencer: Influencer, version: Version, way: str = "read", item: str = "", language: str = "en") -> Exposure:
    """Return what an influencer did with a version."""
    return Exposure.objects.create(
        influencer=influencer, version=version, way=way, item=item, language=language, first_at=NOON, last_at=NOON
    )
