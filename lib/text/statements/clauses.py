"""What a clause is read into: what it is about, what it says of that, when, with which figures, and what makes it doubtful."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from lib.text.facts.fact import Fact

from .moments import Moment
from .words.subjects import FORCE, SUBJECTS

GROUPS = frozenset({"child", "elderly", "pregnant", "parent", "pupil", "dog"})
# What many sentences of one crisis share; it alone is no subject.
COMMON = GROUPS | {"centre", "forest", "corona", "influenza", "food", "water", "closest", "hospital"}


# What a number of people counts, whatever they are called: kymmenen hengen, kymmenen henkilöä, tio personer.
PEOPLE = "people"


class Claim(NamedTuple):
    """
    That something is so (`sign` 1) or not (-1) under an aspect, of some subjects: from `start` to `end`, or on a day. A weak one is
    said by nothing but its subject; a derived one follows from another.
    """

    aspect: str
    sign: int
    subjects: frozenset[str]
    start: Moment | None = None
    end: Moment | None = None
    on: Moment | None = None
    is_weak: bool = False
    is_derived: bool = False
    is_ending: bool = False  # "stops on Monday"
    is_going_on: bool = False  # "continues"
    is_told: bool = False  # by a word for what is done ("boil"), which does not say that it has to be
    is_hint: bool = False  # what people mean by it in everyday speech: it can agree, and contradicts nothing

    @property
    def when(self) -> Moment | None:
        """The moment that it names."""
        return self.end or self.start or self.on


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount, the limit that it is ("MOST"), and the word that it counts."""

    fact: Fact
    limit: str
    counted: str

    @property
    def kind(self) -> str:
        """Its kind; an age is one with years or without: over 70, under 12 years, but not over ten people."""
        if self.counted == PEOPLE:
            return self.fact.kind
        is_age = self.limit in {"ABOVE", "BELOW"} and (self.fact.kind == "number" or self.fact.value.endswith(" y"))
        return "age" if is_age else self.fact.kind

    def equals(self, other: "Figure") -> bool:
        """Return whether both may be the same value."""
        return self.kind == other.kind and (
            self.number == other.number if self.kind == "age" else self.fact.matches(other.fact)
        )

    @property
    def number(self) -> float:
        """Its number: 12 of "12 y"."""
        try:
            return float(self.fact.value.split()[0])
        except ValueError:
            return 0.0


@dataclass(frozen=True, slots=True)
class Clause:
    """
    A clause; `said` is its sentence as it was written. `own` are the subjects that stand in it, the others stood before it; `others`
    are its words that no list has, `aside` those of them between signs where nothing is said ("hang in there"), `names` those with a
    capital letter, `places` those after "in". `only` is what stands after "only", `condition` what stands after "if", `rest` are the
    subjects of which it speaks of the others: "the other restrictions".
    """

    said: str
    language: str
    claims: tuple[Claim, ...] = ()
    subjects: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()
    figures: tuple[Figure, ...] = ()
    marks: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    rest: frozenset[str] = frozenset()
    is_negative: bool = False
    doubts: frozenset[str] = frozenset()
    today: date | None = None

    @property
    def groups(self) -> frozenset[str]:
        """The people whom it is about."""
        return self.subjects & GROUPS


def usual_aspect(subject: str) -> str:
    """Return under which aspect a subject is spoken of where nothing else says one: of trains, whether they run."""
    known = SUBJECTS.get(subject)
    return known[0] if known else FORCE


def telling(names: frozenset[str]) -> frozenset[str]:
    """Return the subjects that tell what a clause is about."""
    return names - COMMON
