"""
Message cards: each key message as a picture in every language and size, drawn once for the same words.

A card is found by the digest of what is on it. So whoever knows what a bulletin says now, or what a version said when
it was published, knows which cards belong to it: there is no list to keep up to date.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override
from PIL import Image

from bulletins.editing import source_names
from bulletins.models import Asset, Bulletin, Card, KeyMessage, PublishedEdition, Ratio, Urgency, Version
from campaigns.cards import check_codes
from campaigns.publication_details import PrintedWords
from campaigns.translated_fields import in_language
from lib.http import url_parts
from lib.images.card import Spec, TooLong, digest, miniature, thumbnail
from lib.images.card_look import Look
from lib.images.likeness import hash_of
from lib.images.picture_metadata import PictureFields, with_fields
from lib.text.dates import validity_phrases

from . import card_themes, storage

__all__ = ["Spec", "TooLong", "digest", "make_cards", "specs_of", "too_long"]

HANDS, BATCH = 2, 6  # threads that draw, and how many cards are in the air at once


@dataclass(frozen=True, slots=True)
class CardText:
    """A key message in one language, as it stands in the working copy or in a published version."""

    language: str
    key: str
    text: str
    source_name: str
    source_url: str
    valid_until: datetime | None
    tones: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What the cards of a bulletin have in common: printed words, its number, whether it is urgent, the picture of a language."""

    printed: PrintedWords
    number: int
    is_urgent: bool
    photos: Mapping[str, tuple[str, tuple[float, float]]] = field(default_factory=dict)


# --- What is on the cards ------------------------------------------------------------------------------------


def specs_of(bulletin: Bulletin, versions: Sequence[Version] | None = None) -> list[Spec]:
    """
    Return what is on the cards of a bulletin's working copy, in the order of its key messages and languages, or of its
    version once that is published. A message that has no words in a language has no card in it. Six queries at most;
    two fewer with its `versions` and their editions at hand.
    """
    versions = _versions(bulletin) if versions is None else versions
    if bulletin.state not in Bulletin.EDITABLE and versions:
        versions[-1].bulletin = bulletin
        return specs_of_version(versions[-1], versions)
    printed = PrintedWords.of(bulletin.campaign)
    if bulletin.kind == Bulletin.Kind.RETRACTION:
        return []
    before = _earlier(versions, number=bulletin.version)
    setting = Setting(
        printed, bulletin.number, bulletin.urgency == Urgency.URGENT, _photos_of(bulletin.assets.all(), printed)
    )
    said = [
        CardText(
            language=code,
            key=message.key,
            text=message.text[code],
            source_name=source_names.name_in(code, message.source_name, message.source_url),
            source_url=in_language(message.source_url, code),
            valid_until=message.valid_until,
            tones=_tones_of(message, code),
        )
        for message in bulletin.key_messages.all()
        for code in [row.code for row in printed.languages]
        if message.text.get(code, "").strip()
    ]
    return [_spec(setting, one, before) for one in said]


def specs_of_version(version: Version, versions: Iterable[Version], language: str = "") -> list[Spec]:
    """
    Return what is on the cards of a published version, in one language or in all: only what was printed with it, whatever was
    renamed since. `versions` are all of its bulletin's with their editions at hand. No query.
    """
    if version.is_retracted:
        return []
    before = _earlier(versions, number=version.number, language=language)
    setting = Setting(
        version.words, version.bulletin.number, version.urgency == Urgency.URGENT, _published_photos(version)
    )
    return [_spec(setting, one, before) for one in _texts_in(version, language)]


def specs_published(version: Version, language: str) -> list[Spec]:
    """Return what is on the cards of a published version in a language; two queries."""
    versions = list(version.bulletin.versions.order_by("number"))
    put_editions_at_hand(versions, language)
    with_editions = next(one for one in versions if one.pk == version.pk)
    with_editions.bulletin = version.bulletin
    return specs_of_version(with_editions, versions, language)


