"""In what two clauses differ that are about the same: so or not so, until when, how many, for whom."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from . import vocabulary
from .clauses import COMMON, PEOPLE, Claim, Clause, Figure, telling, usual_aspect
from .moments import Moment
from .words.subjects import ALLOWED, ATTRIBUTES, FREE, NEEDED, RUN, SAFE, SUBJECTS, WORK

DAY = timedelta(days=1)
_OPPOSITE_LIMITS = ({"MOST", "LEAST"}, {"ABOVE", "BELOW"})


class Reason(StrEnum):
    """In what two sentences differ."""

    OPPOSITE = "opposite"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    SCOPE = "scope"


# What two clauses are compared by: an aspect with or without its time, or a kind of figure.
type Measure = tuple[str, str]


class Difference(NamedTuple):
    """
    A reason, and the words of both sides where they differ in a day, an hour or a number. `told` is the reason that people are told
    where it is another one: of two that say the opposite of each other until or from another day, that day. `measure` is what differs.
    """

    reason: Reason
    theirs: str = ""
    ours: str = ""
    told: Reason | None = None
    measure: Measure = ("", "")


def compared(
    clause: Clause, held: Clause, is_known: Callable[[Figure], bool]
) -> tuple[Difference | None, frozenset[Measure]]:
    """Return in what a clause differs from one that holds, if in anything, and otherwise in which measures they say the same."""
    agreed = _figures_agreed(clause, held)
    for claim in clause.claims:
        for other in held.claims:
            if not _same_subject(claim, other, clause, held):
                continue
            if claim.sign != other.sign and _is_complement(clause, held):
                return None, frozenset({("figure", "age")})  # who is over 65 may, who is under 65 may not
            differs = _claims_differ(claim, other, clause, held)
            if differs:
                return differs._replace(measure=_measure(claim)), frozenset()
            if _says_again(claim, other, clause, held):
                agreed |= _agreed(claim, other)
    differs = _figures_differ(clause, held, is_known) or _scopes_differ(clause, held) or _denials_differ(clause, held)
    is_other = differs or _figures_differ(clause, held, lambda _figure: False) or _is_over_the_most(clause, held)
    return differs, frozenset() if is_other else frozenset(agreed)


def _figures_agreed(clause: Clause, held: Clause) -> set[Measure]:
    return {("figure", one.kind) for one in clause.figures for other in held.figures if one.equals(other)}


def _agreed(claim: Claim, other: Claim) -> set[Measure]:
    """Return in which measures two claims say the same; what is not said outright is "said" only."""
    if claim.is_hint or other.is_hint or other.is_weak or other.is_derived:
        return {(claim.aspect, "hint")}
    is_timed = _name_the_same_time(claim, other)
    return {(claim.aspect, ""), (claim.aspect, "time" if is_timed else "")}


def _measure(claim: Claim) -> Measure:
    """Return what a claim can differ in: whether it is so, or when."""
    return claim.aspect, "time" if claim.when else ""


def _name_the_same_time(claim: Claim, other: Claim) -> bool:
    """Return whether two claims that do not differ name a time in the same way, or one until when and the other from when."""
    kinds = _kind_of_time(claim), _kind_of_time(other)
    return "" not in kinds and (claim.sign != other.sign or kinds[0] == kinds[1])


def _says_again(claim: Claim, other: Claim, clause: Clause, held: Clause) -> bool:
    """Return whether a claim says what another says: the same of the same time, or its opposite of all other time."""
    if "child" in held.groups - clause.groups or claim.aspect != other.aspect:
        return False
    if claim.sign != other.sign:
        return _turns_when_other_ends(claim, other)
    if claim.is_weak or (claim.when is None and _is_ahead(other, held)):
        return False
    # That something is boiled or worn says nothing of a duty unless more is shared than that.
    shared = vocabulary.common(claim.subjects, other.subjects) | vocabulary.common(clause.subjects, held.subjects)
    return not claim.is_told or len(shared) > 1 or shares_others(clause, held)


def _turns_when_other_ends(claim: Claim, other: Claim) -> bool:
    """Return whether one says "from then on" what the other denies until then: closed until Friday, open from Saturday."""
    theirs, ours = claim.when, other.when
    if theirs is None or ours is None:
        return False
    if (_kind_of_time(claim), _kind_of_time(other)) == ("on", "until"):
        return ours.last is not None and theirs.first == ours.last + DAY  # open on Saturday
    if {_kind_of_time(claim), _kind_of_time(other)} != {"until", "from"}:
        return False
    if theirs.first is None or ours.first is None:
        return bool(_clock(theirs) & _clock(ours))
    return theirs.is_near(ours)


def _is_complement(clause: Clause, held: Clause) -> bool:
    """Return whether one speaks of those over an age and the other of those under it, or one denies another number."""
    pairs = [(one, other) for one in clause.figures for other in held.figures]
    if any(
        one.kind == other.kind == "age" and one.number == other.number and _are_opposite(one, other)
        for one, other in pairs
    ):
        return True
    return clause.is_negative and any(one.kind == other.kind and not one.equals(other) for one, other in pairs)


def shares_others(clause: Clause, held: Clause) -> bool:
    """Return whether at least half of the words of one that no list has are words of the other."""
    others = [one for one in clause.others if vocabulary.has_form(one, held.others, clause.language)]
    return bool(others) and 2 * len(others) >= min(len(clause.others), len(held.others))


def _same_subject(claim: Claim, other: Claim, clause: Clause, held: Clause) -> bool:
    """Return whether two claims are about the same under the same aspect."""
    if claim.aspect != other.aspect:
        return {claim.aspect, other.aspect} == {NEEDED, ALLOWED} and bool(telling(claim.subjects & other.subjects))
    common = vocabulary.common(claim.subjects, other.subjects)
    if _are_for_others(common, clause, held):
        return False
    if telling(common) or (claim.aspect == SAFE and "water" in common):
        # "Uusimaa is closed" speaks of a restriction only where the place is the same.
        return "restriction" not in common or "restriction" in clause.subjects or shares_others(clause, held)
    if claim.aspect in {RUN, WORK} and speaks_of_everything(clause):
        return True
    are_known = bool(telling(claim.subjects) and telling(other.subjects))
    return not (claim.is_derived or other.is_derived or are_known) and shares_others(clause, held)


def speaks_of_everything(clause: Clause) -> bool:
    """Return whether a clause says that nothing is so, of whatever it may be: nothing runs."""
    return "NOBODY" in clause.marks and not clause.subjects


def _are_for_others(common: frozenset[str], clause: Clause, held: Clause) -> bool:
    """Return whether an appointment, say, is one for something else: one at the library is none for the vaccination."""
    if not common or not common <= ATTRIBUTES | COMMON:
        return False
    rest, held_rest = telling(clause.subjects) - common, telling(held.subjects) - common
    return bool(rest and held_rest and not vocabulary.common(rest, held_rest))


# --- So or not so, and when -------------------------------------------------------------------------------


def _claims_differ(claim: Claim, other: Claim, clause: Clause, held: Clause) -> Difference | None:
    if claim.is_hint or other.is_hint:
        return None
    if claim.is_weak or other.is_weak:
        return _ends_differ(claim, other, held) if claim.sign == other.sign else None
    if claim.aspect != other.aspect:
        return Difference(Reason.OPPOSITE) if _is_needed_and_forbidden(claim, other) else None
    if claim.sign == other.sign:
        return _ends_differ(claim, other, held)
    if claim.sign < 0 and claim.aspect != NEEDED and _is_allowed_otherwise(clause, held):
        return None
    if _leaves_so_many(*((clause, held) if claim.sign < 0 else (held, clause))):
        return None
    if not _is_opposed(claim, other, clause, held):
        return None
    return _opposed(claim, other)


def _is_needed_and_forbidden(claim: Claim, other: Claim) -> bool:
    """Return whether one says that something must be done, and the other that it must not."""
    needed, allowed = (claim, other) if claim.aspect == NEEDED else (other, claim)
    return needed.sign > 0 > allowed.sign and _is_what_is_needed(claim, other)


def _leaves_so_many(denying: Clause, allowing: Clause) -> bool:
    """Return whether one forbids more than so many, and the other allows no more: over ten people, and ten of them."""
    return any(_leaves(more, some) for more in denying.figures for some in allowing.figures)


def _leaves(more: Figure, some: Figure) -> bool:
    """Return whether a number keeps below one above which something is forbidden."""
    is_same = more.kind == some.kind and more.counted == some.counted
    return is_same and more.limit == "ABOVE" and some.limit in {"", "MOST", "BELOW"} and some.number <= more.number


def _is_what_is_needed(claim: Claim, other: Claim) -> bool:
    """Return whether two claims share what one says has to be done: who must boil water before drinking need not drink."""
    needed = claim if claim.aspect == NEEDED else other
    done = {one for one in needed.subjects if usual_aspect(one) == NEEDED}
    return not done or bool(done & claim.subjects & other.subjects)


def _opposed(claim: Claim, other: Claim) -> Difference:
    """
    Return in what two claims differ of which one denies what the other says. Only where one lets begin what the other lets end
    ("open from 13 May", "closed until 31 May") it is the day, or the hour, that differs.
    """
    theirs, ours = claim.when, other.when
    if not (theirs and ours and {_kind_of_time(claim), _kind_of_time(other)} == {"until", "from"}):
        return Difference(Reason.OPPOSITE)
    told = Reason.DATE if theirs.first and ours.first else Reason.TIME
    return Difference(Reason.OPPOSITE, theirs.written, ours.written, told)


def _is_allowed_otherwise(clause: Clause, held: Clause) -> bool:
    """Return whether what holds does so only under a condition that a clause which denies it does not name."""
    return _is_limited(held) and not (held.condition and _meets(clause, held))


def _ends_differ(claim: Claim, other: Claim, held: Clause) -> Difference | None:
    """Return in what two claims differ that say the same, but not of the same time."""
    for theirs, ours in ((claim.end, other.end), (claim.start, other.start), (claim.on, other.on)):
        if theirs and ours:
            if not theirs.is_near(ours) or _days_apart(theirs, ours):
                return Difference(Reason.DATE, theirs.written, ours.written)
            return Difference(Reason.TIME, theirs.written, ours.written) if _hours_apart(theirs, ours) else None
    if claim.is_going_on and not claim.when and other.is_ending:
        return Difference(Reason.OPPOSITE)
    if claim.end and not other.when and "OPEN_ENDED" in held.marks:
        return Difference(Reason.DATE, claim.end.written)
    return _turned(claim, other)


def _turned(claim: Claim, other: Claim) -> Difference | None:
    """Return whether one says from a day on what the other says until it, or of a day what the other says before or after it."""
    theirs, ours = claim.when, other.when
    if not (theirs and ours and theirs.first and theirs.last and ours.first and ours.last):
        return None
    turned = {
        ("until", "from"): ours.first >= theirs.last - DAY,
        ("from", "until"): theirs.first >= ours.last,
        ("from", "on"): theirs.first > ours.last,
        ("on", "until"): theirs.first > ours.last,
        ("on", "from"): theirs.last < ours.first,
    }
    is_turned = turned.get((_kind_of_time(claim), _kind_of_time(other)), False)
    return Difference(Reason.DATE, theirs.written, ours.written) if is_turned else None


def _kind_of_time(claim: Claim) -> str:
    """Return how a claim names its time: "until", "from", "between", "on", or "" for not at all."""
    if claim.start and claim.end:
        return "between"
    return "until" if claim.end else "from" if claim.start else "on" if claim.on else ""


def _days_apart(one: Moment, other: Moment) -> bool:
    """Return whether two moments that are near name two single days that are not the same."""
    return (
        one.first == one.last
        and other.first == other.last
        and None not in {one.first, other.first}
        and one.first != other.first
    )


def _hours_apart(one: Moment, other: Moment) -> bool:
    """Return whether two moments name other hours."""
    theirs, ours = _clock(one), _clock(other)
    if len(one.hours) > 1 and len(other.hours) > 1:
        return theirs != ours
    return bool(theirs and ours and not theirs & ours)


def _clock(moment: Moment) -> set[str]:
    """Return the hours of a moment on a dial of twelve: 6 is 18 where nobody says which half of the day it is."""
    return {f"{int(hour[:2]) % 12:02}{hour[2:]}" for hour in moment.hours}


def _is_opposed(claim: Claim, other: Claim, clause: Clause, held: Clause) -> bool:
    """Return whether of two claims one denies what the other says, at a time when it says so."""
    theirs, ours = claim.when, other.when
    if _turns_when_other_ends(claim, other):
        return False
    if not (theirs and theirs.first and theirs.last):
        if _kind_of_time(other) == "on":  # that day only
            return theirs is None and clause.is_negative
        speaks_of_now = claim.is_derived or other.is_derived or "STILL" in clause.marks
        return (claim.aspect in {NEEDED, ALLOWED, FREE} and not speaks_of_now) or not _is_ahead(other, held)
    if not (ours and ours.first and ours.last):
        return True
    return _overlap(claim, other)


def _overlap(claim: Claim, other: Claim) -> bool:
    """Return whether two claims of which one denies the other speak of the same time; a day before or after is no fault."""
    theirs, ours = claim.when, other.when
    assert theirs and theirs.first and theirs.last and ours and ours.first and ours.last
    is_later, is_earlier = theirs.first > ours.last, theirs.last < ours.first
    overlapping = {
        # closed until 18 April, and open from the 19th
        ("until", "from"): not theirs.first - DAY <= ours.last <= theirs.last + DAY,
        ("from", "until"): theirs.last < ours.last or theirs.first > ours.last + DAY,
        ("from", "from"): theirs.is_near(ours),
        ("on", "on"): not is_later and not is_earlier,
        ("on", "until"): not is_later,
        ("on", "between"): not is_later,
        ("on", "from"): not is_earlier,
        ("until", "on"): ours.first <= theirs.last,
        ("from", "on"): ours.last >= theirs.first,
        ("between", "from"): theirs.is_near(ours),
        ("from", "between"): theirs.is_near(ours),
    }
    return overlapping.get((_kind_of_time(claim), _kind_of_time(other)), True)


def _is_ahead(claim: Claim, held: Clause) -> bool:
    """Return whether what a claim says begins only after the day of the post, so that until then the opposite is so."""
    if claim.start is None or claim.start.first is None or claim.end:
        return False
    return held.today is None or claim.start.first > held.today


# --- How many, and for whom -------------------------------------------------------------------------------


def _figures_differ(clause: Clause, held: Clause, is_known: Callable[[Figure], bool]) -> Difference | None:
    """Return in which figure two clauses differ that are about the same; one that is known from elsewhere is no other one."""
    if not telling(vocabulary.common(clause.subjects, held.subjects)) and not shares_others(clause, held):
        return None
    if any(moment.last and clause.today and moment.last < clause.today for moment in clause.moments):
        return None  # so many came yesterday
    differing = (_figure_differs(figure, clause, held, is_known) for figure in clause.figures)
    return next((one for one in differing if one), None) or _clocks_differ(clause, held)


def _figure_differs(
    theirs: Figure, clause: Clause, held: Clause, is_known: Callable[[Figure], bool]
) -> Difference | None:
    ours = [one for one in held.figures if one.kind == theirs.kind or _are_opposite(one, theirs)]
    match = next((one for one in ours if theirs.equals(one)), None)
    if match:
        differs = _are_opposite(theirs, match) or _goes_beyond(theirs, match, clause)
    else:
        match = next((one for one in ours if _is_comparable(theirs, one, clause)), None)
        differs = match is not None and not is_known(theirs) and _is_another(theirs, match, held)
    if not (match and differs):
        return None
    return Difference(Reason.NUMBER, theirs.fact.written, match.fact.written, measure=("figure", theirs.kind))


def _is_another(theirs: Figure, ours: Figure, held: Clause) -> bool:
    """Return whether a figure says another one: none that keeps within ours, nor one that a ban leaves."""
    is_ban = {one.sign for one in held.claims} == {-1}
    return not _keeps_within(theirs, ours) and not (is_ban and _leaves(ours, theirs))


def _are_opposite(theirs: Figure, ours: Figure) -> bool:
    """Return whether one is a limit upwards and the other one downwards."""
    return {theirs.limit, ours.limit} in _OPPOSITE_LIMITS


def _is_over_the_most(clause: Clause, held: Clause) -> bool:
    """Return whether a clause has a number of it is not told what, above the most people that there may be: that says nothing again."""
    most = [one.number for one in held.figures if (one.limit, one.counted, one.kind) == ("MOST", PEOPLE, "number")]
    return bool(most) and any(one.kind == "number" and one.number > max(most) for one in clause.figures)


def _goes_beyond(theirs: Figure, ours: Figure, clause: Clause) -> bool:
    """Return whether a clause allows more than so many, and so many is the most."""
    allows = any(claim.aspect == ALLOWED and claim.sign > 0 for claim in clause.claims)
    return allows and (theirs.limit, ours.limit) == ("ABOVE", "MOST") and theirs.counted == ours.counted


def _is_comparable(theirs: Figure, ours: Figure, clause: Clause) -> bool:
    """Return whether two numbers count the same, as far as can be told."""
    if theirs.kind != "number" or (not ours.counted and ours.limit):
        return True
    if ours.counted == PEOPLE and ours.limit == "MOST" and not theirs.counted:
        return True  # "a hundred may meet"
    if theirs.counted and ours.counted and vocabulary.is_same(theirs.counted, ours.counted, clause.language):
        return True
    return bool(theirs.limit) and (theirs.limit == ours.limit or _are_opposite(theirs, ours))


def _keeps_within(theirs: Figure, ours: Figure) -> bool:
    """Return whether a figure without a limit keeps within that of ours: who is 70 is over 65."""
    if theirs.limit or not ours.limit:
        return False
    return theirs.number <= ours.number if ours.limit in {"MOST", "BELOW"} else theirs.number >= ours.number


def _clocks_differ(clause: Clause, held: Clause) -> Difference | None:
    """Return whether two clauses that name hours and no days name other hours."""
    theirs, ours = ([moment for moment in one.moments if moment.hours] for one in (clause, held))
    if not theirs or not ours or any(moment.first for moment in (*theirs, *ours)):
        return None
    if any(not _hours_apart(one, other) for one in theirs for other in ours):
        return None
    return Difference(Reason.TIME, theirs[0].written, ours[0].written)


def _scopes_differ(clause: Clause, held: Clause) -> Difference | None:
    """Return whether one says "only" of whom, where or when the other says more, or the other way round."""
    subjects = telling(vocabulary.common(clause.subjects, held.subjects))
    if not subjects and not shares_others(clause, held):
        return None
    differs = Difference(Reason.SCOPE)
    if "ONLY" in clause.marks - held.marks and clause.only:
        return differs if _is_narrower(clause, held) else None
    if clause.is_negative:
        return None
    if _is_premature(clause, held):
        return Difference(Reason.OPPOSITE)
    if subjects and not clause.groups and _is_wider(clause, held):
        return differs
    return differs if "ONLY" in held.marks and clause.condition and not _meets(clause, held) else None


def _is_premature(clause: Clause, held: Clause) -> bool:
    """Return whether a clause says "at once" of what holds only when somebody says so."""
    return "NOW" in clause.marks and "WHEN" in held.marks and _is_limited(held) and not _is_limited(clause)


def _is_wider(clause: Clause, held: Clause) -> bool:
    """Return whether a clause says of a whole place what another says of a part that it names."""
    return "ALL" in clause.marks - held.marks and (bool(held.names) or "centre" in held.subjects)


def _is_narrower(clause: Clause, held: Clause) -> bool:
    """Return whether "only" leaves out what another clause says it of, or "not only" adds to it."""
    if clause.is_negative:
        return any(
            one in held.subjects or vocabulary.has_form(one, held.others, clause.language) for one in clause.only
        )
    return "ALL" in held.marks or _leaves_out(clause, held)


def _is_limited(held: Clause) -> bool:
    """Return whether what holds does so only under a condition, or only when somebody says so."""
    return "ONLY" in held.marks or {"FIRST_THEN", "WHEN"} <= held.marks


def _meets(clause: Clause, held: Clause) -> bool:
    """Return whether a clause speaks of that to which another limits what it says: "only if a life is in danger"."""
    wanted = {*held.only, *held.condition}
    said = (*clause.condition, *clause.own, *clause.others)
    return not wanted or any(vocabulary.has_form(one, said, clause.language) for one in wanted)


def _leaves_out(clause: Clause, held: Clause) -> bool:
    """Return whether "only" names one of several that another clause names side by side: only trains, of trains and buses."""
    named = {one for one in clause.only if one in held.subjects and one in SUBJECTS}
    return any(
        SUBJECTS[one][0] and SUBJECTS[one][0] == SUBJECTS[other][0]
        for one in named
        for other in held.subjects & SUBJECTS.keys() - named
    )


def _denials_differ(clause: Clause, held: Clause) -> Difference | None:
    """Return whether one denies in much the same words what the other says, whatever that is."""
    is_known = any(not claim.is_weak for one in (clause, held) for claim in one.claims)
    if clause.is_negative == held.is_negative or is_known or _is_limited(held):
        return None
    words = [*clause.others, *clause.subjects]
    same = [one for one in words if one in held.subjects or vocabulary.has_form(one, held.others, clause.language)]
    return Difference(Reason.OPPOSITE) if len(same) >= 2 and 5 * len(same) >= 3 * len(words) else None
