"""What a correction changes, in few lines for whoever approves it: facts as "from → to", and sentences. The page has all of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bulletins.checks.consistency.changed_facts import says
from bulletins.checks.consistency.figures_match import facts
from bulletins.checks.findings import shortened
from bulletins.models import Bulletin, FactChange, Parts
from bulletins.publication import corrections
from lib.text.facts.fact import day_of

from . import text_places
from .correction_words import added_in, changes_of, fact_steps, is_text, published_texts, quoted, typed_in
from .fact_list import shown_value

LONGEST = 160  # characters of a sentence
MOST = 8  # changes


def lines_of(bulletin: Bulletin) -> list[str]:
    """Return a line for each change, in the reader's language as far as the bulletin has a text in it, and how many more there are."""
    changes = changes_of(bulletin)
    every = [*steps_in_short(changes), *sentences_in_short(bulletin, changes)]
    if (more := len(every) - MOST) > 0:
        return [*every[:MOST], ngettext("and %(n)d more change", "and %(n)d more changes", more) % {"n": more}]
    return every


def steps_in_short(changes: Sequence[FactChange]) -> list[str]:
    """Return a line for each fact that changes come to: "Sunday 6 December → Monday 7 December"."""
    today = changes[-1].at.date() if changes else None
    return [step_in_short(one.kind, (one.was, one.becomes), changes, today) for one in fact_steps(changes)]


def step_in_short(kind: str, values: Sequence[str], changes: Iterable[FactChange], today: date | None) -> str:
    """Return a value and the one that it became; a phone number in its groups, as the texts of the changes have it."""
    if kind == "phone":
        return " → ".join(number_in(changes, value) for value in values)
    if kind == "date" and {len(one) for one in values} == {5, 10}:  # one names its year: both have their weekday then
        near = day_of(max(values, key=len))
        values = tuple(str(day_of(one, near) or one) for one in values)
    return " → ".join(shown_value(kind, value, today=today) for value in values)


def number_in(changes: Iterable[FactChange], value: str) -> str:
    """Return a phone number as the texts of changes have it."""
    found = (fact for one in changes for _key, *both in one.texts for text in both for fact in facts(text, "en"))
    return next((fact.written for fact in found if says(fact, "phone", value)), value)


def sentences_in_short(bulletin: Bulletin, changes: Sequence[FactChange]) -> Iterator[str]:
    """Yield a line for each sentence that came with an update, that somebody typed, and that is gone."""
    published = published_texts(bulletin)
    code = (get_language() or "").partition("-")[0]
    code = code if code in published else bulletin.original_language
    own = [one for one in text_places.places(Parts(bulletin)) if one.language == code and is_text(one)]
    yield from (corrections.is_new(brief(one)) for one in added_in(changes, own))
    for place in own:
        typed = typed_in(place, published.get(code, ""), changes)
        yield from (f"{brief(was)} → {brief(now)}" for was, now in typed.reworded)
        yield from (corrections.is_new(brief(one)) for one in typed.new)
        yield from (_("Taken out: %(words)s") % {"words": brief(one)} for one in typed.gone)


def brief(words: str) -> str:
    """Return the first words of a sentence, quoted."""
    return quoted(shortened(words, LONGEST))
