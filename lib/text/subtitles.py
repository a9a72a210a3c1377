"""Subtitles in SRT or WebVTT, whatever their encoding: read to cues, written as both."""

import codecs
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lib.text.characters.visible_text import TURNING

TIMING = re.compile(
    r"^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})(?:\s.*)?$"
)
TAG = re.compile(r"<(/?)([a-zA-Z]*+)[^<>]*>")
SAFE = {"i", "b", "u"}
OVERRIDES = re.compile(r"\{\\[^{}]*\}")  # {\an8} and the like, from other programs
MOST_CUES = 5000


class Unreadable(ValueError):
    """Subtitles that cannot be used. The text says in which line, why, and what to do, in the user's language."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that are shown from `start` to `end`, in milliseconds. `text` may have lines, and <i>, <b>, <u>."""

    start: int
    end: int
    text: str


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or CP1252, without byte order mark, its line ends plain."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    elif data[1:2] == b"\0" or data[:1] == b"\0":
        text = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def parse(data: bytes | str) -> list[Cue]:
    """
    Return the cues of an SRT or WebVTT file, in order. Styling other than <i>, <b> and <u> goes; so do notes,
    regions and places on the screen.

    Raise Unreadable, with the number of the line, for a cue that ends before it begins, overlaps the one before or
    has no words, for times that are none, and for a file without cues.
    """
    lines = (decode(data) if isinstance(data, bytes) else data.replace("\r\n", "\n")).split("\n")
    cues: list[Cue] = []
    at = 0
    while at < len(lines):
        line, at = lines[at], at + 1
        if re.match(r"^(NOTE|STYLE|REGION)(\s|$)", line):
            while at < len(lines) and lines[at].strip():
                at += 1
            continue
        if "-->" not in line:
            continue
        here = at  # counts from 1: the line that was just read
        start, end = times(line, here)
        words: list[str] = []
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            words.append(lines[at])
            at += 1
        cue = Cue(start, end, clean("\n".join(words)))
        refuse_unreal(cue, cues[-1] if cues else None, here)
        cues.append(cue)
        if len(cues) > MOST_CUES:
            raise Unreadable(_("There are more than %(most)d subtitles in this file.") % {"most": MOST_CUES})
    if not cues:
        raise Unreadable(_("There are no subtitles in this file. Upload an SRT or WebVTT file."))
    return cues


def refuse_unreal(cue: Cue, before: Cue | None, here: int) -> None:
    """Raise Unreadable for a cue, from line `here` on, that cannot be shown as it stands."""
    if not cue.text:
        raise Unreadable(
            _("Line %(line)d: the subtitle has no text. Write it, or remove the subtitle.") % {"line": here}
        )
    if cue.end <= cue.start:
        raise Unreadable(_("Line %(line)d: the subtitle ends before it begins. Correct its times.") % {"line": here})
    if before and cue.start < before.end:
        raise Unreadable(
            _("Line %(line)d: the subtitle begins before the previous one has ended. Correct its times.")
            % {"line": here}
        )


def times(line: str, number: int) -> tuple[int, int]:
    """Return start and end of a timing line in milliseconds. Raise Unreadable when they are none."""
    match = TIMING.match(line)
    parts = [part or "0" for part in match.groups()] if match else []
    if not match or any(int(parts[place]) > 59 for place in (1, 2, 5, 6)):
        raise Unreadable(
            _("Line %(line)d: these are not valid times. They look like 00:00:01,000 --> 00:00:04,000.")
            % {"line": number}
        )
    moments = [
        ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest.ljust(3, "0"))
        for hours, minutes, seconds, rest in (parts[:4], parts[4:])
    ]
    return moments[0], moments[1]


def clean(text: str) -> str:
    """Return a cue's words with no tags but closed <i>, <b> and <u>, and nothing that turns their order round."""
    opened: list[str] = []

    def keep(match: re.Match[str]) -> str:
        closes, name = bool(match[1]), match[2].lower()
        if name not in SAFE:
            return ""
        if not closes:
            opened.append(name)
            return f"<{name}>"
        if opened and opened[-1] == name:
            opened.pop()
            return f"</{name}>"
        return ""

    text = TAG.sub(keep, OVERRIDES.sub("", text.translate(TURNING)))
    text += "".join(f"</{name}>" for name in reversed(opened))
    plain = re.sub(r"<(?!/?[ibu]>)", "&lt;", text)
    return "\n".join(line.strip() for line in plain.split("\n") if TAG.sub("", line).strip())


def stamp(moment: int, point: str) -> str:
    """Return milliseconds as 00:00:01,000 (SRT) or 00:00:01.000 (WebVTT)."""
    seconds, rest = divmod(moment, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"


def to_srt(cues: list[Cue]) -> str:
    """Return the cues as SRT."""
    return "\n".join(
        f"{number}\n{stamp(cue.start, ',')} --> {stamp(cue.end, ',')}\n{cue.text.replace('&lt;', '<')}\n"
        for number, cue in enumerate(cues, start=1)
    )


def to_vtt(cues: list[Cue]) -> str:
    """Return the cues as WebVTT."""
    return "WEBVTT\n\n" + "\n".join(f"{stamp(cue.start, '.')} --> {stamp(cue.end, '.')}\n{cue.text}\n" for cue in cues)
