"""A text cut into its sentences: one for people to read, and one in Markdown."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from lib.text.dates import leading_dates

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
    "s.k.",
    "osv.",
    "o.s.v.",
    "bl. a.",
    "approx.",
    "nr.",
    "e.g.",
    "i.e.",
    "no.",
    "dr.",
)

_END = re.compile(r"(?<=[.!?…])\s+(?=[^a-zåäöšž])")
# In Markdown a colon and the end of a line end one, too; quotation marks may stand between.
_MARKDOWN_END = re.compile(r"(?<=[.!?:…])[\"”’»)]*\s+(?=[\"“”’»(A-ZÅÄÖ0-9•✔✖–])|\n+")
# What may stand between two sentences of a text: the end of a line, or a full stop and a capital. Not every one is an end: _is_end.
_BREAK = re.compile(r"\n+|(?<=[.!?…])([\"”’»)]*)\s+(?=[\"“”’»(]?[A-ZÅÄÖ])")
_AT_HOUR = re.compile(
    r"(?<!\w)(?:kl\.?|klo\.?|klockan|kello|at|by|until)\s(?:\d{1,2}(?:[.:]\d\d)?[–-])?\d{1,2}(?:[.:]\d\d)?\.$",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?<![\d.:–-])(?<!\d\s)(?:0?[1-9]|[12]\d|3[01])\.(?:(?:0?[1-9]|1[0-2])\.)?$")
_INITIAL = re.compile(r"(?<!\w)[A-ZÅÄÖ]\.$")
_HALF_OF_DAY = re.compile(r"(?<!\w)[ap]\.\s?m\.$", re.IGNORECASE)
_DAY_NAMES = re.compile(
    r"[\"“”(]?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
_AFTER = re.compile(r"[\"”’»)]{0,3}(?:\Z|[ \t]{0,9}\n|[ \u00a0]([\"“”‘(]?[A-ZÅÄÖ]\w{0,12}))")
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


def breaks(text: str) -> Iterator[tuple[int, int]]:
    """
    Yield where what stands between two sentences begins and ends, in a text as it is written. A full stop ends none after a shortened
    word ("t.ex. Esbo"), an initial, a day ("2. Advent", "4.12. Esbo") or before the day of an hour ("6 p.m. Friday"); after an hour it
    does ("kl. 18. Fråga").
    """
    for found in _BREAK.finditer(text):
        if "\n" in found[0] or _is_end(text[: found.start()].rpartition("\n")[2][-40:], text[found.end() :]):
            yield max(found.start(), found.end(1)), found.end()


def _is_end(before: str, after: str) -> bool:
    if not before.endswith("."):
        return True
    if before[-2:-1].isdigit():
        return bool(_AT_HOUR.search(before)) or not _DAY.search(before)
    if _HALF_OF_DAY.search(before):
        return not _DAY_NAMES.match(after)
    words = before.split()
    return bool(words) and words[-1].lower().lstrip('(“”"') not in SHORTENED and not _INITIAL.search(before)


def ends_sentence(rest: str) -> bool:
    """Return whether a sentence ends before the `rest` of a text, after a shortened word such as "p.m."; its full stop is the sentence's then."""
    found = _AFTER.match(rest.rstrip())
    return found is not None and not (found[1] and _DAY_NAMES.match(found[1]))


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


def sentences_in(text: str) -> list[str]:
    """Return the sentences of a text, each whole."""
    between = [(0, 0), *breaks(text), (len(text), len(text))]
    found = [text[begin:end] for (_, begin), (end, _) in pairwise(between)]
    return [one for one in found if one.strip()]
