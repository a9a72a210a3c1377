"""
A text as tokens, and its tokens as a line of letters that the grammar reads: one for each, which is its class.

"torstaina 26. maaliskuuta klo 15" is "K 9. M C 9". Digits are 9 for one or two, 3 for three, Y for a year, 4 and 5 for
four and more; x is a code with letters and digits, @ an address of the web, # a hashtag, f a time code of subtitles. Signs stand for
themselves.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from .vocabulary import Word, meaning_of, several, words_of

# Bounded, as every text here may be someone's attempt to keep a worker busy.
_TOP = "fi|com|org|net|eu|se|info|int|gov|edu|example|test|ax|io|app|nu|uk|dev"
_PLAIN = r"(?P<plain>[^\W\d_]+)(?=[ ,;\n])|(?P<space>[ \t\u00a0\u202f\u2009]+)|"  # most of a text, so first
_BOTH = (
    r"(?P<code>\d\d:\d\d:\d\d[,.]\d{3})|"
    r"(?P<web>\]\([^()\s]{0,2000}\)|https?://[^\s<>()\[\]\"”]{1,2000}|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}|"
    rf"(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}(?:{_TOP})(?![\w-])(?:/[^\s<>()\[\]\"”]{{0,500}})?)|(?P<tag>#\w+)|"
)
_TWELVE = r"(?:(?<=\b12[ \u00a0])|(?<=\b12[.:]00[ \u00a0]))(?i:noon|midnight)(?!\w)"  # what says which twelve it is
_ENGLISH = rf"(?P<half>(?<=[\d ])[apAP](?:\.[ \u00a0]?[mM]\.?|[mM])(?!\w)|{_TWELVE})|(?P<clock>o['’]clock(?!\w))|"
_REST = (
    r"(?P<unit>(?<!\w)(?:km/h|m/s|m²|m³|km²|[µmu]?Sv/h|[mkµ]?Bq/(?:kg|l|m³)|[mµ]g/(?:l|m³)|[MG]bit/s|kWh)(?!\w)|(?<=\d)(?:km/h|m/s)(?!\w)|°C?(?!\w))|"
    r"(?P<word>\d+(?=(?:m/s|km/h)(?!\w))|[^\W_]+)|"
    r"(?P<sign>.)"
)
_MIXED = re.compile(r"(\d+)([^\W\d_]+)")
_NOTHING = Word("")
_TRAILING = ".,;:!?…’'"
_DASHES = str.maketrans("—−‒", "–--")
_OPENING = frozenset('\n.!?:•*–(>"”|✔')


@dataclass(slots=True)
class Tokens:
    """The tokens of a text: their words, where each begins, their meanings, and the line of their classes."""

    text: str
    language: str
    words: list[str]
    starts: list[int]
    meanings: list[Word]
    classes: str

    def written(self, start: int, end: int) -> str:
        """Return the words of some tokens as they stand in the text."""
        return self.text[self.starts[start] : self.starts[end]]

    def word_after(self, end: int) -> str:
        """Return the word after a space after some tokens, in lower case, or ""."""
        return self.words[end + 1].lower() if self.classes[end] == " " else ""

    def begins_sentence(self, index: int) -> bool:
        """Return whether nothing stands before a token in its sentence."""
        before = self.classes[max(0, index - 3) : index].rstrip(" ")
        return not before or before[-1] in _OPENING or before == "\n-"


@cache
def _lexer(language: str) -> re.Pattern[str]:
    phrases = "|".join(re.escape(phrase) for phrase in several(language))
    first = "".join(sorted({sign for phrase in several(language) for sign in phrase[0] + phrase[0].upper()}))
    phrase = rf"(?P<phrase>(?<!\w)(?=[{first}])(?i:{phrases})(?!\w))|" if phrases else ""
    return re.compile(phrase + (_ENGLISH if language == "en" else "") + _PLAIN + _BOTH + _REST, re.DOTALL)


def _class_of(word: str, language: str) -> tuple[str, Word]:
    if word.isdecimal():
        size = len(word)
        if size <= 3:
            return "993"[size - 1], _NOTHING
        return ("5" if size > 4 else "Y" if word[:2] in {"19", "20"} else "4"), _NOTHING
    if any(sign.isdigit() for sign in word) and word not in words_of(language):
        return "x", _NOTHING
    found = meaning_of(word, language)
    return found.cls, found


def _glued(word: str, letters: str, language: str) -> Word | None:
    """Return what letters right after digits mean: 30kg, 26th, 10am; None for a code such as 5G."""
    if _DEGREES.fullmatch(word):
        return Word("Q", "°C")
    if letters == "e" and language in _EUROS and _EUROS[language].fullmatch(word):
        return Word("E", "EUR")
    if language == "en" and letters.lower() in {"am", "pm"}:
        return Word("A")
    if language == "en" and letters == "s":
        return Word("z")
    found = words_of(language).get(letters) if letters != "C" else None
    return found if found and found.cls in "UQiEJ" else None


_DEGREES = re.compile(r"\d\d[cC]")  # 32C; 5C is a class
_EUROS = {
    "fi": re.compile(r"\d{2,9}e"),
    "sv": re.compile(r"\d{3,9}e"),
    "en": re.compile(r"\d{2,9}e"),
}  # 100e; 3e is the third


def tokens(text: str, language: str) -> Tokens:
    """Return the tokens of a text. A first line break and a last one stand for its ends."""
    pieces: list[_Piece] = []
    for match in _lexer(language).finditer(text):
        kind = match.lastgroup
        pieces += _words(match[0], language) if kind == "plain" else _pieces(kind or "", match[0], language)
    words, classes, meanings = zip(*pieces, strict=True) if pieces else ((), (), ())
    starts = [0, *accumulate(map(len, words), initial=0), len(text)]  # every sign of the text is in some token
    ends = ("\n",)
    return Tokens(
        text, language, [*ends, *words, *ends], starts, [_NOTHING, *meanings, _NOTHING], f"\n{''.join(classes)}\n"
    )


type _Piece = tuple[str, str, Word]


def _pieces(kind: str, word: str, language: str) -> Iterable[_Piece]:
    """Return the tokens of what the lexer found, each with its class and meaning."""
    if kind == "space":
        return ((word, " ", _NOTHING),)
    if kind in {"plain", "word"}:
        return _words(word, language)
    if kind == "sign":
        return ((word, "x" if word.isalnum() else "#" if word == "@" else word.translate(_DASHES), _NOTHING),)
    if kind == "web":
        kept = word if word.startswith("](") else word.rstrip(_TRAILING)
        return ((kept, "@", _NOTHING), *((sign, sign, _NOTHING) for sign in word[len(kept) :]))
    if kind in {"phrase", "unit"}:
        one = meaning_of(word, language) if kind == "phrase" else words_of("en").get(word, Word("Q", "°C"))
        return ((word, one.cls, one),)
    return ((word, {"tag": "#", "half": "A", "clock": "C", "code": "f"}[kind], _NOTHING),)


@lru_cache(maxsize=1 << 15)  # not for ever: pasted words come by here
def _words(word: str, language: str) -> tuple[_Piece, ...]:
    """Return a word as one token, or as two where letters are glued to digits: 30kg."""
    mixed = _MIXED.fullmatch(word)
    if mixed and (suffix := _glued(word, mixed[2], language)):
        return (*_words(mixed[1], language), (mixed[2], suffix.cls, suffix))
    return ((word, *_class_of(word, language)),)
