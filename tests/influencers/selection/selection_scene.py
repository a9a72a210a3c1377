"""A campaign that wants to reach two ages in two languages, and people who could be chosen."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from campaigns.models import Campaign
from delivery.models import Audience
from influencers.models import CodeOfEthics, CoverageTarget, Influencer, Interest, Selection, Signature
from influencers.selection import new_selection
from influencers.selection.exclusion_rules import Rules
from tests.support import builders
from tests.support.builders import NOON

TARGETS: dict[str, dict[str, float]] = {
    "age": {"13_17": 40, "18_24": 60},
    "language": {"fi": 80, "sv": 20},
    "topic": {"sport": 70, "music": 30},
}


def build_targets(campaign: Campaign, targets: Mapping[str, Mapping[str, float]] = TARGETS) -> None:
    """Write down whom the campaign wants to reach."""
    CoverageTarget.objects.bulk_create(
        CoverageTarget(campaign=campaign, dimension=dimension, key=key, share=share)
        for dimension, shares in targets.items()
        for key, share in shares.items()
    )
    for slug in targets.get("topic", {}):
        Interest.objects.get_or_create(campaign=campaign, slug=slug, defaults={"name": {"en": slug.capitalize()}})


def build_tiers(campaign: Campaign) -> tuple[Audience, Audience]:
    """Return the closest tier and the open network."""
    return tuple(  # type: ignore[return-value]
        Audience.objects.create(
            campaign=campaign,
            slug=slug,
            tier=tier,
            name={"en": slug.capitalize()},
            languages=["fi", "sv"],
            max_size=size,
        )
        for slug, tier, size in (("partners", 1, 3), ("network", 2, None))
    )


def build_person(campaign: Campaign, name: str, **fields: Any) -> Influencer:
    """Return someone who may be chosen: consent and signature are there; by default Finnish, young, sport."""
    values = {
        "audience_ages": {"13_17": 60, "18_24": 10, "25_34": 30},
        "interests": ["sport"],
        "values": {"value_sources": 4},
        "reference": name,
    }
    person = builders.build_influencer(campaign, name, **values | fields)
    text, _is_new = CodeOfEthics.objects.get_or_create(
        campaign=campaign, language="fi", version=1, defaults={"title": "Code", "points": 1, "body": "1. Check."}
    )
    Signature.objects.create(influencer=person, text=text, signed_at=NOON - timedelta(days=8))
    return person


def choose(campaign: Campaign, audience: Audience, size: int = 2, **wishes: Any) -> Selection:
    """Choose so many people now."""
    given = {"name": "Spring", "rules": Rules(), "by": builders.editor(), "at": NOON}
    return new_selection.choose(campaign, audience=audience, size=size, **given | wishes)


def names(selection: Selection, *standings: str) -> list[str]:
    """Return the references of those in a selection, in their order."""
    rows = selection.choices.filter(decision__in=standings or ("chosen", "pinned"))
    return list(rows.order_by("position").values_list("influencer__reference", flat=True))
