"""A bulletin in the manner of a platform or a channel: a first draft from the edition within its limits, and its saving."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from bulletins.models import (
    Asset,
    Bulletin,
    CallToAction,
    Edition,
    KeyMessage,
    Network,
    NotAllowed,
    Platform,
    SetAside,
    Variant,
)
from campaigns.models import Campaign, ReadingLevel
from campaigns.platforms import character_counts, platform_limits
from campaigns.translated_fields import in_language
from delivery.message import personal_fields
from delivery.models import Channel
from delivery.transports import channels
from lib.http import url_parts
from lib.text import markup
from lib.text.languages.languages import site_language
from lib.text.revisions.paragraph_merge import merge_items, merge_lines

from . import conflicts, drafts

# What each platform has a place for, in the order in which it is written.
FIELDS: dict[str, tuple[str, ...]] = {
    Platform.INSTAGRAM: ("caption", "hashtags", "alt_text"),
    Platform.TIKTOK: ("title", "caption", "script", "hashtags", "alt_text"),
    Platform.YOUTUBE: ("title", "caption", "script", "tags", "hashtags", "alt_text"),
    Platform.FACEBOOK: ("caption", "hashtags"),
    Platform.X: ("caption", "hashtags"),
    Platform.THREADS: ("caption", "hashtags"),
    Platform.SNAPCHAT: ("caption", "hashtags"),
    Network.MASTODON: ("caption",),
    Network.BLUESKY: ("caption",),
    Channel.PUSH: ("title", "caption"),
    Channel.SMS: ("caption",),
    Channel.TELEGRAM: ("caption",),
    Channel.WHATSAPP: ("caption",),
    Channel.ROOM: ("caption",),
}
LISTS = {"hashtags", "tags"}
LONGEST_TITLE = 200  # characters that a title may have here, whatever the platform

Limits = Mapping[tuple[str, str], Any]


@dataclass(frozen=True)
class Material:
    """
    What an edition gives to its drafts, in its language; `sources` are (name, address), `alt` says what its picture shows,
    `page` is the address of its page.
    """

    title: str
    lead: str
    messages: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    sources: list[tuple[str, str]] = field(default_factory=list)
    hashtags: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    language: str = ""
    alt: str = ""
    page: str = ""

    @property
    def source(self) -> str:
        """The first source in one line, by its name or the host of its address."""
        return next((name or url_parts.host_of(url) for name, url in self.sources), "")


def material_of(
    edition: Edition,
    messages: Sequence[KeyMessage],
    actions: Sequence[CallToAction],
    topics: Sequence[Any] = (),
    assets: Sequence[Asset] = (),
) -> Material:
    """
    Return what there is to say in the edition's language, without a query. A source that is named in another language only
    is named as it is there.
    """
    code = edition.language
    paragraphs = [" ".join(part.split()) for part in markup.to_text(edition.body, width=100_000).split("\n\n")]
    # The lead is the first sentence-like paragraph: no greeting, no heading, no list.
    lead = next((part for part in paragraphs if len(part) > 30 and part[-1:] in ".!?…"), "")
    sources = dict.fromkeys(
        (in_language(message.source_name, code), in_language(message.source_url, code)) for message in messages
    )
    return Material(
        title=" ".join(edition.title.split()),
        lead=lead,
        messages=[text for message in messages if (text := " ".join(message.text.get(code, "").split()))],
        actions=[text for action in actions if (text := " ".join(action.text.get(code, "").split()))],
        sources=[(name, url) for name, url in sources if name or url],
        hashtags=list(dict.fromkeys(as_hashtags(" ".join(edition.hashtags)))),
        topics=[name for topic in topics if (name := topic.name.get(code, ""))],
        language=code,
        alt=alt_of(assets, code),
        page=page_of(edition),
    )


def page_of(edition: Edition) -> str:
    """Return the address at which an edition will be read."""
    with override(edition.language):
        return settings.PUBLIC_URL + reverse("website:bulletin", args=[edition.bulletin.number])


def seen_line(bulletin: Bulletin, channel: str, language: str) -> str:
    """Return the line under a text message of a bulletin that asks whether it was seen, with each reader's link; "" for all else."""
    if channel != Channel.SMS or not bulletin.asks_for_seen:
        return ""
    with override(site_language(language)):
        return "\n" + _("Seen it? Say so: %(link)s") % {"link": personal_fields.field("seen_url")}


