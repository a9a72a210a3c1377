"""How months, days and small numbers are spelt in Finnish, Swedish and English, with Finnish in its cases."""

from itertools import product

CLOCKS = {"fi": r"klo|kello", "sv": r"kl\.?|klockan", "en": r"o'clock"}

_FINNISH_MONTHS = "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu".split()
_SWEDISH_MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()
_ENGLISH_MONTHS = "January February March April May June July August September October November December".split()

# {language: {spelling: month}}. English ones are read as they stand: "may" is no month.
MONTHS = {
    "fi": {
        f"{stem}kuu{ending}": number
        for number, stem in enumerate(_FINNISH_MONTHS, 1)
        for ending in ("", "n", "ta", "ssa", "hun", "sta", "lle", "na")
    },
    "sv": {name: number for number, name in enumerate(_SWEDISH_MONTHS, 1)},
    "en": {
        spelling: number
        for number, name in enumerate(_ENGLISH_MONTHS, 1)
        for spelling in {name, name[:3], "Sept" if number == 9 else name}
    },
}


def _finnish_numbers() -> dict[str, int]:
    """Return the numbers one to twelve, and twenty, in the cases that figures stand in."""
    # Front vowels end in -ä, back vowels in -a. "yhdessä" is left out: it nearly always means "together".
    cases: dict[int, str] = {
        1: "yksi yhden yhtä yhteen yhdestä yhdellä yhdelle",
        2: "kaksi kahden kahta kahteen kahdessa kahdesta kahdella kahdelle kahdelta kahtena",
        3: "kolme kolmen kolmea kolmeen kolmessa kolmesta kolmella kolmelle kolmelta kolmena",
        4: "neljä neljän neljää neljään neljässä neljästä neljällä neljälle neljältä neljänä",
        5: "viisi viiden viittä viiteen viidessä viidestä viidellä viidelle viideltä viitenä",
        6: "kuusi kuuden kuutta kuuteen kuudessa kuudesta kuudella kuudelle kuudelta kuutena",
        7: "seitsemän seitsemää seitsemään seitsemässä seitsemästä seitsemällä seitsemälle seitsemänä",
        8: "kahdeksan kahdeksaa kahdeksaan kahdeksassa kahdeksasta kahdeksalla kahdeksalle kahdeksana",
        9: "yhdeksän yhdeksää yhdeksään yhdeksässä yhdeksästä yhdeksällä yhdeksälle yhdeksänä",
        10: "kymmenen kymmentä kymmeneen kymmenessä kymmenestä kymmenellä kymmenelle kymmenenä",
        20: "kaksikymmentä kahdenkymmenen kahtakymmentä kahteenkymmeneen kahdessakymmenessä kahdestakymmenestä",
    }
    words = {word: value for value, spelt in cases.items() for word in spelt.split()}
    teens = {1: "yksi yhden yhtä yhteen yhdessä yhdestä yhdellä yhdelle", 2: cases[2]}
    return words | {f"{word}toista": 10 + value for value, spelt in teens.items() for word in spelt.split()}


NUMBER_WORDS: dict[str, dict[str, int]] = {
    "fi": _finnish_numbers(),
    "sv": {"en": 1, "ett": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "åtta": 8, "nio": 9}
    | {"tio": 10, "elva": 11, "tolv": 12, "tjugo": 20},
    "en": {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
    | {"ten": 10, "eleven": 11, "twelve": 12, "twenty": 20},
}


def _finnish_ordinals() -> dict[str, int]:
    """Return first to thirty-first in nominative, genitive, partitive, illative, essive and elative."""
    endings = {
        "a": ("s", "nnen", "tta", "nteen", "ntena", "nnesta"),
        "ä": ("s", "nnen", "ttä", "nteen", "ntenä", "nnestä"),
    }
    stems = {3: "kolma", 4: "neljä", 5: "viide", 6: "kuude", 7: "seitsemä", 8: "kahdeksa", 9: "yhdeksä", 10: "kymmene"}
    back = {3, 6, 8}
    ones = {value: [stem + end for end in endings["a" if value in back else "ä"]] for value, stem in stems.items()}
    ones[1] = ["ensimmäinen", "ensimmäisen", "ensimmäistä", "ensimmäiseen", "ensimmäisenä", "ensimmäisestä"]
    ones[2] = ["toinen", "toisen", "toista", "toiseen", "toisena", "toisesta"]
    inner = {1: [f"yhde{end}" for end in endings["ä"]], 2: [f"kahde{end}" for end in endings["a"]]}
    teens = {10 + value: [f"{word}toista" for word in inner.get(value, ones[value])] for value in range(1, 10)}
    spelt = {value: list(words) for value, words in (ones | teens).items()}
    for case in range(6):
        for ten, first in ((20, inner[2][case]), (30, ones[3][case])):
            word = f"{first}{ones[10][case]}"
            spelt.setdefault(ten, []).append(word)
            for value in range(1, 10 if ten == 20 else 2):
                last = sorted({ones[value][case], inner.get(value, ones[value])[case]})
                spelt.setdefault(ten + value, []).extend(word + gap + one for one, gap in product(last, ("", " ")))
    return _by_word(spelt)


def _by_word(spelt: dict[int, list[str]]) -> dict[str, int]:
    return {word: value for value, words in spelt.items() for word in words}


_SWEDISH_ORDINALS = (
    "första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde elfte tolfte trettonde fjortonde femtonde "
    "sextonde sjuttonde artonde nittonde tjugonde tjugoförsta tjugoandra tjugotredje tjugofjärde tjugofemte "
    "tjugosjätte tjugosjunde tjugoåttonde tjugonionde trettionde trettioförsta"
).split()
_ENGLISH_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth "
    "twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()

# {language: {spelling: day of the month}}.
ORDINAL_WORDS: dict[str, dict[str, int]] = {
    "fi": _finnish_ordinals(),
    "sv": {word: number for number, word in enumerate(_SWEDISH_ORDINALS, 1)},
    "en": {word: number for number, word in enumerate(_ENGLISH_ORDINALS, 1)},
}
