"""
Whether a post says the opposite of what holds. First it is decided which sentence that holds a clause of the post is about; only
then are the two compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from lib.text import similarity

from . import vocabulary
from .clauses import COMMON, Claim, Clause, Figure, telling
from .differences import Difference, Reason, compared, speaks_of_everything
from .parser import clauses_of
from .words.subjects import ATTRIBUTES, OPEN, RUN, SUBJECTS, WORK

LONGEST = 5_000  # characters of a post that are read
ENOUGH = 0.5  # how much two clauses have to share to be about the same
NEAR = 0.6  # how much less than the best may be shared
OF_SUBJECT, OF_COMMON, OF_WORD = 2.0, 0.4, 0.5  # what each counts


class Outcome(StrEnum):
    """What a post is to what holds."""

    CONTRADICTS = "contradicts"
    UNSURE = "unsure"
    AGREES = "agrees"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a post is to what holds: `said` is its sentence and `holds` the one beside it, `theirs` and `ours` the words in which they
    differ where it is a day, an hour or a number. `was` is the sentence of before that it repeats; `shared` tells how near they are,
    `is_asserted` whether somebody says it in earnest, and of no other place.
    """

    outcome: Outcome
    said: str = ""
    holds: str = ""
    reason: Reason | None = None
    theirs: str = ""
    ours: str = ""
    was: str = ""
    shared: float = 0.0
    is_asserted: bool = True


@dataclass(frozen=True, slots=True)
class _Match:
    """
    A clause that holds beside one of a post: how much they share, in what they differ, whether they agree, and whether the post says
    again what holds: it agrees in what it asserts, of the same place, and of no more and no less.
    """

    shared: float
    holds: Clause
    differs: Difference | None
    agrees: bool
    is_doubtful: bool
    says_again: bool
    is_elsewhere: bool

    def nearness(self, clause: Clause) -> tuple[float, float]:
        """Return how near the two are: by what they share, then by their letters."""
        one, other = similarity.plain(clause.said), similarity.plain(self.holds.said)
        return self.shared, similarity.likeness(one, other)


