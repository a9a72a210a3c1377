"""Fact-checks that an influencer took words or pictures of and that have changed since, as the portal tells them."""

from dataclasses import dataclass

from factcheck.models import Claim, ClaimVersion
from influencers.models import Influencer, KitUse

from .usage import TAKEN


@dataclass(frozen=True, slots=True)
class ChangedUse:
    """A fact-check that an influencer used, as it is now: `used` is the newest version that they know."""

    claim: Claim
    used: ClaimVersion

    @property
    def now(self) -> ClaimVersion:
        """The version that stands."""
        return self.claim.current_version or self.used

    @property
    def is_withdrawn(self) -> bool:
        """Return whether it must not be used any more."""
        return self.claim.status == Claim.Status.WITHDRAWN

    @property
    def is_paused(self) -> bool:
        """Return whether it must not be used for the time being."""
        return self.claim.paused_at is not None and not self.is_withdrawn


def changed(influencer: Influencer) -> list[ChangedUse]:
    """
    Return the fact-checks that an influencer took words or pictures of and that are not what they know any more:
    corrected or withdrawn since, or paused; the latest first; one query.
    """
    uses = KitUse.objects.filter(influencer=influencer).annotate(is_taken=TAKEN)
    known: dict[int, ClaimVersion] = {}
    taken = set()
    for use in uses.select_related("version__claim__current_version").order_by("version__number", "pk"):
        known[use.version.claim_id] = use.version
        if use.is_taken:
            taken.add(use.version.claim_id)
    found = [ChangedUse(version.claim, version) for key, version in known.items() if key in taken]
    news = [one for one in found if one.is_paused or one.now.pk != one.used.pk]
    return sorted(news, key=lambda one: one.claim.paused_at or one.now.published_at, reverse=True)
