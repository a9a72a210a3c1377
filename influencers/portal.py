"""
What the portal's pages show, read from published data only: frozen editions, never the working copy.

Each page costs a fixed number of queries, whatever the number of bulletins, messages or answers.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bulletins import carding
from bulletins.markup import to_html
from bulletins.models import Answer, Bulletin, Card, Platform, PublishedEdition, Version
from bulletins.reading import packages_of
from campaigns import counting
from campaigns.fields import in_language
from campaigns.models import Campaign, PlatformLimit, ReadingLevel
from delivery.models import Audience, Membership
from factcheck.models import Claim, ClaimVersion

from . import silence, using
from .models import Handbook, Influencer, Pledge, PledgeText
from .using import ChangedUse

LATEST_BULLETINS = 8
LATEST_ANSWERS = 3
MOST_WAYS_TO_HELP = 5
MOST_FACTS = 3
MOST_CHANGES = 6

# What static/js/count.js counts in the browser; other units only the platform itself can count.
LIVE_UNITS = {
    PlatformLimit.CountedIn.CODE_POINTS,
    PlatformLimit.CountedIn.UTF16_UNITS,
    PlatformLimit.CountedIn.UTF8_BYTES,
    PlatformLimit.CountedIn.UTF8_EMOJI,
    PlatformLimit.CountedIn.X_WEIGHTED,
    PlatformLimit.CountedIn.ITEMS,
}
SHORT_LINE = 36  # characters that a one-line field shows whole on a phone
HASHTAG = re.compile(r"#\w+")


# --- Parts of pages ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    """The person that an influencer can write to. `email` may be empty."""

    name: str
    email: str

    @property
    def initial(self) -> str:
        """The first letter of the name, or of the address."""
        return (self.name or self.email)[:1].upper()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a key message comes from. `number` is its place in the page's list; `url` is http(s) or empty."""

    number: int
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class KeyWords:
    """A key message of a published edition, `number` counting from 1 in the edition's order, with its cards."""

    number: int
    text: str
    valid_until: datetime | None
    has_expired: bool
    source: Source | None
    key: str = ""
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one place: (kind, words) parts, the kind being "same", "before" or "now"."""

    place: str
    parts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Field:
    """
    Words for a platform, to edit and copy. With a `limit` (in `unit`), `used` is what the words take of it;
    `used` is None when only the platform itself can count.
    """

    id: str
    label: str
    value: str
    lines: int = 1
    limit: int | None = None
    unit: str = ""
    used: int | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether the words do not fit on the platform."""
        return self.limit is not None and self.used is not None and self.used > self.limit

    @property
    def shown_used(self) -> int:
        """How far the meter goes."""
        return min(self.used or 0, self.limit or 0)


@dataclass(frozen=True, slots=True)
class CopyButton:
    """A button that copies the fields whose selectors are `ids`. `is_main` for the first of a group."""

    ids: str
    label: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """The words of a bulletin for one platform."""

    slug: str
    name: str
    fields: list[Field]
    buttons: list[CopyButton]


@dataclass(frozen=True, slots=True)
class Download:
    """A picture, video or subtitle file that exists. `size` in bytes; `formats`: (name, url) of other cuts of it."""

    number: int
    kind: str
    title: str
    url: str
    size: int
    alt_text: str
    rights: str
    formats: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A ZIP with everything for one platform. `size` in bytes."""

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


# --- Pages ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A bulletin in a list: its newest version in the reader's language, or in one that there is."""

    version: Version
    edition: PublishedEdition
    key_words: list[KeyWords]

    @property
    def current_words(self) -> list[KeyWords]:
        """The key messages that still hold."""
        return [words for words in self.key_words if not words.has_expired]

    @property
    def has_ended(self) -> bool:
        """Tell whether every key message has expired."""
        return bool(self.key_words) and not self.current_words

    @property
    def valid_until(self) -> datetime | None:
        """When the last key message expires; None when one holds for the time being."""
        moments = [words.valid_until for words in self.key_words]
        return None if None in moments else max((moment for moment in moments if moment), default=None)

    @property
    def share_text(self) -> str:
        """Words for those who already posted, in the edition's language."""
        return in_language(self.version.share_text, self.edition.language)

    @property
    def what_changed(self) -> str:
        """What changed, in the edition's language."""
        return in_language(self.version.what_changed, self.edition.language)


