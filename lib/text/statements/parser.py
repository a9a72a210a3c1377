"""A text read: its clauses, and which of them nobody asserts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from lib.text import similarity
from lib.text.linguistics.sentences import whole

from . import spoken_language, vocabulary
from .assertions import Draft, claims_of, noted
from .clauses import GROUPS, PEOPLE, Clause, Figure, usual_aspect
from .moments import Item, Moment, moments_of
from .pieces import clauses_in
from .words import aspects
from .words.aspects import END
from .words.subjects import FORCE

MOST_SENTENCES = 60
GROWN_UP, OLD = 18, 60  # years

_FIGURES = frozenset({"number", "money", "percent", "measure", "duration", "phone"})
_LIMITS = ("MOST", "LEAST", "ABOVE", "BELOW")
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!\d\.)\s+|(?<=\d\.)\s+(?=[A-ZÅÄÖ][a-zåäö]+\s)|\n+")
_LAUGHTER = re.compile(r"\b(?:haha|lol|lmao)|[😂🤣😹😜🙃]", re.I)
_CAUSES = frozenset("because eftersom koska".split())
_PEOPLE = {
    "fi": re.compile(r"hen(?:ki|gen|kea|keen|gelle|gella|gelta|gessa|gesta)|henkilo(?:a|n|on|lle|lla|lta|ssa|sta|t|iden|ita|ille)?|ihmi(?:nen|sen|sta|seen|selle|set|sten|sia)|hlo[an]?"
                     r"|tyyp(?:pi|in|pia|it|peja)|osallistuja[an]?|osallistujaa|vieras(?:ta)?|vieraan"),
    "sv": re.compile(r"person(?:er|ers|s)?|pers|mannisk(?:a|or|ors)|deltagare|gast(?:er)?"),
    "en": re.compile(r"people|peoples|persons?|ppl|participants?|attendees|guests|folks"),
}  # fmt: skip
# Beside a number of people they say that it is the most: "a limit of ten people", "kymmenen hengen raja", "begränsat till tio personer".
_MOST_OF_PEOPLE = {
    "fi": ("raja", "rajoit", "maksimi"),
    "sv": ("grans", "begrans", "max"),
    "en": ("limit", "cap", "maximum"),
}
_COUNT_NOTHING = {
    "fi": frozenset("saa saavat voi voivat on ovat".split()),
    "sv": frozenset("far kan".split()),
    "en": frozenset("are may can might".split()),
}
_MORE_THAN = frozenset({"enemman kuin", "mer an", "fler an", "more than"})
_DOUBTS = {"REPORTED": "reported", "WISHED": "wished", "OWN": "own", "EXCEPT": "except"}


@dataclass(frozen=True, slots=True)
class _Before:
    """What was spoken of before a clause."""

    subjects: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a post, as written; the first 60."""
    found: list[str] = []
    for line in spoken_language.EMOJI.split(text):
        found += (part.strip() for part in whole(_SENTENCE.split(line)) if any(map(str.isalnum, part)))
        if len(found) >= MOST_SENTENCES:
            break
    return found[:MOST_SENTENCES]


def clauses_of(text: str, language: str, *, today: date | None = None) -> list[Clause]:
    """
    Return the clauses of a text, in their order. What is asked, reported, wished, laughed at or refuted in the next breath is
    marked as doubtful.
    """
    code = language.partition("-")[0]
    found: list[Clause] = []
    before = _Before()
    for sentence in sentences_of(text):
        clauses = _sentence(sentence, code, today, before)
        if _is_refutation(sentence, code):
            found, clauses = _doubted(found, "refuted"), _doubted(clauses, "refuted")
        if any("reported" in one.doubts for one in clauses):
            clauses = _doubted(clauses, "reported")
        if clauses:
            before = _Before(clauses[-1].subjects, clauses[-1].others)
        found += clauses
    return _doubted(found, "laughed") if _LAUGHTER.search(text) else found


def _doubted(clauses: Sequence[Clause], doubt: str) -> list[Clause]:
    return [replace(one, doubts=one.doubts | {doubt}) for one in clauses]


def _is_refutation(sentence: str, code: str) -> bool:
    bare = f" {similarity.plain(sentence)} "
    return any(f" {one} " in bare for one in aspects.REFUTED[vocabulary.column(code)].split("|"))


def _sentence(sentence: str, code: str, today: date | None, before: _Before) -> list[Clause]:
    """Return the clauses of a sentence; one that names no subject is about that of the one before."""
    is_asked = sentence.rstrip().endswith("?")
    found: list[Clause] = []
    for items in clauses_in(sentence, code, today):
        before = replace(before, moments=found[-1].moments if found else ())
        clause = _clause(sentence, items, code, today, before, is_first=not found)
        if clause.own or clause.others:
            before = _Before(clause.subjects, clause.others)
        if is_asked or _asks(items, code):
            clause = replace(clause, doubts=clause.doubts | {"asked"})
        if found and "IF" in clause.marks:
            is_end = any(usual_aspect(one) == FORCE for one in clause.own)  # once the warning is over
            doubts = found[-1].doubts | ({"if"} if is_end else set())
            found[-1] = replace(found[-1], condition=(*clause.own, *clause.others), doubts=doubts)
            clause = replace(clause, claims=(), figures=())  # nobody says that it is so
        if found and _is_told_of(items, code):
            clause = replace(clause, claims=())  # "do not tell where one can cross" says of no place that one can
        found.append(clause)
    return found


