"""One bulletin, ready to use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.db.models import Max, Prefetch, Q, prefetch_related_objects

from bulletins.media import message_cards, storage
from bulletins.models import Bulletin, Card, PublishedEdition, Version
from bulletins.reader_view import next_words
from bulletins.reader_view.next_words import NextWord
from bulletins.reader_view.public_files import packages_of
from campaigns.models import Campaign, ReadingLevel
from campaigns.translated_fields import in_language
from factcheck.models import Claim, ClaimVersion
from influencers.editions.bulletin_entries import (
    Entry,
    ShownKeyMessage,
    Source,
    best_of,
    entry,
    plain,
    sources_of,
    with_cards,
)
from influencers.editions.platform_texts import Channel, channels
from influencers.editions.version_changes import Change, changes
from influencers.kits import silence_gate
from influencers.models import Exposure, Influencer
from influencers.posts.queries import versions_of
from influencers.profiles.contact_person import Contact, contact_of

from . import card_maker
from .card_maker import Extras, Maker
from .shown_moving_cards import MovingShelf, shelf_of

MOST_FACTS = 3
MOST_SHARED = 30_000_000  # bytes of a video


@dataclass(frozen=True, slots=True)
class Download:
    """
    A picture, video or subtitle file that exists. `size` in bytes; `formats`: (name, url) of other cuts of it;
    `subtitles` of a video: (language code, url); `poster` the address of its small picture, "" for none.
    """

    number: int
    kind: str
    title: str
    url: str
    size: int
    alt_text: str
    rights: str
    formats: list[tuple[str, str]] = field(default_factory=list)
    subtitles: list[tuple[str, str]] = field(default_factory=list)
    key: str = ""
    poster: str = ""

    @property
    def can_be_shared(self) -> bool:
        """Return whether a phone can hand it to another app: a large video would have to be loaded as a whole before."""
        return self.kind == "image" or (self.kind == "video" and self.size <= MOST_SHARED)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A ZIP with everything for one platform. `size` in bytes."""

    slug: str
    platform: str
    url: str
    size: int


@dataclass(frozen=True, slots=True)
class Fact:
    """
    A published fact-check: the fact first, the claim and its verdict (one of Claim.Verdict) after it. Unless `named`,
    the silence gate is closed and `claim` is empty.
    """

    fact: str
    claim: str
    language: str
    verdict: str
    slug: str
    named: bool


