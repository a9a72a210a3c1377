"""A text cut into its sentences: one for people to read, and one in Markdown."""

import re
from collections.abc import Iterable

from lib.text import leading_dates

# A full stop after these ends no sentence.
SHORTENED = (
    "esim.",
    "ns.",
    "mm.",
    "n.",
    "klo.",
    "kl.",
    "tel.",
    "puh.",
    "nro.",
    "bl.a.",
    "t.ex.",
    "ca.",
    "nr.",
    "e.g.",
    "i.e.",
    "no.",
    "dr.",
)

_END = re.compile(r"(?<=[.!?…])\s+(?=[^a-zåäöšž])")
# In Markdown a colon and the end of a line end one, too; quotation marks may stand between.
_MARKDOWN_END = re.compile(r"(?<=[.!?:…])[\"”’»)]*\s+(?=[\"“”’»(A-ZÅÄÖ0-9•✔✖–])|\n+")
_CODE = re.compile(r"`[^`]*`")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_ADDRESS = re.compile(r"<?https?://\S+|\bwww\.\S+|(?<![^\s@])[^\s@]+@[^\s@]+\.\w+|#\w+")
_BLOCK = re.compile(
    rf"^[ \t]*(?:#{{1,6}}|>+|[-+*]|\d+[.)](?![ \t]+{leading_dates.AFTER_DAY}))[ \t]+", re.MULTILINE | re.IGNORECASE
)
_EMPHASIS = re.compile(r"[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}")
_LETTER = re.compile(r"[^\W\d_]")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, as written; a line break ends none."""
    return whole(piece for piece in _END.split(" ".join(text.split())) if piece)


def markdown_sentences(text: str) -> list[str]:
    """Return the sentences of a Markdown text in plain words, without signs, addresses and hashtags."""
    plain = _ADDRESS.sub(" ", _LINK.sub(r"\1", _CODE.sub(" ", text)))
    plain = _EMPHASIS.sub("", _BLOCK.sub("", plain))
    return [" ".join(part.split()) for part in _MARKDOWN_END.split(plain) if part and _LETTER.search(part)]


def whole(pieces: Iterable[str]) -> list[str]:
    """Return pieces of which those that a shortened word ends are put together with the next: "kl." and "9"."""
    found: list[str] = []
    for piece in pieces:
        if found and found[-1].lower().endswith(SHORTENED) and found[-1].split()[-1].lower() in SHORTENED:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found