def alt_of(assets: Sequence[Asset], code: str) -> str:
    """Return what the first picture for a language shows, in that language; "" while nothing says it."""
    shown = (one for one in assets if one.kind == Asset.Kind.IMAGE and one.language in {"", code})
    return next((words for one in shown if (words := " ".join(one.alt_text.get(code, "").split()))), "")


def as_hashtags(text: str) -> list[str]:
    """Return the words of a line as hashtags, whether or not they were written with their sign."""
    return [f"#{word}" for word in text.replace(",", " ").replace("#", " ").split()]


def draft(platform: str, material: Material, limits: Limits) -> dict[str, Any]:
    """
    Return a first draft of a platform's fields, each within that platform's limits; no word is ever cut.

    What does not fit whole is left out, the least important first; of a sentence that is too long alone, the last
    words are. `limits` as platform_limits.current_limits() gives them.
    """
    with override(material.language or "en"):
        room = _TextBudget(platform, limits)
        made = _DRAFTS[platform](material, room) | {"alt_text": room.line("alt_text", material.alt)}
    return {name: made.get(name, [] if name in LISTS else "") for name in FIELDS[platform]}


class _TextBudget:
    """How much fits on a platform."""

    def __init__(self, platform: str, limits: Limits) -> None:
        self.platform, self.limits = platform, limits

    def fits(self, name: str) -> Callable[[Any], bool]:
        """Return the question whether a value fits into the field `name`."""
        stop, tell = platform_limits.limits_of(self.platform, name, dict(self.limits))
        # A draft also fits the stricter way to post the same text.
        return lambda value: all(
            character_counts.length(value, limit.counted_in) <= limit.limit for limit in [*stop, *tell]
        )

    def items(self, name: str, values: Sequence[str]) -> list[str]:
        """Return as many of the values as fit."""
        fits = self.fits(name)
        kept: list[str] = []
        for value in values:
            if fits([*kept, value]):
                kept.append(value)
        return kept

    def line(self, name: str, text: str) -> str:
        """Return the text, without its last words if it is too long."""
        fits = self.fits(name)
        if fits(text):
            return text
        words = text.split()
        while words and not fits(" ".join(words) + " …"):
            words.pop()
        return " ".join(words).rstrip(",;:–-") + " …" if words else ""

    def blocks(self, name: str, blocks: Sequence[tuple[int, str]], between: str = "\n\n") -> str:
        """
        Return blocks (rank, text) one under another, those of the best rank (0) first to be let in. When not even
        the first fits whole, its last words are left out.
        """
        fits = self.fits(name)
        chosen: set[int] = set()
        for place in sorted(range(len(blocks)), key=lambda place: (blocks[place][0], place)):
            if blocks[place][1] and fits(between.join(blocks[n][1] for n in sorted({*chosen, place}))):
                chosen.add(place)
        if not chosen:
            best = min((block for block in blocks if block[1]), default=(0, ""), key=lambda block: block[0])
            return self.line(name, best[1])
        return between.join(blocks[place][1] for place in sorted(chosen))


def _source_line(material: Material) -> str:
    return _("Source: %(source)s") % {"source": material.source} if material.source else ""


def _link(material: Material) -> str:
    return next((url for _name, url in material.sources if url), "")


def _points(texts: Sequence[str], sign: str = "•") -> str:
    return "\n".join(f"{sign} {text}" for text in texts)


def _instagram(material: Material, room: _TextBudget) -> dict[str, Any]:
    blocks = [
        (0, material.title),
        (4, material.lead),
        *((2, f"• {text}") for text in material.messages),
        *((3, text) for text in material.actions[:1]),
        (1, _source_line(material)),
    ]
    return {"caption": room.blocks("caption", blocks), "hashtags": room.items("hashtags", material.hashtags)}


def _short(material: Material, room: _TextBudget) -> dict[str, Any]:
    """Where one thought is a post: the first key message, an action, a link and the hashtag in the text itself."""
    tags = material.hashtags[:1]
    first = material.messages[0] if material.messages else material.title
    blocks = [(0, first), (3, material.actions[0] if material.actions else ""), (1, _link(material))]
    return {"caption": room.blocks("caption", [*blocks, (2, " ".join(tags))]), "hashtags": tags}