def put_editions_at_hand(versions: Sequence[Version], language: str = "") -> None:
    """Fetch what specs_of_version() reads of versions that have no editions at hand yet, in one language or in all; one query."""
    short = PublishedEdition.objects.defer("html", "body")
    prefetch_related_objects(versions, Prefetch("editions", short.filter(language=language) if language else short))


def said_in(version: Version, versions: Iterable[Version]) -> dict[str, tuple[CardText, Spec]]:
    """
    Return {statement: what is said, and what is on its cards} of a published version, in the order of its messages;
    `versions` as for specs_of_version(). No query.
    """
    texts = [] if version.is_retracted else _texts_in(version)
    return {spec.statement: (said, spec) for said, spec in zip(texts, specs_of_version(version, versions), strict=True)}


def too_long(text: str, language: str) -> str:
    """Return a sentence for the writer when a key message is too long for a card in the smallest size, else ""."""
    full = Spec(language, "", text, "x", "x", "x", "#x", "x", exercise="x", corrected="x", issuer="x", theme="plain")
    if card_themes.fits(full, Ratio.SQUARE):
        return ""
    return _("It is too long for a card. Shorten it, or split it into two key messages.")


def alt_text(spec: Spec) -> str:
    """Return the text alternative of a card: its words, what is marked on it, and who says so."""
    label = f"{spec.corrected}: " if spec.corrected else ""
    says = f"{label}{' '.join(spec.words.split())}"
    end = "" if says[-1:] in ".!?" else "."
    return f"{says}{end} {spec.validity}.{f' {spec.source}.' if spec.source else ''}"


def _tones_of(message: KeyMessage, language: str) -> tuple[tuple[str, str], ...]:
    return tuple((tone, texts[language]) for tone, texts in message.tones.items() if language in texts)


def _photos_of(assets: Iterable[Asset], printed: PrintedWords) -> dict[str, tuple[str, tuple[float, float]]]:
    """Return {language: the first picture that its readers get, and the point that stays in view}."""
    pictures = [asset for asset in assets if asset.kind == Asset.Kind.IMAGE and asset.file]
    return {
        row.code: (asset.file.name or "", (asset.focal_x, asset.focal_y))
        for row in printed.languages
        for asset in [next((one for one in pictures if one.language in {"", row.code}), None)]
        if asset is not None
    }


def _published_photos(version: Version) -> dict[str, tuple[str, tuple[float, float]]]:
    found = {}
    for edition in version.editions.all():
        pictures = (one for one in edition.content.get("assets", []) if one.get("kind") == Asset.Kind.IMAGE)
        first = next((one for one in pictures if one.get("file")), None)
        if first:
            across, down = first.get("focal") or (0.5, 0.5)
            found[edition.language] = (first["file"], (across, down))
    return found


def _spec(setting: Setting, said: CardText, before: Mapping[tuple[str, str], set[tuple[str, str]]]) -> Spec:
    printed = setting.printed
    photo, focal = setting.photos.get(said.language, ("", (0.5, 0.5)))
    own = printed.in_language(said.language)
    with override(said.language):
        source = said.source_name.strip()
        site = url_parts.site_of(said.source_url)
        if site and site not in source:
            source = f"{source}, {site}" if source else site
        earlier = before.get((said.language, said.key), set()) - {_fact_of(said)}
        word = own.bulletin_name or _("bulletin")
        spec = Spec(
            language=said.language,
            key=said.key,
            words=said.text,
            source=_("Source: %(source)s") % {"source": source} if source else "",
            validity=validity_phrases.valid_until(said.valid_until, printed.zone),
            campaign=own.name,
            hashtag=own.hashtag,
            bulletin=f"{word[:1].upper()}{word[1:]} {setting.number}",
            exercise=printed.exercise_in(said.language),
            corrected=_("Corrected") if earlier else "",
            issuer=own.issuer,
            statement=_statement(said, is_corrected=bool(earlier)),
            urgent=_("Urgent") if setting.is_urgent else "",
            tones=said.tones,
            photo=photo,
            focal=focal,
            look=Look.read(printed.look),
            until=said.valid_until.isoformat() if said.valid_until else "",
        )
    return replace(spec, theme=card_themes.first_theme(spec))


