"""
Texts in which the facts are marked by hand, by the definition in docs/developing/facts.md.

Two thirds are worked with, by whoever changes the rules; a third is kept: it is measured and its mistakes are not looked at. Which
third a bulletin belongs to is a hash of its name, and was fixed before the engine ever read it. In `corpus/bulletins` a bulletin begins with
"% name", and a mark is a letter, a value and, where they are not alike, its words: "[d1204|Friday 4 December]", "[t15|3 p.m.]", "[u48h|two days]",
"[n380]", "[n|1 900]", "[wmon|Mondays]", "[f|0295 163 001]". Those in `corpus/earlier` are older, were read again and again while the rules were made,
and are all worked with; they are told apart by "%" and marked in full: "[date:12-04|Friday 4 December]".
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
LANGUAGES = ("en", "fi", "sv")
MARK = re.compile(r"\[([a-z]+):([^|\[\]]*)\|([^\[\]]*)\]")
SHORT_MARK = re.compile(r"\[([a-z@])([^|\[\]]*)(?:\|([^\[\]]*))?\]")
KINDS = {
    "d": "date", "t": "time", "n": "number", "u": "duration", "q": "measure", "m": "money", "p": "percent", "w": "weekday", "r": "day",
    "o": "month", "y": "year", "f": "phone", "@": "web", "a": "address",
}  # fmt: skip
THIRDS = 3


@dataclass(frozen=True)
class Mark:
    """A fact that someone marked, by its place in the text without marks."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """A text and its marks."""

    language: str
    words: str
    marks: tuple[Mark, ...]
    name: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether it belongs to the third that nobody looks at."""
        return bool(self.name) and hashlib.sha256(self.name.encode()).digest()[0] % THIRDS == 0


@dataclass
class Score:
    """How many facts were marked, found, and both."""

    marked: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Return what share of what was found is marked."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return what share of what is marked was found."""
        return self.right / self.marked if self.marked else 1.0


def read(language: str, marked: str, name: str = "") -> Text:
    """Return a text without its marks, and the marks."""
    words, marks, at = "", [], 0
    for match in (SHORT_MARK if name else MARK).finditer(marked):
        kind, value, written = match[1], match[2], match[3]
        if name:
            written = value if written is None else written
            kind, value = KINDS[kind], in_full(kind, value or written)
        words += marked[at : match.start()]
        marks.append(Mark(kind, value, len(words), len(words) + len(written)))
        words += written
        at = match.end()
    return Text(language, words + marked[at:], tuple(marks), name)


def in_full(kind: str, value: str) -> str:
    """Return the value that a short mark means: 1204 of a date is 12-04, 48h of a duration 48 h, and "1 900" of a number 1900."""
    if kind in "a@":
        return re.sub(r"^(?:https?://)?(?:www\.)?", "", value).lower()
    if kind in "uqm":
        number, unit = re.fullmatch(r"€?([-\d\s.,]+(?:e\d)?) ?(.*)", value).groups()  # type: ignore[union-attr]
        return f"{_plain(number)} {'EUR' if kind == 'm' and unit in {'', '€', 'euro', 'euroa'} else unit}"
    if kind in "np":
        return _plain(re.sub(r"[^\d.,]", "", value) if kind == "p" else value)
    if kind == "f":
        return re.sub(r"\D", "", value)
    if kind == "t":
        hour, _point, minute = (
            value.replace(":", ".").partition(".") if "." in value or ":" in value else (value[:2], "", value[2:])
        )
        return f"{int(hour):02}:{minute or '00'}"
    if kind in "do":
        pairs = [value[:4], *(value[at : at + 2] for at in range(4, len(value), 2))] if value[:2] == "20" and len(value) > 4 else [
            value[at : at + 2] for at in range(0, len(value), 2)
        ]  # fmt: skip
        return "-".join(pairs)
    return value


def _plain(number: str) -> str:
    digits = re.sub(r"[\s\u00a0]", "", number)
    if re.fullmatch(r"\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(",", "")
    return format(float(digits.replace(",", ".")), "f").rstrip("0").rstrip(".")


@cache
def bulletins(language: str) -> tuple[Text, ...]:
    """Return the bulletins of a language."""
    return tuple(
        text for file in sorted((CORPUS / "bulletins").glob(f"{language}-*.txt")) for text in named(language, file)
    )


@cache
def later(language: str) -> tuple[Text, ...]:
    """Return texts that were written after the rules for the bulletins, all worked with."""
    return tuple(named(language, CORPUS / "later" / f"{language}.txt"))


def named(language: str, file: Path) -> Iterator[Text]:
    """Yield the texts of a file, each of which has a name."""
    for one in file.read_text("utf-8").removeprefix("% ").split("\n% "):
        name, _line, words = one.partition("\n")
        yield read(language, words.strip("\n"), f"{file.stem}/{name}")


def kept(language: str) -> tuple[Text, ...]:
    """Return the third of the bulletins whose mistakes nobody looks at."""
    return tuple(text for text in bulletins(language) if text.is_kept)


def worked_with(language: str) -> tuple[Text, ...]:
    """Return the other two thirds, and those that were written later to find what else is missed."""
    return (*(text for text in bulletins(language) if not text.is_kept), *later(language))


@cache
def earlier(language: str) -> tuple[Text, ...]:
    """Return the older texts of a language, also worked with."""
    return tuple(
        read(language, one.strip("\n"))
        for file in sorted((CORPUS / "earlier").glob(f"{language}*.txt"))
        for one in file.read_text("utf-8").split("\n%\n")
    )


type Found = tuple[str, str, int, int]
type Choice = Callable[[str], tuple[Text, ...]]


def scores(find: Callable[[str, str], list[Found]], chosen: Choice) -> dict[tuple[str, str], Score]:
    """Return {(language, kind): Score} of what finds (kind, value, start, end) in a text of a language."""
    result: dict[tuple[str, str], Score] = {}
    for language in LANGUAGES:
        for text in chosen(language):
            left = Counter(text.marks)
            for mark in text.marks:
                result.setdefault((language, mark.kind), Score()).marked += 1
            for kind, value, start, end in find(text.words, language):
                score = result.setdefault((language, kind), Score())
                score.found += 1
                same = next(
                    (mark for mark in overlapping(left, start, end) if (mark.kind, mark.value) == (kind, value)), None
                )
                if same:
                    left[same] -= 1
                    score.right += 1
    return result


def overlapping(left: Counter[Mark], start: int, end: int) -> Iterator[Mark]:
    """Yield the marks that are left over and touch a place."""
    return (mark for mark, many in left.items() if many and mark.start < end and start < mark.end)