@dataclass(frozen=True, slots=True)
class WayToHelp:
    """A call to action of a bulletin that holds."""

    text: str
    language: str
    number: int


@dataclass(frozen=True, slots=True)
class Home:
    """The front page. `newest` is the latest news, and also among `entries`; the corrected come first there."""

    influencer: Influencer
    contact: Contact
    newest: Entry | None
    entries: list[Entry]
    answers: list[Answer]
    signature: Pledge | None
    audience: Audience | None
    ways_to_help: list[WayToHelp]
    changed_facts: list[ChangedUse]


@dataclass(frozen=True, slots=True)
class BulletinPage:
    """One bulletin. A retracted one has no words, channels, downloads or sources left."""

    entry: Entry
    contact: Contact
    versions: list[Version]
    changes: list[Change] = field(default_factory=list)
    calls_to_action: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    packages: list[Parcel] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    facts_taken_back: bool = False
    sources: list[Source] = field(default_factory=list)

    @property
    def version(self) -> Version:
        """The version that holds."""
        return self.entry.version

    @property
    def edition(self) -> PublishedEdition:
        """The version in the reader's language."""
        return self.entry.edition

    @property
    def all_ids(self) -> str:
        """The selectors of every key message that holds, for one button that copies them all."""
        return " ".join(f"#words-{words.number}" for words in self.entry.current_words)

    @property
    def pictures(self) -> list[Download]:
        """The first three pictures, to decorate the masthead."""
        return [each for each in self.downloads if each.kind == "image"][:3]

    @property
    def expired_words(self) -> list[KeyWords]:
        """The key messages that no longer hold."""
        return [words for words in self.entry.key_words if words.has_expired]


@dataclass(frozen=True, slots=True)
class TextPage:
    """A text of the campaign: the code of ethics or the handbook. `text` is None when there is none yet."""

    contact: Contact
    text: PledgeText | Handbook | None
    html: SafeString
    signature: Pledge | None = None