def _statement(said: CardText, *, is_corrected: bool) -> str:
    """
    Return the SHA-256 (hex) of what is said, in data: a label that an upgrade words anew leaves the code as it is. What
    was corrected is another statement, even when it says again what it said before that.
    """
    end = said.valid_until.isoformat() if said.valid_until else ""
    content = [said.language, said.key, said.text, said.source_name, said.source_url, end, is_corrected]
    content += [list(said.tones)] if said.tones else []
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def code_of(bulletin: Bulletin, spec: Spec) -> str:
    """Return the code on the cards of a statement, "" before any is drawn."""
    return check_codes.codes_of(check_codes.Kind.BULLETIN, bulletin.pk).get(spec.statement, "")


def _fact_of(said: CardText) -> tuple[str, str]:
    """Return what of a message is a fact: when either changes, it has been corrected."""
    return " ".join(said.text.split()), said.valid_until.isoformat() if said.valid_until else ""


def _versions(bulletin: Bulletin) -> list[Version]:
    versions = list(bulletin.versions.order_by("number"))
    put_editions_at_hand(versions)
    return versions


def _earlier(
    versions: Iterable[Version], *, number: int, language: str = ""
) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Return what the versions before `number` said, by language and key."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for version in versions:
        if version.number < number:
            for said in _texts_in(version, language):
                found.setdefault((said.language, said.key), set()).add(_fact_of(said))
    return found


def _texts_in(version: Version, language: str = "") -> list[CardText]:
    found: dict[tuple[str, str], CardText] = {}
    for edition in version.editions.all():
        if language not in {"", edition.language}:
            continue
        for item in edition.content.get("key_messages", []):
            if item.get("text"):
                until = item.get("valid_until")
                said = CardText(
                    edition.language,
                    item.get("key", ""),
                    item["text"],
                    item.get("source_name") or "",
                    item.get("source_url") or "",
                    datetime.fromisoformat(until) if until else None,
                    tuple(item.get("tones", {}).items()),
                )
                found.setdefault((said.language, said.key), said)
    return list(found.values())


# --- Making them ------------------------------------------------------------------------------------------------


def make_cards(bulletin: Bulletin, at: datetime) -> Iterator[tuple[int, int]]:
    """
    Draw the cards of a bulletin that are not there yet, and yield (done, of how many) before the first
    and after each.

    Cards that neither the working copy nor a published version shows any more are removed at the end. Safe to run
    twice at once. A message that is too long for a card gets none; the lint says so.
    """
    sets = sets_of(bulletin)
    wanted = drawn_ahead(sets)
    said = (spec.statement for spec in wanted.values())
    codes = check_codes.give(bulletin.campaign, check_codes.Kind.BULLETIN, bulletin.pk, said, at=at)
    give_thumbnails(bulletin.cards.filter(digest__in=wanted, thumbnail_size=0))
    there = set(bulletin.cards.values_list("digest", "ratio"))
    todo = [
        (mark, spec, ratio)
        for mark, spec in wanted.items()
        for ratio in card_themes.ratios_of(spec)
        if (mark, ratio.value) not in there
    ]
    yield 0, len(todo)
    # Most of drawing is packing pixels, which Pillow does without holding the interpreter.
    with ThreadPoolExecutor(HANDS) as hands:
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            pictures = hands.map(lambda one: picture_of(one[1], one[2], codes[one[1].statement]), batch)
            for done, ((mark, spec, ratio), made) in enumerate(zip(batch, pictures, strict=True), start=start + 1):
                if made:
                    store(bulletin, mark, spec, ratio, made, code=codes[spec.statement], at=at)
                yield done, len(todo)
    remove(
        bulletin, bulletin.cards.exclude(digest__in={digest(spec) for one in sets for spec in card_themes.every(one)})
    )


def sets_of(bulletin: Bulletin) -> list[list[Spec]]:
    """Return what is on the cards of the working copy and of each published version, as specs_of() does."""
    versions = _versions(bulletin)
    for version in versions:
        version.bulletin = bulletin
    return [specs_of(bulletin, versions), *(specs_of_version(version, versions) for version in versions)]


