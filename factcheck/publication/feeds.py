"""
What newsrooms and other machines get of all fact-checks: the newest as RSS, everything as a DataFeed of ClaimReviews in a
language, and everything in all languages as plain JSON. docs/using/api/ names every field.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Max, Prefetch, QuerySet
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.http.machine_responses import languages_of, writable
from campaigns.http.machine_values import address, moment, name_of, spoken
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from campaigns.translated_fields import in_language
from factcheck.models import Claim, ClaimStep, ClaimVersion

from . import jsonld

PER_PAGE = 100
NEWEST = 50

# Steps that change what is read here; the rest is nobody's business outside.
PUBLIC_STEPS = (ClaimStep.Kind.PUBLISHED, *ClaimStep.NEWS, ClaimStep.Kind.MERGED, ClaimStep.Kind.SPLIT)


class Feed(Rss201rev2Feed):
    """RSS 2.0 that says when something last changed, and never what time it is."""

    def latest_post_date(self) -> datetime:
        """Return when something last changed."""
        changed: datetime = self.feed["changed"]
        return changed


def changed_at(campaign: Campaign, *, at: datetime) -> datetime:
    """
    Return when a verdict last changed or ended, the campaign's first day if none has; two queries. Reports are left out:
    the moment of one might tell who it was.
    """
    steps = ClaimStep.objects.filter(claim__campaign=campaign, kind__in=PUBLIC_STEPS)
    ended = ClaimVersion.objects.filter(claim__campaign=campaign, valid_until__lte=at)
    moments = (steps.aggregate(last=Max("at"))["last"], ended.aggregate(last=Max("valid_until"))["last"])
    return max([campaign.begins_at, *(one for one in moments if one)])


# --- RSS -------------------------------------------------------------------------------------------


def newest(campaign: Campaign, *, at: datetime) -> list[ClaimVersion]:
    """Return the fact-checks that were published or corrected last, without those that nobody may rely on; one query."""
    found = ClaimVersion.objects.in_force().filter(claim__campaign=campaign, claim__duplicate_of=None)
    return list(found.exclude(valid_until__lte=at).select_related("claim").order_by("-published_at", "-pk")[:NEWEST])


def rss(campaign: Campaign, *, language: str, changed: datetime, at: datetime) -> str:
    """Return the newest fact-checks in a language as RSS 2.0. No claim is said: the facts are enough."""
    with override(language):
        feed = Feed(
            title=writable(f"{_('What is true')}. {name_of(campaign, language)}"),
            link=address("factcheck:claims", language=language),
            description=_("Claims in circulation, checked. The fact comes first, then the claim and our verdict."),
            language=language,
            feed_url=address("factcheck:feed", language=language),
            changed=changed,
        )
        for version in newest(campaign, at=at):
            url = address("factcheck:claim", version.slug, language=language)
            fact = writable(in_language(version.fact, language))
            feed.add_item(
                title=fact,
                link=url,
                description=format_html(
                    '<p>{}</p><p>{} {}</p><p><a href="{}">{}</a></p>',
                    fact,
                    _("Verdict on the claim that we checked:"),
                    jsonld.verdict_name(version.verdict),
                    url,
                    _("Reasons and sources"),
                ),
                unique_id=url if version.number == 1 else f"{url}#version-{version.number}",
                unique_id_is_permalink=True,
                pubdate=version.published_at,
            )
        return str(feed.writeString("utf-8"))


# --- DataFeed --------------------------------------------------------------------------------------


def every(campaign: Campaign) -> QuerySet[Claim]:
    """Return the claims that have, or had, a public verdict, those that changed last first."""
    steps = ClaimStep.objects.filter(kind__in=[ClaimStep.Kind.PAUSED, ClaimStep.Kind.MERGED]).order_by("-at", "-pk")
    return (
        Claim.objects.visible()
        .filter(campaign=campaign)
        .select_related("current_version", "duplicate_of")
        .prefetch_related(Prefetch("steps", steps, to_attr="endings"))
        .order_by("-current_version__published_at", "-pk")
    )


def page_of(campaign: Campaign, number: str) -> Page[Claim]:
    """Return a page of every(); raise InvalidPage when there is none of that number."""
    return Paginator(every(campaign), PER_PAGE).page(number)


def data_feed(
    campaign: Campaign, page: Page[Claim], *, language: str, changed: datetime, at: datetime
) -> dict[str, Any]:
    """Return a page of fact-checks as a DataFeed of ClaimReviews in a language, those that ended too."""
    versions = [current_version(claim) for claim in page]
    marked = jsonld.claim_reviews(versions, language=language, at=at)
    first = jsonld.first_published(one.claim_id for one in versions)
    url = address("factcheck:claimreview_data", language=language)
    return {
        "@context": jsonld.CONTEXT,
        "@type": "DataFeed",
        "@id": url,
        "url": url,
        "name": name_of(campaign, language),
        "inLanguage": language,
        "provider": jsonld.organisation(PrintedWords.of(campaign), language),
        "dateModified": moment(changed),
        "dataFeedElement": [
            feed_item(claim, marked.get(current_version(claim).pk), first[claim.pk], language=language)
            for claim in page
        ],
    } | ({"creativeWorkStatus": "Exercise"} if campaign.is_exercise else {})


def feed_item(claim: Claim, review: dict[str, Any] | None, first: datetime, *, language: str) -> dict[str, Any]:
    """Return a claim's place in a DataFeed: its review, or since when there is none that anyone may rely on."""
    url = address("factcheck:claim", claim.slug, language=language)
    place = {"@type": "DataFeedItem", "url": url, "dateCreated": moment(first)}
    if review is None:
        ended = moment(ended_at(claim))
        gone = {"@type": "ClaimReview", "@id": url, "url": url}
        return place | {"dateModified": ended, "dateDeleted": ended, "item": [gone]}
    within = {name: value for name, value in review.items() if name != "@context"}
    return place | {"dateModified": review["dateModified"], "item": [within]}


