"""The grammar of iCalendar (RFC 5545): texts, parameters and lines as calendar programs read them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

LONGEST_LINE = 75  # octets


def escaped(text: str) -> str:
    """Return a text as iCalendar writes it: one line, its signs escaped, without control characters."""
    text = re.sub(r"([\\;,])", r"\\\1", "\n".join(text.splitlines()))
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", "", text).replace("\n", r"\n")


def parameter(text: str) -> str:
    """Return a text as the value of a parameter, in quotes, which cannot hold quotes or line ends."""
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", text).replace('"', "\u2019") + '"'


def moment(at: datetime) -> str:
    """Return a moment in universal time: calendars show it at the hour of whoever reads."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def folded(line: str) -> str:
    """Return a line in pieces of at most LONGEST_LINE octets, none of which breaks a character."""
    octets = line.encode()
    pieces: list[str] = []
    while len(octets) > LONGEST_LINE - bool(pieces):
        piece = octets[: LONGEST_LINE - bool(pieces)].decode(errors="ignore")
        pieces.append(piece)
        octets = octets[len(piece.encode()) :]
    return "\r\n ".join([*pieces, octets.decode()])


def as_file(lines: Iterable[str]) -> str:
    """Return lines as a file: folded, each with its end."""
    return "".join(f"{folded(line)}\r\n" for line in lines)
