"""Who uses which fact-check, and what of it changed since."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from factcheck.models import Claim, ClaimVersion
from influencers.models import Influencer, KitUse

OPENED, COPIED, DOWNLOADED = "opened", "copied", "downloaded"
WAYS = (OPENED, COPIED, DOWNLOADED)
TAKEN = Q(copied_at__isnull=False) | Q(downloaded_at__isnull=False)


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


def note(
    influencer: Influencer,
    version: ClaimVersion,
    *,
    way: str,
    platform: str,
    language: str,
    named: bool,
    at: datetime,
) -> None:
    """
    Note that an influencer opened, copied or downloaded (`way`, one of WAYS) a kit, for a platform ("" for none) in a
    language. The first moment of each stays; however often and by however many at once, it is one row.
    """
    place = {"influencer": influencer, "version": version, "platform": platform, "language": language}
    KitUse.objects.bulk_create([KitUse(**place, named=named, opened_at=at)], ignore_conflicts=True)
    if way != OPENED:
        field = f"{way}_at"
        KitUse.objects.filter(**place, **{field: None}).update(**{field: at})
    if named:
        KitUse.objects.filter(**place, named=False).update(named=True)


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


def newest_known(influencer: Influencer, claim: Claim) -> tuple[ClaimVersion | None, bool]:
    """Return the newest version of a claim that an influencer saw or used, and whether they took it; one query."""
    uses = KitUse.objects.filter(influencer=influencer, version__claim=claim).select_related("version")
    use = uses.annotate(is_taken=TAKEN).order_by("-version__number", "-is_taken").first()
    return (use.version, use.is_taken) if use else (None, False)
