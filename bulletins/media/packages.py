"""A ZIP per platform and language: everything for one post, in files that any computer can open."""

import hashlib
import json
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.editing import source_names
from bulletins.models import Bulletin, Edition, Package, Parts, Platform, Ratio, Version
from campaigns.models import ReadingLevel
from campaigns.publication_details import PrintedWords
from campaigns.translated_fields import in_language
from lib.text.dates import validity_phrases

from . import downloads, message_cards, moving_cards, storage
from .renditions import Piece

# Which formats each platform shows well, the best first.
RATIOS = {
    Platform.INSTAGRAM: ("4x5", "9x16", "1x1"),
    Platform.TIKTOK: ("9x16",),
    Platform.YOUTUBE: ("9x16", "1x1"),
    Platform.FACEBOOK: ("4x5", "9x16", "1x1"),
    Platform.X: ("1x1", "4x5"),
    Platform.THREADS: ("4x5", "1x1"),
    Platform.SNAPCHAT: ("9x16",),
}
ALWAYS = (2020, 1, 1, 0, 0, 0)  # every file in a ZIP has this date, so that the same content gives the same bytes
LAYOUT = 2  # counts up when the way of packing changes, so that packages are made anew


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into one package, as plain data, and its SHA-256 (hex). `printed` tells the zone of its hours."""

    platform: str
    language: str
    printed: PrintedWords
    data: dict[str, Any]

    @property
    def digest(self) -> str:
        """The fingerprint of what is in it."""
        canonical = json.dumps([LAYOUT, self.data], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def contents_of(bulletin: Bulletin, *, at: datetime) -> list[Contents]:
    """
    Return what each package of a bulletin should hold at `at`, for each variant: of the published version once it is
    out, else of the draft. A withdrawn bulletin has none. The number of queries does not grow with the content.
    """
    version = bulletin.versions.filter(number=bulletin.version, published_at__lte=at).first()
    if version is not None:
        return [] if version.is_retracted else list(of_version(bulletin, version))
    return [] if bulletin.kind == Bulletin.Kind.RETRACTION else list(of_draft(bulletin))


def of_version(bulletin: Bulletin, version: Version) -> Iterator[Contents]:
    """Yield the packages of a published version, from its frozen words."""
    versions = list(bulletin.versions.prefetch_related("editions"))
    specs = message_cards.specs_of_version(version, versions)
    cards, moving = cards_of(bulletin, specs), moving_of(bulletin, specs)
    for edition in version.editions.filter(reading_level=ReadingLevel.STANDARD):
        content = edition.content
        for variant in content.get("variants", []):
            yield contents(
                bulletin,
                edition.language,
                variant,
                printed=version.words,
                title=edition.title,
                hashtags=content.get("hashtags", []),
                messages=content.get("key_messages", []),
                assets=content.get("assets", []),
                cards=cards.get(edition.language, []),
                moving=moving.get(edition.language, []),
                published_at=version.published_at.isoformat(),
            )


def of_draft(bulletin: Bulletin) -> Iterator[Contents]:
    """Yield the packages of what is being made."""
    messages, assets = list(bulletin.key_messages.all()), downloads.offered(Parts(bulletin))
    printed = PrintedWords.of(bulletin.campaign)
    specs = message_cards.specs_of(bulletin)
    cards, moving = cards_of(bulletin, specs), moving_of(bulletin, specs)
    editions: list[Edition] = list(
        bulletin.editions.filter(reading_level=ReadingLevel.STANDARD).prefetch_related("variants")
    )
    for edition in editions:
        language = edition.language
        variants = edition.variants_to_post()
        if not variants:
            continue
        said = [
            {
                "key": message.key,
                "text": in_language(message.text, language),
                "source_name": source_names.name_in(language, message.source_name, message.source_url),
                "source_url": in_language(message.source_url, language),
                "valid_until": message.valid_until.isoformat() if message.valid_until else None,
            }
            for message in messages
        ]
        offered = downloads.assets_for(assets, language)
        for variant in variants:
            yield contents(
                bulletin,
                language,
                variant.content(),
                printed=printed,
                title=edition.title,
                hashtags=edition.hashtags,
                messages=said,
                assets=offered,
                cards=cards.get(language, []),
                moving=moving.get(language, []),
                published_at=None,
            )


def cards_of(bulletin: Bulletin, specs: list[message_cards.Spec]) -> dict[str, list[dict[str, Any]]]:
    """Return {language: the cards that show one of `specs`, in their order}, as plain data; one query."""
    marks = {message_cards.digest(spec): spec for spec in specs}
    order = {mark: place for place, mark in enumerate(marks)}
    found: dict[str, list[dict[str, Any]]] = {}
    rows = bulletin.cards.filter(digest__in=marks)
    for card in sorted(rows, key=lambda card: (order[card.digest], card.ratio)):
        one = {
            "key": card.key,
            "ratio": card.ratio,
            "file": card.file.name,
            "text": message_cards.alt_text(marks[card.digest]),
        }
        found.setdefault(card.language, []).append(one)
    return found


def moving_of(bulletin: Bulletin, specs: list[message_cards.Spec]) -> dict[str, list[dict[str, Any]]]:
    """Return {language: the moving cards that are made of `specs`}, as plain data; one query."""
    found: dict[str, list[dict[str, Any]]] = {}
    for film, card in moving_cards.drawn(bulletin, moving_cards.films_of(specs)):
        one = {"file": card.file.name, "captions": card.stored(".vtt"), "text": moving_cards.alt_text(film)}
        found.setdefault(card.language, []).append(one)
    return found


def contents(
    bulletin: Bulletin, language: str, variant: dict[str, Any], *, printed: PrintedWords, **parts: Any
) -> Contents:
    """Return what one package holds: the platform's own words, and the files in the formats that suit it."""
    platform = variant["platform"]
    fits = RATIOS[Platform(platform)]
    moving = parts.pop("moving")
    data = {
        "number": bulletin.number,
        "version": bulletin.version,
        "platform": platform,
        "language": language,
        "variant": variant,
        **parts,
        "assets": [
            {**asset, "renditions": [one for one in asset.get("renditions", []) if one["ratio"] in fits]}
            for asset in parts["assets"]
        ],
        "cards": [card for card in parts["cards"] if card["ratio"] in fits],
        **({"moving": moving} if moving and Ratio.STORY in fits else {}),
    }
    return Contents(platform, language, printed, data)