def _is_told_of(items: Sequence[Item], code: str) -> bool:
    """Return whether a clause is what somebody tells or asks: "where one can cross", "how to get a test"."""
    first = next((item.word for item in items if item.word), "")
    return first in aspects.TOLD_OF[vocabulary.column(code)].split()


def _asks(items: Sequence[Item], code: str) -> bool:
    """Return whether a clause asks without a question mark, as only Finnish lets one tell."""
    first = next((item.word for item in items if item.word), "")
    return (
        code == "fi"
        and first.endswith(("ko", "kohan", "kos", "ks", "kse"))
        and first in vocabulary.listed("QUESTIONS", code)
    )


def _clause(
    said: str, items: Sequence[Item], code: str, today: date | None, before: _Before, *, is_first: bool
) -> Clause:
    draft = noted(items, code, is_first=is_first)
    moments = tuple(moments_of(items, code, today))
    if not moments and items[0].word in _CAUSES:
        moments = before.moments
    figures = tuple(_figures(items, code))
    draft.subjects |= dict.fromkeys(_ages(figures))
    own = about = frozenset(draft.subjects)
    is_saying = bool(draft.hits or draft.marks & {"WELL", "ILL", "NOBODY"} or figures or moments)
    if is_saying and not own - GROUPS and _refers_back(draft.others, items, code):
        about = own | before.subjects
        draft.others = list(dict.fromkeys((*draft.others, *before.others)))
    return Clause(
        said=said,
        language=code,
        claims=tuple(claims_of(draft, about, moments, code)),
        subjects=about,
        own=own,
        others=tuple(draft.others),
        aside=tuple(draft.aside),
        names=tuple(draft.names),
        places=tuple(draft.places),
        moments=moments,
        figures=figures,
        marks=frozenset(draft.marks),
        only=tuple(draft.only),
        rest=frozenset(draft.rest),
        is_negative=draft.flip < 0,
        doubts=_doubts(draft, has_day=bool(moments)),
        today=today,
    )


def _doubts(draft: Draft, *, has_day: bool) -> frozenset[str]:
    """Return why nobody asserts a clause, or may not: reported, wished, of what was, or over "by Christmas", which names no day."""
    doubts = {doubt for mark, doubt in _DOUBTS.items() if mark in draft.marks}
    if "PAST" in draft.marks and not has_day:
        doubts.add("past")
    if "FEAST" in draft.marks and not has_day and any(how == END for _aspect, _sign, how, _word in draft.hits):
        doubts.add("feast")
    return frozenset(doubts)


def _ages(figures: Sequence[Figure]) -> list[str]:
    """Return who is meant by an age: children under 12, those over 65."""
    ages = [(one.limit, one.number) for one in figures if one.kind == "age"]
    young = any(limit == "BELOW" and number <= GROWN_UP for limit, number in ages)
    old = any(limit == "ABOVE" and number >= OLD for limit, number in ages)
    return ["child"] * young + ["elderly"] * old


def _refers_back(others: Sequence[str], items: Sequence[Item], code: str) -> bool:
    """Return whether a clause that names no subject is about that of the one before it."""
    return not others or any(item.word in vocabulary.listed("PRONOUNS", code) for item in items[:2])


def _limit(items: Sequence[Item], at: int, marks: set[str], counted: str, code: str) -> str:
    """Return the limit that the figure at a place is: by the words just before it, else by the marks near it."""
    if counted == PEOPLE and " ".join(one.word for one in items[max(0, at - 2) : at]) in _MORE_THAN:
        return "ABOVE"
    if counted == PEOPLE and not marks.intersection(_LIMITS):
        near = items[max(0, at - 3) : at + 4]
        if any(one.word.startswith(_MOST_OF_PEOPLE.get(code, ())) for one in near):
            return "MOST"
    is_only = at > 0 and "ONLY" in vocabulary.of(code).marks.find(items[at - 1].word)  # only six
    return next((mark for mark in _LIMITS if mark in marks), "MOST" if is_only else "")


def _figures(items: Sequence[Item], code: str) -> list[Figure]:
    """Return the amounts of a clause, each with its limit and what it counts."""
    words = vocabulary.of(code)
    found = []
    for at, item in enumerate(items):
        near = [*items[max(0, at - 3) : at], *items[at + 1 : at + 4]]
        marks = {mark for one in near for mark in words.marks.find(one.word)}
        after = next((one.word for one in items[at + 1 : at + 3] if len(one.word) > 2), "")
        after = "" if after in _COUNT_NOTHING.get(code, ()) else after
        counted = "at once" if "AT_ONCE" in marks else next(iter(words.subjects.find(after, code)), after)
        counted = PEOPLE if (people := _PEOPLE.get(code)) and people.fullmatch(after) else counted
        limit = _limit(items, at, marks, counted, code)
        found += [Figure(fact, limit, counted) for fact in item.facts if fact.kind in _FIGURES]
    return found
