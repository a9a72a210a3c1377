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
from .clauses import COMMON, Claim, Clause, Figure, telling, usual_aspect
from .differences import Difference, Measure, Reason, compared, speaks_of_everything
from .parser import clauses_of
from .words.subjects import ATTRIBUTES, FORCE, OPEN, OPPOSED, RUN, SUBJECTS, WORK

LONGEST = 5_000  # characters of a post that are read
ENOUGH = 0.5  # how much two clauses have to share to be about the same
NEAR = 0.6  # how much less than the best may be shared
CONDITIONAL = frozenset({"IF", "WHEN", "EXCEPT"})
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
    `is_asserted` whether somebody says it in earnest, and of no other place, `measures` in what they differ, or in what they agree. What is said again until or from a day is so wholly
    (`is_whole`) when its clause has no word of its own that no list has.
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
    measures: frozenset[Measure] = frozenset()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class _Match:
    """
    A clause that holds beside one of a post: how much they share, in what they differ, whether they agree, and whether the post says
    again what holds: it agrees in what it asserts, of the same place, and of no more and no less.
    """

    ground: "Ground"
    shared: float
    holds: Clause
    differs: Difference | None
    agreed: frozenset[Measure]
    is_doubtful: bool
    says_again: bool
    is_elsewhere: bool

    def outweighs(self, other: "_Match") -> bool:
        """Return whether what it agrees in is what the other differs in, of something that is no less meant."""
        if not other.differs or other.differs.measure not in self.agreed:
            return False
        return self.shared > other.shared or (self.shared == other.shared and other.differs.reason != Reason.OPPOSITE)

    def nearness(self, clause: Clause) -> tuple[float, float]:
        """Return how near the two are: by what they share, then by their letters."""
        one, other = similarity.plain(clause.said), similarity.plain(self.holds.said)
        return self.shared, similarity.likeness(one, other)


class Ground:
    """
    Sentences that hold, read once, the title first: what has no name of a place is of those in it. What is said `beside` them is known too,
    but nobody is held to it; `was` are sentences that held before.
    """

    def __init__(
        self,
        holds: Sequence[str],
        language: str,
        *,
        beside: Sequence[str] = (),
        was: Sequence[str] = (),
        names: Sequence[str] = (),
        today: date | None = None,
    ) -> None:
        self.language, self.today, self.was = language, today, was
        clauses = _read_all(holds, language, today)
        self.title_names = tuple(names) or (clauses[0].names if clauses else ())
        self.clauses = _dated([_named(clause, self.title_names) for clause in clauses])
        known = _read_all(beside, language, today)
        self.beside = {_said_of_a_day(claim) for one in known for claim in one.claims if claim.when}
        known += self.clauses
        self.names = {word for one in known for word in one.names}
        self.words = self.names.union(*(one.others for one in known))
        self.with_figures = [one for one in known if one.figures]

    def judge(self, clause: Clause) -> Finding | None:
        """Return what a clause of a post is to what holds; None where it is about nothing of it."""
        found = judged(clause, [self])
        return found[1] if found else None

    def matches(self, clause: Clause) -> list[_Match]:
        """Return the clauses that hold and say something of what a clause of a post is about."""
        return [match for held in self.clauses if (match := self._match(clause, held))]

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
        differs, agreed = compared(clause, held, lambda figure: self._knows(figure, clause, shared))
        narrower = bool(held.groups and not clause.groups)
        is_exception = narrower and differs is not None and _is_exception(differs, clause, held, common)
        if is_exception or not (differs or agreed):
            return None
        reason = differs.reason if differs else Reason.OPPOSITE
        is_elsewhere = self._is_elsewhere(clause, held, common, reason, is_named=bool(words))
        is_doubtful = is_elsewhere or self._is_of_another(clause, held, common, reason, is_named=bool(words))
        is_guess = not common and all(how == "hint" for _aspect, how in agreed)
        says_again = bool(agreed) and not (is_elsewhere or is_guess) and _is_asserted(clause, held)
        return _Match(self, shared - narrower, held, differs, agreed, is_doubtful, says_again, is_elsewhere)

    def _knows(self, figure: Figure, clause: Clause, shared: float) -> bool:
        """Return whether a figure is said in a clause that is no less about the same: ten of one thing are not ten of another."""
        return any(
            figure.equals(other) and _shared(clause, one)[0] >= shared
            for one in self.with_figures
            for other in one.figures
        )

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
        if any(vocabulary.has_form(name, clause.others, code) for name in self.title_names):
            return False
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
    return compare_all(post, [Ground(holds, language, was=was, today=today)], language, today=today, weigh=weigh)


