"""What a clause says of its subjects, worked out of the words that were noted of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from . import vocabulary
from .clauses import Claim, usual_aspect
from .moments import FROM, ON, UNTIL, Item, Moment
from .words import subjects
from .words.aspects import BEGIN, END, EVENT, STATE
from .words.subjects import ALLOWED, FORCE, FREE, NEEDED, OPEN, RUN, SAFE, THING, WORK

# Words for an end that is past.
OVER = frozenset(
    "paattyi paattyivat paattyneet loppui loppuivat loppunut loppuneet ohi kumottu slutade slut upphorde upphort havdes ended lifted expired finished".split()
)
ACTIONS = frozenset({"boil", "flush", "evacuate", "isolate"})  # their words say by themselves that it is to be done

_WHO = frozenset("who som jotka joka jolla".split())
_WITHOUT = re.compile(r".{4,}matta")  # keittämättä: without boiling
_PLACED = frozenset("i vid pa in at near from fran".split())
_PEOPLE = ("vuotia", "ihmi", "henkil", "person", "people", "manniskor")
_MUST = frozenset("must ska skall".split())  # must not is forbidden, need not is not
_STANDING = frozenset({"STAYS", "BECOMES", "ENTRY", "AT_ONCE"})  # what marks nothing by itself
_GOING_ON = ("continu", "jatku", "fortsatt")
_LONGER = ("extended", "pidenne", "forlang")
_OPEN_ENDED = ("toistaiseksi", "tills vidare", "openended")


@dataclass(slots=True)
class Draft:
    """What is noted of a clause while it is read; a hit is (aspect, sign, how, word)."""

    subjects: dict[str, None] = field(default_factory=dict)
    hits: list[tuple[str, int, str, str]] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    only: list[str] = field(default_factory=list)
    rest: set[str] = field(default_factory=set)
    negations: int = 0

    @property
    def is_prolonged(self) -> bool:
        """Whether it says that something was extended."""
        return any(word.startswith(_LONGER) for *_hit, word in self.hits)

    @property
    def flip(self) -> int:
        """-1 where the clause denies."""
        return -1 if self.negations % 2 else 1


def noted(items: Sequence[Item], code: str, *, is_first: bool) -> Draft:
    """Return what the words of a clause are; `is_first` of the one that begins a sentence, where a capital letter tells nothing."""
    draft = Draft()
    reach = {"without": 0, "only": 0}
    for at, item in enumerate(items):
        if not item.facts:
            _note(draft, items, at, code, reach, may_be_name=not (is_first and at == 0))
    draft.aside = _aside(draft.others, items, code)
    if "payment" in draft.subjects:
        draft.hits = [hit for hit in draft.hits if hit[0] != FREE]  # to pay by card costs nothing
    draft.negations = min(draft.negations, 1)  # ei … eikä, inte … varken
    draft.marks |= _told(next((item.word for item in items if item.word), ""), code)
    bare = " ".join(item.word for item in items)
    if any(one in bare for one in _OPEN_ENDED):
        draft.marks.add("OPEN_ENDED")
    return draft


def _aside(others: Sequence[str], items: Sequence[Item], code: str) -> list[str]:
    """Return which words that no list has stand between signs where nothing is said: "…, hang in there"."""
    telling = {item.piece for item in items if item.facts or _says_something(item.word, code)}
    return [item.word for item in items if item.piece not in telling and item.word in others]


@lru_cache(maxsize=1 << 14)
def _says_something(word: str, code: str) -> bool:
    """Return whether a word is about something, or says something of it."""
    words = vocabulary.of(code)
    return bool(words.subjects.find(word, code) or words.aspects.find(word) or set(words.marks.find(word)) - _STANDING)


def _told(first: str, code: str) -> set[str]:
    """Return whether the first word of a clause tells somebody to go ("GO"), or to take or keep something ("DO")."""
    is_finnish = code == "fi" and first.endswith("kaa") and len(first) > 5
    told = {name for name in ("GO", "DO") if first in vocabulary.listed(name, code)}
    return told | ({"GO"} if is_finnish else set())


def _note(draft: Draft, items: Sequence[Item], at: int, code: str, reach: dict[str, int], *, may_be_name: bool) -> None:
    """Note what one word is."""
    words, item = vocabulary.of(code), items[at]
    marks = _marks(items, at, code)
    about = words.subjects.find(item.word, code)
    hits = _hits(items, at, code)
    draft.hits += [(*hit, item.word) for hit in hits]
    draft.subjects |= dict.fromkeys(about)
    _note_marks(draft, items, at, marks, code)
    if reach["without"] or (code == "fi" and _WITHOUT.fullmatch(item.word)):
        draft.without |= set(about[:1])
        reach["without"] *= not about
    is_other = not (about or hits or marks - {"ELSEWHERE"}) and _tells(item.word, words)
    if is_other:
        _note_other(draft, items, at, marks, may_be_name=may_be_name)
    if reach["only"] and (about or is_other):
        draft.only += about or [item.word]
    for name, far in (("only", 4), ("without", 3)):
        reach[name] = far if name.upper() in marks else max(0, reach[name] - 1)


def _note_marks(draft: Draft, items: Sequence[Item], at: int, marks: set[str], code: str) -> None:
    """Note what a word marks."""
    draft.negations += "NEGATIONS" in marks
    draft.marks |= marks
    if "OTHERS" in marks:
        draft.rest.update(_subjects_after(items, at, code))


def _hits(items: Sequence[Item], at: int, code: str) -> list[tuple[str, int, str]]:
    """Return what a word says; "open to all who need it" does not say that it is needed."""
    hits = vocabulary.of(code).aspects.find(items[at].word)
    is_of_people = any(one.word in _WHO for one in items[max(0, at - 2) : at])
    return [hit for hit in hits if hit[0] != NEEDED] if is_of_people else hits


def _tells(word: str, words: vocabulary.Vocabulary) -> bool:
    """Return whether a word that no list has tells what a clause is about."""
    return len(word) > 3 and not word.isdigit() and word not in words.empty and not word.startswith(_PEOPLE)


def _note_other(draft: Draft, items: Sequence[Item], at: int, marks: set[str], *, may_be_name: bool) -> None:
    """Note a word that no list has, which may be a name."""
    item = items[at]
    draft.others.append(item.word)
    if at and items[at - 1].word in _PLACED:
        draft.places.append(item.word)
    if "ELSEWHERE" in marks or (may_be_name and item.raw[0].isupper() and not item.raw.isupper()):
        draft.names.append(item.word)


def _marks(items: Sequence[Item], at: int, code: str) -> set[str]:
    """Return what a word marks where it stands: "only" a limit to whom or what, not to when; "all September" is no all."""
    words, item = vocabulary.of(code), items[at]
    marks = {*words.marks.find(item.raw.casefold()), *words.marks.find(item.word)}
    marks -= {"UNTIL_BEFORE", "BEFORE", "FROM_BEFORE"}
    if "WITHOUT" in marks:
        marks -= {"NEGATIONS"}
    if _is_time(items[at + 1 : at + 3], code) and any(one.facts for one in items):
        marks -= {"ALL"}
    marks -= {"EXCEPT"} if "OTHERS" in marks and _subjects_after(items, at, code) else {"OTHERS"}
    if (at + 1 < len(items) or item.word == "vaan") and not _limits(items[at + 1 : at + 4], code):
        marks -= {"ONLY"}
    return marks


def _is_time(after: Sequence[Item], code: str) -> bool:
    """Return whether "all" is said of a time: all September, all next week."""
    times = vocabulary.listed("TIMES", code)
    return bool(after) and (bool(after[0].facts) or any(one.word in times for one in after))


def _subjects_after(items: Sequence[Item], at: int, code: str) -> list[str]:
    """Return the subjects of the word after one: of "other restrictions"."""
    return vocabulary.of(code).subjects.find(items[at + 1].word, code) if at + 1 < len(items) else []


def _limits(after: Sequence[Item], code: str) -> bool:
    """Return whether "only" before some words limits whom or what, not until when."""
    words = vocabulary.of(code)
    for item in after:
        if item.facts or any(how in {BEGIN, END, EVENT} for _aspect, _sign, how in words.aspects.find(item.word)):
            return False
        if words.subjects.find(item.word, code) or (item.word not in words.empty and len(item.word) > 3):
            return True
    return False


# --- Claims ---------------------------------------------------------------------------------------------


def claims_of(draft: Draft, about: frozenset[str], moments: Sequence[Moment], code: str) -> list[Claim]:
    """Return what a clause says of its subjects."""
    # "Not in without a mask" says nothing else than that a mask is needed.
    claims = [] if draft.without and draft.flip < 0 else _by_aspects(draft, about - draft.without, moments, code)
    explicit = {aspect for aspect, *_rest in draft.hits if aspect in {claim.aspect for claim in claims}}
    claims += [Claim(usual_aspect(subject) or NEEDED, -draft.flip, frozenset({subject})) for subject in draft.without]
    limited = [one for one in draft.only if usual_aspect(one) == NEEDED and one in about]
    claims += [Claim(NEEDED, draft.flip, frozenset({one})) for one in limited]  # only with an appointment
    claims += _by_subjects(draft, about - draft.without - set(draft.only), explicit, moments, code)
    return [*claims, *(derived for claim in claims for derived in _derived(claim, draft))]


def _by_aspects(draft: Draft, about: frozenset[str], moments: Sequence[Moment], code: str) -> list[Claim]:
    """Return what is said by a word for an aspect."""
    claims: dict[str, list[Claim]] = {}
    idle = _idle(draft, about)
    runs_only = {usual_aspect(one) for one in about} & {RUN, WORK} == {RUN}
    for hit in draft.hits:
        aspect, sign, how, word = _as_meant(hit, draft, runs_only=runs_only)
        if aspect in claims or aspect in idle:
            continue
        claim = timed(aspect, sign, how, about, moments, draft, code)
        claim = claim._replace(is_ending=how == END and claim.end is not None, is_going_on=word.startswith(_GOING_ON))
        is_over = claim.is_ending and word in OVER and draft.flip > 0
        claims[aspect] = [claim, Claim(aspect, -1, about, start=claim.end)] if is_over else [claim]
    return [claim for found in claims.values() for claim in found]


def _as_meant(hit: tuple[str, int, str, str], draft: Draft, *, runs_only: bool) -> tuple[str, int, str, str]:
    """Return what a word says here: "must not" is not allowed, and trains that are back run."""
    aspect, _sign, how, word = hit
    if aspect == NEEDED and draft.flip < 0 and word in _MUST:
        return ALLOWED, 1, how, word
    return (RUN, 1, STATE, word) if runs_only and (aspect, how) == (WORK, EVENT) else hit


def _idle(draft: Draft, about: frozenset[str]) -> set[str]:
    """Return the aspects whose words mean something else where no subject runs or works: "I am back"."""
    if any(usual_aspect(one) in {RUN, WORK} for one in about):
        return set()
    return {WORK} if "NOBODY" in draft.marks else {RUN, WORK}  # nothing runs


def _by_subjects(
    draft: Draft, about: frozenset[str], explicit: set[str], moments: Sequence[Moment], code: str
) -> list[Claim]:
    """Return what is said of subjects that need no word for it: "no trains", "boil the water", "the strike on Tuesday"."""
    others = {usual_aspect(one) for one in about} - {FORCE, THING}
    said = [_of_subject(draft, subject, others, explicit, moments, code) for subject in sorted(about)]
    return [claim for claim in said if claim]


def _of_subject(
    draft: Draft, subject: str, others: set[str], explicit: set[str], moments: Sequence[Moment], code: str
) -> Claim | None:
    """Return what is said of one subject under its usual aspect; a weak claim where nothing but the subject says it."""
    aspect, alone, rules = usual_aspect(subject), frozenset({subject}), {ALLOWED, NEEDED}
    if aspect in explicit | {THING} or (explicit & rules and aspect in rules):
        return None
    is_said = bool(draft.negations or draft.marks & {"WELL", "ILL"})
    if not explicit and (not others if aspect == FORCE else is_said):
        claim = timed(aspect, -1 if "ILL" in draft.marks else 1, STATE, alone, moments, draft, code)
        return claim._replace(is_told=not (is_said or moments))  # a strike is no more than spoken of
    if aspect in rules and not explicit & {SAFE, FORCE}:
        is_told = subject in ACTIONS or ("DO" if aspect == NEEDED else "GO") in draft.marks
        claim = timed(aspect, 1, STATE, alone, moments, draft, code)
        return claim._replace(is_weak=not is_told, is_told=subject in ACTIONS)
    return (
        timed(FORCE, draft.flip, STATE, alone, moments, draft, code)._replace(is_weak=True) if aspect == FORCE else None
    )


def timed(
    aspect: str, sign: int, how: str, about: frozenset[str], moments: Sequence[Moment], draft: Draft, code: str
) -> Claim:
    """Return a claim between the moments of its clause: what ends on a day holds until then, what opens is open from then on."""
    moments = [one for one in moments if one.first] or moments
    named = {one.bound: one for one in reversed(moments)}
    start, end, on = named.get(FROM), named.get(UNTIL), named.get(ON)
    if how == END:
        return _ended(aspect, about, start, end or on or start, draft.flip)
    if (how, aspect) == (STATE, OPEN) and set(named) == {ON} and _becomes(draft, sign, code):
        how = EVENT
    if how in {BEGIN, EVENT}:
        return _begun(Claim(aspect, sign, about, start, end, on), how, draft.flip)
    claim = Claim(aspect, sign * draft.flip, about, start, end, on)
    return _holding(claim, is_prolonged=sign > 0 and draft.is_prolonged)


def _holding(claim: Claim, *, is_prolonged: bool) -> Claim:
    """Return what is said by a word for a state: a day with "not before" begins it, one after "extended to" ends it."""
    start, end, on = claim.start, claim.end, claim.on
    if on and on.is_first_then and not start:
        start, on = on, None
    if on and not end and claim.aspect == FORCE and is_prolonged:
        end, on = on, None
    return claim._replace(start=start, end=end, on=None if start or end else on)


def _begun(claim: Claim, how: str, flip: int) -> Claim:
    """Return what is said by a word for a beginning: from that day on it is so, or not before that day."""
    aspect, sign, about, start, end, on, *_rest = claim
    day = claim.end or claim.on or claim.start
    if flip < 0 and day:
        is_from = day.bound == UNTIL or day.is_first_then  # not before
        return Claim(aspect, sign, about, start=day) if is_from else Claim(aspect, -sign, about, on=day)
    if end and not on and not start and how == EVENT:
        return Claim(aspect, sign * flip, about, end=end)
    return Claim(aspect, sign * flip, about, start or on, end)


def _ended(aspect: str, about: frozenset[str], start: Moment | None, day: Moment | None, flip: int) -> Claim:
    """Return what is said by a word for an end: until that day it is so; without a day it is so no more."""
    if flip < 0:
        return Claim(aspect, 1, about, end=day if day and day.bound == UNTIL else None)
    return Claim(aspect, 1, about, start, day) if day else Claim(aspect, -1, about)


def _becomes(draft: Draft, sign: int, code: str) -> bool:
    """Return whether a word for a state is one for its beginning: "libraries open on Monday"."""
    return "BECOMES" in draft.marks or (code == "en" and sign > 0 and "STAYS" not in draft.marks)


# --- What follows from a claim --------------------------------------------------------------------------


def _derived(claim: Claim, draft: Draft) -> list[Claim]:
    """Return what else a claim says: while the boil-water notice is in force, water has to be boiled and is not safe."""
    made = {FORCE: _of_force, ALLOWED: _of_permission, OPEN: _of_opening, SAFE: _of_safety}.get(claim.aspect)
    return [one._replace(is_derived=True) for one in made(claim, draft)] if made else []


def _of_force(claim: Claim, draft: Draft) -> list[Claim]:
    found = []
    for subject in claim.subjects & subjects.NOTICES.keys():
        about, aspect, sign = subjects.NOTICES[subject]
        found.append(claim._replace(aspect=aspect, sign=sign * claim.sign, subjects=frozenset({about})))
    if ruled := _under(claim, NEEDED):
        found.append(claim._replace(aspect=NEEDED, subjects=ruled))
    if "strike" in claim.subjects and "WELL" not in draft.marks and RUN not in {hit[0] for hit in draft.hits}:
        moved = _under(claim, RUN) or frozenset({"transport"})
        found.append(claim._replace(aspect=RUN, sign=-claim.sign, subjects=moved))
    if not _under(claim, FORCE) and (claim.subjects or draft.others):
        found.append(claim._replace(aspect=ALLOWED))  # what has ended can't be done any more
    return found


def _of_permission(claim: Claim, draft: Draft) -> list[Claim]:
    found = []
    if "drink" in claim.subjects and "boil" not in claim.subjects and "water" in {*claim.subjects, *draft.subjects}:
        found.append(claim._replace(aspect=NEEDED, sign=-claim.sign, subjects=frozenset({"boil"})))
    if "meet" in claim.subjects:
        found.append(claim._replace(aspect=NEEDED, sign=-claim.sign, subjects=frozenset({"isolate"})))
    moved = _under(claim, RUN, WORK)
    if moved and (claim.sign > 0 or not (draft.others or claim.subjects - moved)):
        found += [claim._replace(aspect=usual_aspect(one), subjects=frozenset({one})) for one in sorted(moved)]
    return [*found, *_of_places(claim, draft)]


def _of_places(claim: Claim, draft: Draft) -> list[Claim]:
    """Return what a permission says of places: who may get books from the library means that it is open."""
    found = []
    places = _under(claim, OPEN)
    if places:
        is_entry = "ENTRY" in draft.marks or "enter" in claim.subjects
        found.append(claim._replace(aspect=OPEN, subjects=places, is_hint=not is_entry))
    done_there = frozenset(place for one in claim.subjects for place in subjects.DONE_AT.get(one, ()))
    if done_there - places and not claim.is_weak:
        found.append(claim._replace(aspect=OPEN, subjects=done_there, is_hint=True))
    return found


def _under(claim: Claim, *aspects: str) -> frozenset[str]:
    """Return the subjects of a claim that are usually spoken of under some aspects."""
    return frozenset(one for one in claim.subjects if usual_aspect(one) in aspects)


def _of_opening(claim: Claim, draft: Draft) -> list[Claim]:
    if claim.subjects - {"border"} or not draft.others:
        return []
    return [claim._replace(aspect=FORCE, sign=-claim.sign, subjects=frozenset({"restriction"}))]


def _of_safety(claim: Claim, draft: Draft) -> list[Claim]:
    if "water" not in claim.subjects or "boil" in claim.subjects:
        return []
    return [claim._replace(aspect=NEEDED, sign=-claim.sign, subjects=frozenset({"boil"}))]
