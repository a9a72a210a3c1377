"""Numbers, and amounts of time, money and measures, read from the tokens that the grammar found; [] when they are none."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from lib.text.facts.fact import Fact, Reading, Slot, plain, same_duration
from lib.text.facts.tokens import Tokens
from lib.text.facts.vocabulary import CLITIC, Word
from lib.text.facts.words.names import MOST_PARTS, is_part
from lib.text.facts.words.nouns import PIECES, PRICES, SIZES
from lib.text.facts.words.numbers import FINNISH_ENDINGS
from lib.text.facts.words.units import PER

from .dates import is_date
from .found_facts import DIGITS, Marks, facts_of, letter_case
from .names import name

_GAP = re.compile(r"[–…T€]|(?<!N)-|-(?!N)")  # what stands between two numbers, and not within one
_HUNDRED_AND = re.compile(r"J T N$")
_MORE_DIGITS = re.compile(r"\.[93Y45]")
_AT_MOST = frozenset("most maximum enintään korkeintaan högst max".split())  # what makes "one" a number
_CLASSES = 10  # fewer degrees are no "C": 5 C is a class
_COLD = ("minusgrad", "pakkas")
_BE = frozenset("on oli noin vain yli alle enintään vähintään".split())
_OR = frozenset("or tai eller".split())
_BELOW = frozenset("below above under över".split())
_NO_ZERO = frozenset("tolerance level hour waste emissions".split())
_ABOUT = frozenset("noin yli lähes melkein alle kohti".split())


@lru_cache(maxsize=1 << 12)
def digits_value(written: str) -> Decimal:
    """Return the value of digits: "1 500" and "1,500" are 1500, "1,5" is 1.5."""
    text = re.sub(r"\s", "", written)
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?|[1-9]\d{0,2}\.\d{3}", text):
        text = re.sub(r"[,.](?=\d{3}(?:\D|$))", "", text)
    whole, point, rest = text.replace(",", ".").rpartition(".")
    return Decimal(whole.replace(".", "") + point + rest)  # one point at most: "1,250,0" is half typed


def number_at(tok: Tokens, start: int, end: int, part: int, marks: Marks) -> Decimal:
    """Read a number in digits or words, mark its slots, and return its value."""
    return (_digits_at if tok.classes[start] in DIGITS else _words_at)(tok, start, end, part, marks)


def _digits_at(tok: Tokens, start: int, end: int, part: int, marks: Marks) -> Decimal:
    last = start + len(tok.classes[start:end].rstrip("J").rstrip(" "))
    written, multiple = tok.written(start, last), Decimal(1)
    if last < end:
        many = tok.meanings[end - 1]
        multiple = Decimal(str(many.value))
        marks[end - 1, end] = Slot("multiple", part, ("J", plain(multiple), many.form, *_pairs(many)))
    marks[start, last] = Slot("digits", part, (_thousands(written), _point(written, tok.language), plain(multiple)))
    return digits_value(written) * multiple


def _words_at(tok: Tokens, start: int, end: int, part: int, marks: Marks) -> Decimal:
    words = [tok.meanings[index] for index in range(start, end) if tok.classes[index] in "NJH"]
    form = words[0].form if words[0].cls == "N" else ""
    following = tok.words[end + 1] if tok.classes[end] == " " else ""
    clitic = CLITIC if tok.language == "fi" and tok.words[start].endswith(CLITIC) else ""
    marks[start, end] = Slot("words", part, (_case(form, following), letter_case(tok.words[start]), clitic))
    return words_value(words)


def words_value(words: Sequence[Word]) -> Decimal:
    """Return the value of words: two hundred and fifty, half a million."""
    total, current = Decimal(0), Decimal(0)
    for word in words:
        value = Decimal(str(word.value or 0))
        if word.cls == "H":
            current = Decimal("0.5")  # "en halv": what stands before says nothing
        elif word.cls == "N":
            current += value
        elif value == 100:
            current = (current or 1) * value
        else:
            total, current = total + (current or 1) * value, Decimal(0)
    return total + current


def _pairs(word: Word) -> tuple[str, ...]:
    return tuple(f"{form}={spelt}" for form, spelt in word.row)


def _case(forms: str, following: str) -> str:
    """Return the one of a Finnish number's cases that the next word agrees with: seitsemän päivän, seitsemän päivää."""
    known = forms.split()
    if len(known) < 2:
        return forms
    return "gen" if "gen" in known and following.endswith("n") else known[0]


@lru_cache(maxsize=1 << 12)
def _thousands(written: str) -> str:
    found = re.search(r"\d([,.\s])\d{3}(?!\d)", written)
    return found[1] if found else ("" if len(written) < 4 else "none")