def home(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> Home:
    """Return the front page of `influencer` in `language` at `at` (aware); six queries."""
    versions = list(Version.objects.current(campaign, at=at).order_by("-published_at", "-pk")[:LATEST_BULLETINS])
    editions = editions_of(versions, language, campaign, whole=False)
    entries = [entry(version, editions[version.pk], at=at) for version in versions if version.pk in editions]
    # Sorting keeps the order of equals: the latest first, but what changed before what did not.
    by_change = sorted(entries, key=lambda each: each.has_ended or each.version.kind == Bulletin.Kind.ORIGINAL)
    answers = Answer.objects.published(at=at).filter(
        Q(valid_until=None) | Q(valid_until__gt=at), group__campaign=campaign
    )
    memberships = Membership.objects.open(at=at).filter(
        recipient_id=influencer.recipient_id, audience__campaign=campaign, audience__kind=Audience.Kind.INFLUENCERS
    )
    membership = memberships.select_related("audience").order_by("audience__tier", "pk").first()
    return Home(
        influencer=influencer,
        contact=contact_of(influencer, campaign),
        newest=entries[0] if entries else None,
        entries=by_change,
        answers=list(answers.select_related("group", "authority")[:LATEST_ANSWERS]),
        signature=standing_signature(influencer),
        audience=membership.audience if membership else None,
        ways_to_help=ways_to_help(entries),
        changed_facts=using.changed(influencer),
    )


def bulletin(
    influencer: Influencer, campaign: Campaign, number: int, *, language: str, at: datetime
) -> BulletinPage | None:
    """Return bulletin `number` as published at `at` (aware), or None when it is not; eleven queries at most."""
    versions = list(
        Version.objects.published(at=at)
        .filter(bulletin__campaign=campaign, bulletin__number=number)
        .select_related("bulletin")
        .order_by("-number")
    )
    if not versions:
        return None
    newest, previous = versions[0], versions[1] if len(versions) > 1 else None
    editions = editions_of(versions[:2], language, campaign, whole=True)
    edition = editions.get(newest.pk)
    if edition is None:
        return None
    before = editions.get(previous.pk) if previous else None
    newest.bulletin.campaign = campaign
    cards = carding.published_cards(newest, language=edition.language, at=at)
    contact = contact_of(influencer, campaign)
    return page_of(
        newest, edition, before, contact=contact, versions=versions, at=at, cards=cards, influencer=influencer
    )


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
    at: datetime,
    cards: Mapping[str, Sequence[Card]] = {},
    influencer: Influencer | None = None,
) -> BulletinPage:
    """
    Return the page of a version in one language; `before` is the version before it, where there is one, `influencer`
    who reads it.
    """
    if newest.is_retracted:
        return BulletinPage(entry=Entry(newest, edition, []), contact=contact, versions=versions)
    sources = sources_of(edition)
    # A version in another language says nothing about what changed in this one.
    comparable = newest.is_corrected and before is not None and before.language == edition.language
    shown = entry(newest, edition, at=at, sources=sources)
    with_cards = [replace(words, cards=tuple(cards.get(words.key, ()))) for words in shown.key_words]
    shown = replace(shown, key_words=with_cards)
    return BulletinPage(
        entry=shown,
        contact=contact,
        versions=versions,
        changes=changes(before, edition) if comparable and before else [],
        calls_to_action=[plain(text) for text in edition.content.get("calls_to_action", []) if plain(text)],
        # Nobody should copy yesterday's news by accident: when all has expired, only the text is left to read.
        channels=[] if shown.has_ended else channels(edition),
        downloads=[] if shown.has_ended else downloads(edition),
        packages=[] if shown.has_ended else parcels(newest, edition),
        facts=facts(newest, edition, influencer, at=at),
        facts_taken_back=took_back(edition),
        sources=sources,
    )


def pledge(influencer: Influencer, campaign: Campaign, *, language: str) -> TextPage:
    """Return the newest code of ethics in `language` and the reader's standing signature; two queries."""
    text = in_best_language(PledgeText.objects.filter(campaign=campaign), language, campaign)
    html = to_html(text.body) if text else SafeString()
    return TextPage(contact_of(influencer, campaign), text, html, standing_signature(influencer))


def handbook(influencer: Influencer, campaign: Campaign, *, language: str) -> TextPage:
    """Return the newest handbook in `language`; one query."""
    text = in_best_language(Handbook.objects.filter(campaign=campaign), language, campaign)
    return TextPage(contact_of(influencer, campaign), text, to_html(text.body) if text else SafeString())


# --- How the parts are found ---------------------------------------------------------------------


def contact_of(influencer: Influencer, campaign: Campaign) -> Contact:
    """Return the influencer's own contact person, or the campaign's."""
    if influencer.liaison and influencer.liaison.is_active:
        return Contact(influencer.liaison.get_full_name(), influencer.liaison.email)
    return Contact(campaign.liaison_name, campaign.liaison_email or campaign.reply_to)


def standing_signature(influencer: Influencer) -> Pledge | None:
    """Return the newest signature that has not been withdrawn, with its text's version."""
    signatures = Pledge.objects.filter(influencer=influencer, withdrawn_at=None).select_related("text")
    return signatures.defer("text__body").order_by("-signed_at").first()


def preference(language: str, campaign: Campaign, offered: str) -> int:
    """Return how well `offered` suits a reader of `language`: 0 is best."""
    if offered == language:
        return 0
    if offered.partition("-")[0] == language.partition("-")[0]:
        return 1
    return 2 if offered == campaign.default_language else 3


def editions_of(
    versions: list[Version], language: str, campaign: Campaign, *, whole: bool
) -> dict[int, PublishedEdition]:
    """Return {version key: its edition that suits `language` best}; one query. `whole` loads the text too."""
    rows = PublishedEdition.objects.filter(version__in=versions, reading_level=ReadingLevel.STANDARD)
    rows = rows.defer("body") if whole else rows.defer("body", "html")
    best: dict[int, PublishedEdition] = {}
    for row in rows.order_by("pk"):
        known = best.get(row.version_id)
        if known is None or preference(language, campaign, row.language) < preference(
            language, campaign, known.language
        ):
            best[row.version_id] = row
    return best