def ended_at(claim: Claim) -> datetime:
    """Return since when nobody may rely on a claim's verdict, if that is so; needs every()'s steps at hand."""
    version = current_version(claim)
    if claim.status == Claim.Status.WITHDRAWN:
        return version.published_at
    for step in claim.endings:  # type: ignore[attr-defined]
        if step.kind == (ClaimStep.Kind.MERGED if claim.duplicate_of_id else ClaimStep.Kind.PAUSED):
            return step.at  # type: ignore[no-any-return]
    return claim.paused_at or version.valid_until or version.published_at


def current_version(claim: Claim) -> ClaimVersion:
    """Return the version that stands, with its claim at hand."""
    assert claim.current_version  # every() gives no others
    claim.current_version.claim = claim
    return claim.current_version


# --- JSON ------------------------------------------------------------------------------------------


def everything(campaign: Campaign, page: Page[Claim], *, changed: datetime, at: datetime) -> dict[str, Any]:
    """Return a page of fact-checks in all languages as plain data."""
    rows = languages_of(campaign)
    languages = [row.code for row in rows]
    return {
        "campaign": campaign.slug,
        "name": {row.code: row.name for row in rows},
        "publisher": {row.code: row.sender_name for row in rows},
        "exercise": campaign.is_exercise,
        "languages": languages,
        "changed_at": moment(changed),
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "scale": {"best": jsonld.BEST, "worst": jsonld.WORST, "numbers": dict(jsonld.NUMBERS)},
        "verdicts": {
            verdict: {code: named(verdict, code) for code in languages} for verdict in map(str, Claim.Verdict.values)
        },
        "claims": all_as_plain(list(page), languages, at=at),
    }


def all_as_plain(claims: Sequence[Claim], languages: list[str], *, at: datetime) -> list[dict[str, Any]]:
    """Return claims from every() as plain data; three queries, however many there are."""
    keys = [claim.pk for claim in claims]
    seen = jsonld.appearances_of(keys)
    versions: dict[int, list[ClaimVersion]] = {}
    for version in ClaimVersion.objects.filter(claim__in=keys).defer("evidence").order_by("number"):
        versions.setdefault(version.claim_id, []).append(version)
    return [as_plain(one, versions[one.pk], seen.get(one.pk, jsonld.Appearances()), languages, at=at) for one in claims]