class Ground:
    """Sentences that hold, read once; what is said `beside` them is known too, but nobody is held to it."""

    def __init__(
        self, holds: Sequence[str], language: str, *, beside: Sequence[str] = (), today: date | None = None
    ) -> None:
        self.clauses = _dated([clause for text in holds for clause in _read(text, language, today)])
        known = [clause for text in beside for clause in _read(text, language, today)]
        self.beside = {_said_of_a_day(claim) for one in known for claim in one.claims if claim.when}
        known += self.clauses
        self.names = {word for one in known for word in one.names}
        self.words = self.names.union(*(one.others for one in known))
        self.figures: tuple[Figure, ...] = tuple(figure for one in known for figure in one.figures)

    def judge(self, clause: Clause) -> Finding | None:
        """Return what a clause of a post is to what holds; None where it is about nothing of it."""
        matches = [match for held in self.clauses if (match := self._match(clause, held))]
        near = _nearest(clause, matches)
        differing = [match for match in near if match.differs]
        if not differing:
            same = next((match for match in near if match.says_again), None)
            return Finding(Outcome.AGREES, clause.said, same.holds.said, shared=same.shared) if same else None
        worst = max(differing, key=lambda match: match.shared)
        assert worst.differs
        outcome = Outcome.UNSURE if _is_unsure(clause, worst, near) else Outcome.CONTRADICTS
        reason, theirs, ours, told = worst.differs
        return Finding(
            outcome,
            clause.said,
            worst.holds.said,
            told or reason,
            theirs,
            ours,
            shared=worst.shared,
            is_asserted=not clause.doubts and not worst.is_elsewhere,
        )

    def nearest(self, clause: Clause) -> Finding | None:
        """Return a clause beside the sentence that is most about the same, of which the rules make nothing; None without one."""
        near = [(shared, held) for held in self.clauses if (shared := _shared(clause, held)[0]) >= OF_SUBJECT]
        if not near:
            return None
        shared, held = max(near, key=lambda one: one[0])
        return Finding(Outcome.UNRELATED, clause.said, held.said, shared=shared, is_asserted=not clause.doubts)

    def _match(self, clause: Clause, held: Clause) -> _Match | None:
        """Return what two clauses share and in what they differ; None where they are about different things."""
        shared, words, common = _shared(clause, held)
        if not _are_about_the_same(clause, held, shared):
            return None
        differs, agrees = compared(clause, held, self.figures)
        narrower = bool(held.groups and not clause.groups)
        is_exception = narrower and differs is not None and _is_exception(differs, clause, held, common)
        if is_exception or not (differs or agrees):
            return None
        reason = differs.reason if differs else Reason.OPPOSITE
        is_elsewhere = self._is_elsewhere(clause, held, common, reason, is_named=bool(words))
        is_doubtful = is_elsewhere or self._is_of_another(clause, held, common, reason, is_named=bool(words))
        says_again = agrees and not is_elsewhere and _is_asserted(clause, held)
        return _Match(shared - narrower, held, differs, agrees, is_doubtful, says_again, is_elsewhere)

    def _is_of_another(
        self, clause: Clause, held: Clause, common: frozenset[str], reason: Reason, *, is_named: bool
    ) -> bool:
        """Return whether a clause that differs may speak of something else after all."""
        return any(claim.when and _said_of_a_day(claim) in self.beside for claim in clause.claims) or (
            reason == Reason.OPPOSITE and not is_named and _may_be_of_another(clause, held, common)
        )

    def _is_elsewhere(
        self, clause: Clause, held: Clause, common: frozenset[str], reason: Reason, *, is_named: bool
    ) -> bool:
        """Return whether a clause may speak of another place: it names one that nothing that holds names."""
        if reason == Reason.SCOPE:
            return False
        code = clause.language
        strange = list(clause.names)
        if self.names and not any(vocabulary.has_form(name, clause.others, code) for name in self.names):
            strange += clause.places
        if any(not vocabulary.has_form(name, self.words, code) for name in strange):
            return True
        is_place = any(SUBJECTS[one][0] == OPEN for one in common & SUBJECTS.keys())
        return reason == Reason.OPPOSITE and is_place and bool(held.others and clause.others) and not is_named


def compare(
    post: str,
    holds: Sequence[str],
    language: str,
    *,
    was: Sequence[str] = (),
    today: date | None = None,
    weigh: Callable[[Sequence[Finding]], Sequence[Finding]] | None = None,
) -> Finding:
    """
    Return the gravest that a post is to sentences that hold. `was` are sentences that held before; `today` is the day of the post, by
    which "tomorrow" and "Friday" are days; `weigh` decides what the rules leave open (second_opinion).
    """
    ground = Ground(holds, language, today=today)
    clauses = clauses_of(post[:LONGEST], language, today=today)
    found = [one for clause in clauses if (one := ground.judge(clause) or (ground.nearest(clause) if weigh else None))]
    worst = min(
        weigh(found) if weigh else found,
        key=lambda one: list(Outcome).index(one.outcome),
        default=Finding(Outcome.UNRELATED),
    )
    return replace(worst, was=repeated(worst, was, language, today)) if worst.outcome == Outcome.CONTRADICTS else worst


def repeated(found: Finding, was: Sequence[str], language: str, today: date | None) -> str:
    """Return which sentence of before a contradiction repeats, "" for none."""
    clauses = clauses_of(found.said, language, today=today)
    for old in was:
        ground = Ground([old], language, today=today)
        if any((one := ground.judge(clause)) and one.outcome == Outcome.AGREES for clause in clauses):
            return old
    return ""


@lru_cache(maxsize=4096)
def _read(text: str, language: str, today: date | None) -> tuple[Clause, ...]:
    return tuple(clauses_of(text, language, today=today))


