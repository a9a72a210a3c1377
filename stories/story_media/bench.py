"""Where heavy work on a story begins: its video in a folder, what that is, and whether it is one that is worked on at all."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext_noop

from lib import job_rows
from lib.images import ffmpeg, film_facts
from lib.images.film_facts import Film
from stories.models import Story, StoryFile

from . import files

log = logging.getLogger(__name__)

GRACE = 5.0  # seconds over the limit that nobody minds
CODECS = {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "h263", "mjpeg", "prores"}
MOST_PIXELS = 4096 * 2304
MOST_PER_SECOND = 240.5
MOST_STREAMS = 12
# Seconds of work for a second of film: to encode the web sizes, and to decode. Eight times what 2 cores of 2026 took behind nothing else
# (1080p30 HDR 0.7, 4K30 HDR 1.0), so that a slow machine with other work gets there.
TO_ENCODE, MEGAPIXELS_DECODED_A_SECOND, TO_BEGIN = 5.0, 64.0, 120.0
MOST_SECONDS_OF_WORK = 3400.0  # 4K60 for four minutes; the task is stopped at 3600 (stories/tasks.py)

NO_VIDEO = gettext_noop("The video is not there any more. It has to be sent again.")
NO_PROGRAM = gettext_noop(
    "FFmpeg is not installed here, so nothing can be made of videos. Tell the site administrator."
)
NOT_READ = gettext_noop(
    "The video cannot be read: it is damaged, or something else than a video. It has to be sent again."
)
NO_PICTURES = gettext_noop("The file has sound but no picture. Choose the video itself.")
TOO_HEAVY = gettext_noop(
    "The video’s resolution and frame rate are too high for its length. Record it in 1080p at 30 frames per second (in the settings of the phone’s camera), or make it shorter."
)
SLOW = gettext_noop(
    "Processing took too long on this machine; the video itself may be fine. It is tried three times. If that fails, record the video in 1080p at 30 frames per second, or make it shorter."
)
REPLACED = gettext_noop(
    "The video was replaced while it was being processed, so processing starts again with the new one."
)
TOO_LONG = gettext_noop("The video is longer than stories may be. A shorter one is needed.")
TOO_LARGE = gettext_noop("The picture of the video is larger than 4K. Record it in 1080p, and send it again.")
TOO_FAST = gettext_noop("The video has too many pictures a second. It is needed at normal speed.")
TOO_MANY = gettext_noop(
    "The video has more tracks than any phone records. One that comes straight from a phone is needed."
)
CODEC = gettext_noop("The video is in a format that is not taken here. It is needed as MP4 (H.264 or H.265).")


class Unmakeable(Exception):
    """It cannot be made. The text is an English sentence that is translated where it is shown."""


def seconds_of_work(film: Film) -> float:
    """Return how many seconds web sizes of a film may take; one that does not say how long it is counts as the longest."""
    return TO_BEGIN + (film.seconds or settings.STORY_MAX_SECONDS) * (
        TO_ENCODE + film.megapixels_a_second / MEGAPIXELS_DECODED_A_SECOND
    )


class Piece(NamedTuple):
    """How far a maker is: `done` of `total` pieces."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Bench:
    """Where one job works: a folder with the video that was sent, and what that is."""

    folder: Path
    source: Path
    film: Film
    original: StoryFile


def refuse_unfit(film: Film) -> None:
    """Raise Unmakeable for a video that is not worked on: too long, too large, or of a kind that no phone records."""
    if film.seconds > settings.STORY_MAX_SECONDS + GRACE:
        raise Unmakeable(TOO_LONG)
    if film.width * film.height > MOST_PIXELS:
        raise Unmakeable(TOO_LARGE)
    if film.per_second > MOST_PER_SECOND:
        raise Unmakeable(TOO_FAST)
    if seconds_of_work(film) > MOST_SECONDS_OF_WORK:
        raise Unmakeable(TOO_HEAVY)
    if film.streams > MOST_STREAMS:
        raise Unmakeable(TOO_MANY)
    if film.pictures not in CODECS:
        raise Unmakeable(CODEC)


def on_bench(story: Story, folder: Path) -> Bench:
    """Bring a story's video into a folder and read what it is. Raise Unmakeable."""
    if not (ffmpeg.is_installed() and film_facts.is_installed()):
        raise Unmakeable(NO_PROGRAM)
    original = story.files.filter(role=StoryFile.Role.ORIGINAL).order_by("-made_at").first()
    name = original.file.name if original else ""
    if original is None or not name or not default_storage.exists(name):
        raise Unmakeable(NO_VIDEO)
    source, digest = folder / "source", hashlib.sha256()
    with default_storage.open(name, "rb") as stream, source.open("wb") as copy:
        while piece := stream.read(files.PIECE):
            digest.update(piece)
            copy.write(piece)
    if original.sha256 and digest.hexdigest() != original.sha256:
        raise job_rows.Again(REPLACED)
    try:
        film = film_facts.read(source)
    except film_facts.NoPictures as fault:
        raise Unmakeable(NO_PICTURES) from fault
    except film_facts.TooSlow as fault:
        raise job_rows.Again(SLOW) from fault
    except film_facts.NoFilm as fault:
        log.warning("The video of story %s cannot be read: %s", story.pk, fault)
        raise Unmakeable(NOT_READ) from fault
    refuse_unfit(film)
    return Bench(folder, source, film, original)
