"""Numbers that are names, phone numbers and addresses, read from the tokens that the grammar found; [] when they are none."""

import re

from lib.text.facts.fact import Fact, Slot, plain
from lib.text.facts.tokens import Tokens
from lib.text.facts.words.nouns import COUNTED, PIECES, VERSIONED

from .dates import is_date
from .found_facts import DIGITS, facts_of

_VERBS = frozenset(
    "is was has will does did can could needs may on oli ei voi är var har kan".split()
)  # Olkiluoto 3 does
SHORT_NUMBERS = frozenset("112 116117 116111 116123 116000 116006 11313 11414 1177 020333".split())
_STAIRS = frozenset("ABCDEFGH")
_IN = ("ssa", "ssä", "lla", "llä", "lle", "lta", "ltä", "sta", "stä")
DO = frozenset(
    "report list house stop pump alert block group point form act shift lift file box open".split()
)  # "report 14 injuries"
_EACH = frozenset("this each every per varje joka jokaisessa kussakin".split())  # "this shift 31"
_PLACES = ("ssa", "ssä", "lla", "llä", "lta", "ltä", "sta", "stä")  # in, at, from, at the end of a Finnish name


def name(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the numbers of what is called by one: bus 65, section 58, version 13.5. Each is a name of its own."""
    if _is_none(tok, start, end):
        return []
    found: list[Fact] = []
    index = start
    while index < end:
        if tok.classes[index] in "93Y45x":
            last = index
            while last + 2 < end and tok.classes[last + 1] in "./:" and tok.classes[last + 2] in "93Y45x":
                last += 2
            value = tok.written(index, last + 1)
            if tok.classes[start] in "Rl" and value[0] == "0" and len(value) > 2:
                return []
            found += _named(tok, index, last + 1, value)
            index = last
        index += 1
    return found


def _named(tok: Tokens, start: int, end: int, value: str) -> list[Fact]:
    """Return the fact of one name; one of digits only may be meant as a number elsewhere."""
    marks = {(start, end): Slot("text")}
    if not re.fullmatch(r"\d+(?:[.,]\d+)?", value) or not value.isascii():
        return facts_of(tok, start, end, "name", [value.lower()], marks)
    digits = plain(value.replace(",", "."))
    return facts_of(tok, start, end, "name", [digits], marks, also=[{("number", digits)}])


def _is_none(tok: Tokens, start: int, end: int) -> bool:
    """Return whether what stands around digits says that the word before them does not name them: an amount, a phone number, a date."""
    if tok.classes[start] in "Rl" and (
        re.match(r" [354]| ?[UQEP%€A]| [Mm](?! 9(?![.:]9))", tok.classes[end : end + 6]) or _counts_in(tok, start, end)
    ):
        return True
    if not re.fullmatch(r"[RX] 9\.9", tok.classes[start:end]) or tok.words[start].lower().startswith(VERSIONED):
        return False
    return is_date(int(tok.words[start + 2]), int(tok.words[start + 4]))  # tiedotteessa 2.4.


def _counts_in(tok: Tokens, start: int, end: int) -> bool:
    """Return whether what stands after the number is counted: "junassa 200 matkustajaa", "a house 300 people live in"."""
    if tok.words[start - 2].lower() in _EACH:
        return True
    if tok.classes[end : end + 2] != " w":
        return False
    following = tok.words[end + 1]
    if tok.language == "fi":
        return tok.words[start].endswith(_IN) and following.endswith(("a", "ä"))
    does = tok.language == "en" and tok.words[start] in DO and following.endswith("s")
    return does or following in COUNTED.get(tok.language, ())


def week(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the number of a week, or of a day in a row of days."""
    meaning = tok.meanings[start]
    one = meaning.form.split()[:1] in (["one"], ["nom"], ["ade"])
    return name(tok, end - 1, end) if meaning.value == "wk" or (meaning.value == "d" and one) else []


def brand(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the number at the end of a name within a sentence: Silver Star 2, Crisis 2020."""
    word, after = tok.words[start], tok.classes[end : end + 2]
    if word.lower() == word.upper():
        return []  # in a script without capitals they tell no name
    mixed = not word[1:].islower() and not word.isupper()  # iPhone
    if tok.begins_sentence(start) and not mixed:
        return name(tok, start + 2, end) if after in {": ", ":\n"} else []
    if word.endswith(_PLACES) or tok.classes[start - 2 : start] in {"F ", "i "} or tok.word_after(end) in PIECES:
        return []  # in a place so many; batteries AA 8 pcs
    known = mixed or (word.isupper() and len(word) < 5) or tok.classes[start - 2 : start] in {"W ", "W-"}
    return name(tok, start + 2, end) if known or _ends_name(tok, end) else []


def _ends_name(tok: Tokens, end: int) -> bool:
    """Return whether a name may end before some tokens: at a sign, an "and", a verb."""
    after = tok.classes[end : end + 2]
    return after[:1] in "-.,;:!?)\n–" or after == " T" or (after == " w" and tok.words[end + 1] in _VERBS)


def phone_in_words(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read "one one two"."""
    return facts_of(tok, start, end, "phone", [str(tok.meanings[start].value)], {(start, end): Slot("text")})


def ordinal(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a Finnish ordinal in digits before its word: 2. kerros."""
    return name(tok, start, start + 1) if tok.words[end][:1].islower() else []


def phone(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a phone number: with a plus or a zero at its beginning, or one of the short ones that everyone knows."""
    written = tok.written(start, end)
    digits = re.sub(r"[^\d+]", "", written)
    if not re.fullmatch(r"(?:\+|0)\d{6,14}", digits):
        if tok.classes[start : start + 3] in {"3 3", "3 9"} and digits not in SHORT_NUMBERS:
            return []
        if digits not in SHORT_NUMBERS or tok.classes[end] in ".," and tok.classes[end + 1] in DIGITS:
            return []
        if tok.classes[start - 2] != "L" and re.match(rf" (?:[{''.join(sorted(DIGITS))}])", tok.classes[end : end + 2]):
            return []
    if tok.classes[start - 1] in ".,-/" and tok.classes[start - 2] in DIGITS:
        return []
    if digits == "112" and tok.classes[end : end + 2] in {" W", "-w"}:
        return name(tok, start, end)  # the app 112 Suomi
    value = re.sub(r"^(?:\+358|00358)", "0", digits)
    return facts_of(tok, start, end, "phone", [value], {(start, end): Slot("text", 0, (written,))})


def web(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read an address of the web or of mail."""
    written = tok.words[start]
    if written.startswith("](") and "://" not in written and "." not in written:
        return None
    value = re.sub(r"^(?:\]\()?(?:https?://)?(?:www\.)?", "", written).rstrip(")/").lower()
    return facts_of(tok, start, end, "web", [value], {(start, end): Slot("text")})


def address(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a street with the number of a house."""
    if tok.classes[end] == " " and tok.words[end + 1] in _STAIRS and tok.classes[end + 2] != " ":
        end += 2  # Kirkkokatu 2 A
    written = tok.written(start, end)
    return facts_of(tok, start, end, "address", [written.lower()], {(start, end): Slot("text")})
