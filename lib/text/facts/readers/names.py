"""Numbers that are names, phone numbers and addresses, read from the tokens that the grammar found; [] when they are none."""

import re

from lib.text.facts.fact import Fact, Slot, plain
from lib.text.facts.tokens import Tokens

from .mentions import DIGITS, facts_of

_SHORT_NUMBERS = frozenset("112 116117 116111 116123 116000 116006 11313 11414 1177".split())
_PLACES = ("ssa", "ssä", "lla", "llä", "lta", "ltä", "sta", "stä")  # in, at, from, at the end of a Finnish name


def name(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the numbers of what is called by one: bus 65, section 58, version 13.5. Each is a name of its own."""
    if tok.classes[start] in "Rl" and re.match(r" [354]", tok.classes[end : end + 2]):
        return []  # a phone number
    if tok.classes[start] in "Rl" and re.match(r" ?[UQP%€A]", tok.classes[end : end + 2]):
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
            if not re.fullmatch(r"\d+(?:[.,]\d+)?", value) or not value.isascii():
                found += facts_of(tok, index, last + 1, "name", [value.lower()], {(index, last + 1): Slot("text")})
            else:
                digits = plain(value.replace(",", "."))
                found += facts_of(
                    tok,
                    index,
                    last + 1,
                    "name",
                    [digits],
                    {(index, last + 1): Slot("text")},
                    also=[{("number", digits)}],
                )
            index = last
        index += 1
    return found


def week(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the number of a week, or of a day in a row of days."""
    meaning = tok.meanings[start]
    one = meaning.form.split()[:1] in (["one"], ["nom"], ["ade"])
    return name(tok, end - 1, end) if meaning.value == "wk" or (meaning.value == "d" and one) else []


def brand(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the number at the end of a name within a sentence: Silver Star 2, Crisis 2020."""
    word, after = tok.words[start], tok.classes[end : end + 2]
    mixed = not word[1:].islower() and not word.isupper()  # iPhone
    if tok.begins_sentence(start) and not mixed:
        return name(tok, start + 2, end) if after[:1] == ":" else []
    if word.endswith(_PLACES) or tok.classes[start - 2 : start] in {"F ", "i "}:
        return []  # in a place so many
    known = mixed or (word.isupper() and len(word) < 5) or tok.classes[start - 2 : start] in {"W ", "W-"}
    return name(tok, start + 2, end) if known or after[:1] in "-.,;:!?)\n–" or after == " T" else []


def list_number(_tok: Tokens, _start: int, _end: int) -> list[Fact] | None:
    """Read over the number of a line in a list."""
    return None


def ordinal(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a Finnish ordinal in digits before its word: 2. kerros."""
    return name(tok, start, start + 1) if tok.words[end][:1].islower() else []


def phone(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a phone number: with a plus or a zero at its beginning, or one of the short ones that everyone knows."""
    written = tok.written(start, end)
    digits = re.sub(r"[^\d+]", "", written)
    if not re.fullmatch(r"(?:\+|0)\d{6,14}", digits):
        if tok.classes[start : start + 3] in {"3 3", "3 9"} and digits not in _SHORT_NUMBERS:
            return []
        if digits not in _SHORT_NUMBERS or tok.classes[end] in ".," and tok.classes[end + 1] in DIGITS:
            return []
        if re.match(rf" (?:[{''.join(sorted(DIGITS))}])", tok.classes[end : end + 2]):
            return []
    if tok.classes[start - 1] in ".,-/" and tok.classes[start - 2] in DIGITS:
        return []
    if digits == "112" and tok.classes[end : end + 2] == " W":
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
    written = tok.written(start, end)
    return facts_of(tok, start, end, "address", [written.lower()], {(start, end): Slot("text")})
