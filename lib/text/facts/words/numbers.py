"""Whole numbers in words, in Finnish, Swedish and English, read and written; Finnish ones in their cases."""

from collections.abc import Iterator
from functools import cache

from .finnish_nouns import CASES

LARGEST = 9_999  # that is written in words
_TENS = tuple(range(20, 100, 10))

# --- Finnish ---------------------------------------------------------------------------------------------

# The forms of one to ten, of a hundred and of a thousand, in the order of CASES.
_FINNISH = {
    1: "yksi yhden yhtä yhdessä yhdestä yhteen yhdellä yhdeltä yhdelle yhtenä yhdeksi",
    2: "kaksi kahden kahta kahdessa kahdesta kahteen kahdella kahdelta kahdelle kahtena kahdeksi",
    3: "kolme kolmen kolmea kolmessa kolmesta kolmeen kolmella kolmelta kolmelle kolmena kolmeksi",
    4: "neljä neljän neljää neljässä neljästä neljään neljällä neljältä neljälle neljänä neljäksi",
    5: "viisi viiden viittä viidessä viidestä viiteen viidellä viideltä viidelle viitenä viideksi",
    6: "kuusi kuuden kuutta kuudessa kuudesta kuuteen kuudella kuudelta kuudelle kuutena kuudeksi",
    7: "seitsemän seitsemän seitsemää seitsemässä seitsemästä seitsemään seitsemällä seitsemältä seitsemälle seitsemänä "
    "seitsemäksi",
    8: "kahdeksan kahdeksan kahdeksaa kahdeksassa kahdeksasta kahdeksaan kahdeksalla kahdeksalta kahdeksalle kahdeksana "
    "kahdeksaksi",
    9: "yhdeksän yhdeksän yhdeksää yhdeksässä yhdeksästä yhdeksään yhdeksällä yhdeksältä yhdeksälle yhdeksänä yhdeksäksi",
    10: "kymmenen kymmenen kymmentä kymmenessä kymmenestä kymmeneen kymmenellä kymmeneltä kymmenelle kymmenenä kymmeneksi",
    100: "sata sadan sataa sadassa sadasta sataan sadalla sadalta sadalle satana sadaksi",
    1000: "tuhat tuhannen tuhatta tuhannessa tuhannesta tuhanteen tuhannella tuhannelta tuhannelle tuhantena tuhanneksi",
}  # fmt: skip
_ZERO = dict(
    zip(
        CASES,
        "nolla nollan nollaa nollassa nollasta nollaan nollalla nollalta nollalle nollana nollaksi".split(),
        strict=True,
    )
)
_FORMS = {value: dict(zip(CASES, forms.split(), strict=True)) for value, forms in _FINNISH.items()}


def finnish(value: int, case: str = "nom") -> str:
    """Return a number up to a million in a case: (26, "ess") is kahtenakymmenenäkuutena."""
    if value <= 10:
        return _FORMS[value][case]
    if value < 20:
        return f"{finnish(value - 10, case)}toista"
    size = next(one for one in (1000, 100, 10) if value >= one)
    many, rest = divmod(value, size)
    # After a number in the nominative, ten, a hundred and a thousand are in the partitive.
    head = _FORMS[size][case] if many == 1 else finnish(many, case) + _FORMS[size]["par" if case == "nom" else case]
    return head + (finnish(rest, case) if rest else "")


_ORDINAL_STEMS = {
    3: "kolma",
    4: "neljä",
    5: "viide",
    6: "kuude",
    7: "seitsemä",
    8: "kahdeksa",
    9: "yhdeksä",
    10: "kymmene",
}
_ORDINAL_ENDINGS = dict(
    zip(CASES, "s nnen tta nnessa nnesta nteen nnella nnelta nnelle ntena nneksi".split(), strict=True)
)
_FIRST = dict(zip(CASES, "nen sen sta sessa sesta seen sella selta selle sena seksi".split(), strict=True))


def finnish_ordinal(value: int, case: str = "nom") -> str:
    """Return an ordinal up to the thirty-first in a case: (13, "ill") is kolmanteentoista."""
    if value > 19:
        tens, rest = divmod(value, 10)
        head = _ordinal_part(tens, case) + _ordinal_part(10, case)
        return head + (_ordinal_part(rest, case) if rest > 2 else finnish_ordinal(rest, case) if rest else "")
    return f"{_ordinal_part(value - 10, case)}toista" if value > 10 else finnish_ordinal_of_ten(value, case)


def finnish_ordinal_of_ten(value: int, case: str) -> str:
    """Return first to tenth in a case."""
    if value > 2:
        return _ordinal_part(value, case)
    ending = _FIRST[case]
    return f"ensimmäi{_front(ending)}" if value == 1 else f"toi{ending}"


