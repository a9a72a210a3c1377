"""What is in a video that somebody uploaded, as FFmpeg's ffprobe reads it: no picture of it is kept, and no address in it is followed."""

import json
import math
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import ffmpeg

PROGRAM = "ffprobe"
SECONDS = 60  # of processor time and of the clock's; it takes a tenth of one
MOST_SAID = 1_000_000  # octets
# Nothing but a file, nothing but what phones write, and no picture of more pixels than in 8K.
FOREIGN = (
    *("-protocol_whitelist", "file", "-format_whitelist", "mov,matroska,webm", "-max_pixels", "35389440"),
    *("-probesize", "20000000", "-analyzeduration", "20000000"),
)
ASKED = (
    "format=duration:stream=codec_type,codec_name,width,height,avg_frame_rate,color_transfer"
    ":stream_side_data=rotation:stream_disposition=attached_pic"
)
HDR = {"smpte2084", "arib-std-b67"}


class NoFilm(Exception):
    """ffprobe cannot read it as a video. The text is for the log."""


class NoPictures(NoFilm):
    """It can be read, and has no moving pictures."""


class TooSlow(NoFilm):
    """ffprobe was stopped, as its time was over: that says nothing of the video."""


@dataclass(frozen=True, slots=True)
class Film:
    """
    What a video's container and its first pictures say: `seconds` (0 where it does not say), pixels as shown, pictures per second,
    the codecs of its pictures and its sound ("" for none), how many streams it has, and whether its colours are wider than a screen's.
    """

    seconds: float
    width: int
    height: int
    per_second: float
    pictures: str
    sound: str
    streams: int
    is_hdr: bool

    @property
    def short_side(self) -> int:
        """The smaller of width and height, by which web sizes are named."""
        return min(self.width, self.height)

    @property
    def megapixels_a_second(self) -> float:
        """How much there is to decode for a second of it; a container that does not say how many pictures counts as a phone's 60."""
        return self.width * self.height * (self.per_second or 60) / 1_000_000


def is_installed() -> bool:
    """Return whether there is an ffprobe."""
    return shutil.which(PROGRAM) is not None


def read(path: Path) -> Film:
    """Return what a video is. Raise NoFilm for what is none, and when it takes too long."""
    with tempfile.TemporaryFile() as said:
        command = [PROGRAM, "-v", "error", *FOREIGN, "-print_format", "json", "-show_entries", ASKED, str(path)]
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as fault:
            raise NoFilm(f"It cannot be started: {fault}") from fault
        ffmpeg.limit(process.pid)
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired as fault:
            raise TooSlow("It took too long.") from fault
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        said.seek(0)
        text = said.read(MOST_SAID + 1)
    if code or len(text) > MOST_SAID:
        raise NoFilm(f"It ended with {code}.")
    try:
        return film_of(json.loads(text))
    except (ValueError, TypeError, AttributeError, ZeroDivisionError) as fault:
        raise NoFilm("What it says cannot be read.") from fault


def size_of(stream: dict[str, Any]) -> tuple[int, int]:
    """Return width and height of a stream as it is seen, in pixels: a phone held upright says that it is turned."""
    width, height = int(stream["width"]), int(stream["height"])
    turned = next((side["rotation"] for side in stream.get("side_data_list") or [] if "rotation" in side), 0)
    return (height, width) if round(float(turned)) % 180 else (width, height)


def frames_a_second(stream: dict[str, Any]) -> float:
    """Return how many frames a second a stream has, 0 where it does not say."""
    above, _slash, below = str(stream.get("avg_frame_rate", "0/1")).partition("/")
    return float(above) / float(below or 1) if float(below or 1) else 0.0


def film_of(said: dict[str, Any]) -> Film:
    """Return a film from what ffprobe says of it. Raise NoFilm where it has no pictures."""
    streams = said.get("streams") or []
    moving = [
        one
        for one in streams
        if one.get("codec_type") == "video" and not (one.get("disposition") or {}).get("attached_pic")
    ]
    if not moving or not moving[0].get("width"):
        raise NoPictures("It has no moving pictures.")
    first = moving[0]
    sound: dict[str, Any] = next((one for one in streams if one.get("codec_type") == "audio"), {})
    width, height = size_of(first)
    seconds = float((said.get("format") or {}).get("duration") or 0)
    return Film(
        seconds if math.isfinite(seconds) and seconds > 0 else 0.0,
        width,
        height,
        frames_a_second(first),
        str(first.get("codec_name", "")),
        str(sound.get("codec_name", "")),
        len(streams),
        first.get("color_transfer") in HDR,
    )
