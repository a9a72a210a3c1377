"""What the tests of posts and recognition stand on: a bulletin with dates in it, and its correction."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bulletins.models import KeyMessage, Version
from bulletins.publication import corrections
from campaigns.models import Campaign
from influencers.models import Exposure, Influencer, PlatformAccount
from tests.support import builders

SECOND = "You can borrow at most 10 books."


def opening(day: int) -> dict[str, str]:
    """Return the first key message with a day in April."""
    return {
        "fi": f"Kirjastot avataan {day}. huhtikuuta.",
        "sv": f"Biblioteken öppnar den {day} april.",
        "en": f"Libraries open on {day} April.",
    }


FIRST, RIGHT = opening(13)["en"], opening(19)["en"]


def in_all(text: str) -> dict[str, str]:
    """Return the same words for every language."""
    return dict.fromkeys(builders.LANGUAGES, text)


def build_version(campaign: Campaign, *, at: datetime | None = None, day: int = 13) -> Version:
    """Return a published bulletin with two key messages."""
    at = at or timezone.now() - timedelta(days=2)
    bulletin = builders.build_bulletin(campaign, at=at)
    KeyMessage.objects.filter(bulletin=bulletin).update(text=opening(day))
    KeyMessage.objects.create(
        bulletin=bulletin,
        key="loans",
        text={"fi": "Saat lainata enintään 10 kirjaa.", "sv": "Du får låna högst 10 böcker.", "en": SECOND},
        owner=builders.editor(),
        source_name=builders.in_all(en="Ministry"),
        source_url=in_all("https://ministry.example.org/decision"),
        position=2,
    )
    return builders.published(bulletin, at=at)


def correct(version: Version, *, at: datetime | None = None) -> Version:
    """Return a correction of a bulletin: the libraries open on another day."""
    at = at or timezone.now() - timedelta(days=1)
    bulletin = version.bulletin
    changed = {"fi": "Päivä oli väärä.", "sv": "Dagen var fel.", "en": "The day was wrong."}
    corrections.start_correction(bulletin, what_changed=changed, share_text=opening(19), by=builders.editor(), at=at)
    bulletin.refresh_from_db()
    KeyMessage.objects.filter(bulletin=bulletin, key="opening").update(text=opening(19))
    return builders.published(bulletin, at=at)


def reads(influencer: Influencer, version: Version, *, at: datetime) -> Exposure:
    """Note that someone read a version."""
    return Exposure.objects.create(
        influencer=influencer, version=version, way="read", language="fi", first_at=at, last_at=at
    )


def publishes_on(influencer: Influencer, *platforms: str) -> None:
    """Give someone accounts."""
    for platform in platforms:
        PlatformAccount.objects.create(influencer=influencer, platform=platform, handle=f"{influencer.reference}")


def told(influencer: Influencer, version: Any, **fields: Any) -> Any:
    """Return a post that an influencer told of."""
    from influencers.posts import reports

    now = fields.pop("at", None) or timezone.now()
    values = {"platform": "instagram", "posted_at": now, "language": "en"}
    return reports.report(influencer, version, by=influencer.user, at=now, **values | fields).post
