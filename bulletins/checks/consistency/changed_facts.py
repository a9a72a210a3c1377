"""Facts that do not agree: an old value or its weekday left after a change, and a weekday that is not that of its date."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models import Bulletin, FactChange, MessageInput
from lib.text.facts import years
from lib.text.facts.fact import Fact, day_of, days_near, wrong_weekday
from lib.text.facts.surroundings.ages import is_age
from lib.text.facts.surroundings.citations import is_cited
from lib.text.facts.surroundings.lone_weekdays import lone_weekdays
from lib.text.facts.surroundings.roles import RANGE, role_of
from lib.text.facts.words.calendar import WEEKDAYS as WEEKDAY_VALUES

from ..findings import ADVICE, STOPS, Finding, Workspace, language_name
from .figures_match import facts
from .moved_values import has, in_roles


@dataclass(slots=True)
class Step:
    """All that was made of one value since the version before: where it began, where it ends, and in which texts."""

    kind: str
    was: str
    becomes: str
    places: set[str] = field(default_factory=set)


def steps_of(changes: Iterable[FactChange]) -> list[Step]:
    """Return what changes, the first one first, come to: what was changed twice is one step, what was changed back none."""
    found: list[Step] = []
    for change in changes:
        step = next((one for one in found if one.kind == change.kind and same(one.kind, one.becomes, change.was)), None)
        if step is None:
            step = Step(change.kind, change.was, change.becomes)
            found.append(step)
        step.becomes = change.becomes
        step.places |= {key for key, _before, _after in change.texts}
    return [one for one in found if not same(one.kind, one.was, one.becomes)]


def old_values(desk: Workspace) -> Iterator[Finding]:
    """Find values that were changed where a text still says them: once for all its places. In a source it is a word of advice."""
    now_said = {(one.kind, one.becomes) for one in desk.changes}
    for change in desk.changes:
        if (change.kind, change.was) in now_said:
            continue  # it was changed back
        taken = roles_taken(desk, change)
        left = [
            (where, place, fact.written, is_cited(text, fact))
            for code, where, place, text in desk.texts
            for fact in facts(text, code)
            if (says(fact, change.kind, change.was) and not is_other(desk, text, fact, change, taken))
            or (change.kind == "duration" and change.was == f"{fact.value} y" and is_age(text, fact))
        ]
        for cited in (False, True):
            if said := [(where, place, written) for where, place, written, its in left if its is cited]:
                yield left_behind(change, said, cited=cited)
        yield from old_weekdays(desk, change)


def roles_taken(desk: Workspace, change: FactChange) -> set[str]:
    """Return the roles (roles.py) in which a change of a fact changed it."""
    languages = {f"edition:{one.pk}": one.language for one in desk.editions}
    languages |= {f"variant:{its.pk}": one.language for one in desk.editions for its in one.variants.all()}
    found: set[str] = set()
    for key, before, after in change.texts:
        code = languages.get(":".join(key.split(":")[:2])) or next(
            (part for part in reversed(key.split(":")) if part in desk.languages), ""
        )
        was, now = (
            Counter(role_of(text, fact) for fact in facts(text, code) if says(fact, change.kind, change.was))
            for text in ((before, after) if code else ("", ""))
        )
        found |= set(was - now)
    return found


def is_other(desk: Workspace, text: str, fact: Fact, change: FactChange, taken: set[str]) -> bool:
    """
    Return whether a value stands in another role than those in which it was changed: one in which the submissions say it, an hour that
    opens or closes beside the end of something, or a day on which something is beside the day until which something holds.
    """
    role = role_of(text, fact)
    if fact.kind == "date" and taken and bool(role) not in {bool(one) for one in taken}:
        return any(tells_apart(one, change, is_bound=bool(role)) for one in desk.inputs)
    if not role or not taken or "" in taken or role in taken:
        return False
    if fact.kind == "time" and (role in RANGE) not in {one in RANGE for one in taken}:
        return True
    return any(has(in_roles(one), fact, role) for one in desk.inputs)


def tells_apart(source: MessageInput, change: FactChange, *, is_bound: bool) -> bool:
    """Return whether a submission says the old day as a bound of something (or as a day of its own), and the old or the new one as the other."""
    said = [(bool(role), fact) for role, fact in in_roles(source)]
    keeps = any(its is is_bound and says(fact, change.kind, change.was) for its, fact in said)
    return keeps and any(
        its is not is_bound and (says(fact, change.kind, change.was) or says(fact, change.kind, change.becomes))
        for its, fact in said
    )


def left_behind(change: FactChange, left: list[tuple[str, str, str]], *, cited: bool) -> Finding:
    """Return what is said of an old value that texts still have: (where, place, written) of each."""
    _where, first, written = left[0]
    places = list(dict.fromkeys(where for where, _place, _written in left))
    says = (
        ngettext(
            "“%(was)s” has been changed, but a source still says it in %(n)d text: %(places)s.",
            "“%(was)s” has been changed, but sources still say it in %(n)d texts: %(places)s.",
            len(places),
        )
        if cited
        else ngettext(
            "“%(was)s” has been changed, but %(n)d text still says it: %(places)s.",
            "“%(was)s” has been changed, but %(n)d texts still say it: %(places)s.",
            len(places),
        )
    )
    return Finding(
        ADVICE if cited else STOPS,
        "old-fact",
        _("Facts"),
        says % {"was": written, "n": len(places), "places": "; ".join(places)},
        _("Right if the source has that date or number itself.")
        if cited
        else _("Change it there too, or say why it differs."),
        place=first,
        found="|".join([change.was, change.becomes, *(place for _where, place, _written in left)]),
        overridable=not cited,
    )


def contradicting_words(desk: Workspace) -> Iterator[Finding]:
    """
    Find what a correction says has changed where the texts say otherwise: a value that was changed again or taken back, or the
    value before without the one that the texts have now. Once for all its places.
    """
    if desk.bulletin.kind != Bulletin.Kind.CORRECTION or not desk.all_changes:
        return
    said = said_by_correction(desk)
    for kind, value, now in stale_values(desk):
        left = []
        for where, place, found in said:
            written = next((fact.written for fact in found if says(fact, kind, value)), "")
            if written and not (now and any(says(fact, kind, now) for fact in found)):
                left.append((where, place, written))
        if left:
            yield contradiction(kind, value, now, left)


def said_by_correction(desk: Workspace) -> list[tuple[str, str, list[Fact]]]:
    """Return the facts in the words of a correction: (where, place, facts) of each."""
    labels = {"what_changed": _("What changed"), "share_text": _("For people who have shared it")}
    return [
        (f"{language_name(code)}, {label}", f"changed:{code}", facts(text, code))
        for name, label in labels.items()
        for code, text in getattr(desk.bulletin, name).items()
    ]


def stale_values(desk: Workspace) -> Iterator[tuple[str, str, str]]:
    """
    Yield the kind of each value that was changed in this version, the value and the one that stands now: "" of a value that no
    reader was ever told, which has no place in what is said of the change.
    """
    steps = steps_of(reversed(desk.changes))
    current = [(one.kind, one.becomes) for one in steps]
    for one in steps:
        if not any(kind == one.kind and same(kind, value, one.was) for kind, value in current):
            yield one.kind, one.was, one.becomes
    known = [*current, *((one.kind, one.was) for one in steps)]
    for change in desk.all_changes:
        for value in (change.was, change.becomes):
            if any(kind == change.kind and same(kind, value, other) for kind, other in known):
                continue
            known.append((change.kind, value))
            if not is_said(desk, change.kind, value):
                yield change.kind, value, ""


def is_said(desk: Workspace, kind: str, value: str) -> bool:
    """Return whether a text says a value now."""
    return any(says(fact, kind, value) for code, _where, _place, text in desk.texts for fact in facts(text, code))


def contradiction(kind: str, value: str, now: str, left: list[tuple[str, str, str]]) -> Finding:
    """Return what is said of a value that stands in the words of a correction: (where, place, written) of each."""
    places = "; ".join(dict.fromkeys(where for where, _place, _written in left))
    texts = {"was": left[0][2], "places": places}
    return Finding(
        STOPS,
        "old-words",
        _("What changed"),
        _("It says “%(was)s” and not what the texts say now: %(places)s.") % texts
        if now
        else _("It says “%(was)s”, which the texts do not say: %(places)s.") % texts,
        _("Say there what the texts say, or say why it differs."),
        place=left[0][1],
        found="|".join([kind, value, now, *(place for _where, place, _written in left)]),
        overridable=True,
    )


def old_weekdays(desk: Workspace, change: FactChange) -> Iterator[Finding]:
    """
    Find weekdays that stand alone and are that of a date that was changed: once for all places. It is a word of advice where
    another date of the bulletin has that weekday.
    """
    near = near_of(desk)
    was, now = day_of(change.was, near), day_of(change.becomes, near)
    if change.kind != "date" or not was or not now or was.weekday() == now.weekday():
        return
    left, rivals = [], False
    for code, where, place, text in desk.texts:
        every = facts(text, code)
        alone = [fact for fact in lone_weekdays(text, every) if fact.value == WEEKDAY_VALUES[was.weekday()]]
        left += [(where, place, fact.written) for fact in alone]
        rivals = rivals or any(is_on(fact, was.weekday(), near) for fact in every)
    if left:
        places = list(dict.fromkeys(where for where, _place, _written in left))
        yield Finding(
            ADVICE if rivals else STOPS,
            "old-weekday",
            _("Facts"),
            ngettext(
                "“%(weekday)s” stands alone in %(n)d text: %(places)s. The date that had it is a %(now)s now.",
                "“%(weekday)s” stands alone in %(n)d texts: %(places)s. The date that had it is a %(now)s now.",
                len(places),
            )
            % {"weekday": left[0][2], "now": WEEKDAYS[now.weekday()], "n": len(places), "places": "; ".join(places)},
            _("Change it there too, or say why it is right."),
            place=left[0][1],
            found="|".join([change.was, change.becomes, *(place for _where, place, _written in left)]),
            overridable=not rivals,
        )


def near_of(desk: Workspace) -> date:
    """Return the day near to which the texts' dates without a year are."""
    said = (fact for code, _where, _place, text in desk.texts for fact in facts(text, code))
    return years.near_day(said, desk.at.astimezone(desk.campaign.zone).date())