def _shared(clause: Clause, held: Clause) -> tuple[float, int, frozenset[str]]:
    """Return how much two clauses share, and by what: how many words that no list has, and which subjects."""
    words = sum(vocabulary.has_form(one, held.others, clause.language) for one in clause.others)
    common = vocabulary.common(clause.subjects, held.subjects)
    of_subjects = OF_SUBJECT * len(telling(common) & SUBJECTS.keys()) + OF_COMMON * len(common & COMMON)
    return of_subjects + OF_WORD * words, words, common


def _are_about_the_same(clause: Clause, held: Clause, shared: float) -> bool:
    """Return whether two clauses that share so much are about the same, and of the same people."""
    are_others = bool(clause.groups and held.groups and not clause.groups & held.groups)
    return not are_others and (shared >= ENOUGH or _is_everything(clause, held))


def _said_of_a_day(claim: Claim) -> tuple[str, int, date | None]:
    """Return what a claim says of which day, of whatever it says it."""
    return claim.aspect, claim.sign, claim.when.first if claim.when else None


def _is_asserted(clause: Clause, held: Clause) -> bool:
    """Return whether somebody says a clause in earnest, and says it of neither more nor less than what holds."""
    return not clause.doubts and not {"ALL", "ONLY", "EXCEPT"} & (clause.marks - held.marks)


def _is_unsure(clause: Clause, worst: _Match, near: Sequence[_Match]) -> bool:
    """Return whether nobody asserts a clause, or it may be about something else, or one that is nearer says the same."""
    assert worst.differs
    doubts = clause.doubts - {"except"} if worst.differs.reason == Reason.SCOPE else clause.doubts
    is_said = worst.differs.reason == Reason.OPPOSITE and any(
        match.agrees and match.nearness(clause) > worst.nearness(clause) for match in near
    )
    return bool(doubts) or worst.is_doubtful or is_said


def _dated(clauses: list[Clause]) -> list[Clause]:
    """Return clauses of which those that name no day hold as long as another says: "boil the water", "the notice ends on Friday"."""
    ends = [claim for clause in clauses for claim in clause.claims if claim.when and not claim.is_weak and not claim.on]

    def dated(claim: Claim) -> Claim:
        if claim.when:
            return claim
        same = (
            one
            for one in ends
            if (one.aspect, one.sign) == (claim.aspect, claim.sign) and telling(one.subjects & claim.subjects)
        )
        other = next(same, None)
        return claim._replace(start=other.start, end=other.end) if other else claim

    return [replace(clause, claims=tuple(map(dated, clause.claims))) for clause in clauses]


def _may_be_of_another(clause: Clause, held: Clause, common: frozenset[str]) -> bool:
    """Return whether a clause speaks of an appointment, a lunch, of something that may be quite another."""
    is_wider = bool(telling(held.subjects) - common or held.groups - clause.groups)
    return bool(common <= ATTRIBUTES | COMMON and clause.others and is_wider and not telling(clause.subjects) - common)


def _nearest(clause: Clause, matches: Sequence[_Match]) -> list[_Match]:
    """Return the matches that share most. Who is spoken of outweighs that: for children what is said of children holds."""
    if clause.groups and (same := [match for match in matches if clause.groups & match.holds.groups]):
        return same
    best = max((match.shared for match in matches), default=0.0)
    return [match for match in matches if match.shared >= best - NEAR]


def _is_everything(clause: Clause, held: Clause) -> bool:
    """Return whether "nothing runs" speaks of what holds of something."""
    aspects = {claim.aspect for claim in clause.claims} & {claim.aspect for claim in held.claims} & {RUN, WORK}
    return speaks_of_everything(clause) and bool(aspects)


def _is_exception(differs: Difference, clause: Clause, held: Clause, common: frozenset[str]) -> bool:
    """Return whether what holds for some people only is not contradicted by what is said of everybody."""
    if differs.reason != Reason.OPPOSITE or "ALL" in clause.marks:
        return False
    return "child" in held.groups or not telling(common) - (ATTRIBUTES - {"lunch"})
