"""Words looked up: what a word of a sentence is about, and what it says of that."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from lib.text import similarity
from lib.text.facts.words.calendar import MONTH_NAMES, MONTH_SHORT, WEEKDAY_NAMES
from lib.text.linguistics import lexicon, stemming

from .words import aspects, subjects

LANGUAGES = ("fi", "sv", "en")
SHORTEST_TYPO = 7  # letters of a word in which one wrong letter is taken for a slip
SHORTEST_FORM = 6  # letters of a word of which other forms are known
ROOT = 5  # letters that two words have to share to be forms of one, where no stem says so
LONGEST_BEGINNING = 40  # letters of how a word of the lists begins; one from outside may have thousands
MARKS = (
    "WELL", "ILL", "STAYS", "BECOMES", "NEGATIONS", "NOBODY", "WITHOUT", "ONLY", "ALL", "ENTRY", "IF", "MOST", "LEAST", "ABOVE",
    "BELOW", "AT_ONCE", "UNTIL_AFTER", "UNTIL_BEFORE", "FROM_AFTER", "FROM_BEFORE", "BEFORE", "FIRST_THEN", "REPORTED", "WISHED", "PAST", "OWN",
    "ELSEWHERE", "EXCEPT", "STILL", "NOW", "WHEN", "OTHERS", "FEAST",
)  # fmt: skip


_LIMITING = frozenset("than later an kuin only just bara vain vaan not-only".split())

_CALENDAR = {
    code: frozenset(
        similarity.plain(spelt)
        for names in (*MONTH_NAMES[code], *MONTH_SHORT.get(code, ()), *WEEKDAY_NAMES[code])
        for spelt in names.values()
    )
    for code in LANGUAGES
}


@dataclass(frozen=True, slots=True)
class Lookup[Meaning]:
    """Words with what each means: as they stand, by how they begin, by what they have in them, and by their stems."""

    exact: dict[str, list[Meaning]] = field(default_factory=dict)
    beginnings: dict[str, list[Meaning]] = field(default_factory=dict)
    inside: dict[str, list[Meaning]] = field(default_factory=dict)
    stems: dict[str, list[Meaning]] = field(default_factory=dict)

    def add(self, words: str, meaning: Meaning, language: str = "") -> None:
        """Note what words mean: "suljet*" is every word that begins so, "*katko*" every one with it; with a language in all forms."""
        for word in words.split():
            bare = word.strip("*")
            table = self.inside if word[0] == "*" else self.beginnings if word[-1] == "*" else self.exact
            table.setdefault(bare, []).append(meaning)
            if language and bare == word and len(word) >= SHORTEST_FORM:
                for stem in stemming.keys(word, language):
                    if len(stem) >= ROOT:
                        self.stems.setdefault(stem, []).append(meaning)

    def find(self, word: str, language: str = "") -> list[Meaning]:
        """Return what a word means: as it stands, otherwise by its longest beginning, otherwise by its stem in a language."""
        within = [meaning for piece, meanings in self.inside.items() if piece in word for meaning in meanings]
        if within or word in self.exact:
            return [*self.exact.get(word, ()), *within]
        for length in range(min(len(word), LONGEST_BEGINNING), 2, -1):
            if word[:length] in self.beginnings:
                return self.beginnings[word[:length]]
        if language and len(word) >= SHORTEST_FORM:
            return list(dict.fromkeys(self.stems.get(stemming.stem(word, language), ())))
        return []


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language: of subjects, of aspects (aspect, sign, how), and what marks a clause."""

    subjects: Lookup[str]
    aspects: Lookup[tuple[str, int, str]]
    marks: Lookup[str]
    long: tuple[str, ...]  # what a word with a slip may have been
    empty: frozenset[str]


def column(language: str) -> int:
    """Return the place of a language in tables of words; one that is not known is read as English."""
    code = language.partition("-")[0]
    return LANGUAGES.index(code) if code in LANGUAGES else LANGUAGES.index("en")


