"""What the tests of kits, reports and news stand on: a claim with words that are easy to find again."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bulletins.models import Platform
from campaigns.models import Campaign, PlatformLimit
from factcheck.models import Claim, ClaimVersion, Sighting
from factcheck.verdicts import verdict_workflow
from influencers.models import Influencer, PlatformAccount
from tests.support import builders
from tests.support.builders import in_all

LIMITS = [
    ("instagram", "caption", 2200, "code_points"),
    ("tiktok", "video_caption", 2200, "utf16_units"),
    ("youtube", "title", 100, "code_points"),
    ("youtube", "description", 5000, "utf8_bytes"),
    ("x", "post", 280, "x_weighted"),
    ("threads", "post", 500, "utf8_emoji"),
    ("threads", "links", 5, "items"),
]

WORDS = {
    "text": in_all(en="Garlic cures the virus.", fi="Valkosipuli parantaa viruksen."),
    "fact": in_all(en="Rest and water help the body. No food cures it.", fi="Lepo ja vesi auttavat kehoa."),
    "warning": in_all(en="A falsehood about a plant goes round.", fi="Kasvista kiertää väärä tieto."),
    "fallacy": in_all(en="It takes a smell for an effect.", fi="Siinä haju sekoitetaan vaikutukseen."),
    "fact_again": in_all(en="Rest, drink and ask a doctor.", fi="Lepää, juo ja kysy lääkäriltä."),
}
TRACES = ("Garlic cures", "Valkosipuli", "A falsehood about", "takes a smell")


def build_fact(campaign: Campaign, slug: str = "plant", *, at: datetime | None = None, **fields: Any) -> Claim:
    """Return a published claim, found false."""
    return builders.build_claim(campaign, slug, at=at or timezone.now() - timedelta(days=1), **WORDS | fields)


def make_loud(claim: Claim, platform: str = "tiktok", language: str = "fi") -> None:
    """Have a claim be seen today by many."""
    today = claim.campaign.local(timezone.now()).date()
    Sighting.objects.create(claim=claim, platform=platform, language=language, seen_on=today, reach=9000)


def build_limits() -> None:
    """Write down the platforms' limits."""
    PlatformLimit.objects.bulk_create(
        PlatformLimit(platform=platform, field=name, limit=limit, counted_in=unit, seen_on="2020-01-01", source="x")
        for platform, name, limit, unit in LIMITS
    )


def publishes_on(influencer: Influencer, *platforms: str) -> Influencer:
    """Give an influencer accounts."""
    for platform in platforms or (Platform.TIKTOK,):
        PlatformAccount.objects.create(influencer=influencer, platform=platform, handle=influencer.reference)
    return influencer


def correct(claim: Claim, verdict: str = "unproven", *, at: datetime | None = None, **fields: Any) -> ClaimVersion:
    """Take a published claim up again and publish another verdict."""
    at = at or timezone.now()
    claim.refresh_from_db()
    verdict_workflow.reopen(claim, reason="New findings.", by=builders.checker(), at=at)
    values = {"what_changed": in_all(en="A study is under way.", fi="Asiaa tutkitaan.")} | fields
    for name, value in values.items():
        setattr(claim, name, value)
    claim.save()
    return builders.publish_claim(claim, verdict, at=at)


def pause(claim: Claim, *, at: datetime | None = None) -> None:
    """Pause a published claim."""
    claim.refresh_from_db()
    told = in_all(en="We doubt a source.", fi="Epäilemme yhtä lähdettä.")
    builders.pause_claim(claim, told=told, reason="secret reason", by=builders.checker(), at=at or timezone.now())


def withdraw(claim: Claim, *, at: datetime | None = None) -> None:
    """Pause and withdraw a published claim."""
    at = at or timezone.now()
    pause(claim, at=at)
    told = in_all(en="The source was forged.", fi="Lähde oli väärennetty.")
    builders.withdraw_claim(claim, told=told, reason="secret reason", by=builders.second_person(), at=at)
