"""Weekdays, months, days near today and hours that have names, in Finnish, Swedish and English."""

from .finnish_nouns import noun

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_FINNISH_WEEKDAYS = "maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai".split()
_FINNISH_MONTHS = "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu".split()


def _weekday(name: str) -> dict[str, str]:
    if name == "keskiviikko":
        return noun(name, "keskiviiko", "keskiviikkoa")
    return noun(name, partitive=f"{name}ta", illative=f"{name}hin")


def _named(names: str, form: str = "") -> list[dict[str, str]]:
    return [{form: name} for name in names.split()]


# {language: [{form: spelling} of each]}, from Monday and January on. English months are read as they stand: "may" is no month.
WEEKDAY_NAMES: dict[str, list[dict[str, str]]] = {
    "fi": [
        _weekday(name) | {"every": f"{name}sin" if name.endswith("i") else f"{name}isin"} for name in _FINNISH_WEEKDAYS
    ],
    "sv": [
        {"": name, "the": f"{name}en", "every": f"{name}ar", "last": f"{name}s", "of": f"{name}ens"}
        for name in "måndag tisdag onsdag torsdag fredag lördag söndag".split()
    ],
    "en": [
        {"": name, "every": f"{name}s"}
        for name in "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    ],
}  # fmt: skip
WEEKDAY_SHORT: dict[str, list[dict[str, str]]] = {
    "fi": _named("ma ti ke to pe la su"),
    "sv": [{"": a, "two": b} for a, b in zip("mån tis ons tors fre lör sön".split(), "må ti on to fr lö sö".split(), strict=True)],
    "en": [
        {"": name, "long": long}
        for name, long in zip("Mon Tue Wed Thu Fri Sat Sun".split(), "Mon Tues Weds Thurs Fri Sat Sun".split(), strict=True)
    ],
}  # fmt: skip

# What stands between two days of one month in languages without a vocabulary here: "2 إلى 5 ديسمبر", "со 2 по 5 декабря".
BETWEEN_DAYS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "ar": "إلى الى حتى و", "et": "kuni ja", "ru": "по до и", "uk": "по до і та й", "so": "ilaa iyo", "se": "gitta rádjai ja",
        "de": "bis und", "fr": "au et", "es": "al y a", "it": "al e", "pt": "a ao e", "nl": "tot en", "pl": "do i", "lt": "iki ir",
        "lv": "līdz un", "nb": "til og", "da": "til og", "is": "til og", "tr": "ile ve", "fa": "تا و", "ku": "heta û", "vi": "đến và",
    }.items()
}  # fmt: skip

MONTH_NAMES: dict[str, list[dict[str, str]]] = {
    "fi": [noun(f"{stem}kuu", partitive=f"{stem}kuuta", illative=f"{stem}kuuhun") for stem in _FINNISH_MONTHS],
    "sv": _named("januari februari mars april maj juni juli augusti september oktober november december"),
    "en": _named("January February March April May June July August September October November December"),
}
MONTH_SHORT: dict[str, list[dict[str, str]]] = {
    "sv": _named("jan feb mars apr maj juni juli aug sept okt nov dec"),
    "en": [
        {"": name, "long": long}
        for name, long in zip(
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
            "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec".split(),
            strict=True,
        )
    ],
}

# {language: {spelling: (days from today, form)}}
RELATIVE_DAYS: dict[str, dict[str, tuple[int, str]]] = {
    "fi": {
        "tänään": (0, "on"), "huomenna": (1, "on"), "eilen": (-1, "on"), "ylihuomenna": (2, "on"), "toissapäivänä": (-2, "on"),
        "huomiseen": (1, "to"), "huomisesta": (1, "from"), "eilisestä": (-1, "from"), "eiliseen": (-1, "to"),
    },
    "sv": {
        "i dag": (0, ""), "i morgon": (1, ""), "i går": (-1, ""), "i övermorgon": (2, ""), "i förrgår": (-2, ""),
        "idag": (0, "one"), "imorgon": (1, "one"), "igår": (-1, "one"), "i kväll": (0, "evening"), "ikväll": (0, "evening"),
    },
    "en": {
        "today": (0, ""), "tomorrow": (1, ""), "yesterday": (-1, ""), "the day after tomorrow": (2, ""),
        "the day before yesterday": (-2, ""), "tonight": (0, "evening"),
    },
}  # fmt: skip

# {language: {spelling: (hour, form)}}. English and Swedish have no cases to keep.
NAMED_HOURS: dict[str, dict[str, tuple[int, str]]] = {
    "fi": {
        "keskiyö": (0, "nom"), "keskiyön": (0, "gen"), "keskiyöllä": (0, "ade"), "keskiyöstä": (0, "ela"),
        "keskiyöhön": (0, "ill"), "puoliltaöin": (0, "ade"), "puolilta öin": (0, "two"), "puolilta päivin": (12, "two"), "puoltayötä": (0, "par"), "puoleenyöhön": (0, "ill"),
        "keskipäivä": (12, "nom"), "keskipäivän": (12, "gen"), "keskipäivällä": (12, "ade"), "keskipäivästä": (12, "ela"),
        "keskipäivään": (12, "ill"), "puoliltapäivin": (12, "ade"), "puoltapäivää": (12, "par"),
        "puoleenpäivään": (12, "ill"), "puolestapäivästä": (12, "ela"),
    },
    "sv": {"midnatt": (0, ""), "mitt på dagen": (12, ""), "vid middagstid": (12, ""), "klockan tolv på dagen": (12, "")},
    "en": {"midnight": (0, ""), "noon": (12, ""), "midday": (12, ""), "twelve noon": (12, "twelve")},
}  # fmt: skip

# Parts of the day beside an hour: whether they make it one of the afternoon, as in "8 o'clock in the evening". The night has both.
NIGHT = 0.5
DAY_PARTS: dict[str, dict[str, float]] = {
    "fi": {
        "aamulla": False, "aamuyöllä": False, "aamupäivällä": False, "yöllä": NIGHT, "ensi yönä": NIGHT, "viime yönä": NIGHT, "tänä aamuna": False,
        "tänä iltana": True, "iltapäivällä": True, "illalla": True,
        "iltaan": True,
    },
    "sv": {
        "på morgonen": False, "på förmiddagen": False, "på natten": NIGHT, "i natt": NIGHT, "i morse": False, "på eftermiddagen": True, "på kvällen": True,
        "på dagen": False,
    },
    "en": {
        "in the morning": False, "at night": NIGHT, "last night": NIGHT, "in the afternoon": True, "in the evening": True, "this morning": False,
        "this afternoon": True, "this evening": True, "tonight": True,
    },
}  # fmt: skip

# {language: {spelling: minutes}} of what is an amount of time by itself.
MINUTES: dict[str, dict[str, int]] = {
    "fi": {"vartti": 15, "vartin": 15, "varttia": 15, "vartissa": 15},
    "sv": {"kvart": 15, "halvtimme": 30, "halvtimmes": 30},
    "en": {"quarter": 15, "quarters": 15},
}