@lru_cache(maxsize=1 << 12)
def _point(written: str, language: str) -> str:
    found = re.search(r"\d([.,])\d{1,2}$|\d([.])\d+$", written)
    return (found[1] or found[2]) if found else ("." if language == "en" else ",")


def amount(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a number or two with their unit: days, litres, euros, per cent."""
    speed = _speed(tok, start, end)
    if not speed and re.search(r"[UQ] (?:[wFa] )?[UQ]$", tok.classes[start:end]):
        end = max(_units(tok, start, end - 1)) + 1
    numbers, unit_at = _numbers(tok, start, end), _unit_at(tok, start, end, speed)
    unit = _unit(tok, unit_at)
    if not numbers or not _agrees(tok.meanings[numbers[-1][0]], unit):
        return []
    marks: Marks = {}
    values = [number_at(tok, first, last, part, marks) for part, (first, last) in enumerate(numbers)]
    if _is_no_amount(tok, start, end, unit, values):
        return []
    if tok.words[unit_at].lower().startswith(_COLD):
        return _phrase(tok, start, end, unit, [-value for value in values])
    sign = _sign_at(tok, start, unit)
    if sign < start:
        values = [-value for value in values]
        marks[sign, numbers[0][1]] = marks.pop(numbers[0])
    if unit.cls == "E":
        marks = _counted_in(_multiple_of_money(tok, start, end, unit_at), values, marks)
    _share_multiple(values, marks)
    if unit_at > numbers[-1][0] and unit.row:
        marks[unit_at, unit_at + 1] = _unit_slot(tok, unit_at, unit, len(values) - 1)
    return _measured(tok, (sign, end), unit, values, marks, speed)


def _counted_in(many: Decimal, values: list[Decimal], marks: Marks) -> Marks:
    """Multiply the last value, and return the slots that say so."""
    values[-1] *= many
    return {key: _of_many(slot, plain(many)) for key, slot in marks.items()} if many != 1 else marks


def _multiple_of_money(tok: Tokens, start: int, end: int, unit_at: int) -> Decimal:
    """Return how many euros an amount is counted in: of €1.2m and 1,2 Me a million, of 50 cents a hundredth."""
    if "m" in tok.words[start:end] or tok.words[unit_at] == "Me":
        return Decimal(10**6)
    return Decimal("0.01") if tok.words[unit_at].lower() in {"cent", "cents"} else Decimal(1)


def _phrase(tok: Tokens, start: int, end: int, unit: Word, values: Sequence[Decimal]) -> list[Fact]:
    """Return the fact of words that are written anew as a whole."""
    style = (str(unit.value), letter_case(tok.words[start]))
    return _measured(tok, (start, end), unit, values, {(start, end): Slot("phrase", 0, style)})


def _unit_slot(tok: Tokens, index: int, unit: Word, part: int) -> Slot:
    hyphen = "-" if tok.classes[index - 1] == "-" else ""
    return Slot("unit", part, (unit.cls, unit.form, hyphen, letter_case(tok.words[index]), *_pairs(unit)))


def _sign_at(tok: Tokens, start: int, unit: Word) -> int:
    """Return which token says that a measure is below zero, or `start`."""
    if unit.cls != "Q" or start < 2:
        return start
    if re.fullmatch(r"[^93Y45][ \n(][-–]", tok.classes[max(0, start - 3) : start].rjust(3)):
        return start - 1
    return start - 2 if tok.words[start - 2].lower() in {"minus", "miinus"} else start


def _units(tok: Tokens, start: int, end: int) -> list[int]:
    return [index for index in range(start, end) if tok.classes[index] in "UQEP%€"]


def _unit_at(tok: Tokens, start: int, end: int, speed: str) -> int:
    """Return which token is the unit: of metres per second the metres, of €1.2m the sign before."""
    units = _units(tok, start, end)
    if speed:
        return units[-2]
    return start if tok.classes[start] == "€" and tok.words[units[-1]] == "m" else units[-1]


def _unit(tok: Tokens, index: int) -> Word:
    """Return the unit that a token names."""
    known = {"%": Word("P"), "€": Word("E", "EUR")}
    return known.get(tok.classes[index], tok.meanings[index])


def _is_no_amount(tok: Tokens, start: int, end: int, unit: Word, values: Sequence[Decimal]) -> bool:
    """Return whether a number and a unit only stand together: "four, and three days", "40 000 viikossa", so many a week."""
    apart = len(values) == 2 and values[0] >= values[1] and bool({"and", "ja", "och"} & set(tok.words[start:end]))
    if tok.words[end - 1] == "C" and values[-1] < _CLASSES and _sign_at(tok, start, unit) == start:
        return True
    return apart or (unit.cls == "U" and unit.form == "ine" and values[-1] >= 1000)


def _speed(tok: Tokens, start: int, end: int) -> str:
    """Return the unit of what is so many metres per second or becquerels in a kilo, or ""."""
    units = [tok.meanings[index] for index in range(start, end) if tok.classes[index] in "QU"]
    known = PER.get((str(units[0].value), str(units[1].value))) if len(units) == 2 else None
    said = known and (units[1].form == "ine" or tok.words[end - 3] in {"per", "i", "an", "a"})
    return known or "" if said else ""


def _agrees(number: Word, unit: Word) -> bool:
    """Return whether a Finnish unit is in a case that its number asks for: not kolme kuukaudessa, three in a month."""
    asks = number.cls == "N" and number.form == "nom" and unit.form
    return bool(unit.cls) and (not asks or bool({"par", "nom"} & set(unit.form.split())))


def _of_many(slot: Slot, multiple: str) -> Slot:
    return Slot(slot.what, slot.part, (*slot.style[:2], multiple)) if slot.what == "digits" else slot


def _share_multiple(values: list[Decimal], marks: Marks) -> None:
    """Let the first number of a range be of as many as the second: 1–2 million."""
    many = next((slot.style[1] for slot in marks.values() if slot.what == "multiple" and slot.part == 1), "")
    alone = not any(slot.what == "multiple" and slot.part == 0 for slot in marks.values())
    if many and alone and len(values) == 2 and values[0] < 1000:
        values[0] *= Decimal(many)
        marks |= {key: _of_many(slot, many) for key, slot in marks.items() if slot.part == 0}


def _measured(
    tok: Tokens, place: tuple[int, int], unit: Word, values: Sequence[Decimal], marks: Marks, speed: str = ""
) -> list[Fact]:
    kind = {"U": "duration", "Q": "measure", "E": "money", "P": "percent"}[unit.cls]
    said = [f"{plain(value)} {speed or unit.value}".strip() for value in values]
    also = [
        {("number", plain(value))} | (same_duration(one) if kind == "duration" else set())
        for value, one in zip(values, said, strict=True)
    ]
    return facts_of(tok, *place, kind, said, marks, also=also)


def _numbers(tok: Tokens, start: int, end: int) -> list[tuple[int, int]]:
    """Return the tokens of each number; [] where two stand together that are no range."""
    inside = [index for index in range(start, end) if tok.classes[index] in "93Y45NJH"]
    classes = tok.classes[inside[0] : inside[-1] + 1]
    if classes == "N N":  # neljästä kuuteen tuntiin
        spans = [tok.meanings[index].form for index in inside] == ["ela", "ill"]
        return [(index, index + 1) for index in inside] if spans else []
    if re.search(r"[93Y45] N", classes):  # 48 kymmenen metriä
        return []
    gaps = [inside[0] + match.start() for match in _GAP.finditer(classes)]
    if not gaps or (tok.language == "en" and _HUNDRED_AND.search(classes)):
        return [(inside[0], inside[-1] + 1)]
    before = [index for index in inside if index < gaps[-1]]
    return [(inside[0], before[-1] + 1), (inside[len(before)], inside[-1] + 1)]


def half(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read half an hour, a quarter, two and a half hours."""
    if tok.classes[start:end] == "a U T a H":  # an hour and a half
        return _phrase(tok, start, end, tok.meanings[start + 2], [Decimal("1.5")])
    if "V" in tok.classes[start:end]:
        return _quarters(tok, start, end)
    unit = tok.meanings[end - 1]
    first = tok.words[start] if tok.classes[start] == "9" else str(tok.meanings[start].value or 0)
    with_whole = "T" in tok.classes[start:end]
    if not with_whole and first not in {"0", "1"}:
        return []
    value = (Decimal(first) if with_whole else 0) + Decimal("0.5")
    if unit.value == "h" and not with_whole:
        unit, value = Word("U", "min"), Decimal(30)
    return _phrase(tok, start, end, unit, [value])


def _quarters(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a quarter of an hour, three quarters of an hour, kolme varttia."""
    if tok.language == "en" and end - start == 1:
        return []
    minutes = Decimal(next(str(one.value) for one in tok.meanings[start:end] if one.cls == "V"))
    if tok.classes[start] == "N" and (tok.classes[end - 1] == "V" or tok.classes[start : start + 3] == "N V"):
        minutes *= Decimal(str(tok.meanings[start].value))
    return _phrase(tok, start, end, Word("U", "min"), [minutes])


def number(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a number that has no unit; "one" is often no number."""
    if _is_name(tok, start, end):
        return name(tok, start, end)
    if _is_part(tok, start, end) or _is_other_word(tok, start, end):
        return []
    classes = tok.classes[start:end]
    marks: Marks = {}
    value = number_at(tok, start, end, 0, marks)
    if _counts_the_text(tok, end, value):
        return []
    if _is_price(tok, start, end):
        return facts_of(tok, start, end, "money", [f"{plain(value)} EUR"], marks, also=[{("number", plain(value))}])
    also = _other_readings(tok, start, end)
    if tok.language == "fi" and tok.classes[end : end + 2] == ":w" and tok.words[end + 1] in FINNISH_ENDINGS:
        marks[end + 1, end + 2] = Slot("ending", 0, (tok.words[end + 1],))
        end += 2  # 44:ssä
    limits = tok.words[start - 2].lower() in _AT_MOST
    soft = value == 1 and "N" in classes and not limits
    return facts_of(tok, start, end, "number", [plain(value)], marks, also=[also], soft=soft)


def _other_readings(tok: Tokens, start: int, end: int) -> set[Reading]:
    classes = tok.classes[start:end]
    if classes in {"9.3", "3.3"}:  # 1.500 may be one and a half
        return {("number", plain(f"{tok.words[start]}.{tok.words[end - 1]}"))}
    if classes in {"9.9", "3.9"} and is_date(int(tok.words[start]), int(tok.words[end - 1])):
        return {("date", f"{int(tok.words[end - 1]):02}-{int(tok.words[start]):02}")}
    return set()


def _is_price(tok: Tokens, start: int, end: int) -> bool:
    """Return whether a number with two decimals is a price without its currency: "kaffet kostar 1,50", "0,85 st"."""
    if tok.classes[start:end] not in {"9,9", "9.9", "3,9", "3.9"} or len(tok.words[end - 1]) != 2:
        return False
    return tok.words[start - 2].lower() in PRICES or tok.word_after(end) in PIECES


def _counts_the_text(tok: Tokens, end: int, value: Decimal) -> bool:
    """Return whether a number counts what a text itself says, "three things to remember", or belongs to a fraction, "two thirds"."""
    following = tok.word_after(end)
    if value == 0:
        return following in _NO_ZERO or (tok.classes[end - 1] == "N" and tok.words[end - 3].lower() in _BELOW)
    if value == 2 and tok.words[end - 3].lower() in _OR and tok.classes[end] in ".,;!?\n":
        return True  # a door or two
    if value > MOST_PARTS or not following:
        return False
    if is_part(following, tok.language):
        return True
    # With one word between: three small things, kolme pientä asiaa, tre små saker.
    return tok.classes[end + 1 : end + 3] == "w " and is_part(tok.words[end + 3].lower(), tok.language)


def _is_part(tok: Tokens, start: int, end: int) -> bool:
    """Return whether digits are only a part of what they stand in: COVID-19, 5G, 3/2026, 1.2.3."""
    before, after = tok.classes[start - 2 : start], tok.classes[end : end + 2]
    if after in {"-w", "-R", "-W"} and not tok.words[end + 1].lower().startswith(SIZES.get(tok.language, ("",))):
        return True  # 8-talosta, 24-timmarsgränsen
    hyphen = (
        before[-1:] == "-" and before[:1] in set("wWxMKUJR") and tok.words[start - 2].lower() not in {"under", "over"}
    )
    return hyphen or after[:1] in set("x/") or (tok.classes[start] in DIGITS and bool(_MORE_DIGITS.match(after)))


def _is_other_word(tok: Tokens, start: int, end: int) -> bool:
    """Return whether words that may be numbers are none: yhdessä, sataa (it rains), kuusi (a spruce), "a couple hundred"."""
    word, before = tok.words[start].lower(), tok.words[start - 2]
    if tok.classes[start:end].strip("J a") == "" and len(tok.words[end - 1]) < 5:
        return True
    if word == "kuusi" and before not in _BE and not tok.word_after(end).endswith(("a", "ä")):
        return True
    return before in {"par", "couple", "pari"} or word == "yhdessä" or (word == "sataa" and before not in _ABOUT)


def _is_name(tok: Tokens, start: int, end: int) -> bool:
    """Return whether what stands right beside a number makes it a name: BA.2.86, 5(2), 3:e, 007."""
    if tok.classes[start] not in DIGITS:
        return False
    ordinal = tok.language == "sv" and tok.words[end] == ":" and tok.words[end + 1] in {"e", "a"}
    zero = tok.words[start][0] == "0" and len(tok.words[start]) > 1
    return ordinal or zero or bool(re.fullmatch(r"[wWx93][.(]", tok.classes[start - 2 : start]))