def in_best_language(texts: Any, language: str, campaign: Campaign) -> Any:
    """Return the newest version of the text that suits `language` best, or None; one query."""
    rows = list(texts.order_by("-version", "pk"))
    return min(rows, key=lambda row: (preference(language, campaign, row.language), -row.version), default=None)


def entry(version: Version, edition: PublishedEdition, *, at: datetime, sources: list[Source] | None = None) -> Entry:
    """Return a bulletin of a list, with its key messages as they hold at `at`. A retracted one has none."""
    if version.is_retracted:
        return Entry(version, edition, [])
    by_place = {(source.name, source.url): source for source in (sources_of(edition) if sources is None else sources)}
    words = []
    for number, message in enumerate(edition.content.get("key_messages", []), start=1):
        until = moment(message.get("valid_until"))
        source = by_place.get(place_of(message))
        words.append(
            KeyWords(
                number,
                plain(message.get("text")),
                until,
                until is not None and until <= at,
                source,
                key=message.get("key", ""),
            )
        )
    return Entry(version, edition, [each for each in words if each.text])


def ways_to_help(entries: Iterable[Entry]) -> list[WayToHelp]:
    """Return calls to action of the bulletins that hold, first one of each, the latest bulletin first."""
    lists = [
        [WayToHelp(plain(text), each.edition.language, each.version.bulletin.number) for text in actions if plain(text)]
        for each in entries
        if not each.has_ended and not each.version.is_retracted
        for actions in [each.edition.content.get("calls_to_action", [])]
    ]
    longest = max((len(actions) for actions in lists), default=0)
    ways = [actions[turn] for turn in range(longest) for actions in lists if turn < len(actions)]
    return ways[:MOST_WAYS_TO_HELP]


def sources_of(edition: PublishedEdition) -> list[Source]:
    """Return the sources of the edition's key messages, each once, in order."""
    places = dict.fromkeys(place_of(message) for message in edition.content.get("key_messages", []))
    places.pop(("", ""), None)
    return [Source(number, name, url) for number, (name, url) in enumerate(places, start=1)]


def place_of(message: dict[str, Any]) -> tuple[str, str]:
    """Return (name, address) of a key message's source; without a name, that of its host."""
    url = plain(message.get("source_url"))
    if urlsplit(url).scheme not in {"http", "https"}:
        url = ""
    name = plain(message.get("source_name")) or (urlsplit(url).hostname or "").removeprefix("www.")
    return name, url


def changes(before: PublishedEdition, now: PublishedEdition) -> list[Change]:
    """Return what a reader of `before` has to unlearn: the title and the key messages, word by word."""
    found = []
    if before.title != now.title:
        found.append(Change(_("Title"), word_changes(before.title, now.title)))
    old = {message.get("key"): plain(message.get("text")) for message in before.content.get("key_messages", [])}
    for number, message in enumerate(now.content.get("key_messages", []), start=1):
        text, earlier = plain(message.get("text")), old.pop(message.get("key"), "")
        if text != earlier:
            found.append(Change(_("Key message %(number)d") % {"number": number}, word_changes(earlier, text)))
    found += [Change(_("No longer said"), [("before", text)]) for text in old.values() if text]
    return found[:MOST_CHANGES]


def word_changes(before: str, now: str) -> list[tuple[str, str]]:
    """
    Return the words of both as ("same" | "before" | "now", words) parts; as two wholes when little is left.

    A changed word takes the next one along, so that it reads "13 April, 19 April" and not "13, 19 April".
    """
    if not before or not now:
        return [(kind, text) for kind, text in (("before", before), ("now", now)) if text]
    old, new = before.split(), now.split()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.5:
        return [("before", before), ("now", now)]
    parts = []
    taken = 0  # words of an equal run that the change before it has taken along
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            parts.append(("same", " ".join(old[a + taken : b])))
            taken = 0
            continue
        taken = 1 if tag == "replace" and b < len(old) and d < len(new) else 0
        parts += [("before", " ".join(old[a : b + taken])), ("now", " ".join(new[c : d + taken]))]
    return [(kind, text) for kind, text in parts if text]


