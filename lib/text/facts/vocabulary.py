"""
What the words of a language mean to the grammar: each has a class, which is one letter, a value and a form.

    M m  month, short month          T  and, to, or: what stands between two values
    K k  weekday, short weekday      F  from, at, between: what stands before a time
    N O  number, ordinal             G  daily, on weekdays: what stands before hours
    J    hundred, million            R  what stands before a number that is a name: bus 65, section 58
    U Q  unit of time, of measure    l  what stands after one: 58 §, 12 artikla
    E P  money, per cent             y  year, in Finnish and Swedish before its number
    C    clock                       d  the, den
    A    a.m., p.m.                  o  of
    H V  half, quarter               a  a, an
    Z D  noon, today                 i  what makes an ordinal of digits: 26th
    p    in the evening              L  call, the number
    q b  past, to                    S s  street, and a word before its name
    v    between, after two hours    W w  any other word, with a capital or without
    z    the s of 1990s              X    several that are called by numbers: buses 65 and 66
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from . import calendar_words, number_words, unit_words


@dataclass(frozen=True, slots=True)
class Word:
    """A class, a value, and the form that the value is in: a case, "one" or "many", which of two spellings."""

    cls: str
    value: float | str = ""
    form: str = ""
    row: tuple[tuple[str, str], ...] = ()  # (form, spelling) of the same word in every form


WORDS: dict[str, dict[str, str]] = {
    "en": {
        "T": "to and or till until through", "F": "from at by between since around about before after in", "q": "past",
        "G": "daily weekdays weekends weekday open hours", "d": "the", "o": "of", "a": "a an", "H": "half", "C": "o'clock",
        "L": "call ring phone text number hotline helpline", "i": "st nd rd th",
        "X": "trains flights buses lines trams routes roads sections paragraphs chapters articles annexes versions steps tables pages gates rooms bays lockers zones messages questions points",
        "R": "bus line tram route road motorway highway section paragraph message question point § "
        "chapter article annex version ios android windows step phase stage "
        "table page figure gate flight train room bay platform exit zone area district building door locker box item "
        "no nr floor track regulation act lot level part fault appendix class volume issue update bulletin reactor unit station terminal pier lane stop shelter house flat ward wave shift team hall channel form press won lost behind score",
    },
    "fi": {
        "T": "ja tai sekä", "q": "yli", "v": "välillä väliin aikaan aikoihin maissa tienoilla alkaen lähtien", "b": "vaille", "G": "paikalla arkisin päivittäin viikonloppuisin arkena auki avoinna aukioloaika aukioloajat",
        "H": "puoli puolen puolta puolessa", "C": "klo kello", "y": "vuonna vuosina vuodesta vuoteen vuoden vuosien vuosi", "L": "soita numero "
        "numerosta numeroon numerossa puhelin puh neuvontapuhelin", "l": "artikla artiklan luku luvun pykälä pykälän "
        "momentti momentin § kohta kohdan",
        "X": "tiet junat lennot bussit busseilla bussilinjat linjat linjojen raitiovaunut vaiheet lokerot lokeroista",
        "R": "bussi bussin bussilinja bussilinjan linja linjan linjalla raitiovaunu "
        "ratikka tiellä tie tietä tien seututie seututien valtatie valtatien valtatietä kantatie kantatien kantatietä "
        "yhdystie vaihe vaiheen vaiheessa taulukko taulukossa sivu sivulla sivun luku luvun luvussa artikla "
        "artiklan liite liitteessä liitteen versio version versiosta versiota versioon ios android windows portti portilta "
        "portin lento lennon juna junan laituri laiturilta laiturin laiturilla viikko viikolla viikkoon viikosta viikon vko huone "
        "huoneessa vyöhyke vyöhykkeellä alue alueella ryhmä ovi ovesta oven taso tasolle tason tasolla erä lokero lokerosta kohta kohdassa nro "
        "no numero asetus asetuksen pl luokka pykälä momentti § tiedote ydinviesti pääviesti reaktori yksikkö asema terminaali kaista pysäkki väestönsuoja talo asunto osasto aalto halli kanava lomake kuva kartta paina äänin häviöllä voitti hävisi voittoon lukemin",
    },
    "sv": {
        "T": "till och eller samt", "F": "från mellan sedan före efter kring i senast", "q": "över", "d": "den", "o": "av",
        "G": "plats dagligen vardagar veckoslut veckosluten helger öppet öppen öppettider", "H": "halv", "C": "kl klockan", "v": "tiden",
        "y": "år åren", "L": "ring telefon tfn nummer numret telefonen", "l": "kap kapitel artikel § mom", "i": "",
        "X": "bussarna spårvagnarna tågen vägarna bussar busslinjerna linjerna artiklarna",
        "R": "buss bussen busslinje busslinjen linje linjen spårvagn väg vägen riksväg regionalväg "
        "stamväg landsväg motorväg fas fasen steg tabell sida sidan kapitel artikel paragraf bilaga bilagan "
        "version versionen ios android windows gate flyg tåg tåget spår hållplats perrong zon område grupp vecka veckan v rum rummet dörr "
        "nivå parti fack box nr no nummer förordning förordningen pb punkt vån våning klass huvudbudskap bulletin reaktor enhet station terminal körfält skyddsrum hus lägenhet avdelning våg hall kanal blankett bild karta tryck § rösterna vann "
        "förlorade resultatet",
    },
}  # fmt: skip
# In every language: an English text names Finnish and Swedish streets.
_STREETS = tuple(
    "katu tie kuja polku kaari aukio tori raitti väylä penger bulevardi esplanadi gatan vägen gränd stigen torget esplanaden "
    "bågen stranden gata allén street road avenue lane square".split()
)
_BEFORE_STREETS = frozenset(
    "itäinen läntinen pohjoinen eteläinen iso pieni vanha uusi östra västra norra södra stora lilla gamla nya".split()
)
# What a weekday may go on with, as in keskiviikkoaamuun and söndagskväll.
_DAY_ENDINGS = {
    "fi": ("aamu", "ilta", "yö", "päiv"),
    "sv": ("skväll", "smorgon", "snatt", "seftermiddag", "sförmiddag"),
}
_HOUR_BEGINNINGS = ("aamupäivä", "iltapäivä", "aamu", "ilta", "yö")
CLITIC = "kin"  # even ten is kymmenenkin


@cache
def words_of(language: str) -> Mapping[str, Word]:
    """Return {spelling: Word} of a language, in lower case but for English names of days and months; {} if unknown."""
    known: dict[str, Word] = {}
    if language not in WORDS:
        return known
    for cls, spelt in sorted(
        WORDS[language].items(), key=lambda one: one[0] == "l"
    ):  # what may stand on both sides wins
        known |= {word: Word(cls) for word in spelt.split()}
    for word, (day, form) in number_words.ordinals(language).items():
        known[word] = Word("O", day, form)
    for word, (value, forms) in number_words.read_by(language).items():
        if known.get(word, Word("")).cls not in {"R", "l"}:
            known[word] = Word("N", value, forms)
    known |= _units(language) | _calendar(language)
    known |= {word: Word("V", minutes) for word, minutes in calendar_words.MINUTES[language].items()}
    return known


def _units(language: str) -> dict[str, Word]:
    known: dict[str, Word] = {}
    for cls, tables in (
        ("Q", {code: [{"": sign}] for sign, code in unit_words.SIGNS.items()}),
        ("Q", unit_words.MEASURES[language]),
        ("E", unit_words.MONEY[language] | {" EUR": [{"": "eur"}, {"": "EUR"}]}),
        ("P", {"": unit_words.PERCENT[language]}),
        ("U", unit_words.DURATIONS[language]),
        ("J", unit_words.MULTIPLES[language]),
    ):
        for code, rows in tables.items():  # type: ignore[attr-defined]
            value = code.strip() if isinstance(code, str) else float(code)
            for row in rows:
                known |= _rows(cls, value, row)
    return known


def _calendar(language: str) -> dict[str, Word]:
    known: dict[str, Word] = {}
    names = calendar_words
    for cls, tables in (
        ("k", names.WEEKDAY_SHORT), ("m", names.MONTH_SHORT), ("K", names.WEEKDAY_NAMES), ("M", names.MONTH_NAMES),
    ):  # fmt: skip
        for number, row in enumerate(tables.get(language, []), 1):  # type: ignore[attr-defined]
            known |= {word: one for word, one in _rows(cls, number, row).items() if one.cls != "k" or word not in known}
    known |= {word: Word("p", float(late)) for word, late in names.DAY_PARTS[language].items()}
    for cls, table in (("D", names.RELATIVE_DAYS), ("Z", names.NAMED_HOURS)):
        known |= {word: Word(cls, value, form) for word, (value, form) in table[language].items()}
    return known


def _rows(cls: str, value: float | str, row: Mapping[str, str]) -> dict[str, Word]:
    forms: dict[str, list[str]] = {}
    for form, spelt in row.items():
        forms.setdefault(spelt, []).append(form)
    return {spelt: Word(cls, value, " ".join(names), tuple(row.items())) for spelt, names in forms.items()}


def meaning_of(text: str, language: str) -> Word:
    """Return what a word means; one that the vocabulary does not have is just a word."""
    known = words_of(language)
    found = known.get(text)
    if found is None:
        low = text.lower()
        found = known.get(low)
        if found is None and language == "en" and text.isupper() and len(text) > 2:
            found = known.get(text.capitalize())
    if found is not None:
        return found
    return _made(text, language) or Word("w" if text.islower() else "W")


def _made(text: str, language: str) -> Word | None:
    """Return what a word means that is put together: Fleminginkatu, keskiviikkoaamuun, aamuseitsemän."""
    low = text.lower()
    if text[:1].isupper() and low.endswith(_STREETS):
        return Word("S")
    if text[:1].isupper() and low in _BEFORE_STREETS:
        return Word("s")
    if language == "fi":
        return _day_and_part(low, "fi", "nom") or _number_and_part(low)
    return _day_and_part(low, "sv", "") if language == "sv" else None


def _day_and_part(low: str, language: str, form: str) -> Word | None:
    names = [row[form] for row in calendar_words.WEEKDAY_NAMES[language]]
    name = next((one for one in names if low.startswith(one)), "")
    rest = low.removeprefix(name)
    if not name or not rest.startswith(_DAY_ENDINGS[language]):
        return None
    return Word("K", names.index(name) + 1, "made", tuple((one, one + rest) for one in names))


def _number_and_part(low: str) -> Word | None:
    numbers = number_words.read_by("fi")
    if low.endswith(CLITIC) and (even := numbers.get(low.removesuffix(CLITIC))):
        return Word("N", *even)
    beginning = next((one for one in _HOUR_BEGINNINGS if low.startswith(one)), "")
    hour, forms = numbers.get(low.removeprefix(beginning), (0, "")) if beginning else (0, "")
    if not 1 <= hour <= 12:
        return None
    return Word("h", hour + (12 if beginning.startswith("ilta") else 0), f"{beginning} {forms}")


def several(language: str) -> Iterator[str]:
    """Yield what is one word of the vocabulary and several to the eye, the longest first."""
    yield from sorted(
        (word for word in words_of(language) if not word.isalnum() and " " in word), key=len, reverse=True
    )