@cache
def of(code: str) -> Vocabulary:
    """Return the words of a language."""
    at = column(code)
    about: Lookup[str] = Lookup()
    says: Lookup[tuple[str, int, str]] = Lookup()
    marks: Lookup[str] = Lookup()
    for subject, (_aspect, *words) in subjects.SUBJECTS.items():
        about.add(words[at], subject, code)
    for notice, (subject, _aspect, _sign) in subjects.NOTICES.items():
        if notice not in subjects.SUBJECTS:
            about.add(notice, notice)
            about.add(notice, subject)
    for meaning, spoken in aspects.ASPECTS.items():
        says.add(spoken[at], meaning)
    for name in MARKS:
        marks.add(getattr(aspects, name)[at], name)
    known = {*about.exact, *about.beginnings, *says.exact, *says.beginnings}
    empty = frozenset(aspects.EMPTY.get(code, "").split()) | lexicon.of(lexicon.COMMON, code)
    return Vocabulary(
        about,
        says,
        marks,
        tuple(sorted(one for one in known if len(one) >= SHORTEST_TYPO)),
        empty | lexicon.of(lexicon.FILLERS, code),
    )


@lru_cache(maxsize=1 << 14)
def is_known(word: str, language: str) -> bool:
    """Return whether a word, as plain() gives it, says something in a language of which there is a vocabulary."""
    code = language.partition("-")[0]
    if code not in LANGUAGES:
        return False
    words = of(code)
    return bool(
        word in _CALENDAR[code] or words.subjects.find(word) or words.aspects.find(word) or words.marks.find(word)
    )


@cache
def listed(name: str, code: str) -> frozenset[str]:
    """Return the words of a list of `aspects` in a language."""
    return frozenset(getattr(aspects, name)[column(code)].split())


@cache
def joints(code: str) -> frozenset[str]:
    """Return the words at which a sentence falls into clauses."""
    return frozenset(map(similarity.plain, aspects.JOINTS.get(code, "").split()))


@cache
def compounds(code: str) -> tuple[dict[str, str], int]:
    """Return {words that are one: that one, or "" for a saying that denies nothing}, and how many words the longest has."""
    idioms = [one.replace("ala ", "ei ") for one in lexicon.IDIOMS.get(code, ())]  # as the register has it
    words = dict.fromkeys((one for one in idioms if not _LIMITING & set(one.split())), "") | subjects.COMPOUNDS.get(
        code, {}
    )
    return words, max((len(one.split()) for one in words), default=1)


@lru_cache(maxsize=1 << 14)
def mended(word: str, code: str) -> str:
    """Return the word that one with a slip was to be, or the word itself: "stägnda" was "stängda"."""
    if len(word) < SHORTEST_TYPO or not word.isalpha():
        return word
    words = of(code)
    if words.subjects.find(word, code) or words.aspects.find(word) or words.marks.find(word):
        return word
    near = process.extractOne(word, words.long, scorer=OSA.distance, score_cutoff=1)
    return near[0] if near and near[0][0] == word[0] else word


@lru_cache(maxsize=1 << 14)
def is_same(word: str, other: str, code: str) -> bool:
    """Return whether two words, as plain() gives them, are forms of one, or one is put together with the other."""
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    if len(short) < 4:
        return False
    stem = stemming.stem(short, code)
    if stem == stemming.stem(long, code) or _is_part(short, stem, long):
        return True
    shared = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if shared >= max(ROOT, len(short) - 3) and len(long) - shared <= 6:
        return True
    is_long = len(short) >= SHORTEST_TYPO - 1 and len(long) - len(short) <= 1
    return is_long and OSA.distance(short, long, score_cutoff=1) <= 1


def _is_part(short: str, stem: str, long: str) -> bool:
    """Return whether a word begins or ends another, or its stem is within it."""
    if len(short) >= ROOT and (long.startswith(short) or long.endswith(short)):
        return True
    return len(short) > ROOT and len(stem) >= ROOT and stem in long


def has_form(word: str, words: Iterable[str], code: str) -> bool:
    """Return whether any of some words is a form of a word."""
    return any(is_same(word, one, code) for one in words)


@lru_cache(maxsize=1 << 14)
def common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Return the subjects of one that the other has too, or has by another name."""
    return frozenset(
        name for name in one if name in other or any(pair - {name} <= other for pair in subjects.KIN if name in pair)
    )


@cache
def roots(subject: str, code: str) -> tuple[str, ...]:
    """Return beginnings of the words for a subject, or all of those that are several ("power cut"), the shortest first."""
    _aspect, *words = subjects.SUBJECTS.get(subject, ("", "", "", ""))
    spelt = [one.strip("*")[:7] for one in words[column(code)].split()]
    about = of(code).subjects
    spelt += [
        said for said, one in compounds(code)[0].items() if any(subject in about.find(word) for word in one.split())
    ]
    found: list[str] = []
    for word in sorted(spelt, key=len):
        if len(word) >= 3 and not any(word.startswith(one) for one in found):
            found.append(word)
    return tuple(found)