def channels(edition: PublishedEdition) -> list[Channel]:
    """Return the edition's words for each platform, with the newest known limits; one query."""
    variants = edition.content.get("variants", [])
    limits = counting.current_limits() if variants else {}
    return [found for variant in variants if (found := channel(variant, limits)).fields]


def channel(variant: dict[str, Any], limits: dict[tuple[str, str], PlatformLimit]) -> Channel:
    """Return one platform's fields and the buttons that copy them."""
    slug = plain(variant.get("platform"))
    names = dict(Platform.choices)
    hashtags = [plain(tag) for tag in variant.get("hashtags", [])]
    tags = [plain(tag) for tag in variant.get("tags", [])]
    caption_label = _("Video description") if slug in {"tiktok", "youtube"} else _("Caption")
    title_label = _("Title of a picture post") if slug == "tiktok" else _("Title")
    wanted = [
        ("title", title_label, one_line(variant.get("title")), False),
        ("caption", caption_label, plain(variant.get("caption")), True),
        ("hashtags", _("Hashtags"), " ".join(hashtags), False),
        ("tags", _("Tags"), ", ".join(tags), False),
        ("script", _("Script for a video"), plain(variant.get("script")), True),
        ("alt_text", _("Text alternative of the picture"), plain(variant.get("alt_text")), True),
    ]
    fields = {
        name: field_of(f"{slug}-{name}", label, value, is_long, limit_of(slug, name, limits))
        for name, label, value, is_long in wanted
        if value
    }
    return Channel(slug, names.get(slug, slug), list(fields.values()), buttons(fields, hashtags))


