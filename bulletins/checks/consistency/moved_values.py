"""Values that an authority's update changes in one role and keeps in another: "until 18:00" is until 12:00 now, "open 8–18" stays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models import MessageInput
from lib.text.facts.fact import Fact
from lib.text.facts.surroundings.roles import role_of
from lib.text.revisions.word_diff import Matcher

from ..findings import STOPS, Finding, Workspace
from .figures_match import facts
from .marked_words import END, marked_words
from .update_facts import earlier_of, texts_of

type Piece = tuple[str, Fact | None, str]  # a word, or a fact by its kind, and what the fact is in its sentence


@dataclass(frozen=True, slots=True)
class Moved:
    """A value of a submission that stands in a role (roles.py), and the one that its update has in the same words."""

    role: str
    old: Fact
    new: Fact


def moved(source: MessageInput, newest: MessageInput) -> list[Moved]:
    """Return the values of a submission that stand no more in the role that they had, with those in their words now."""
    still = in_roles(newest)
    pairs = in_same_words(pieces(texts_of(source), source.language), pieces(texts_of(newest), newest.language))
    return [
        Moved(role, old, new) for old, new, role in pairs if role and not old.matches(new) and not has(still, old, role)
    ]


def in_roles(source: MessageInput) -> list[tuple[str, Fact]]:
    """Return the values of a submission, each with what it is in its sentence."""
    return [(role, fact) for _word, fact, role in pieces(texts_of(source), source.language) if fact]


def has(said: Iterable[tuple[str, Fact]], fact: Fact, role: str) -> bool:
    """Return whether a value is said in a role."""
    return any(its == role and one.kind == fact.kind and one.matches(fact) for its, one in said)


def in_same_words(was: Sequence[Piece], now: Sequence[Piece]) -> Iterator[tuple[Fact, Fact, str]]:
    """
    Yield the facts of both that stand between the same words, or are changed together with them: each with its other, and with the role that
    both have, or "".
    """
    for tag, a, b, c, d in Matcher([word for word, *_rest in was], [word for word, *_rest in now]).get_opcodes():
        old, new = by_kind(was[a:b]), by_kind(now[c:d])
        for kind, ours in old.items():
            theirs = new.get(kind, [])
            if tag == "equal" or len(ours) == len(theirs):
                for (before, role), (after, other) in zip(ours, theirs, strict=True):
                    yield before, after, role if role == other else ""


def by_kind(some: Iterable[Piece]) -> dict[str, list[tuple[Fact, str]]]:
    """Return the facts among words by their kinds, each with its role."""
    found: dict[str, list[tuple[Fact, str]]] = {}
    for _word, fact, role in some:
        if fact:
            found.setdefault(fact.kind, []).append((fact, role))
    return found


def pieces(texts: Iterable[str], language: str) -> list[Piece]:
    """Return the words of texts in their order; a fact is one, by its kind, with its role."""
    found: list[Piece] = []
    for text in texts:
        found += [(word, fact, role_of(text, fact) if fact else "") for word, fact in marked_words(text, language)]
        found.append((END, None, ""))
    return found


def left_in_role(desk: Workspace) -> Iterator[Finding]:
    """Find values that an update of the bulletin's changes where a text says them in the same role: once for all places of each."""
    every = [
        one
        for source in desk.inputs
        for before in earlier_of(source, desk.parts.every_input)
        for one in moved(before, source)
    ]
    said = [its for source in desk.inputs for its in in_roles(source)] if every else []
    # What was changed by hand and stands somewhere still is found as an old value.
    changed = {(change.kind, change.was) for change in desk.changes}
    for one in {(one.old.kind, one.old.value, one.role): one for one in reversed(every)}.values():
        is_known = (one.old.kind, one.old.value) in changed or has(said, one.old, one.role)
        if not is_known and (left := places_of(desk, one)):
            yield finding_of(one, left)


def places_of(desk: Workspace, one: Moved) -> list[tuple[str, str, str]]:
    """Return (where, place, written) of each mention of an old value in its role."""
    return [
        (where, place, fact.written)
        for code, where, place, text in desk.texts
        for fact in facts(text, code)
        if fact.kind == one.old.kind and fact.matches(one.old) and role_of(text, fact) == one.role
    ]


def finding_of(one: Moved, left: list[tuple[str, str, str]]) -> Finding:
    """Return what is said of an old value that texts still have in its role: (where, place, written) of each."""
    places = list(dict.fromkeys(where for where, _place, _written in left))
    says = ngettext(
        "The update says “%(now)s” where %(n)d text still says “%(was)s”: %(places)s.",
        "The update says “%(now)s” where %(n)d texts still say “%(was)s”: %(places)s.",
        len(places),
    )
    return Finding(
        STOPS,
        "moved-fact",
        _("Facts"),
        says % {"now": one.new.written, "was": left[0][2], "n": len(places), "places": "; ".join(places)},
        _("Change it there too, or say why it differs."),
        place=left[0][1],
        found="|".join([one.old.value, one.new.value, one.role, *(place for _where, place, _written in left)]),
        overridable=True,
    )