def make_packages(bulletin: Bulletin, at: datetime) -> Iterator[Piece]:
    """Make every package whose content is not packed yet, and remove the old ones; tell after each how far it is."""
    bulletin.refresh_from_db()
    wanted = contents_of(bulletin, at=at)
    yield Piece(0, len(wanted))
    for done, one in enumerate(wanted, start=1):
        make_package(bulletin, one, at=at)
        yield Piece(done, len(wanted))
    is_out = any(one.data["published_at"] for one in wanted) or not wanted
    forget_others(bulletin, {one.digest for one in wanted}, of_all_versions=is_out)


def make_package(bulletin: Bulletin, content: Contents, *, at: datetime) -> None:
    """Make one package unless the same is there."""
    place: dict[str, Any] = {"bulletin": bulletin, "platform": content.platform, "language": content.language}
    same = Package.objects.filter(**place, digest=content.digest).first()
    if same is not None and default_storage.exists(same.file.name or ""):
        return
    with tempfile.TemporaryFile() as out:
        write(out, content)
        size = out.tell()
        out.seek(0)
        name = storage.store("packages", bulletin.pk, File(out), ".zip")
    old = same.file.name if same else ""
    version = bulletin.version if content.data["published_at"] else 0
    with transaction.atomic():
        Package.objects.update_or_create(
            **place,
            digest=content.digest,
            defaults={"version": version, "file": name, "size": size, "made_at": at},
        )
        storage.forget(bulletin, [old or ""])


@transaction.atomic
def forget_others(bulletin: Bulletin, wanted: set[str], *, of_all_versions: bool) -> None:
    """Remove the packages that hold something else; while a correction is written, the published ones stay."""
    others = bulletin.packages.exclude(digest__in=wanted)
    for package in others if of_all_versions else others.filter(version=0):
        storage.forget(bulletin, [package.file.name or ""])
        package.delete()


# --- What is in it ----------------------------------------------------------------------------------


def write(out: Any, content: Contents) -> None:
    """Write the ZIP: the same content gives the same bytes."""
    data, printed = content.data, content.printed
    with zipfile.ZipFile(out, "w") as archive, override(content.language):
        for name, text in (
            ("README.txt", readme(data, printed)),
            ("captions.txt", captions(data)),
            ("key-messages.txt", key_messages(data, printed)),
            ("alt.txt", alternatives(data)),
            ("rights.txt", rights(data)),
        ):
            if text:
                # Windows' Notepad takes the mark and the line ends for what they are.
                add_file(archive, name, ("\ufeff" + text.strip() + "\n").replace("\n", "\r\n").encode())
        for name, stored in files(data):
            with default_storage.open(stored, "rb") as source:
                add_file(archive, name, source)