def _tiktok(material: Material, room: _TextBudget) -> dict[str, Any]:
    tags = material.hashtags[:3]
    first = material.messages[0] if material.messages else material.title
    scenes = [
        _("[To camera] %(words)s") % {"words": material.title},
        *(_("[Show] %(words)s") % {"words": text} for text in material.messages[:3]),
        *(_("[Ask] %(words)s") % {"words": text} for text in material.actions[:1]),
    ]
    blocks = [(0, first), (2, _source_line(material)), (1, " ".join(tags))]
    return {
        "title": room.line("title", material.title),
        "caption": room.blocks("caption", blocks),
        "script": "\n".join(scenes) if material.title else "",
        "hashtags": tags,
    }


def _youtube(material: Material, room: _TextBudget) -> dict[str, Any]:
    tags = material.hashtags[:3]
    sources = [" ".join(part for part in pair if part) for pair in material.sources]
    blocks = [
        (0, material.lead or material.title),
        (1, _points(material.messages)),
        (3, "\n".join(material.actions)),
        (2, "\n".join([_("Sources:"), *sources]) if sources else ""),
        (4, " ".join(tags)),
    ]
    script = [
        _("Opening (10 s): %(words)s") % {"words": material.title},
        *(_("Fact (15 s): %(words)s") % {"words": text} for text in material.messages[:4]),
        *(_("Ending (10 s): %(words)s") % {"words": text} for text in material.actions[:1]),
    ]
    return {
        "title": room.line("title", material.title),
        "caption": room.blocks("caption", blocks),
        "script": "\n".join(script) if material.title else "",
        "tags": room.items("tags", [*material.topics, *(tag.lstrip("#") for tag in material.hashtags)]),
        "hashtags": tags,
    }


def _facebook(material: Material, room: _TextBudget) -> dict[str, Any]:
    tags = material.hashtags[:2]
    blocks = [
        (0, material.title),
        (4, material.lead),
        (2, _points(material.messages)),
        (3, "\n".join(material.actions)),
        (1, "\n".join(part for part in (_source_line(material), _link(material)) if part)),
        (5, " ".join(tags)),
    ]
    return {"caption": room.blocks("caption", blocks), "hashtags": tags}


def _notification(material: Material, room: _TextBudget) -> dict[str, Any]:
    """What a locked screen shows; a tap leads to the page."""
    first = material.messages[0] if material.messages else material.lead
    return {"title": room.line("title", material.title), "caption": room.line("caption", first)}


def _message(material: Material, room: _TextBudget) -> dict[str, Any]:
    """What is sent on its own: the title, what matters most, and where to read all of it."""
    blocks = [
        (0, material.title),
        *((2, text) for text in material.messages[:3]),
        (3, material.actions[0] if material.actions else ""),
        (1, material.page),
    ]
    return {"caption": room.blocks("caption", blocks, between="\n")}


def _own_post(material: Material, room: _TextBudget) -> dict[str, Any]:
    """What the authority posts: what matters most, what to do, where to read all of it, and the hashtag in the text itself."""
    first = material.messages[0] if material.messages else material.title
    blocks = [(0, first), (3, material.actions[0] if material.actions else ""), (1, material.page)]
    return {"caption": room.blocks("caption", [*blocks, (2, " ".join(material.hashtags[:1]))])}


_DRAFTS: dict[str, Callable[[Material, _TextBudget], dict[str, Any]]] = {
    Platform.INSTAGRAM: _instagram,
    Platform.TIKTOK: _tiktok,
    Platform.YOUTUBE: _youtube,
    Platform.FACEBOOK: _facebook,
    Platform.X: _short,
    Platform.THREADS: _short,
    Platform.SNAPCHAT: _short,
    Network.MASTODON: _own_post,
    Network.BLUESKY: _own_post,
    Channel.PUSH: _notification,
    Channel.SMS: _message,
    Channel.TELEGRAM: _message,
    Channel.WHATSAPP: _message,
    Channel.ROOM: _message,
}


def places_of(campaign: Campaign) -> list[Platform | Network | Channel]:
    """
    Return where the bulletins of a campaign have words of their own: every platform, the networks on which the authority has an account,
    and the channels by which they go. One query.
    """
    accounts = campaign.authority_accounts.exclude(state="off").values_list("network", flat=True)
    there = set(accounts.order_by().distinct())
    return [*Platform, *(one for one in Network if one.value in there), *channels.beside_mail(campaign)]


# Saving