@dataclass(frozen=True, slots=True)
class BulletinPage:
    """
    One bulletin. A retracted one has no words, channels, downloads or sources left. `seen` is the newest version that
    the reader saw before, None when none; `told` says what changed since, one sentence for each version. While `is_drawing` the
    cards are on their way. `easy` is the edition in easy language beside it, None when there is none; with `reads_easy` its
    text is shown first.
    """

    entry: Entry
    contact: Contact
    versions: list[Version]
    seen: int | None = None
    told: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    calls_to_action: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    packages: list[Parcel] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    facts_taken_back: bool = False
    sources: list[Source] = field(default_factory=list)
    maker: Maker | None = None
    is_drawing: bool = False
    extras: Extras = field(default_factory=Extras)
    moving: MovingShelf = field(default_factory=MovingShelf)
    next_word: NextWord | None = None
    easy: PublishedEdition | None = None
    reads_easy: bool = False

    @property
    def version(self) -> Version:
        """The version that holds."""
        return self.entry.version

    @property
    def edition(self) -> PublishedEdition:
        """The version in the reader's language."""
        return self.entry.edition

    @property
    def read(self) -> PublishedEdition:
        """The edition whose title and text are shown: in easy language where that is read."""
        return self.easy if self.easy and self.reads_easy else self.entry.edition

    @property
    def is_known(self) -> bool:
        """Return whether the reader saw this version before."""
        return self.seen == self.version.number

    @property
    def is_behind(self) -> bool:
        """Return whether the reader saw only an earlier version."""
        return self.seen is not None and self.seen < self.version.number

    @property
    def earlier(self) -> int | None:
        """The version that this one is compared with."""
        if self.is_behind:
            return self.seen
        return self.versions[1].number if len(self.versions) > 1 else None

    @property
    def card_shelves(self) -> list[list[tuple[ShownKeyMessage, Card]]]:
        """The cards of the messages that hold, each with its message, those of one shape together."""
        shelves: dict[str, list[tuple[ShownKeyMessage, Card]]] = {}
        for words in self.entry.current_messages:
            for card in words.cards:
                shelves.setdefault(card.ratio, []).append((words, card))
        return list(shelves.values())

    @property
    def alike(self) -> str:
        """What tells the parts apart that everybody sees alike: the messages that hold, word by word as in a preview, and their cards."""
        cards = [card for words in self.entry.current_messages for card in words.cards]
        cards += [card for _what, card in (*self.extras.slides, *self.extras.stickers, *self.extras.backgrounds)]
        said = [
            (words.number, words.key, words.text, words.valid_until, words.source)
            for words in self.entry.current_messages
        ]
        about = self.version.bulletin_id, self.version.number, self.edition.language, bool(self.sources)
        return f"{about} {said} {[card.file.name for card in cards]}"

    @property
    def captions_alike(self) -> str:
        """What tells the captions apart that everybody sees alike who chose the same card."""
        return f"{self.alike} {self.channels} {self.entry.whole_until} {self.entry.has_gaps}"

    @property
    def has_files(self) -> bool:
        """Return whether there is a picture, a video or a pack to take."""
        return bool(
            self.card_shelves
            or self.moving.cards
            or self.moving.are_coming
            or self.downloads
            or self.packages
            or self.extras.backgrounds
        )

    @property
    def expired_messages(self) -> list[ShownKeyMessage]:
        """The key messages that no longer hold."""
        return [words for words in self.entry.key_words if words.has_expired]


def bulletin(
    influencer: Influencer,
    campaign: Campaign,
    number: int,
    *,
    language: str,
    at: datetime,
    asked: Mapping[str, Any] = {},
) -> BulletinPage | None:
    """
    Return bulletin `number` as published at `at` (aware), or None when it is not; eleven queries at most, and one once more was promised by then. What changed is
    told against the newest version that the reader saw, and against the one before where they saw none. `asked` is what they
    chose for their card, and the reading level.
    """
    versions = versions_of(campaign, number, at=at)
    if not versions:
        return None
    newest = versions[0]
    seen = newest_seen(influencer, newest.bulletin) if len(versions) > 1 else None
    compared = compared_for(seen, versions)
    rows = [row for version in compared for row in version.editions.all()]
    standard = [row for row in rows if not row.is_easy]
    editions = best_of(standard, language, campaign, own=influencer.recipient.language)
    edition = editions.get(newest.pk)
    if edition is None:
        return None
    before = editions.get(compared[-1].pk) if len(compared) > 1 else None
    newest.bulletin.campaign = campaign
    message_cards.put_editions_at_hand([version for version in versions if version not in compared], edition.language)
    specs = message_cards.specs_of_version(newest, versions, edition.language)
    theme = card_maker.theme_of(asked, specs)
    drawn = message_cards.drawn_cards(newest, specs, theme)
    cards = card_maker.chosen_cards(specs, drawn, theme)
    contact = contact_of(influencer, campaign)
    page = page_of(
        newest,
        edition,
        before,
        contact=contact,
        versions=versions,
        seen=seen,
        at=at,
        cards=cards,
        influencer=influencer,
    )
    return replace(
        page,
        is_drawing=card_maker.is_drawn_soon(newest, page.entry.first_message, specs, at=at),
        maker=card_maker.maker_of(newest, page.entry.first_message, specs, drawn, asked),
        extras=card_maker.extras_of(page.entry, specs, drawn, theme),
        moving=shelf_of(page.entry, specs, str(asked.get("film") or theme), at=at),
        easy=next((row for row in rows if row.is_easy and is_beside(row, edition)), None),
        reads_easy=reads_easy(influencer, asked),
    )


