"""Text in quoted-printable, in lines that no server on the way changes."""

import binascii
from collections.abc import Iterator, Mapping
from html import escape

SOFT_BREAK = b"=\r\n"
EQUALS = ord("=")
QUOTED_LINE = 75  # characters before a soft break


def quoted(text: str) -> bytes:
    """
    Return `text` as quoted-printable in UTF-8, CRLF line ends, no line over 76 octets.

    No line begins with a dot, which SMTP would double, or with "From ", which some servers put a ">" before.
    """
    octets = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    *lines, last = binascii.b2a_qp(octets, istext=True).split(b"\n")
    short = [piece for line in lines for piece in shortened(line, QUOTED_LINE + 1)]
    short += shortened(last, QUOTED_LINE)  # a soft break may follow it
    return b"\r\n".join(map(guarded, short))


def shortened(line: bytes, most: int) -> Iterator[bytes]:
    """Yield a line of quoted-printable in pieces; b2a_qp writes up to 78 octets where a line ends in a space."""
    while len(line) > most:
        cut = QUOTED_LINE
        cut -= 1 if line[cut - 1] == EQUALS else 2 if line[cut - 2] == EQUALS else 0
        yield line[:cut] + b"="
        line = line[cut:]
    yield line


def guarded(line: bytes) -> bytes:
    """Return a line of quoted-printable with its first octet encoded when it is a dot or begins a "From "."""
    before = b""
    while line.startswith((b".", b"From ")):
        first = b"=%02X" % line[0]
        if len(line) + 2 <= QUOTED_LINE:
            return before + first + line[1:]
        before += first + SOFT_BREAK
        line = line[1:]
    return before + line


def encoded_values(values: Mapping[str, str]) -> dict[str, bytes]:
    """Return each personal field in quoted-printable, as text and, escaped, as HTML."""
    encoded = {}
    for name, value in values.items():
        text = encoded[f"text:{name}"] = quoted_value(value)
        escaped = escape(value)
        encoded[f"html:{name}"] = text if escaped == value else quoted_value(escaped)
    return encoded


def quoted_value(value: str) -> bytes:
    """Return a short value as quoted-printable; what needs no encoding passes fast."""
    if value.isascii() and value.isprintable() and "=" not in value:
        if " " not in value:  # a link, and most are longer than a line
            lines = [value[n : n + QUOTED_LINE] for n in range(0, len(value), QUOTED_LINE)]
            if not any(line[0] == "." for line in lines):
                return "=\r\n".join(lines).encode()
        elif len(value) <= QUOTED_LINE and value[-1] != " " and value[0] != "." and not value.startswith("From "):
            return value.encode()
    return quoted(value)
