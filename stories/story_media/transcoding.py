"""What FFmpeg makes of a story's video: sizes for the web, and the upright cut. Its words are ours; what is drawn comes as pictures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.images import ffmpeg
from lib.images.film_facts import Film

SIZES = (360, 720)  # pixels: the short side of what is made for the web
PER_SECOND = 30  # pictures: no more are shown
# Of the octets of somebody's file: as all foreign ones, and nothing in it may name another kind of file.
FOREIGN = (*ffmpeg.FOREIGN, "-format_whitelist", "mov,matroska,webm")
# As loud as other videos on the web: EBU R 128's measure, at -16 LUFS, which is usual there; peaks stay below clipping.
LOUDNESS = "loudnorm=I=-16:TP=-1.5:LRA=11,aresample=48000"
# Phones record colours that screens do not show, and would look washed out.
TONES = "zscale=t=linear:npl=203,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:p=bt709:r=tv,"
# For all players: nothing of phone, person and place goes along, and the index comes first, so that it starts at once.
PACKED = (
    *(
        "-c:v",
        "libx264",
        "-profile:v",
        "high",
        "-preset",
        "veryfast",
        "-pix_fmt",
        "yuv420p",
        "-fpsmax",
        str(PER_SECOND),
    ),
    *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-fflags", "+bitexact"),
    *("-threads", str(ffmpeg.THREADS), "-filter_threads", str(ffmpeg.THREADS)),
    *("-movflags", "+faststart", "-f", "mp4"),
)
KILOBITS = {360: 800, 720: 2500}  # a second at most


@dataclass(frozen=True, slots=True)
class Overlay:
    """Pictures of the size of the whole frame that lie over a film, each for so many seconds, one after the other."""

    pictures: Sequence[tuple[Path, float]]


def web_sizes(film: Film) -> list[int]:
    """Return the short sides in which a film is made: never more pixels than it has; a smaller one keeps its own."""
    fitting = [one for one in SIZES if one <= film.short_side]
    return fitting or [even(film.short_side)]


def even(pixels: float) -> int:
    """Return a number of pixels that H.264 takes."""
    return max(2, int(pixels) // 2 * 2)


def web(
    source: Path, targets: dict[int, Path], film: Film, *, most_seconds: float, seconds_of_work: float
) -> Iterator[float]:
    """
    Make a film in web sizes, {short side: file}, giving now and then how many seconds of it are done. It is decoded once, and what costs
    (colours) comes after what makes less of it: 4K30 HDR takes an eighth of what it took otherwise. Raise ffmpeg.Failed.
    """
    wide = film.width >= film.height
    largest, *smaller = sorted(targets, reverse=True)

    def scaled(short_side: int) -> str:
        return f"scale=-2:{short_side}" if wide else f"scale={short_side}:-2"

    fewer = f"fps={PER_SECOND}," if film.per_second > PER_SECOND + 1 else ""
    graph = f"[0:V:0]{fewer}{scaled(largest)},{TONES if film.is_hdr else ''}setsar=1"
    graph += f",split={len(targets)}[s{largest}]" if smaller else f"[s{largest}]"
    graph += "".join(f"[w{size}]" for size in smaller)
    graph += "".join(f";[w{size}]{scaled(size)},setsar=1[s{size}]" for size in smaller)
    words = [*FOREIGN, "-i", str(source), "-filter_complex", graph, "-filter_complex_threads", str(ffmpeg.THREADS)]
    for size, target in targets.items():
        rate = KILOBITS.get(size, KILOBITS[360])
        words += [
            *("-map", f"[s{size}]", "-map", "0:a:0?", "-t", f"{most_seconds:.3f}", *sound(film)),
            *("-crf", "23", "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k", *PACKED, str(target)),
        ]
    yield from made(words, [*targets.values()], seconds_of_work)


def sound(film: Film) -> tuple[str, ...]:
    """Return FFmpeg's words for the sound of a film, where it has some."""
    return ("-af", LOUDNESS, "-c:a", "aac", "-b:a", "128k", "-ac", "2") if film.sound else ("-an",)


def made(words: list[str], targets: Iterable[Path], seconds_of_work: float) -> Iterator[float]:
    """Run FFmpeg for so many seconds at most, giving now and then how many seconds of a film are done. Raise ffmpeg.Failed."""
    yield from ffmpeg.run(words, seconds=seconds_of_work)
    if any(not target.exists() or not target.stat().st_size for target in targets):
        raise ffmpeg.Failed("It wrote no file.")


def upright_size(film: Film) -> tuple[int, int]:
    """Return width and height of the upright cut: no sharper than the film is."""
    return (1080, 1920) if film.short_side >= 1080 else (720, 1280)


def upright(
    source: Path, target: Path, film: Film, overlay: Overlay, *, begins: float, seconds: float
) -> Iterator[float]:
    """
    Cut a film upright, with pictures over it, giving now and then how many seconds are done. An upright film fills the frame; any other
    stands whole before a blurred one of itself, so that nobody is cut out. Raise ffmpeg.Failed.
    """
    width, height = upright_size(film)
    words = [
        *(*FOREIGN, "-ss", f"{begins:.3f}", "-i", str(source)),
        *("-protocol_whitelist", "file", "-f", "concat", "-safe", "0", "-i", str(listed(overlay, target.parent))),
        *("-filter_complex", f"{framed(film, width, height)};[framed][1:v]overlay=0:0:eof_action=repeat[shown]"),
        *("-map", "[shown]", "-map", "0:a:0?", "-t", f"{seconds:.3f}", *sound(film)),
        *("-crf", "22", "-maxrate", "4500k", "-bufsize", "9000k", *PACKED),
        *("-filter_complex_threads", str(ffmpeg.THREADS), str(target)),
    ]
    yield from made(words, [target], 120 + 30 * seconds)


def framed(film: Film, width: int, height: int) -> str:
    """Return FFmpeg's filters that give [framed]: the film in an upright frame."""
    first = f"[0:V:0]{TONES if film.is_hdr else ''}"
    if film.width / film.height <= 0.8:
        return (
            f"{first}scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},setsar=1[framed]"
        )
    small = (even(width / 4), even(height / 4))
    behind = (
        f"[behind]scale={small[0]}:{small[1]}:force_original_aspect_ratio=increase,crop={small[0]}:{small[1]},"
        f"boxblur=8:2,eq=brightness=-0.12,scale={width}:{height},setsar=1[ground]"
    )
    whole = f"[before]scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1[whole]"
    return f"{first}split[behind][before];{behind};{whole};[ground][whole]overlay=(W-w)/2:(H-h)*0.42[framed]"


def listed(overlay: Overlay, folder: Path) -> Path:
    """Return a file in which FFmpeg reads what picture lies over the film for how long; the names are ours."""
    lines = ["ffconcat version 1.0"]
    for picture, seconds in overlay.pictures:
        lines += [f"file '{picture.name}'", f"duration {seconds:.3f}"]
    lines.append(f"file '{overlay.pictures[-1][0].name}'")  # without it, the last one's time is not read
    path = folder / "pictures.ffconcat"
    path.write_text("\n".join(lines) + "\n")
    return path
