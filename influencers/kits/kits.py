"""
Rebuttal kits: ready words about a checked fact for each platform and language, a picture of the fact, and its sources.

The fact comes first, always. Whether the claim is named, once and after its warning, the silence gate says. What is out
of date, paused or withdrawn has no words to copy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import Platform
from campaigns.models import Campaign, PlatformLimit
from campaigns.platforms import character_counts, platform_limits
from campaigns.translated_fields import in_language
from factcheck.models import Claim, ClaimStep, ClaimVersion, Sighting
from factcheck.publication import fact_cards
from factcheck.spread import silence_thresholds
from influencers.editions import platform_texts
from influencers.models import Influencer
from influencers.profiles import contact_person
from influencers.recall import fact_check_texts, recall_plan
from lib.images.picture_sizes import Ratio
from lib.images.shared_cards import Picture
from lib.text.dates import validity_phrases
from lib.text.languages.languages import language_name

from . import changed_fact_checks, kit_texts, silence_gate, usage
from .changed_fact_checks import ChangedUse

PER_PAGE = 20


class State(StrEnum):
    """What may be done with a kit."""

    CURRENT = "current"
    OVER = "over"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Tab:
    """Ready words for a platform. Without a caption even the first sentence is too long for it."""

    channel: platform_texts.Channel
    is_mine: bool
    names: bool

    @property
    def has_words(self) -> bool:
        """Return whether a text fits on the platform."""
        return any(one.id.endswith("-caption") for one in self.channel.fields)


@dataclass(frozen=True, slots=True)
class Source:
    """What a verdict rests on. Without the claim named, only the publisher: titles and addresses often say it."""

    publisher: str
    title: str
    url: str
    language: str


@dataclass(frozen=True, slots=True)
class KitPage:
    """
    A kit for one influencer in one language. Only a current one has tabs, pictures and sources. `known` is the newest
    version that they saw or used; `is_taken` tells that they copied or downloaded this one. `holds` and `sources_named` say until
    when it holds and where it comes from, in the kit's language, to be shared with its words.
    """

    claim: Claim
    version: ClaimVersion
    language: str
    languages: list[tuple[str, str]]
    state: State
    named: bool
    shared: frozenset[silence_thresholds.Channel]
    contact: contact_person.Contact
    known: ClaimVersion | None
    is_taken: bool = False
    told: str = ""
    correction: str = ""
    tabs: list[Tab] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    alt_text: str = ""
    check_url: str = ""
    holds: str = ""
    sources_named: str = ""
    sources: list[Source] = field(default_factory=list)

    @property
    def fact(self) -> str:
        """The fact in the kit's language."""
        return in_language(self.version.fact, self.language)

    @property
    def why(self) -> str:
        """Which kit it is, and why."""
        return why(self.version, self.shared)

    @property
    def has_changed(self) -> bool:
        """Return whether it is another version than the newest that the influencer used or saw."""
        return self.known is not None and self.known.pk != self.version.pk

    @property
    def verdict_changed(self) -> bool:
        """Return whether the verdict is another one than the influencer knows."""
        return self.known is not None and self.known.verdict != self.version.verdict

    @property
    def is_checked_again(self) -> bool:
        """Return whether someone is checking it again while it stands."""
        return self.state == State.CURRENT and self.claim.status in Claim.EDITABLE


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact in the list. `places` says where the influencer's followers may have met the claim, "" for nowhere."""

    version: ClaimVersion
    named: bool
    places: str


@dataclass(frozen=True, slots=True)
class FactsPage:
    """The facts: what changed of those that the influencer used, then one page of all, loud ones first."""

    changed: list[ChangedUse]
    page: Page
    contact: contact_person.Contact


# --- Pages -----------------------------------------------------------------------------------------


def facts(influencer: Influencer, campaign: Campaign, *, number: Any, at: datetime) -> FactsPage:
    """Return page `number` of the facts that hold at `at`; five queries at most."""
    standing = ClaimVersion.objects.in_force().filter(claim__campaign=campaign)
    versions = standing.select_related("claim").defer("evidence", "how_checked").order_by("-checked_on", "-claim")
    holding = [version for version in versions if not version.is_over(at=at)]
    gate = silence_gate.gate_for(influencer, campaign, holding, at=at)
    # Sorting keeps the order of equals: the latest checked first, but what is loud before what is not.
    holding.sort(key=lambda version: not gate.shared(version))
    rows = [FactRow(version, gate.allows(version), places_of(gate.shared(version))) for version in holding]
    return FactsPage(
        changed_fact_checks.changed(influencer),
        Paginator(rows, PER_PAGE).get_page(number),
        contact_person.contact_of(influencer, campaign),
    )


