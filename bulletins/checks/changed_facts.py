"""Facts that do not agree: an old value left after a change, and a weekday that is not that of its date."""

from collections.abc import Iterator

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.text.facts.fact import Fact, days_near, wrong_weekday

from .figures_match import facts
from .findings import ADVICE, STOPS, Finding, Workspace


def old_values(desk: Workspace) -> Iterator[Finding]:
    """Find values that were changed where a text still says them: once for all its places."""
    now_said = {(one.kind, one.becomes) for one in desk.changes}
    for change in desk.changes:
        if (change.kind, change.was) in now_said:
            continue  # it was changed back
        left = [
            (where, place, fact.written)
            for code, where, place, text in desk.texts
            for fact in facts(text, code)
            if says(fact, change.kind, change.was)
        ]
        if not left:
            continue
        _where, first, written = left[0]
        places = list(dict.fromkeys(where for where, _place, _written in left))
        yield Finding(
            STOPS,
            "old-fact",
            _("Facts"),
            ngettext(
                "“%(was)s” has been changed, but %(n)d text still says it: %(places)s.",
                "“%(was)s” has been changed, but %(n)d texts still say it: %(places)s.",
                len(places),
            )
            % {"was": written, "n": len(places), "places": "; ".join(places)},
            _("Change it there too, or say why it differs."),
            place=first,
            found="|".join([change.was, change.becomes, *(place for _where, place, _written in left)]),
            overridable=True,
        )


def says(fact: Fact, kind: str, value: str) -> bool:
    """Return whether a fact has a value; the year of a date counts where both name one."""
    if fact.kind != kind:
        return False
    if kind == "date" and 5 in {len(fact.value), len(value)}:
        return fact.value[-5:] == value[-5:]
    return fact.value == value


def wrong_weekdays(desk: Workspace) -> Iterator[Finding]:
    """
    Find dates with the weekday of another day: once for all places that say the same. What fits in the year before or after only
    looks wrong.
    """
    today = desk.at.astimezone(desk.campaign.zone).date()
    found: dict[tuple[str, int], list[tuple[str, str, str]]] = {}
    said: dict[tuple[str, int], int] = {}
    for code, where, place, text in desk.texts:
        for fact in facts(text, code):
            if weekday := wrong_weekday(fact, today):
                found.setdefault((fact.value, weekday), []).append((where, place, fact.written))
                said[fact.value, weekday] = fact.weekday
    for (value, weekday), places in found.items():
        names = list(dict.fromkeys(where for where, _place, _written in places))
        fits = len(value) == 5 and any(day.isoweekday() == said[value, weekday] for day in days_near(value, today))
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