def compare_all(
    post: str,
    grounds: Sequence[Ground],
    language: str,
    *,
    today: date | None = None,
    weigh: Callable[[Sequence[Finding]], Sequence[Finding]] | None = None,
) -> Finding:
    """Return the gravest that a post is to what several grounds hold side by side, as `compare` does."""
    found = []
    for clause in clauses_of(post[:LONGEST], language, today=today):
        one = judged(clause, grounds)
        if one:
            found.append(one[1])
        elif weigh:
            found += [near for ground in grounds if (near := ground.nearest(clause))]
    worst = min(
        weigh(found) if weigh else found,
        key=lambda one: list(Outcome).index(one.outcome),
        default=Finding(Outcome.UNRELATED),
    )
    if worst.outcome != Outcome.CONTRADICTS:
        return worst
    was = (old for ground in grounds if (old := repeated(worst, earlier(ground, ground.was))))
    return replace(worst, was=next(was, ""))


def judged(clause: Clause, grounds: Sequence[Ground]) -> tuple[Ground, Finding] | None:
    """
    Return what a clause of a post is to what holds, and which of several grounds says that; None where it is about nothing of them. It
    agrees if anything says the same that is no less about the same than what it differs from, and contradicts only what is most about
    the same. Where something as near says the opposite, or it says a telephone number that nobody knows, it is not sure to agree.
    """
    near = _nearest(clause, _meant(clause, [match for ground in grounds for match in ground.matches(clause)]))
    again = [match for match in near if match.says_again]
    differing = [one for one in near if one.differs and not any(match.outweighs(one) for match in again)]
    if differing:
        return _differs(clause, differing, near)
    return _weighed(clause, _said_again(clause, again), near, grounds) if again else None


def _weighed(
    clause: Clause, again: tuple[Ground, Finding], near: Sequence[_Match], grounds: Sequence[Ground]
) -> tuple[Ground, Finding]:
    """Return what a clause says again; as not sure where something as near denies it, or a telephone number is strange."""
    ground, finding = again
    strange = _strange_phone(clause, grounds)
    if not strange and not any(one.differs and one.differs.reason == Reason.OPPOSITE for one in near):
        return again
    reason = Reason.NUMBER if strange else Reason.OPPOSITE
    return ground, replace(finding, outcome=Outcome.UNSURE, reason=reason, theirs=strange)


def _strange_phone(clause: Clause, grounds: Sequence[Ground]) -> str:
    """Return a telephone number that a clause says and nothing of what holds does; "" for none."""
    return next(
        (
            one.fact.written
            for one in clause.figures
            if one.fact.kind == "phone"
            and not any(one.equals(own) for ground in grounds for held in ground.with_figures for own in held.figures)
        ),
        "",
    )


def _differs(clause: Clause, differing: Sequence[_Match], near: Sequence[_Match]) -> tuple[Ground, Finding]:
    """Return in what a clause differs from that which it is most about."""
    worst = max(differing, key=_meant_most)
    assert worst.differs
    reason, theirs, ours, told, _measure = worst.differs
    return worst.ground, Finding(
        Outcome.UNSURE if _is_unsure(clause, worst, near) else Outcome.CONTRADICTS,
        clause.said,
        _sentence(worst, ours),
        told or reason,
        theirs,
        ours,
        shared=worst.shared,
        is_asserted=not clause.doubts and not worst.is_elsewhere,
        measures=frozenset(one.differs.measure for one in differing if one.differs),
    )


def _sentence(match: _Match, written: str) -> str:
    """
    Return the sentence that a post is told to agree with, or to differ from, in a day that is `written`, "" for none: where a sentence holds
    as long as another says (`_dated`), that other one.
    """
    if not written or any(one.written == written for one in match.holds.moments):
        return match.holds.said
    saying = [one for one in match.ground.clauses if any(moment.written == written for moment in one.moments)]
    return max(saying, key=lambda one: _shared(match.holds, one)[0], default=match.holds).said


def _meant_most(match: _Match) -> tuple[float, bool]:
    """Return by what to choose the sentence that is told: "they are in force" comes after one that says of what."""
    return match.shared, bool(match.holds.own)