def _ordinal_part(value: int, case: str) -> str:
    if value < 3:
        return ("yhde", "kahde")[value - 1] + (_front(_ORDINAL_ENDINGS[case]) if value == 1 else _ORDINAL_ENDINGS[case])
    ending = _ORDINAL_ENDINGS[case]
    return _ORDINAL_STEMS[value] + (ending if value in {3, 6, 8} else _front(ending))


def _front(ending: str) -> str:
    return ending.replace("a", "ä")


def finnish_ending(value: int, ending: str) -> str:
    """Return what an ending after digits is after others: 17:ään, 18:aan. ValueError where nobody knows the ending."""
    case = next((case for case, endings in _ENDINGS_OF_CASES.items() if ending in endings), "")
    if not case or not 0 <= value < 1_000_000:
        raise ValueError(f"“{ending}” is no ending of a number.")
    form = _ZERO[case] if not value else finnish(value - 10 if 10 < value % 100 < 20 else value, case)
    if case in {"gen", "tra"}:
        return ending
    if case == "par":
        return form[-2:] if form.endswith(("ta", "tä", "aa", "ää")) else form[-1:]
    return form[-2:] if case == "ess" else form[-3:]


def finnish_ordinal_ending(value: int, ending: str) -> str:
    """Return what an ending of an ordinal is after other digits: 14:ntenä, 18:ntena."""
    back = finnish_ordinal(value - 10 if 10 < value < 20 else value, "ess").endswith("a")
    return ending.replace("ä", "a") if back else ending.replace("a", "ä")


_ENDINGS_OF_CASES = {
    "gen": ("n",), "par": ("a", "ä", "ta", "tä", "aa", "ää"), "ine": ("ssa", "ssä"), "ela": ("sta", "stä"), "ill": ("aan", "ään", "een", "iin", "hin"),
    "ade": ("lla", "llä"), "abl": ("lta", "ltä"), "all": ("lle",), "ess": ("na", "nä"), "tra": ("ksi",),
}  # fmt: skip
FINNISH_ENDINGS = frozenset(ending for endings in _ENDINGS_OF_CASES.values() for ending in endings)

# --- Swedish and English -----------------------------------------------------------------------------------

_SWEDISH = (
    "noll ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton"
).split()
_SWEDISH_TENS = dict(zip(_TENS, "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio".split(), strict=True))
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_ENGLISH_TENS = dict(zip(_TENS, "twenty thirty forty fifty sixty seventy eighty ninety".split(), strict=True))

SWEDISH_ORDINALS = (
    "första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde elfte tolfte trettonde fjortonde femtonde "
    "sextonde sjuttonde artonde nittonde tjugonde tjugoförsta tjugoandra tjugotredje tjugofjärde tjugofemte "
    "tjugosjätte tjugosjunde tjugoåttonde tjugonionde trettionde trettioförsta"
).split()
ENGLISH_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth "
    "twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()


def swedish(value: int, form: str = "ett") -> str:
    """Return a number below ten thousand; `form` is the gender of a last one: en or ett."""
    if value == 1:
        return form
    if value < 20:
        return _SWEDISH[value]
    if value < 100:
        return _SWEDISH_TENS[value - value % 10] + (swedish(value % 10, form) if value % 10 else "")
    size, name = (1000, "tusen") if value >= 1000 else (100, "hundra")
    many, rest = divmod(value, size)
    tail = (" " if size == 1000 and rest else "") + (swedish(rest, form) if rest else "")
    return (swedish(many) if many > 1 else "") + (" " if size == 1000 and many > 1 else "") + name + tail


def english(value: int, _form: str = "") -> str:
    """Return a number below ten thousand: two hundred and fifty."""
    if value < 20:
        return _ENGLISH[value]
    if value < 100:
        return _ENGLISH_TENS[value - value % 10] + (f"-{_ENGLISH[value % 10]}" if value % 10 else "")
    size, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    many, rest = divmod(value, size)
    tail = f"{' and' if rest < 100 else ''} {english(rest)}" if rest else ""
    return f"{english(many)} {name}{tail}"


def spelled(value: int, language: str, form: str = "") -> str:
    """Return a number in words; ValueError for one that nobody writes in words."""
    if not 0 < value <= LARGEST:
        raise ValueError(f"{value} is not written in words.")
    if language == "fi":
        return finnish(value, form or "nom")
    return swedish(value, form or "ett") if language == "sv" else english(value)


# --- What words are read by --------------------------------------------------------------------------------