def named(verdict: str, language: str) -> str:
    """Return a verdict's name in a language."""
    with override(language):
        return jsonld.verdict_name(verdict)


def state_of(claim: Claim, *, at: datetime) -> str:
    """Return what readers are told of a claim's verdict as a whole."""
    if claim.duplicate_of_id:
        return "merged"
    if claim.status == Claim.Status.WITHDRAWN:
        return "withdrawn"
    if claim.paused_at:
        return "paused"
    return "out_of_date" if current_version(claim).is_over(at=at) else "published"


def as_plain(
    claim: Claim, versions: list[ClaimVersion], seen: jsonld.Appearances, languages: list[str], *, at: datetime
) -> dict[str, Any]:
    """Return a claim as plain data. Of one that nobody may rely on, only that it is so, since when and why."""
    state = state_of(claim, at=at)
    told: dict[str, Any] = {
        "slug": claim.slug,
        "state": state,
        "urls": {code: address("factcheck:claim", claim.slug, language=code) for code in languages},
        "first_published_at": moment(versions[0].published_at),
    }
    if state not in {"published", "out_of_date"}:
        return told | {
            "since": moment(ended_at(claim)),
            "told": spoken(ending_text(claim), languages),
            "same_as": claim.duplicate_of.slug if claim.duplicate_of else None,
        }
    version = current_version(claim)
    return told | {
        "version": version.number,
        "published_at": moment(version.published_at),
        "checked_on": version.checked_on.isoformat() if version.checked_on else None,
        "check_again_by": version.check_again_by.isoformat() if version.check_again_by else None,
        "valid_until": moment(version.valid_until) if version.valid_until else None,
        "being_checked_again": claim.status != Claim.Status.PUBLISHED,
        "verdict": version.verdict,
        "rating": jsonld.NUMBERS.get(version.verdict),
        "claim": spoken(version.text, languages),
        **{
            name: spoken(getattr(version, name), languages)
            for name in ("fact", "warning", "fallacy", "fact_again", "how_checked", "why_few_sources")
        },
        "sha256": version.sha256,
        "sources": [plain_source(one, languages) for one in version.evidence],
        "sightings": plain_sightings(seen),
        "versions": [plain_version(claim, one, languages) for one in versions],
    }


def plain_source(source: dict[str, Any], languages: list[str]) -> dict[str, Any]:
    """Return a source of a verdict as plain data; its copy has an address in each language."""
    copies = {code: jsonld.copy_address(source, code) for code in languages} if source.get("copy") else {}
    return {name: source.get(name) or None for name in SOURCE} | {"copies": copies}


def plain_sightings(seen: jsonld.Appearances) -> dict[str, Any]:
    """Return where and when a claim was seen as plain data."""
    return {
        "count": seen.count,
        "first": min(one.first for one in seen.platforms).isoformat() if seen.platforms else None,
        "last": max(one.last for one in seen.platforms).isoformat() if seen.platforms else None,
        "platforms": {one.platform: one.count for one in seen.platforms},
    }


def plain_version(claim: Claim, version: ClaimVersion, languages: list[str]) -> dict[str, Any]:
    """Return a version of a fact-check as plain data."""
    return {
        "number": version.number,
        "kind": version.kind,
        "verdict": version.verdict,
        "published_at": moment(version.published_at),
        "what_changed": spoken(version.what_changed, languages),
        "urls": {code: address("factcheck:version", claim.slug, version.number, language=code) for code in languages},
    }


# What is told of a source; its copy has addresses of its own.
SOURCE = ("publisher", "title", "url", "language", "quote", "published_on", "archived_at", "sha256")


def ending_text(claim: Claim) -> dict[str, str]:
    """Return what readers were told when a verdict was paused or withdrawn."""
    if claim.status == Claim.Status.WITHDRAWN:
        return current_version(claim).what_changed  # type: ignore[no-any-return]
    paused = (step for step in claim.endings if step.kind == ClaimStep.Kind.PAUSED)  # type: ignore[attr-defined]
    return next((step.reader_text for step in paused), {}) if claim.paused_at else {}
