"""Renditions: every picture and video of a bulletin in the platforms' formats, its focal point in view."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_noop
from PIL import Image

from bulletins.models import Asset, Bulletin, Ratio, Rendition
from lib.images import ffmpeg, uploaded_images
from lib.images.card import THUMBNAIL, thumbnail
from lib.images.picture_sizes import SIZES

from . import storage

log = logging.getLogger(__name__)

CUT_SECONDS = 1500  # for one format of a video; after that it is stopped
POSTER_AT = 1.0  # seconds: what a video's poster shows


class Piece(NamedTuple):
    """How far a maker is: `done` of `total` pieces."""

    done: int
    total: int


class CutFailed(Exception):
    """A file could not be cut. The text is an English sentence that is translated where it is shown."""


def crop_box(
    width: float, height: float, size: tuple[int, int], focal: tuple[float, float]
) -> tuple[float, float, float, float]:
    """
    Return the largest box (left, top, right, bottom; pixels) of the shape of `size` in a picture of width × height,
    as near to having `focal` (0 to 1) in its middle as the picture's edges allow.
    """
    ratio = size[0] / size[1]
    wide, high = min(width, height * ratio), min(height, width / ratio)
    left = min(max(focal[0] * width - wide / 2, 0), width - wide)
    top = min(max(focal[1] * height - high / 2, 0), height - high)
    return left, top, left + wide, top + high


def cut_picture(
    stream: File, size: tuple[int, int], focal: tuple[float, float], suffix: str
) -> uploaded_images.Picture:
    """Return a stored picture cut and scaled to exactly `size`."""
    with Image.open(stream, formats=("JPEG", "PNG")) as image:
        mode = "RGBA" if "A" in image.mode else "RGB"
        box = crop_box(image.width, image.height, size, focal)
        whole = image if image.mode == mode else image.convert(mode)
        cut = whole.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    return uploaded_images.encode(cut, suffix)


def video_filter(size: tuple[int, int], focal: tuple[float, float]) -> str:
    """Return FFmpeg's filter for the same cut; it knows the size as shown, turned or not."""
    ratio = f"{size[0]}/{size[1]}"
    wide, high = rf"min(iw\,ih*{ratio})", rf"min(ih\,iw/({ratio}))"
    left, top = rf"clip(iw*{focal[0]:.4f}-ow/2\,0\,iw-ow)", rf"clip(ih*{focal[1]:.4f}-oh/2\,0\,ih-oh)"
    return f"crop={wide}:{high}:{left}:{top},scale={size[0]}:{size[1]},setsar=1"


def cut_video(source: Path, target: Path, size: tuple[int, int], focal: tuple[float, float]) -> Iterator[None]:
    """Cut a video into `target` with FFmpeg, giving a sign of life now and then. Raise CutFailed when it cannot."""
    words = [
        *(*ffmpeg.FOREIGN, "-i", str(source), "-vf", video_filter(size, focal)),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k"),
        *("-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-threads", str(ffmpeg.THREADS)),
        *("-movflags", "+faststart", str(target)),
    ]
    try:
        yield from ffmpeg.run(words, seconds=CUT_SECONDS)
    except ffmpeg.Failed as fault:
        log.warning("A video could not be cut: %s", fault)
        raise CutFailed(VIDEO_NOT_CUT) from fault
    if not target.exists():
        raise CutFailed(VIDEO_NOT_CUT)


VIDEO_NOT_CUT = gettext_noop("A video could not be converted. Check that it plays to the end, and upload it again.")
PICTURE_NOT_CUT = gettext_noop("A picture could not be cropped. Upload it again.")


def missing(bulletin: Bulletin) -> list[tuple[Asset, Ratio]]:
    """Return the renditions that are still to be made; two queries. Videos only where FFmpeg is installed."""
    kinds = [Asset.Kind.IMAGE, *([Asset.Kind.VIDEO] if ffmpeg.is_installed() else [])]
    found = []
    for asset in bulletin.assets.filter(kind__in=kinds).prefetch_related("renditions"):
        made = {rendition.ratio for rendition in asset.renditions.all()}
        found += [(asset, ratio) for ratio in Ratio if ratio not in made]
    return found


def make_renditions(bulletin: Bulletin, at: datetime) -> Iterator[Piece]:
    """Make every rendition that is missing, telling after each how far it is."""
    waiting = missing(bulletin)
    yield Piece(0, len(waiting))
    make_posters(bulletin)
    for done, (asset, ratio) in enumerate(waiting, start=1):
        if not default_storage.exists(asset.file.name or ""):
            raise CutFailed(PICTURE_NOT_CUT if asset.kind == Asset.Kind.IMAGE else VIDEO_NOT_CUT)
        size, focal = SIZES[ratio], (asset.focal_x, asset.focal_y)
        if asset.kind == Asset.Kind.IMAGE:
            suffix = Path(asset.file.name or "").suffix.lower().replace(".jpeg", ".jpg")
            with asset.file.open("rb") as stream:
                try:
                    cut = cut_picture(stream, size, focal, suffix if suffix in {".png", ".jpg"} else ".jpg")
                except OSError as fault:
                    raise CutFailed(PICTURE_NOT_CUT) from fault
            store_rendition(asset, ratio, ContentFile(cut.data), cut.suffix, at=at)
        else:
            with tempfile.TemporaryDirectory() as folder:
                source, target = Path(folder) / "source", Path(folder) / "cut.mp4"
                with asset.file.open("rb") as stream, source.open("wb") as copy:
                    shutil.copyfileobj(stream, copy)
                for _sign in cut_video(source, target, size, focal):
                    yield Piece(done - 1, len(waiting))
                with target.open("rb") as made:
                    store_rendition(asset, ratio, File(made), ".mp4", at=at)
        yield Piece(done, len(waiting))


def make_posters(bulletin: Bulletin) -> None:
    """Give each video a poster (WebP), beside its file, that has none. Without one a video is offered all the same."""
    if not ffmpeg.is_installed():
        return
    for video in bulletin.assets.filter(kind=Asset.Kind.VIDEO):
        name = video.file.name or ""
        if default_storage.exists(storage.poster_of(name)) or not default_storage.exists(name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "source", Path(folder) / "still.png"
            with video.file.open("rb") as stream, source.open("wb") as copy:
                shutil.copyfileobj(stream, copy)
            try:
                ffmpeg.still(source, target, at=POSTER_AT, width=THUMBNAIL)
            except ffmpeg.Failed as fault:
                log.warning("Video %s has no poster: %s", video.pk, fault)
                continue
            picture = thumbnail(target.read_bytes())
        default_storage.save(storage.poster_of(name), ContentFile(picture))


def store_rendition(asset: Asset, ratio: Ratio, content: File, suffix: str, *, at: datetime) -> None:
    """Store a rendition, unless its asset has changed or gone meanwhile: then it is made again, or not needed."""
    size, name = content.size, storage.store("renditions", asset.bulletin_id, content, suffix)
    width, height = SIZES[ratio]
    with transaction.atomic():
        held = Asset.objects.select_for_update().filter(pk=asset.pk, file=asset.file.name).first()
        fits = held is not None and (held.focal_x, held.focal_y) == (asset.focal_x, asset.focal_y)
        if fits and not held.renditions.filter(ratio=ratio).exists():  # type: ignore[union-attr]
            Rendition.objects.create(
                asset=asset, ratio=ratio, file=name, width=width, height=height, size=size, made_at=at
            )
            return
    default_storage.delete(name)