def compared_for(seen: int | None, versions: list[Version]) -> list[Version]:
    """
    Return the newest version, and the one before that a reader who saw version `seen` compares it with, if any; with their editions at
    hand, one query. Whoever saw the newest has nothing to unlearn; a newcomer reads what the last version changed.
    """
    earlier = [version for version in versions[1:] if seen is None or version.number == seen]
    compared = [versions[0], *earlier[:1]]
    prefetch_related_objects(compared, Prefetch("editions", PublishedEdition.objects.defer("body").order_by("pk")))
    return compared


def reads_easy(influencer: Influencer, asked: Mapping[str, Any]) -> bool:
    """Return whether someone reads easy language first: as they ask for on this page, else as they prefer."""
    level = asked.get("level")
    return level == ReadingLevel.EASY or (level != ReadingLevel.STANDARD and influencer.recipient.prefers_easy)


def is_beside(one: PublishedEdition, other: PublishedEdition) -> bool:
    """Return whether two editions are of one version and in one language."""
    return (one.version_id, one.language) == (other.version_id, other.language)


def newest_seen(influencer: Influencer, bulletin: Bulletin) -> int | None:
    """Return the number of the newest version of a bulletin that an influencer saw or took, or None; one query."""
    seen = Exposure.objects.filter(influencer=influencer, version__bulletin=bulletin)
    return seen.aggregate(newest=Max("version__number"))["newest"]


def preview(version: Version, edition: PublishedEdition, campaign: Campaign, *, at: datetime) -> BulletinPage:
    """
    Return the page of a version that is not published yet, neither it nor its edition saved; for the desk. It names no
    falsehood, as for an influencer whose followers met none.
    """
    contact = Contact(campaign.liaison_name, campaign.liaison_email or campaign.reply_to)
    before = PublishedEdition.objects.filter(
        version__bulletin=version.bulletin_id,
        version__number=version.number - 1,
        language=edition.language,
        reading_level=edition.reading_level,
    ).first()
    return page_of(version, edition, before, contact=contact, versions=[version], at=at)


def page_of(
    newest: Version,
    edition: PublishedEdition,
    before: PublishedEdition | None,
    *,
    contact: Contact,
    versions: list[Version],
    seen: int | None = None,
    at: datetime,
    cards: Mapping[str, Sequence[Card]] = {},
    influencer: Influencer | None = None,
) -> BulletinPage:
    """
    Return the page of a version in one language; `before` is what it is compared with, where there is something,
    `influencer` who reads it, `seen` the newest version that they saw.
    """
    if newest.is_retracted:
        return BulletinPage(entry=Entry(newest, edition, []), contact=contact, versions=versions, seen=seen)
    sources = sources_of(edition)
    # A version in another language says nothing about what changed in this one.
    comparable = newest.is_corrected and before is not None and before.language == edition.language
    shown = with_cards(entry(newest, edition, at=at, sources=sources), cards)
    return BulletinPage(
        entry=shown,
        contact=contact,
        versions=versions,
        seen=seen,
        told=changes_since(versions, edition.language, seen),
        changes=changes(before, edition) if comparable and before else [],
        calls_to_action=[plain(text) for text in edition.content.get("calls_to_action", []) if plain(text)],
        # Nobody should copy yesterday's news by accident: when all has expired, only the text is left to read.
        channels=[] if shown.has_ended else channels(edition),
        downloads=[] if shown.has_ended else downloads(edition),
        packages=[] if shown.has_ended else parcels(newest, edition),
        facts=facts(newest, edition, influencer, at=at),
        facts_taken_back=has_withdrawn_claim(edition),
        sources=sources,
        next_word=next_words.of_version(newest, at=at),
    )


def changes_since(versions: Sequence[Version], language: str, seen: int | None) -> list[str]:
    """Return what changed after version `seen`, or in the last version, in words; the oldest change first."""
    corrected = [version for version in versions if version.is_corrected]
    newer = corrected[:1] if seen is None else [version for version in corrected if version.number > seen]
    said = [in_language(version.what_changed, language) for version in reversed(newer or corrected[:1])]
    return [text for text in said if text]