def kit(
    influencer: Influencer, campaign: Campaign, slug: str, *, language: str, asked: str = "", at: datetime
) -> KitPage | None:
    """
    Return the kit of a fact-check, or None for one that was never published; nine queries at most.

    It is in the language `asked` for, or the reader's `language`, or one that the fact has.
    """
    about = published(campaign, slug)
    if about is None or about.current_version is None:
        return None
    version = about.current_version
    version.claim = about
    about.campaign = campaign
    codes = [row.code for row in campaign.languages.all() if version.fact.get(row.code)]
    code = chosen_language(codes, asked, language, language.partition("-")[0], campaign.default_language)
    gate = silence_gate.gate_for(influencer, campaign, [version], at=at)
    state = state_of(about, at=at)
    known, is_taken = usage.newest_known(influencer, about)
    page = KitPage(
        claim=about,
        version=version,
        language=code,
        languages=[(one, language_name(one)) for one in codes],
        state=state,
        named=gate.allows(version),
        shared=gate.shared(version),
        contact=contact_person.contact_of(influencer, campaign),
        known=known,
        is_taken=is_taken and known == version,
    )
    if state == State.CURRENT:
        return with_texts(page, influencer)
    return with_reason(page)


def published(campaign: Campaign, slug: str) -> Claim | None:
    """Return the claim that a kit is about: its main one, with the version that stands; one query."""
    found = Claim.objects.visible().filter(campaign=campaign, slug=slug)
    about = found.select_related("current_version", "duplicate_of__current_version").first()
    return about.duplicate_of or about if about else None


def state_of(claim: Claim, *, at: datetime) -> State:
    """Return what may be done with a published claim's kit at `at`; needs `current_version` at hand."""
    if claim.status == Claim.Status.WITHDRAWN:
        return State.WITHDRAWN
    if claim.paused_at:
        return State.PAUSED
    return State.OVER if claim.current_version and claim.current_version.is_over(at=at) else State.CURRENT


def use(
    influencer: Influencer,
    campaign: Campaign,
    slug: str,
    *,
    number: int,
    way: str,
    platform: str,
    language: str,
    done: bool = False,
    at: datetime,
) -> bool | None:
    """
    Return whether a version of a kit may be used, None for one that does not exist, and note that an influencer copied
    or downloaded it if so. What was opened, or is already `done`, is noted in any case, and its recall hears of it.
    """
    about = published(campaign, slug)
    version = ClaimVersion.objects.filter(claim=about, number=number).first() if about else None
    if about is None or version is None:
        return None
    version.claim = about
    holds = about.current_version_id == version.pk and state_of(about, at=at) == State.CURRENT
    if holds or done or way == usage.OPENED:
        gate = silence_gate.gate_for(influencer, campaign, [version], at=at)
        named = silence_thresholds.names_falsehood(version.verdict) and gate.allows(version)
        usage.note(influencer, version, way=way, platform=platform, language=language, named=named, at=at)
    if done and not holds:
        recall_plan.join(influencer, version, at=at)
    return holds


# --- Parts of pages --------------------------------------------------------------------------------


def with_texts(page: KitPage, influencer: Influencer) -> KitPage:
    """Return a page with its words for every platform, the influencer's own first, pictures and sources; three queries."""
    version, code = page.version, page.language
    mine = set(influencer.accounts.values_list("platform", flat=True))
    loud = {platform for platform, _spoken in page.shared}
    limits = platform_limits.current_limits()
    end = kit_texts.ending(version, code)
    alt_text = fact_cards.alt_text(version, code)
    parts = kit_texts.parts_of(version, code, named=page.named)
    holds, sources_named = said_with(version, code)
    order = sorted(Platform, key=lambda one: (one not in mine, one not in loud))
    return replace(
        page,
        tabs=[tab(one, parts, end, alt_text, limits, is_mine=one in mine) for one in order],
        pictures=[picture(version, code, ratio) for ratio in Ratio] if fact_cards.fits(version, code) else [],
        alt_text=alt_text,
        check_url=fact_cards.check_url(version, code),
        holds=holds,
        sources_named=sources_named,
        sources=sources_of(version, named=page.named),
    )