def _said_again(clause: Clause, again: Sequence[_Match]) -> tuple[Ground, Finding]:
    """Return what a clause says again, of what it is most about."""
    same = max(again, key=_meant_most)
    said: frozenset[Measure] = frozenset().union(*(match.agreed for match in again))
    own = [one for one in clause.others if one not in clause.aside]
    day = next((claim.when.written for claim in same.holds.claims if claim.when), "")
    return same.ground, Finding(
        Outcome.AGREES,
        clause.said,
        _sentence(same, day if any(how == "time" for _aspect, how in said) else ""),
        shared=same.shared,
        measures=said,
        is_whole=any(how == "time" for _aspect, how in said)
        and all(vocabulary.has_form(one, same.holds.others, clause.language) for one in own),
    )


def earlier(ground: Ground, was: Sequence[str]) -> list[tuple[str, Ground]]:
    """Return sentences of before, that no longer hold of a ground, each read as it was said there."""
    return [(old, Ground([old], ground.language, names=ground.title_names, today=ground.today)) for old in was]


def repeated(found: Finding, before: Sequence[tuple[str, Ground]]) -> str:
    """Return which sentence of before (`earlier`) a contradiction repeats where it differs; "" for none."""
    clauses = clauses_of(found.said, before[0][1].language, today=before[0][1].today) if before else []
    for old, ground in before:
        said = (one for clause in clauses if (one := ground.judge(clause)))
        if any(one.outcome == Outcome.AGREES and found.measures & one.measures for one in said):
            return old
    return ""


def _read_all(texts: Sequence[str], language: str, today: date | None) -> list[Clause]:
    return [clause for text in texts for clause in _read(text, language, today)]


@lru_cache(maxsize=4096)
def _read(text: str, language: str, today: date | None) -> tuple[Clause, ...]:
    return tuple(clauses_of(text, language, today=today))


def _shared(clause: Clause, held: Clause) -> tuple[float, int, frozenset[str]]:
    """Return how much two clauses share, and by what: how many words that no list has, and which subjects."""
    words = sum(vocabulary.has_form(one, held.others, clause.language) for one in clause.others)
    common = vocabulary.common(clause.subjects, held.subjects)
    of_subjects = OF_SUBJECT * len(telling(common) & SUBJECTS.keys()) + OF_COMMON * len(common & COMMON)
    words += bool(clause.rest & held.rest)
    of_subjects += OF_SUBJECT * len(telling(clause.subjects - held.subjects).intersection(held.condition))
    return of_subjects + OF_WORD * words, words, common


def _are_about_the_same(clause: Clause, held: Clause, shared: float) -> bool:
    """Return whether two clauses that share so much are about the same, and of the same people."""
    are_others = bool(clause.groups and held.groups and not clause.groups & held.groups)
    are_others = are_others or any(
        clause.subjects & {one} and held.subjects & {other} and not clause.subjects & held.subjects & {one, other}
        for one, other in (*OPPOSED, *(pair[::-1] for pair in OPPOSED))
    )
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
        match.agreed and match.nearness(clause) > worst.nearness(clause) for match in near
    )
    return bool(doubts) or worst.is_doubtful or is_said or _is_under_condition(worst, near)


def _is_under_condition(worst: _Match, near: Sequence[_Match]) -> bool:
    """Return whether what a clause is said to contradict is so under a condition, which it may have meant: "when it is necessary"."""
    return any(
        bool(worst.differs and worst.differs.measure in match.agreed) and bool(CONDITIONAL & match.holds.marks)
        for match in near
    )


def _named(clause: Clause, names: Sequence[str]) -> Clause:
    """Return a clause with the names of the title where it has no words of its own: "the restrictions end on Friday"."""
    is_bare = not (clause.others or clause.rest) and any(usual_aspect(one) == FORCE for one in clause.subjects)
    return replace(clause, others=tuple(names)) if names and is_bare else clause


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


def _meant(clause: Clause, matches: Sequence[_Match]) -> list[_Match]:
    """
    Return the matches without those on others than are meant: of "the other restrictions" those on the other ones, where any are; of
    the restrictions in a place not those on the other ones, where what holds of that place is known.
    """
    if clause.rest:
        same = [match for match in matches if clause.rest & match.holds.rest]
        return same or list(matches)
    most = max((match.shared for match in matches if not match.holds.rest), default=0.0)
    return [match for match in matches if not match.holds.rest or match.shared >= most]


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