def downloads(edition: PublishedEdition) -> list[Download]:
    """Return the edition's files that are there to download; subtitles stand with their video."""
    found = []
    assets = edition.content.get("assets", [])
    for number, asset in enumerate(assets, start=1):
        name = plain(asset.get("file"))
        try:
            if not name or not default_storage.exists(name):
                continue
            size, url = default_storage.size(name), default_storage.url(name)
        except (OSError, SuspiciousOperation):
            continue
        kind, title = plain(asset.get("kind")), plain(asset.get("title"))
        words = plain(asset.get("alt_text")), plain(asset.get("rights"))
        more: dict[str, Any] = {"formats": formats_of(asset), "subtitles": subtitles_of(asset, assets)}
        more["poster"] = poster_of(name, kind)
        found.append(Download(number, kind, title, url, size, *words, key=str(asset.get("id", "")), **more))
    return found


def poster_of(name: str, kind: str) -> str:
    """Return the address of a video's small picture, "" for none."""
    if kind != "video" or not default_storage.exists(storage.poster_of(name)):
        return ""
    return default_storage.url(storage.poster_of(name))


def formats_of(asset: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the other formats of a published file, as (name, url): its cuts, and subtitles as SRT."""
    found = [
        (plain(cut.get("ratio")).replace("x", ":"), default_storage.url(plain(cut.get("file"))))
        for cut in asset.get("renditions", [])
        if plain(cut.get("file"))
    ]
    return [*found, ("SRT", default_storage.url(asset["srt"]))] if plain(asset.get("srt")) else found


def subtitles_of(video: dict[str, Any], assets: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the subtitles of a published video, as (language code, url)."""
    return [
        (plain(one.get("language")), default_storage.url(plain(one.get("file"))))
        for one in assets
        if one.get("subtitles_of") and one.get("subtitles_of") == video.get("id") and plain(one.get("file"))
    ]


def parcels(version: Version, edition: PublishedEdition) -> list[Parcel]:
    """Return the packages of a published version in the edition's language, by platform; one query."""
    if version.pk is None:  # a preview on the desk
        return []
    found = packages_of(version).filter(language=edition.language).order_by("platform")
    return [Parcel(one.platform, one.get_platform_display(), one.file.url, one.size) for one in found]


def facts(
    version: Version, edition: PublishedEdition, influencer: Influencer | None = None, *, at: datetime
) -> list[Fact]:
    """
    Return at most three fact-checks of those published with the version that still hold. Others, about whatever, are no
    part of it: nobody has said that they belong to its words. Claims are named as the silence gate says to `influencer`;
    three queries at most.
    """
    chosen = edition.content.get("claims", [])
    if not chosen:
        return []
    holding = Q(valid_until=None) | Q(valid_until__gt=at)
    rows = ClaimVersion.objects.in_force().filter(holding, claim__campaign=version.bulletin.campaign_id)
    rows = rows.filter(claim__in=chosen).select_related("claim").order_by("-checked_on", "-claim")
    claims = list(rows[:MOST_FACTS])
    gate = (
        silence_gate.gate_for(influencer, version.bulletin.campaign, claims, at=at)
        if influencer
        else silence_gate.CLOSED
    )
    return [fact(claim, edition.language, named=gate.allows(claim)) for claim in claims]


def has_withdrawn_claim(edition: PublishedEdition) -> bool:
    """Return whether a fact-check that was published with an edition is paused or withdrawn now; one query at most."""
    chosen = edition.content.get("claims", [])
    out = Q(paused_at__isnull=False) | Q(duplicate_of__paused_at__isnull=False)
    return bool(chosen) and Claim.objects.filter(out, pk__in=chosen).exists()


def fact(claim: ClaimVersion, language: str, *, named: bool) -> Fact:
    """Return a fact-check as the page shows it, in `language` or one that it has; the claim only if it is `named`."""
    text = in_language(claim.fact, language)
    code = next((code for code, value in claim.fact.items() if value == text), language)
    return Fact(text, in_language(claim.text, code) if named else "", code, claim.verdict, claim.slug, named)
