"""
Fact-checks as data: schema.org's ClaimReview, one for the page of each language. docs/using/api/claimreview.md names every field, and the
documents that it follows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from campaigns.http.machine_values import address, moment
from campaigns.publication_details import PrintedWords
from campaigns.translated_fields import in_language
from factcheck.models import Claim, ClaimVersion, Sighting
from lib.http.safe_fetch import looks_private

CONTEXT = "https://schema.org"

# The scale, for verdicts that can be put on one. Unproven says that nothing is known: it has no place there.
NUMBERS: dict[str, int] = {Claim.Verdict.TRUE: 5, Claim.Verdict.FIFTY_FIFTY: 3, Claim.Verdict.FALSE: 1}
BEST, WORST = 5, 1

PAGES_NAMED = 5  # pages of publishers that said it, named with a fact-check

# Whose pages may be named: those that readers could find anyway, entered by the desk. Posts gain no views from us, and
# an address that someone sent in may say who it was.
NAMED_PLATFORMS = (Sighting.Platform.WEB, Sighting.Platform.PRESS)
NAMED_VIA = (Sighting.Via.STAFF, Sighting.Via.FILE)
NOBODYS = (*NAMED_PLATFORMS, Sighting.Platform.SPOKEN, Sighting.Platform.OTHER)


@dataclass(frozen=True, slots=True)
class OnPlatform:
    """How often a claim was seen on a platform, and from when to when."""

    platform: str
    count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Appearances:
    """What anyone may know of where a claim was seen: platforms, the earliest first, and pages of publishers."""

    platforms: list[OnPlatform] = field(default_factory=list)
    pages: list[Sighting] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How often it was seen."""
        return sum(one.count for one in self.platforms)


def is_in_force(version: ClaimVersion, *, at: datetime) -> bool:
    """Return whether readers may rely on a version at `at`; needs `claim` at hand."""
    claim = version.claim
    return (
        claim.current_version_id == version.pk
        and claim.paused_at is None
        and claim.duplicate_of_id is None
        and version.kind != ClaimVersion.Kind.WITHDRAWAL
        and not version.is_over(at=at)
    )


def claim_reviews(versions: Sequence[ClaimVersion], *, language: str, at: datetime) -> dict[int, dict[str, Any]]:
    """
    Return {key of a version: its ClaimReview in a language}, without those that nobody may rely on at `at`.

    Three queries, however many there are; needs `claim` at hand.
    """
    shown = [one for one in versions if is_in_force(one, at=at)]
    if not shown:
        return {}
    claims = [one.claim_id for one in shown]
    first, where = first_published(claims), appearances_of(claims)
    with override(language):
        return {
            one.pk: claim_review(
                one, language=language, first=first[one.claim_id], where=where.get(one.claim_id, Appearances())
            )
            for one in shown
        }


def claim_review(version: ClaimVersion, *, language: str, first: datetime, where: Appearances) -> dict[str, Any]:
    """Return the ClaimReview of a version in the active language, from what claim_reviews() gathers."""
    url = address("factcheck:claim", version.slug, language=language)
    marked: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "ClaimReview",
        "@id": url,
        "url": url,
        "inLanguage": language,
        "name": in_language(version.fact, language),
        "claimReviewed": in_language(version.text, language),
        "reviewRating": rating(version.verdict),
        "author": organisation(version.words, language),
        "datePublished": moment(first),
        "dateModified": moment(version.published_at),
        "version": version.number,
        "publishingPrinciples": address("factcheck:policy", language=language),
        "itemReviewed": item(version, where),
        "citation": [source(one, language) for one in version.evidence],
    }
    if version.valid_until:
        marked["expires"] = moment(version.valid_until)
    if version.kind == ClaimVersion.Kind.CORRECTION:
        marked["correction"] = {
            "@type": "CorrectionComment",
            "text": in_language(version.what_changed, language),
            "datePublished": moment(version.published_at),
        }
    return marked | ({"creativeWorkStatus": "Exercise"} if version.words.is_exercise else {})


# --- Parts -----------------------------------------------------------------------------------------


def rating(verdict: str) -> dict[str, Any]:
    """Return a verdict as a Rating in the active language: in words, and with a number if it has one."""
    words = {"@type": "Rating", "alternateName": verdict_name(verdict), "ratingExplanation": meaning(verdict)}
    if verdict not in NUMBERS:
        return words
    return words | {"ratingValue": NUMBERS[verdict], "bestRating": BEST, "worstRating": WORST}


def verdict_name(verdict: str) -> str:
    """Return a verdict in the active language, as pages show it."""
    return {
        Claim.Verdict.TRUE: pgettext("verdict", "True"),
        Claim.Verdict.FALSE: pgettext("verdict", "False"),
        Claim.Verdict.FIFTY_FIFTY: _("50–50"),
    }.get(Claim.Verdict(verdict), pgettext("verdict", "Unproven"))