def picture(version: ClaimVersion, language: str, ratio: Ratio) -> Picture:
    """Return the picture of a fact in a shape, as pages show it."""
    url = fact_cards.card_url(version, language, ratio)
    return Picture(ratio.value, url, f"{url}?small=1", f"{version.slug}-{language}-{ratio.value}.png")


def said_with(version: ClaimVersion, language: str) -> tuple[str, str]:
    """Return until when a fact holds and where it comes from, in a language."""
    with override(language):
        until = validity_phrases.valid_until(version.valid_until, version.words.zone)
        return until, fact_cards.source_line(version.evidence, language)


def with_reason(page: KitPage) -> KitPage:
    """Return a page that says why nothing can be copied, with a correction where something was withdrawn; one query."""
    code, version = page.language, page.version
    if page.state == State.WITHDRAWN:
        return replace(
            page,
            told=in_language(version.what_changed, code),
            correction=fact_check_texts.correction(version.what_changed, code),
        )
    if page.state == State.PAUSED:
        step = page.claim.steps.filter(kind=ClaimStep.Kind.PAUSED).first()
        return replace(page, told=in_language(step.reader_text, code) if step else "")
    return page


def why(version: ClaimVersion, shared: frozenset[silence_thresholds.Channel]) -> str:
    """Say, in the active language, which kit an influencer gets and why."""
    if not silence_thresholds.names_falsehood(version.verdict):
        return _("This claim is true. You can repeat it.")
    if shared:
        return _("Your followers may have seen this claim here: %(places)s. So the text mentions it once.") % {
            "places": places_of(shared)
        }
    return _("The claim is not circulating where your followers are. Share the fact; don't repeat the claim.")


def places_of(channels: frozenset[silence_thresholds.Channel]) -> str:
    """Return channels as people call them, in the active language: "TikTok in Finnish"."""
    names = dict(Sighting.Platform.choices)
    return ", ".join(
        _("%(platform)s in %(language)s") % {"platform": names.get(platform, platform), "language": language_name(code)}
        for platform, code in sorted(channels)
    )


def chosen_language(codes: Sequence[str], *wanted: str) -> str:
    """Return the first language of `wanted` that there is, or the first that there is."""
    return next((code for code in wanted if code in codes), codes[0] if codes else wanted[-1])


def sources_of(version: ClaimVersion, *, named: bool) -> list[Source]:
    """Return what a verdict rests on. Titles and addresses often say the claim: then the publishers' names must do."""
    return [
        Source(
            publisher=one.get("publisher", ""),
            title=one.get("title", "") if named else "",
            url=one.get("url", "") if named else "",
            language=one.get("language", ""),
        )
        for one in version.evidence
    ]


# --- Words -----------------------------------------------------------------------------------------


def tab(
    platform: Platform,
    parts: kit_texts.Parts,
    end: str,
    alt_text: str,
    limits: dict[tuple[str, str], PlatformLimit],
    *,
    is_mine: bool,
) -> Tab:
    """Return the ready words for a platform, within its limits."""

    def within(name: str) -> Callable[[str], bool]:
        stops = [
            one
            for one in platform_limits.limits_of(platform, name, limits)[0]
            if one.counted_in in platform_texts.LIVE_UNITS
        ]
        return lambda text: all(character_counts.length(text, one.counted_in) <= one.limit for one in stops)

    caption = kit_texts.fitted(parts, end, within("caption"))
    variant: dict[str, Any] = {"platform": platform.value, "caption": caption}
    if platform_texts.limit_of(platform, "title", limits) and parts.fact and within("title")(parts.fact[0]):
        variant["title"] = parts.fact[0]
    if platform_texts.limit_of(platform, "alt_text", limits) and within("alt_text")(alt_text):
        variant["alt_text"] = alt_text
    return Tab(platform_texts.channel(variant, limits), is_mine, bool(parts.claim) and parts.claim in caption)