def field_of(id_: str, label: str, value: str, is_long: bool, limit: PlatformLimit | None) -> Field:
    """Return a field with its first count, in the unit that the platform counts in."""
    lines = 1 + sum(1 + len(line) // 60 for line in value.split("\n")) if is_long else 1 + (len(value) > SHORT_LINE)
    if limit is None:
        return Field(id_, label, value, lines)
    if limit.counted_in not in LIVE_UNITS:
        return Field(id_, label, value, lines, limit.limit)
    if limit.counted_in == PlatformLimit.CountedIn.ITEMS:
        return Field(id_, label, value, lines, limit.limit, "hashtags", len(HASHTAG.findall(value)))
    if limit.field == "tags":
        used = counting.length([tag.strip() for tag in value.split(",")], limit.counted_in)
        return Field(id_, label, value, lines, limit.limit, "tags", used)
    return Field(id_, label, value, lines, limit.limit, limit.counted_in, counting.length(value, limit.counted_in))


def limit_of(slug: str, name: str, limits: dict[tuple[str, str], PlatformLimit]) -> PlatformLimit | None:
    """Return the newest limit of a platform's field, or None."""
    places = (place for place, attribute in counting.FIELDS.items() if place[0] == slug and attribute == name)
    return next((limits[place] for place in places if place in limits), None)


def buttons(fields: dict[str, Field], hashtags: list[str]) -> list[CopyButton]:
    """Return the copy buttons of a platform: the whole post first, then its other parts."""
    found = []
    caption, tags = fields.get("caption"), fields.get("hashtags")
    if caption and tags and not all(tag in caption.value.split() for tag in hashtags):
        found.append(CopyButton(f"#{caption.id} #{tags.id}", _("Copy text and hashtags"), is_main=True))
        found.append(CopyButton(f"#{caption.id}", _("Text only"), is_main=False))
    elif caption:
        found.append(CopyButton(f"#{caption.id}", _("Copy the text"), is_main=True))
    labels = {
        "title": pgettext("copy button", "Title"),
        "tags": pgettext("copy button", "Tags"),
        "script": pgettext("copy button", "Script"),
        "alt_text": pgettext("copy button", "Text alternative"),
    }
    found += [
        CopyButton(f"#{fields[name].id}", label, is_main=not found) for name, label in labels.items() if name in fields
    ]
    return found


def downloads(edition: PublishedEdition) -> list[Download]:
    """Return the edition's files that are there to download."""
    found = []
    for number, asset in enumerate(edition.content.get("assets", []), start=1):
        name = plain(asset.get("file"))
        try:
            if not name or not default_storage.exists(name):
                continue
            size, url = default_storage.size(name), default_storage.url(name)
        except (OSError, SuspiciousOperation):
            continue
        kind, title = plain(asset.get("kind")), plain(asset.get("title"))
        words = plain(asset.get("alt_text")), plain(asset.get("rights"))
        found.append(Download(number, kind, title, url, size, *words, formats=formats_of(asset)))
    return found


def formats_of(asset: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the other formats of a published file, as (name, url): its cuts, and subtitles as SRT."""
    found = [
        (plain(cut.get("ratio")).replace("x", ":"), default_storage.url(plain(cut.get("file"))))
        for cut in asset.get("renditions", [])
        if plain(cut.get("file"))
    ]
    return [*found, ("SRT", default_storage.url(asset["srt"]))] if plain(asset.get("srt")) else found


def parcels(version: Version, edition: PublishedEdition) -> list[Parcel]:
    """Return the packages of a published version in the edition's language, by platform; one query."""
    if version.pk is None:  # a preview on the desk
        return []
    found = packages_of(version).filter(language=edition.language).order_by("platform")
    return [Parcel(one.get_platform_display(), one.file.url, one.size) for one in found]


def facts(
    version: Version, edition: PublishedEdition, influencer: Influencer | None = None, *, at: datetime
) -> list[Fact]:
    """
    Return at most three published fact-checks that hold: those published with the version, or else those of
    its bulletin's topics. Claims are named as the silence gate says to `influencer`; four queries at most.
    """
    chosen = edition.content.get("claims", [])
    on_topic = Claim.topics.through.objects.filter(claim=OuterRef("claim"), topic__bulletins=version.bulletin_id)
    rows = (
        ClaimVersion.objects.standing()
        .filter(Q(valid_until=None) | Q(valid_until__gt=at), claim__campaign=version.bulletin.campaign_id)
        .annotate(is_chosen=Case(When(claim__in=chosen, then=True), default=False, output_field=BooleanField()))
        .filter(Q(is_chosen=True) | Exists(on_topic))
        .select_related("claim")
        .order_by("-is_chosen", "-checked_on", "-claim")[:MOST_FACTS]
    )
    claims = list(rows)
    claims = [claim for claim in claims if claim.claim_id in chosen] or claims
    gate = silence.gate_for(influencer, version.bulletin.campaign, claims, at=at) if influencer else silence.CLOSED
    return [fact(claim, edition.language, named=gate.lets_through(claim)) for claim in claims]


def took_back(edition: PublishedEdition) -> bool:
    """Tell whether a fact-check that was published with an edition is paused or withdrawn now; one query at most."""
    chosen = edition.content.get("claims", [])
    out = Q(paused_at__isnull=False) | Q(duplicate_of__paused_at__isnull=False)
    return bool(chosen) and Claim.objects.filter(out, pk__in=chosen).exists()


def fact(claim: ClaimVersion, language: str, *, named: bool) -> Fact:
    """Return a fact-check as the page shows it, in `language` or one that it has; the claim only if it is `named`."""
    text = in_language(claim.fact, language)
    code = next((code for code, value in claim.fact.items() if value == text), language)
    return Fact(text, in_language(claim.text, code) if named else "", code, claim.verdict, claim.slug, named)


def moment(value: Any) -> datetime | None:
    """Return an aware datetime from ISO 8601 text, or None; text without an offset is in the campaign's zone."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def plain(value: Any) -> str:
    """Return text without spaces around it; "" for what is no text."""
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""


def one_line(value: Any) -> str:
    """Return text in one line."""
    return " ".join(plain(value).split())