@cache
def read_by(language: str) -> dict[str, tuple[float, str]]:
    """
    Return {spelling: (value, forms)} of what is one word; `forms` are its cases in Finnish and its gender in Swedish.
    """
    if language == "fi":
        return _finnish_words()
    known: dict[str, tuple[float, str]] = {}
    if language == "sv":
        for value in (*range(100), *range(200, 1000, 100), 150, 250, *range(2000, 10_000, 1000)):
            known |= {swedish(value, form).replace(" ", ""): (value, form) for form in ("ett", "en")}
        return known
    for value in (*range(20), *_TENS):
        known[english(value)] = (value, "")
    return known


# As people say them in scripts; they are written anew in full.
_COLLOQUIAL = {
    1: "yks", 2: "kaks", 3: "kolme", 4: "neljä", 5: "viis", 6: "kuus", 7: "seittemän seitsemän", 8: "kaheksan kaheksa kahdeksan", 9: "yheksän yheksä yhdeksän",
}  # fmt: skip
_COLLOQUIAL_TENS = dict(
    zip(_TENS, "kakskyt kolkyt nelkyt viiskyt kuuskyt seitkyt kaheksankyt yheksänkyt".split(), strict=True)
)
_SHORTENED = (("kahde", "kahe"), ("yhdek", "yhek"), ("kahdek", "kahek"))  # kahdessa, kahessa


def _said(value: int) -> Iterator[str]:
    """Yield how people say a number below a hundred."""
    if value < 10:
        yield from _COLLOQUIAL[value].split()
    elif value == 10:
        yield "kymppi"
    elif value < 20:
        yield from (f"{one}{ending}" for one in _COLLOQUIAL[value - 10].split() for ending in ("toista", "toist"))
    else:
        tens = _COLLOQUIAL_TENS[value - value % 10]
        yield from ([tens] if value % 10 == 0 else (f"{tens}{one}" for one in _COLLOQUIAL[value % 10].split()))


def _colloquial() -> Iterator[tuple[str, int, str]]:
    """Yield (spelling, value, case) of what people say and no book writes."""
    for value in range(1, 100):
        yield from ((word, value, "nom") for word in _said(value))
    for value in range(2, 10):
        yield from ((f"{word}sataa", value * 100, "nom") for word in _said(value))
        yield from ((f"{word}tuhatta", value * 1000, "nom") for word in _said(value))
    for value in range(1, 21):
        for case in CASES:
            word = finnish(value, case)
            if case == "tra":
                yield word[:-1], value, case
            yield from ((word.replace(*pair), value, case) for pair in _SHORTENED if pair[0] in word)
    tens = "kahen kolmen neljän viiden kuuden seitsemän kahdeksan yhdeksän".split()
    yield from ((f"{one}kympin", value, "gen") for value, one in zip(_TENS, tens, strict=True))


def _finnish_words() -> dict[str, tuple[float, str]]:
    known: dict[str, list[str]] = {}
    values: dict[str, float] = {}
    for value in _finnish_values():
        for case in CASES:
            word = finnish(value, case)
            known.setdefault(word, []).append(case)
            values.setdefault(word, value)
    halves = dict(
        zip(
            CASES,
            "puoli puolen puolta puolessa puolesta puoleen puolella puolelta puolelle puolena puoleksi".split(),
            strict=True,
        )
    )
    for case, word in halves.items():
        known[f"{word}toista"] = [case]
        values[f"{word}toista"] = 1.5
    for word, number, case in _colloquial():
        if word not in known:
            known[word], values[word] = [case], number
    for case, word in _ZERO.items():
        known[word], values[word] = [case], 0
    return {word: (values[word], " ".join(cases)) for word, cases in known.items()}


def _finnish_values() -> Iterator[int]:
    yield from range(1, 200)
    yield from range(200, 1000, 10)
    yield from (many * 1000 for many in (*range(1, 100), 100, 200, 300, 400, 500))


@cache
def ordinals(language: str) -> dict[str, tuple[int, str]]:
    """Return {spelling: (day of the month, forms)}."""
    if language == "fi":
        known: dict[str, tuple[int, str]] = {}
        for value in range(31, 0, -1):
            for case in CASES:
                known[finnish_ordinal(value, case)] = (value, case)
                if 20 < value != 30 and value % 10 in {1, 2}:  # both are said: -ensimmäinen and -yhdes
                    head = finnish_ordinal(value - value % 10, case)
                    known[head + _ordinal_part(value % 10, case)] = (value, case)
        return known
    words = {"sv": SWEDISH_ORDINALS, "en": ENGLISH_ORDINALS}.get(language, [])
    return {word: (number, "") for number, word in enumerate(words, 1) if "-" not in word}