def meaning(verdict: str) -> str:
    """Return what a verdict means, in the active language."""
    return {
        Claim.Verdict.TRUE: _("sources support it"),
        Claim.Verdict.FALSE: _("sources refute it"),
        Claim.Verdict.FIFTY_FIFTY: _("partly true, partly not"),
    }.get(Claim.Verdict(verdict), _("evidence is missing"))


def organisation(printed: PrintedWords, language: str) -> dict[str, Any]:
    """Return who says it: the campaign's sender, never a person. An exercise says that it is one."""
    name = printed.in_language(language).sender_name or printed.campaign
    if printed.is_exercise:
        with override(language):
            name = _("Exercise: %(name)s") % {"name": name}
    return {"@type": "Organization", "name": name, "url": f"{settings.PUBLIC_URL}/{language}/"}


def item(version: ClaimVersion, where: Appearances) -> dict[str, Any]:
    """
    Return the Claim that was reviewed: when it came up, and where it was seen. It has no author: a claim that goes
    round is nobody's in particular.
    """
    claim: dict[str, Any] = {"@type": "Claim"}
    if not where.platforms:
        return claim
    appearances = [appearance(one) for one in where.platforms]
    pages = [published_page(one) for one in where.pages]
    return claim | {
        "datePublished": where.platforms[0].first.isoformat(),
        "firstAppearance": appearances[0],
        "appearance": [*appearances, *pages],
    }


def appearance(seen_there: OnPlatform) -> dict[str, Any]:
    """Return a platform where the claim was seen, since when; without addresses, so that no post gains views."""
    label = str(Sighting.Platform(seen_there.platform).label)
    work: dict[str, Any] = {"@type": "CreativeWork", "datePublished": seen_there.first.isoformat()}
    if seen_there.platform in NOBODYS:
        return work | {"name": label}
    return work | {"publisher": {"@type": "Organization", "name": label}}


def published_page(sighting: Sighting) -> dict[str, Any]:
    """Return a publisher's page that said it."""
    work: dict[str, Any] = {
        "@type": "CreativeWork",
        "url": sighting.url,
        "datePublished": sighting.seen_on.isoformat(),
        "inLanguage": sighting.language,
    }
    return work | ({"publisher": {"@type": "Organization", "name": sighting.channel}} if sighting.channel else {})


def source(evidence: dict[str, Any], language: str) -> dict[str, Any]:
    """Return a piece of evidence as a CreativeWork, with the address of our archived copy if there is one."""
    work: dict[str, Any] = {
        "@type": "CreativeWork",
        "name": evidence["title"],
        "url": evidence["url"],
        "publisher": {"@type": "Organization", "name": evidence["publisher"]},
    }
    if evidence.get("published_on"):
        work["datePublished"] = evidence["published_on"]
    if evidence.get("language"):
        work["inLanguage"] = evidence["language"]
    if copy := copy_address(evidence, language):
        work |= {"sameAs": copy, "archivedAt": copy}
    return work


def copy_address(evidence: dict[str, Any], language: str) -> str:
    """Return the address of the archived copy of a piece of evidence, "" without one."""
    return address("factcheck:copy", evidence["copy"], language=language) if evidence.get("copy") else ""


# --- What it is made of ----------------------------------------------------------------------------


def first_published(claims: Iterable[int]) -> dict[int, datetime]:
    """Return {key of a claim: when its first version was published}; one query."""
    return dict(ClaimVersion.objects.filter(claim__in=list(claims), number=1).values_list("claim", "published_at"))


def appearances_of(claims: Iterable[int]) -> dict[int, Appearances]:
    """Return {key of a claim: where it, or what was found to be the same, was seen}; two queries."""
    keys = list(claims)
    same = Claim.objects.filter(Q(pk__in=keys) | Q(duplicate_of__in=keys)).values("pk")
    sightings = Sighting.objects.filter(claim__in=same).annotate(main=Coalesce("claim__duplicate_of", "claim"))
    found: defaultdict[int, Appearances] = defaultdict(Appearances)
    counted = sightings.order_by().values("main", "platform")
    counted = counted.annotate(count=Count("pk"), first=Min("seen_on"), last=Max("seen_on"))
    for row in counted.order_by("first", "platform"):
        found[row["main"]].platforms.append(OnPlatform(row["platform"], row["count"], row["first"], row["last"]))
    named = sightings.filter(platform__in=NAMED_PLATFORMS, via__in=NAMED_VIA).exclude(url="")
    place = Window(RowNumber(), partition_by=F("main"), order_by=["seen_on", "pk"])
    for sighting in named.annotate(place=place).filter(place__lte=PAGES_NAMED).order_by("seen_on", "pk"):
        pages = found[sighting.main].pages
        if not looks_private(sighting.url) and sighting.url not in {one.url for one in pages}:
            pages.append(sighting)
    return found
