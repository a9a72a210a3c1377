"""
What no line ends in: phone numbers, hours, days with their month, and numbers in groups. Kept together when a text is shown, never in what is
stored, so that searching and copying find ordinary spaces.
"""

import re
from collections.abc import Callable

_MONTH = (
    r"(?:(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuu\w{0,6}|"
    r"(?:januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december|"
    r"January|February|March|April|May|June|July|August|September|October|November|December)(?!\w))"
)
_HOUR = r"\d{1,2}(?:[.:]\d\d)?"
_UNITS = re.compile(
    r"(?<![\w.,/+])(?:"
    r"(?:\+\d{1,4}(?:[ \u00a0]\(0\)\d{1,3})?|\(?0\d{1,3}\)?)(?:[ \u00a0-]\d{1,5}){1,6}(?![\w/])"  # 03 565 111, +358 (0)9 310 10020, 08-123 45
    r"|\d{1,3}(?:[ \u00a0]\d{3})++(?![\w/])"  # 12 000, 116 117
    rf"|(?:klo|kello|kl\.?|klockan)[ \u00a0]{_HOUR}(?:[–-]{_HOUR})?"  # klo 8–20
    rf"|{_HOUR}(?:[–-]{_HOUR})?[ \u00a0](?:[ap]\.[ \u00a0]?m\.|[ap]m(?!\w)|noon(?!\w)|midnight(?!\w))"  # 8–11.30 a.m.
    rf"|\d{{1,2}}(?:\.|st|nd|rd|th)?(?:[–-]\d{{1,2}}\.?)?[ \u00a0]{_MONTH}"  # 6. joulukuuta, 4–6 April
    rf"|{_HOUR}\.?–{_HOUR}(?:\.\d{{1,2}})?\.?(?!\w)"  # 8–20, 24.–26.3.
    r"|\d+(?:[.,]\d+)?[ \u00a0][%€](?!\w)"
    r")",
    re.IGNORECASE,
)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")  # Hebrew, Arabic and their neighbours
_LEFT_TO_RIGHT, _END_OF_IT = "\u2066", "\u2069"  # Unicode's signs around a piece that has a direction of its own
_TAG = re.compile(r"(<title>[^<]*</title>|<style>[^<]*</style>|<[^<>]*>)")
_WORD = re.compile(r"\S++")
_ADDRESS = re.compile(r"https?://|www\.")
_CLOSING = (
    "&quot;",
    "&#x27;",
    "&quot",
    "&#x27",
    *'"”“»’)]',
)  # what many a mail program would take for the end of an address
HELD = "\ue010"  # stands for a space while lines are made


def held(text: str) -> str:
    """Return a text with a sign of ours for each space in which no line ends; `released` gives the spaces back."""
    return _UNITS.sub(lambda found: found[0].replace(" ", HELD), text)


def released(text: str) -> str:
    """Return a text that was `held` with its spaces."""
    return text.replace(HELD, " ")


def unbroken_html(html: str, opens: str) -> str:
    """
    Return HTML in which each such piece stands in an element that begins with `opens`, a <span>, and breaks nowhere. Among letters that
    run from right to left it says that it runs from left to right: the groups of a phone number would be shown in turned order.
    """
    if _RIGHT_TO_LEFT.search(html):
        opens = opens.replace("<span", '<span dir="ltr"', 1)
    return in_text(html, lambda text: _UNITS.sub(lambda found: f"{opens}{found[0]}</span>", text))


def in_order(text: str) -> str:
    """Return text without tags in which such pieces keep their order in each line that has letters which run from right to left."""
    return "\n".join(
        _UNITS.sub(rf"{_LEFT_TO_RIGHT}\g<0>{_END_OF_IT}", line) if _RIGHT_TO_LEFT.search(line) else line
        for line in text.split("\n")
    )


def in_text(html: str, changed: Callable[[str], str]) -> str:
    """Return HTML of which only what people read is changed, a piece between two tags at a time."""
    return "".join(piece if at % 2 else changed(piece) for at, piece in enumerate(_TAG.split(html)))


def parted_addresses(text: str, space: str = " ") -> str:
    """Return a text without tags with a `space` between an address of the web and a quotation mark or bracket that closes behind it."""
    return _WORD.sub(lambda found: _parted(found[0], space), text) if _ADDRESS.search(text) else text


def _parted(word: str, space: str) -> str:
    starts = _ADDRESS.search(word)
    if starts is None:
        return word
    before, word = word[: starts.start()], word[starts.start() :]
    begins = word.rstrip(".,;:!?")
    address = begins
    while sign := next((one for one in _CLOSING if address.endswith(one)), ""):
        if sign == ")" and address.count("(") >= address.count(")"):
            break  # the bracket is the address's own
        address = address.removesuffix(sign)
    return before + (word if address == begins else f"{address}{space}{word[len(address) :]}")