def is_on(fact: Fact, weekday: int, near: date) -> bool:
    """Return whether a fact is a date that has a weekday, 0 for Monday."""
    day = day_of(fact.value, near) if fact.kind == "date" else None
    return day is not None and day.weekday() == weekday


def says(fact: Fact, kind: str, value: str) -> bool:
    """Return whether a fact has a value; the year of a date counts where both name one."""
    return fact.kind == kind and same(kind, fact.value, value)


def same(kind: str, value: str, other: str) -> bool:
    """Return whether two values of a kind are one; the year of a date counts where both name one."""
    if kind == "date" and 5 in {len(value), len(other)}:
        return value[-5:] == other[-5:]
    if kind == "phone":
        return digits(value) == digits(other)
    return value == other


def digits(value: str) -> str:
    """Return a phone number without what groups it, as it is dialled in the country."""
    return re.sub(r"^(?:\+358|00358)", "0", re.sub(r"[^\d+]", "", value))


def wrong_weekdays(desk: Workspace) -> Iterator[Finding]:
    """
    Find dates with the weekday of another day: once for all places that say the same. What fits in the year before or after only
    looks wrong.
    """
    near = near_of(desk)
    found: dict[tuple[str, int], list[tuple[str, str, str]]] = {}
    said: dict[tuple[str, int], int] = {}
    for code, where, place, text in desk.texts:
        for fact in facts(text, code):
            if weekday := wrong_weekday(fact, near):
                found.setdefault((fact.value, weekday), []).append((where, place, fact.written))
                said[fact.value, weekday] = fact.weekday
    for (value, weekday), places in found.items():
        names = list(dict.fromkeys(where for where, _place, _written in places))
        fits = len(value) == 5 and any(day.isoweekday() == said[value, weekday] for day in days_near(value, near))
        yield Finding(
            ADVICE if fits else STOPS,
            "wrong-weekday",
            names[0],
            _("“%(date)s”: that day is a %(weekday)s.") % {"date": places[0][2], "weekday": WEEKDAYS[weekday - 1]}
            + (" " + _("It stands in: %(places)s.") % {"places": "; ".join(names)} if len(names) > 1 else ""),
            _("Correct the weekday or the date."),
            place=places[0][1],
            found="|".join([value, *(place for _where, place, _written in places)]),
            overridable=True,
        )