def drawn_ahead(sets: Iterable[Sequence[Spec]]) -> dict[str, Spec]:
    """Return {digest: what is on it} of the cards that are drawn before anyone asks."""
    return {digest(spec): spec for specs in sets for spec in card_themes.ahead(specs)}


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that was drawn: its bytes and suffix, the small ones, sizes in pixels, and 64 bits of how it looks."""

    data: bytes
    suffix: str
    small: bytes
    width: int
    height: int
    look: int
    miniature: bytes = b""


def picture_of(spec: Spec, ratio: str, code: str) -> Made | None:
    """Return a picture of a card, None when its words are too long, or the picture that it stands on is gone."""
    try:
        data, suffix = card_themes.draw(spec, ratio, check_codes.address(code))
    except (TooLong, FileNotFoundError):
        return None
    with Image.open(io.BytesIO(data)) as drawn:
        size, look = drawn.size, hash_of(drawn.convert("RGBA"))
    smallest = miniature(data) if ratio == Ratio.SQUARE and spec.kind == card_themes.CARD else b""
    return Made(with_fields(data, fields_of(spec, code)), suffix, thumbnail(data), *size, look, smallest)


def fields_of(spec: Spec, code: str) -> PictureFields:
    """Return what the file of a card says of itself."""
    return PictureFields(
        language=spec.language,
        title=f"{spec.campaign}, {spec.bulletin}",
        alt_text=alt_text(spec),
        source=spec.source,
        credit=spec.issuer or spec.campaign,
        check_url=check_codes.address(code),
        licence_url=settings.PICTURE_LICENCE,
        valid_until=datetime.fromisoformat(spec.until) if spec.until else None,
    )


def store(bulletin: Bulletin, mark: str, spec: Spec, ratio: str, made: Made, *, code: str, at: datetime) -> None:
    """Keep a picture that was drawn, unless the same is there by now."""
    card = Card(
        bulletin=bulletin,
        digest=mark,
        ratio=ratio,
        language=spec.language,
        key=spec.key,
        text=spec.words,
        code=code,
        likeness=made.look,
        width=made.width,
        height=made.height,
        size=len(made.data),
        made_at=at,
        theme=spec.theme,
        tone=spec.tone,
    )
    # People see this name when they download it; its end cannot be guessed.
    about = "-".join(filter(None, (slugify(spec.key) or "card", spec.theme, slugify(spec.language), str(ratio))))
    name = f"{bulletin.number}-{about}-{token_hex(5)}{made.suffix}"
    card.file.name = default_storage.save(f"cards/b{bulletin.pk}/{name}", ContentFile(made.data))
    add_thumbnail(card, made.small)
    if made.miniature:
        default_storage.save(card.miniature, ContentFile(made.miniature))
        card.miniature_size = len(made.miniature)
    try:
        with transaction.atomic():
            card.save()
    except IntegrityError:  # someone else has just made the same one
        for stored in names_of(card):
            default_storage.delete(stored)


def names_of(card: Card) -> list[str]:
    """Return the stored names of all pictures of a card."""
    return [card.file.name or "", card.thumbnail, *([card.miniature] if card.miniature_size else [])]


def add_thumbnail(card: Card, small: bytes) -> None:
    """Store the small picture of a card, and note its size in the card."""
    default_storage.delete(card.thumbnail)  # of an attempt that was cut short
    default_storage.save(card.thumbnail, ContentFile(small))
    card.thumbnail_size = len(small)


def give_thumbnails(cards: Iterable[Card]) -> None:
    """Give a small picture to cards that were drawn before there were any. One whose file is gone is drawn anew."""
    for card in cards:
        try:
            with card.file.open("rb") as file:
                png = file.read()
        except FileNotFoundError:
            card.delete()
            continue
        add_thumbnail(card, thumbnail(png))
        card.save(update_fields=["thumbnail_size"])


def remove(bulletin: Bulletin, cards: Iterable[Card]) -> None:
    """Remove cards: their rows, and their files but for those that were published."""
    stale = list(cards)
    with transaction.atomic():
        bulletin.cards.filter(pk__in=[card.pk for card in stale]).delete()
        storage.forget(bulletin, [name for card in stale for name in names_of(card)])


def is_missing(bulletin: Bulletin, sets: Iterable[Sequence[Spec]]) -> bool:
    """Return whether a card that could be drawn is not there, in the working copy or in what is published; `sets` of sets_of()."""
    wanted = drawn_ahead(sets)
    rows = list(bulletin.cards.filter(digest__in=wanted).values_list("digest", "ratio", "thumbnail_size"))
    if any(not size for _mark, _ratio, size in rows):
        return True
    there = {(mark, ratio) for mark, ratio, _size in rows}
    lacking = [
        (spec, ratio)
        for mark, spec in wanted.items()
        for ratio in card_themes.ratios_of(spec)
        if (mark, ratio.value) not in there
    ]
    return any(card_themes.fits(spec, ratio) for spec, ratio in lacking)


# --- What readers may have ---------------------------------------------------------------------------------------


def published_cards(version: Version, *, language: str, at: datetime) -> dict[str, list[Card]]:
    """
    Return {key of a key message: its cards in `language`, the tallest first} of the newest published version; three
    queries.
    """
    marks = _public_marks(version.bulletin, at=at)
    found: dict[str, list[Card]] = {}
    rows = version.bulletin.cards.filter(language=language, digest__in=marks)
    for card in sorted(rows, key=lambda card: -card.height):
        found.setdefault(card.key, []).append(card)
    return found


def drawn_cards(version: Version, specs: Sequence[Spec], theme: str = "") -> dict[str, Card]:
    """Return what is drawn ahead of `specs`, of the slides those in the first theme and in another, {digest and ratio: card}; one query."""
    wanted = [*card_themes.ahead_in(specs), *(card_themes.slides_of(specs, theme) if theme else [])]
    rows = version.bulletin.cards.filter(digest__in=[digest(spec) for spec in wanted])
    return {f"{card.digest} {card.ratio}": card for card in rows}


def card_of(bulletin: Bulletin, spec: Spec, *, ratio: str = Ratio.FEED) -> Card | None:
    """Return the card of a statement in a size, None until it is drawn; one query."""
    return bulletin.cards.filter(digest=digest(spec), ratio=ratio).first()


def shared_card(version: Version, versions: Iterable[Version], *, language: str, at: datetime) -> Card | None:
    """
    Return the square card that stands for a published version where its page is shared: that of its first key message
    that holds at `at` and whose card is made. None of a withdrawn one. `versions` as for specs_of_version(); one
    query.
    """
    replaced = {key for edition in version.editions.all() for key in edition.replaced}
    holding = {
        said.key
        for said in _texts_in(version)
        if said.language == language and (said.valid_until is None or said.valid_until > at)
    } - replaced
    specs = specs_of_version(version, versions)
    marks = [digest(spec) for spec in specs if spec.language == language and spec.key in holding]
    found = version.bulletin.cards.filter(language=language, ratio=Ratio.SQUARE, digest__in=marks)
    return min(found, key=lambda card: marks.index(card.digest), default=None)


def is_public(card: Card, *, at: datetime) -> bool:
    """Return whether a card belongs to the newest published version of its bulletin, which is not withdrawn."""
    specs = [spec for spec in public_specs(card.bulletin, at=at) if spec.language == card.language]
    alike = (spec for spec in card_themes.every(specs) if (spec.key, spec.theme) == (card.key, card.theme))
    return any(digest(spec) == card.digest for spec in alike)


def _public_marks(bulletin: Bulletin, *, at: datetime) -> set[str]:
    return {digest(spec) for spec in public_specs(bulletin, at=at)}


def public_specs(bulletin: Bulletin, *, at: datetime) -> list[Spec]:
    """Return what is on the cards of the newest version that is published at `at`; [] of a withdrawn one. Two queries."""
    versions = [version for version in _versions(bulletin) if version.published_at <= at]
    if not versions:
        return []
    newest = versions[-1]
    newest.bulletin = bulletin
    return specs_of_version(newest, versions)
