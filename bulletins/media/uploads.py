"""Taking in files: checked, drawn anew, named by us; and what is changed, replaced, ordered and removed later."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts, variants
from bulletins.models import Asset, Bulletin, MediaJob, NotAllowed
from campaigns.translated_fields import in_language
from lib.images import uploaded_images, uploaded_videos
from lib.images.uploaded_videos import MEGABYTE
from lib.text import subtitles

from . import media_jobs, storage

IMAGE_MAX_MB = 25
SUBTITLES_MAX_MB = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored file and what is known of it; `also` names what was stored beside it."""

    kind: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()


def kind_of(upload: File) -> str:
    """Return what an upload is by its first bytes: image, video or subtitles."""
    upload.seek(0)
    start = upload.read(512)
    if uploaded_videos.is_video(start):
        return Asset.Kind.VIDEO
    if "-->" in subtitles.decode(start) or subtitles.decode(start).startswith("WEBVTT"):
        return Asset.Kind.SUBTITLES
    return Asset.Kind.IMAGE


def take(bulletin: Bulletin, upload: File) -> Taken:
    """Check and store an uploaded file. Raise NotAllowed, with nothing stored, when it cannot be taken."""
    kind = kind_of(upload)
    most = {Asset.Kind.IMAGE: IMAGE_MAX_MB, Asset.Kind.SUBTITLES: SUBTITLES_MAX_MB}.get(
        Asset.Kind(kind), settings.ASSET_MAX_MB
    )
    if upload.size > most * MEGABYTE:
        raise NotAllowed(
            _("Not uploaded: the file is %(size)s, and the limit is %(most)s. Make it smaller.")
            % {"size": filesizeformat(upload.size), "most": filesizeformat(most * MEGABYTE)}
        )
    upload.seek(0)
    try:
        if kind == Asset.Kind.IMAGE:
            return take_picture(bulletin, upload)
        if kind == Asset.Kind.SUBTITLES:
            return take_subtitles(bulletin, upload)
        return take_video(bulletin, upload)
    except (uploaded_images.Unusable, subtitles.Unreadable) as fault:
        raise NotAllowed(_("Not uploaded: %(why)s") % {"why": fault}) from fault


def take_picture(bulletin: Bulletin, upload: File) -> Taken:
    """Store a picture drawn anew."""
    drawn = uploaded_images.picture(upload.read(), most=uploaded_images.MOST_OF_STAFF)
    name = storage.store("assets", bulletin.pk, ContentFile(drawn.data), drawn.suffix)
    return Taken(Asset.Kind.IMAGE, name, {"width": drawn.width, "height": drawn.height} | fingerprint(drawn.data))


def take_subtitles(bulletin: Bulletin, upload: File) -> Taken:
    """Store subtitles in both formats."""
    return store_subtitles(bulletin, subtitles.parse(upload.read()))


