"""Fact-checks that were published with a bulletin, as they stand at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from bulletins.models import Bulletin
from campaigns.models import Campaign
from factcheck.models import Claim, ClaimVersion

from .published_versions import Reading


@dataclass(frozen=True)
class Fact:
    """
    A fact-check as it stands at a moment. Of a paused or withdrawn one nothing is to be passed on. `changed_at` is when
    its verdict became another one than a reader knew, None when it is the same.
    """

    STANDING, PAUSED, WITHDRAWN, OVER = "standing", "paused", "withdrawn", "over"

    version: ClaimVersion
    state: str
    changed_at: datetime | None = None


def latest_facts(campaign: Campaign) -> QuerySet[ClaimVersion]:
    """Return the fact-checks that stand, the latest checked first."""
    facts = ClaimVersion.objects.in_force().filter(claim__campaign=campaign).select_related("claim")
    return facts.order_by("-checked_on", "-claim")


def claims_with(reading: Reading, *, at: datetime) -> list[Fact]:
    """Return the fact-checks that were published with a version, as they stand at `at`; two queries."""
    return facts_of(reading.claims, at=at, since=reading.version.published_at)


def facts_of(keys: Sequence[int], *, at: datetime, since: datetime | None = None) -> list[Fact]:
    """
    Return the fact-checks of these claims as they stand at `at`, in this order; a claim that was found to be the same
    as another has that one's. Those that nobody may read yet are left out. Two queries.
    """
    found = Claim.objects.filter(pk__in=keys).select_related("current_version", "duplicate_of__current_version")
    main = {one.pk: one.duplicate_of or one for one in found}
    claims = list(dict.fromkeys(main[key] for key in keys if key in main and main[key].current_version_id))
    earlier: dict[int, str] = {}
    if since is not None:
        before = ClaimVersion.objects.filter(claim__in=claims, published_at__lte=since).order_by("number")
        earlier = dict(before.values_list("claim", "verdict"))
    return [_fact(claim, earlier.get(claim.pk), at=at) for claim in claims]


def moved_since(bulletin: Bulletin, *, at: datetime) -> list[Fact]:
    """Return the fact-checks of a published bulletin that no longer say what they said when it went out."""
    newest = bulletin.versions.published(at=at).order_by("-number").prefetch_related("editions").first()
    if newest is None or newest.is_retracted:
        return []
    keys = dict.fromkeys(key for edition in newest.editions.all() for key in edition.content.get("claims", []))
    facts = facts_of(list(keys), at=at, since=newest.published_at)
    return [fact for fact in facts if fact.state != Fact.STANDING or fact.changed_at]


def _fact(claim: Claim, before: str | None, *, at: datetime) -> Fact:
    """Return a fact-check as it stands; `before` is the verdict that a reader knew."""
    version = claim.current_version
    assert version is not None
    version.claim = claim  # so that its address costs no query
    if claim.status == Claim.Status.WITHDRAWN or version.kind == ClaimVersion.Kind.WITHDRAWAL:
        state = Fact.WITHDRAWN
    elif claim.paused_at:
        state = Fact.PAUSED
    else:
        state = Fact.OVER if version.is_over(at=at) else Fact.STANDING
    changed = before is not None and before != version.verdict
    return Fact(version, state, changed_at=version.published_at if changed else None)
