"""Who uses which fact-check: what influencers opened, copied or downloaded of it."""

from datetime import datetime

from django.db.models import Q

from factcheck.models import Claim, ClaimVersion
from influencers.models import Influencer, KitUse

OPENED, COPIED, DOWNLOADED = "opened", "copied", "downloaded"
WAYS = (OPENED, COPIED, DOWNLOADED)
TAKEN = Q(copied_at__isnull=False) | Q(downloaded_at__isnull=False)


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


def newest_known(influencer: Influencer, claim: Claim) -> tuple[ClaimVersion | None, bool]:
    """Return the newest version of a claim that an influencer saw or used, and whether they took it; one query."""
    uses = KitUse.objects.filter(influencer=influencer, version__claim=claim).select_related("version")
    use = uses.annotate(is_taken=TAKEN).order_by("-version__number", "-is_taken").first()
    return (use.version, use.is_taken) if use else (None, False)