def add_file(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    """Add a file with a fixed date. Pictures and videos are stored as they are: they are compressed already."""
    info = zipfile.ZipInfo(name, ALWAYS)
    info.external_attr = 0o644 << 16
    info.create_system = 3
    info.compress_type = zipfile.ZIP_DEFLATED if isinstance(content, bytes) else zipfile.ZIP_STORED
    if isinstance(content, bytes):
        archive.writestr(info, content)
        return
    with archive.open(info, "w", force_zip64=True) as target:
        for chunk in content.chunks():
            target.write(chunk)


def ascii_name(text: str, fallback: str) -> str:
    """Return a short file name without letters that some program cannot write: "Mökki & sauna" is mokki-sauna."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("æ", "ae"))
    return slugify(plain.encode("ascii", "ignore").decode())[:40].strip("-") or fallback


def files(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (name in the ZIP, stored name) of every file, those that are gone left out."""
    found: list[tuple[str, str]] = []
    titles = {asset.get("id"): asset.get("title", "") for asset in data["assets"]}
    for number, asset in enumerate(data["assets"], start=1):
        kind, stored = asset["kind"], asset["file"]
        title = asset.get("title") or titles.get(asset.get("subtitles_of"), "")
        base = f"{number:02d}-{ascii_name(title, kind)}"
        folder = {"image": "pictures", "video": "videos", "subtitles": "subtitles"}[kind]
        if kind == "subtitles":
            found.append((f"{folder}/{base}-{data['language']}.vtt", stored))
            if asset.get("srt"):
                found.append((f"{folder}/{base}-{data['language']}.srt", asset["srt"]))
            continue
        cuts = asset.get("renditions", [])
        found += [(f"{folder}/{base}-{cut['ratio']}{PurePosixPath(cut['file']).suffix}", cut["file"]) for cut in cuts]
        if not cuts or kind == "video":
            found.append((f"{folder}/{base}{PurePosixPath(stored).suffix}", stored))
    for number, card in enumerate(data["cards"], start=1):
        suffix = PurePosixPath(card["file"]).suffix
        found.append((f"cards/{number:02d}-{ascii_name(card['key'], 'card')}-{card['ratio']}{suffix}", card["file"]))
    for number, card in enumerate(data.get("moving", []), start=1):
        base = f"moving-{number:02d}-{data['language']}"
        found += [(f"videos/{base}.mp4", card["file"]), (f"subtitles/{base}.vtt", card["captions"])]
    return [(name, stored) for name, stored in found if default_storage.exists(stored)]


def readme(data: dict[str, Any], printed: PrintedWords) -> str:
    """Say what this is, as of when, and what to do with it."""
    heading = _("Bulletin %(number)s, version %(version)s: %(title)s") % data
    made_for = _("For %(platform)s, in the language %(language)s.") % {
        "platform": Platform(data["platform"]).label,
        "language": data["language"],
    }
    if data["published_at"]:
        moment = printed.local(datetime.fromisoformat(data["published_at"]))
        when = _("Correct as of %(time)s.") % {"time": date_format(moment, "DATETIME_FORMAT")}
        when += " " + _("Before you post, check the bulletin's page for corrections.")
    else:
        when = _("This is a draft. It has not been approved. Don't share any of it.")
    use = [_("Say it in your own words.")]
    if alternatives(data):
        use.append(_("Add the alt texts in alt.txt to the pictures."))
    if has(data, "video"):
        use.append(_("Add subtitles to videos."))
    return "\n\n".join((heading, made_for, when, " ".join(use)))


def has(data: dict[str, Any], kind: str) -> bool:
    """Return whether there is a picture ("image"), video or subtitle file."""
    return any(asset["kind"] == kind for asset in data["assets"])


def captions(data: dict[str, Any]) -> str:
    """Return the platform's own words: title, caption, hashtags, tags and script."""
    variant = data["variant"]
    tags = variant.get("hashtags") or data["hashtags"]
    parts = (
        (_("Title"), variant.get("title")),
        (_("Caption"), variant.get("caption")),
        (_("Hashtags"), " ".join(tags)),
        (_("Tags"), ", ".join(variant.get("tags") or [])),
        (_("Script"), variant.get("script")),
        (_("Alt text"), variant.get("alt_text") if has(data, "image") else ""),
    )
    return "\n\n".join(f"{label}\n{text}" for label, text in parts if text)


def key_messages(data: dict[str, Any], printed: PrintedWords) -> str:
    """Return the key messages, each with its source and until when it holds."""
    blocks = []
    for message in data["messages"]:
        if not message.get("text"):
            continue
        lines = [message["text"]]
        source = " ".join(part for part in (message.get("source_name"), message.get("source_url")) if part)
        if source:
            lines.append(_("Source: %(source)s") % {"source": source})
        if message.get("valid_until"):
            until = printed.local(datetime.fromisoformat(message["valid_until"]))
            lines.append(_("Valid until %(time)s.") % {"time": validity_phrases.describe_end(until)})
        else:
            lines.append(_("Valid until further notice."))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def alternatives(data: dict[str, Any]) -> str:
    """Return the text alternative of each picture, card and video, under its file's name."""
    words = {asset["file"]: asset.get("alt_text", "") for asset in data["assets"]}
    for asset in data["assets"]:
        words |= {cut["file"]: asset.get("alt_text", "") for cut in asset.get("renditions", [])}
    words |= {card["file"]: card["text"] for card in [*data["cards"], *data.get("moving", [])]}
    return "\n\n".join(f"{name}\n{words[stored]}" for name, stored in files(data) if words.get(stored))


def rights(data: dict[str, Any]) -> str:
    """Return who may do what with each file."""
    held = {asset["file"]: asset.get("rights", "") for asset in data["assets"]}
    for asset in data["assets"]:
        held |= {cut["file"]: asset.get("rights", "") for cut in asset.get("renditions", [])}
    return "\n\n".join(f"{name}\n{held[stored]}" for name, stored in files(data) if held.get(stored))