def fields_of(variant: Variant | None, platform: str) -> dict[str, str]:
    """Return a variant's fields as the texts that a page shows; all empty for one that is not there yet."""
    return {name: as_text(name, getattr(variant, name) if variant else "") for name in FIELDS[platform]}


def as_text(name: str, value: Any) -> str:
    """Return a field's value in one text: hashtags with spaces between, tags with commas."""
    if name in LISTS:
        return (" " if name == "hashtags" else ", ").join(value)
    return str(value)


def _as_value(name: str, text: str) -> Any:
    if name == "hashtags":
        return as_hashtags(text)
    if name == "tags":
        return [tag.strip() for tag in text.split(",") if tag.strip()]
    return " ".join(text.split("\n")) if name == "title" else text


def label_of(platform: str, name: str) -> str:
    """Return what staff call a field of a platform."""
    labels = {
        "title": _("Title of a picture post") if platform == Platform.TIKTOK else _("Title"),
        "caption": caption_label(platform),
        "script": _("Script for a video"),
        "hashtags": _("Hashtags"),
        "tags": _("Tags, separated by commas"),
        "alt_text": _("Alt text for the picture"),
    }
    return labels[name]


def caption_label(platform: str) -> str:
    """Return what staff call the text of a place: a description beside a video, a caption of a post, or what is sent."""
    if platform == Platform.YOUTUBE:
        return _("Description")
    if platform in Network.values:
        return _("Text of the post")
    return _("Caption") if platform in Platform.values else _("Text of the message")


def part_of(edition: Edition, platform: str) -> str:
    """Return the place of a variant, as findings and set-aside words name it."""
    return f"variant:{edition.language}:{platform}"


def changed_by(edition: Edition, platform: str, field: str) -> str:
    """Return the sentence over two texts for a platform's field: who wrote the one that is stored, and when."""
    row = edition.variants.filter(platform=platform).only("pk").first()
    made = conflicts.last_change(
        edition.bulletin,
        field,
        f"variant:{row.pk if row else 0}:{field}",
        *("bulletin.variant_saved", "bulletin.variant_started"),
        language=edition.language,
        platform=platform,
    )
    return conflicts.changed_by(made.actor if made else None, made.at if made else None, edition.bulletin)


def _combine(name: str, base: str, theirs: str, mine: str) -> str | None:
    if name in LISTS:
        items = [_as_value(name, text) for text in (base, theirs, mine)]
        return as_text(name, merge_items(*items))
    return merge_lines(base, theirs, mine)


def _fault(name: str, text: str) -> str:
    if name == "title" and len(text) > LONGEST_TITLE:
        return _("The title was not saved. It is longer than %(limit)d characters. Shorten it.") % {
            "limit": LONGEST_TITLE
        }
    return ""


@transaction.atomic
def save_variant(
    edition: Edition,
    platform: str,
    sent: Mapping[str, str],
    *,
    read: Mapping[str, str],
    by: User,
    at: datetime,
    base: Mapping[str, str] | None = None,
) -> conflicts.Saved:
    """
    Store what `by` typed for a platform and return what came of it; `sent`, `read` and `base` as in fields_of() and conflicts.merge().

    A text that is too long for the platform is stored: a draft may be. Where someone else changed other lines or hashtags
    meanwhile, both stand; a line that both changed is set aside. Raise NotAllowed for a version that is published, or a platform without such a place.
    """
    if platform not in FIELDS:
        raise NotAllowed(_("Not saved: there is no such platform."))
    bulletin = drafts.lock(edition.bulletin)
    variant = Variant.objects.select_for_update().filter(edition=edition, platform=platform).first()
    stored = fields_of(variant, platform)
    # Lists are compared as they are stored, whatever signs were typed between their items.
    sent, base = (
        {name: as_text(name, _as_value(name, text)) if name in LISTS else text for name, text in texts.items()}
        for texts in (sent, base or {})
    )
    part = part_of(edition, platform)
    saved = conflicts.save(bulletin, part, stored, sent, read, by=by, at=at, base=base, combine=_combine, fault=_fault)
    if saved.changed:
        variant = variant or Variant(edition=edition, platform=platform)
        for name, text in saved.changed.items():
            setattr(variant, name, _as_value(name, text))
        variant.save()
        _note(bulletin, "variant_saved", edition, platform, by=by, at=at, fields=sorted(saved.changed))
        drafts.note_editor(bulletin, by=by, at=at)
    return saved


