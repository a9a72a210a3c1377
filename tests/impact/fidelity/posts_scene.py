"""A published bulletin with a date in its key message, and posts about it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from bulletins.models import Version
from influencers.models import Influencer, Post, PostMessage
from influencers.posts import advice
from tests.influencers.posts.posts_scene import build_version
from tests.support import builders

TUESDAY = datetime.fromisoformat("2026-11-24T12:00:00+02:00")
MONDAY_AFTER = datetime.fromisoformat("2026-11-30T08:00:00+02:00")
KEPT, ADAPTED, DATELESS, OTHER_DAY, ELSE = (
    "Libraries open on 13 April.",
    "Guess what: on 13 April our libraries open again!",
    "Guess what: our libraries open again!",
    "Libraries open on 19 April.",
    "A lovely day at the sea.",
)


def build_people(campaign: Any, number: int, name: str = "p") -> list[Influencer]:
    """Return influencers."""
    return [builders.build_influencer(campaign, f"{name}{place}") for place in range(number)]


def posts_of(people: Iterable[Influencer], version: Version, words: str, **fields: Any) -> list[Post]:
    """Let each person have posted these words, and compare them with the key messages."""
    values = {"platform": "tiktok", "language": "en", "posted_at": TUESDAY, "told_at": TUESDAY} | fields
    found = []
    for one in people:
        post = Post.objects.create(campaign=one.campaign, influencer=one, version=version, words=words, **values)
        advice.advise(post)
        found.append(post)
    return found


def published(campaign: Any) -> Version:
    """Return the bulletin, published a day before the posts."""
    return build_version(campaign, at=TUESDAY - timedelta(days=1))


def fate_of(post: Post, key: str = "opening") -> str:
    """Return what became of a key message in a post."""
    return PostMessage.objects.get(post=post, key=key).fate
