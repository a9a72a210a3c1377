"""
The silence gate for one influencer: a falsehood is named only to those whose followers are where it is loud. Everyone
else gets the fact alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign
from factcheck.models import ClaimVersion, Thresholds
from factcheck.spread import silence_thresholds
from factcheck.spread.silence_thresholds import Channel
from influencers.models import Influencer


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be named to an influencer: per claim, the channels of theirs on which it is loud."""

    loud: Mapping[int, frozenset[Channel]]

    def shared(self, version: ClaimVersion) -> frozenset[Channel]:
        """Return the influencer's channels on which a version's claim is loud; needs `claim` at hand."""
        return self.loud.get(version.claim.main_id, frozenset())

    def allows(self, version: ClaimVersion) -> bool:
        """Return whether the claim itself may be said: it is true, or the influencer's followers have met it."""
        return not silence_thresholds.names_falsehood(version.verdict) or bool(self.shared(version))


CLOSED = Gate({})


def gate_for(influencer: Influencer, campaign: Campaign, versions: Iterable[ClaimVersion], *, at: datetime) -> Gate:
    """Return what may be named to an influencer of some versions; three queries at most, none when all are true."""
    keys = {version.claim.main_id for version in versions if silence_thresholds.names_falsehood(version.verdict)}
    mine = channels_of(influencer) if keys else set()
    if not mine:
        return CLOSED
    thresholds = Thresholds.of(campaign)
    thresholds.campaign = campaign
    loud = silence_thresholds.loud_for(keys, thresholds, at=at)
    return Gate({key: frozenset(channels & mine) for key, channels in loud.items()})


def channels_of(influencer: Influencer) -> set[Channel]:
    """Return where an influencer's followers are: each of their platforms in each of their languages; one query."""
    accounts = influencer.accounts.values_list("platform", "influencer__recipient__language")
    return {
        (platform, silence_thresholds.main_language(code))
        for platform, spoken in accounts
        for code in [spoken, *influencer.other_languages]
        if isinstance(code, str) and code
    }