@transaction.atomic
def start_variant(edition: Edition, platform: str, *, by: User, at: datetime, replace: bool = False) -> Variant:
    """
    Fill a platform's fields from the edition and return the variant. Words that are there stay, unless `replace`:
    then they are set aside first.

    Raise NotAllowed when every field of the draft has words already (ask, then call with `replace`), when the
    edition has no words yet, and for a version that is published.
    """
    bulletin = drafts.lock(edition.bulletin)
    messages, actions = list(bulletin.key_messages.all()), list(bulletin.calls_to_action.all())
    made = draft(
        platform,
        material_of(edition, messages, actions, list(bulletin.topics.all()), list(bulletin.assets.all())),
        platform_limits.current_limits(on=at.date()),
    )
    if not edition.title.strip() and not any(made.values()):
        raise NotAllowed(_("Nothing to start from: this edition has no text yet. Write its title first."))
    variant = Variant.objects.select_for_update().filter(edition=edition, platform=platform).first()
    variant = variant or Variant(edition=edition, platform=platform)
    changed, lacking = [], [name for name in made if not getattr(variant, name)]
    for name, value in made.items():
        there = getattr(variant, name)
        if not value or there == value or (there and not replace):
            continue
        if there:
            SetAside.objects.create(
                bulletin=bulletin,
                part=part_of(edition, platform),
                field=name,
                text=as_text(name, there),
                by=by,
                at=at,
                settled_at=at,
            )
        setattr(variant, name, value)
        changed.append(name)
    if not changed:
        raise NotAllowed(_nothing_to_fill(platform, lacking))
    variant.save()
    _note(bulletin, "variant_started", edition, platform, by=by, at=at, fields=changed, replaced=replace)
    drafts.note_editor(bulletin, by=by, at=at)
    return variant


def _nothing_to_fill(platform: str, lacking: Sequence[str]) -> str:
    """Return why a start changed nothing: every field has text, or the bulletin has none for those that are empty."""
    if not lacking:
        return _("Nothing changed: every field already has text.")
    labels = [str(label_of(platform, name)) for name in lacking]
    return _("Nothing changed: the bulletin has no words for the empty fields (%(fields)s). Write them here.") % {
        "fields": ", ".join(label[:1].lower() + label[1:] for label in labels)
    }


def fill_alt_texts(bulletin: Bulletin, *, by: User, at: datetime) -> list[Variant]:
    """
    Give what the picture shows to the started platforms of each language that say nothing of it yet, and return those that got
    it. Inside a transaction that holds the bulletin.
    """
    assets, limits = list(bulletin.assets.all()), platform_limits.current_limits(on=at.date())
    filled = []
    for edition in editions_of(bulletin):
        if not (alt := alt_of(assets, edition.language)):
            continue
        for variant in edition.variants.all():
            takes = "alt_text" in FIELDS[variant.platform] and any(fields_of(variant, variant.platform).values())
            if takes and not variant.alt_text.strip():
                variant.alt_text = _TextBudget(variant.platform, limits).line("alt_text", alt)
                variant.save(update_fields=["alt_text"])
                _note(bulletin, "variant_started", edition, variant.platform, by=by, at=at, fields=["alt_text"])
                filled.append(variant)
    return filled


@transaction.atomic
def start_all(bulletin: Bulletin, *, by: User, at: datetime) -> int:
    """
    Start every platform and channel in every language that has no words for it yet, from its edition, and return how many were. What is
    there stays, and an edition without a title starts nothing. Raise NotAllowed for a version that is published.
    """
    held = drafts.lock(bulletin)
    started = 0
    for edition in editions_of(held):
        there = {one.platform for one in edition.variants.all() if any(fields_of(one, one.platform).values())}
        edition.bulletin = held
        if not edition.title.strip():
            continue
        for platform in places_of(held.campaign):
            if platform in there:
                continue
            start_variant(edition, platform, by=by, at=at)
            started += 1
    return started


def _note(
    bulletin: Bulletin, verb: str, edition: Edition, platform: str, *, by: User, at: datetime, **detail: Any
) -> None:
    trail.note(f"bulletin.{verb}", bulletin, by=by, at=at, language=edition.language, platform=platform, **detail)


def editions_of(bulletin: Bulletin) -> list[Edition]:
    """Return the standard editions with their variants at hand; two queries."""
    return list(bulletin.editions.filter(reading_level=ReadingLevel.STANDARD).prefetch_related("variants"))