def store_subtitles(bulletin: Bulletin, cues: Sequence[subtitles.Cue]) -> Taken:
    """Store cues in both formats."""
    cues = subtitles.parse(subtitles.to_vtt(list(cues)))  # as they are read again
    data = subtitles.to_vtt(cues).encode()
    name = storage.store("assets", bulletin.pk, ContentFile(data), ".vtt")
    other = default_storage.save(storage.beside(name, ".srt"), ContentFile(subtitles.to_srt(cues).encode()))
    facts = {"seconds": -(-cues[-1].end // 1000)} | fingerprint(data)
    return Taken(Asset.Kind.SUBTITLES, name, facts, (other,))


def take_video(bulletin: Bulletin, upload: File) -> Taken:
    """Store a video as it is, but for boxes that tell of phone, person and place: those are blanked."""
    with uploaded_videos.without_private(upload) as (copy, read):
        digest = hashlib.file_digest(cast(Any, copy), "sha256").hexdigest()
        copy.seek(0)
        name = storage.store("assets", bulletin.pk, File(copy), read.suffix)
    facts = {"width": read.width, "height": read.height, "seconds": read.seconds}
    return Taken(Asset.Kind.VIDEO, name, facts | {"size": upload.size, "sha256": digest})


def fingerprint(data: bytes) -> dict[str, Any]:
    """Return size and SHA-256 of a stored file."""
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def files_of(asset: Asset) -> list[str]:
    """Return the names of all files that belong to an asset."""
    found = [asset.file.name or "", *(rendition.file.name or "" for rendition in asset.renditions.all())]
    if asset.kind == Asset.Kind.SUBTITLES:
        found.append(storage.beside(asset.file.name or "", ".srt"))
    if asset.kind == Asset.Kind.VIDEO:
        found.append(storage.poster_of(asset.file.name or ""))
    return found


def lacks_alt_text(asset: Asset, languages: Sequence[str]) -> list[str]:
    """Return the languages that a picture or video serves without a text alternative in them; no query."""
    if asset.kind == Asset.Kind.SUBTITLES:
        return []
    served = [asset.language] if asset.language else languages
    return [code for code in served if not (asset.alt_text.get(code) or "").strip()]


def require_alt_text(bulletin: Bulletin, kind: str, alt_text: Mapping[str, str], language: str) -> None:
    """Raise NotAllowed for a picture or video without a text alternative in the language it is made in."""
    code = language or bulletin.original_language
    if kind != Asset.Kind.SUBTITLES and not (alt_text.get(code) or "").strip():
        raise NotAllowed(
            _("Not uploaded: the alt text is missing (%(language)s). Say what the picture or video shows.")
            % {"language": code}
        )


def add(
    bulletin: Bulletin,
    upload: File,
    *,
    by: User,
    at: datetime,
    title: Mapping[str, str],
    alt_text: Mapping[str, str],
    language: str = "",
    rights: str = "",
    subtitles_of: Asset | None = None,
) -> Asset:
    """
    Take a file into a bulletin and return it as an asset; its renditions are asked for.

    Raise NotAllowed, with nothing stored, for a file that cannot be taken, a picture or video without a text
    alternative in its own (or the original) language, subtitles without language or video, and for a version that
    is already published.
    """
    kind = kind_of(upload)
    require_alt_text(bulletin, kind, alt_text, language)
    if kind == Asset.Kind.SUBTITLES and (subtitles_of is None or not language):
        raise NotAllowed(_("Not uploaded: say which video the subtitles belong to, and their language."))
    taken = take(bulletin, upload)
    try:
        with transaction.atomic():
            held = drafts.lock(bulletin)
            last = held.assets.aggregate(last=Max("position"))["last"] or 0
            if taken.kind == Asset.Kind.SUBTITLES:
                remove_older_subtitles(held, subtitles_of, language)
            asset = Asset.objects.create(
                bulletin=held,
                kind=taken.kind,
                language=language,
                title={code: text.strip() for code, text in title.items() if text.strip()},
                alt_text={code: text.strip() for code, text in alt_text.items() if text.strip()},
                rights=rights.strip(),
                file=taken.name,
                subtitles_of=subtitles_of if taken.kind == Asset.Kind.SUBTITLES else None,
                position=last + 1,
                **taken.facts,
            )
            drafts.note_editor(held, by=by, at=at)
            trail.note("asset.added", asset, by=by, at=at, digest=asset.sha256, bulletin=held.pk)
            variants.fill_alt_texts(held, by=by, at=at)
            if asset.kind != Asset.Kind.SUBTITLES:
                media_jobs.enqueue(held, MediaJob.Kind.RENDITIONS, by=by, at=at)
    except BaseException:
        discard(taken)
        raise
    return asset


def discard(taken: Taken) -> None:
    """Delete files that came to nothing."""
    for name in (taken.name, *taken.also):
        default_storage.delete(name)


def remove_older_subtitles(bulletin: Bulletin, video: Asset | None, language: str) -> None:
    """A video has one subtitle file per language: the new one replaces the old one. Inside a transaction."""
    for old in bulletin.assets.filter(kind=Asset.Kind.SUBTITLES, subtitles_of=video, language=language):
        storage.forget(bulletin, files_of(old))
        old.delete()


def replace(asset: Asset, upload: File, *, by: User, at: datetime) -> Asset:
    """
    Put another file in the place of an asset's; words and focal point stay, renditions are made again.

    Raise NotAllowed, with nothing changed, as `add` does, and for a file of another kind.
    """
    if kind_of(upload) != asset.kind:
        raise NotAllowed(_("Not replaced: the new file is of another kind. Add it as a file of its own."))
    taken = take(asset.bulletin, upload)
    try:
        with transaction.atomic():
            held = drafts.lock(asset.bulletin)
            asset = Asset.objects.select_for_update().get(pk=asset.pk)
            storage.forget(held, files_of(asset))
            asset.renditions.all().delete()
            asset.file = taken.name
            for name, value in taken.facts.items():
                setattr(asset, name, value)
            asset.save()
            drafts.note_editor(held, by=by, at=at)
            trail.note("asset.replaced", asset, by=by, at=at, digest=asset.sha256, bulletin=held.pk)
            if asset.kind != Asset.Kind.SUBTITLES:
                media_jobs.enqueue(held, MediaJob.Kind.RENDITIONS, by=by, at=at)
    except BaseException:
        discard(taken)
        raise
    return asset


@transaction.atomic
def change(asset: Asset, *, by: User, at: datetime, **fields: Any) -> Asset:
    """
    Change title, alt_text, rights, language, focal_x or focal_y. Another focal point makes the renditions anew.

    Raise NotAllowed, with nothing changed, when the text alternative would go in the language it must have, or when
    the version is published.
    """
    held = drafts.lock(asset.bulletin)
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    before = {name: getattr(asset, name) for name in fields}
    if before == fields:
        return asset
    for name, value in fields.items():
        setattr(asset, name, value)
    if {"alt_text", "language"} & fields.keys():
        require_alt_text(held, asset.kind, asset.alt_text, asset.language)
    asset.save(update_fields=list(fields))
    if {name: before.get(name) for name in ("focal_x", "focal_y")} != {
        name: fields.get(name) for name in ("focal_x", "focal_y")
    }:
        storage.forget(held, [rendition.file.name or "" for rendition in asset.renditions.all()])
        asset.renditions.all().delete()
        media_jobs.enqueue(held, MediaJob.Kind.RENDITIONS, by=by, at=at)
    drafts.note_editor(held, by=by, at=at)
    changed = sorted(name for name in fields if before[name] != fields[name])
    trail.note("asset.changed", asset, by=by, at=at, digest=asset.sha256, bulletin=held.pk, fields=changed)
    variants.fill_alt_texts(held, by=by, at=at)
    return asset


@transaction.atomic
def remove(asset: Asset, *, by: User, at: datetime) -> None:
    """Remove an asset with its renditions and subtitles. Files in a published version stay with that version."""
    held = drafts.lock(asset.bulletin)
    going = [asset, *asset.subtitles.all()]
    trail.note(
        "asset.removed", asset, by=by, at=at, digest=asset.sha256, bulletin=held.pk, title=in_language(asset.title)
    )
    storage.forget(held, [name for one in going for name in files_of(one)])
    asset.delete()
    drafts.note_editor(held, by=by, at=at)


@transaction.atomic
def move(asset: Asset, step: int, *, by: User, at: datetime) -> None:
    """Move an asset up (-1) or down (+1) among the bulletin's pictures and videos; at the end nothing changes."""
    held = drafts.lock(asset.bulletin)
    order = list(held.assets.exclude(kind=Asset.Kind.SUBTITLES))
    here = next(place for place, one in enumerate(order) if one.pk == asset.pk)
    there = here + step
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, one in enumerate(order, start=1):
        one.position = position
    Asset.objects.bulk_update(order, ["position"])
    drafts.note_editor(held, by=by, at=at)
    trail.note("asset.moved", asset, by=by, at=at, digest=asset.sha256, bulletin=held.pk)
