"""Key facts that came with an authority's update and of which the bulletin made of it says nothing yet."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.editing.input_merge import counterparts
from bulletins.models import InputFact, KeyMessage, MessageInput
from lib.text.facts.fact import Fact

from .figures_match import facts
from .findings import ADVICE, FIRST_WORDS, Finding, Workspace, shortened

type Texts = Sequence[tuple[str, str]]  # (language, text)


def earlier_of(source: MessageInput, every: Iterable[MessageInput]) -> list[MessageInput]:
    """Return those among `every` that a submission replaces, the last one first."""
    by_pk: Mapping[int | None, MessageInput] = {one.pk: one for one in every}
    found: list[MessageInput] = []
    while (before := by_pk.get((found or [source])[-1].replaces_id)) and before not in [source, *found]:
        found.append(before)
    return found


def new_facts(
    update: MessageInput, earlier: Iterable[MessageInput], messages: Iterable[KeyMessage], texts: Texts
) -> list[InputFact]:
    """
    Return the key facts of an update that say nothing anew of what the earlier submissions said, that no key message rests on, and that
    stand in none of the bulletin's texts.
    """
    again = set(counterparts([fact for one in earlier for fact in one.facts.all()], update.facts.all()).values())
    used = {message.fact_id for message in messages}
    return [
        fact
        for fact in update.facts.all()
        if fact.pk not in used
        and not fact.superseded_by_id
        and fact not in again
        and not is_told(fact.text, update.language, texts)
    ]


def is_told(words: str, language: str, texts: Texts) -> bool:
    """Return whether some words stand in a text as they are, or all that they name (a day, a number, a place …) in texts together."""
    plain = bare(words)
    if any(plain in bare(text) for _code, text in texts):
        return True
    named = [fact for fact in facts(words, language) if not fact.soft]
    return bool(named) and all(is_named(fact, texts) for fact in named)


def is_named(fact: Fact, texts: Texts) -> bool:
    """Return whether a text has a value."""
    return any(one.matches(fact) for code, text in texts for one in facts(text, code))


def bare(words: str) -> str:
    """Return words without case, breaks of lines and the full stop at their end, to be compared."""
    return " ".join(words.casefold().split()).rstrip(".!")


def untold_facts(desk: Workspace) -> Iterator[Finding]:
    """Find the key facts of updates that the bulletin is made of and says nothing of."""
    texts = [(code, text) for code, _where, _place, text in desk.texts]
    for source in desk.inputs:
        earlier = earlier_of(source, desk.parts.every_input)
        if found := new_facts(source, earlier, desk.messages, texts) if earlier else []:
            says = ngettext(
                "The update says something new that is not in the bulletin: %(facts)s",
                "The update says %(n)d new things that are not in the bulletin: %(facts)s",
                len(found),
            )
            words = " ".join(f"“{shortened(fact.text, FIRST_WORDS)}”" for fact in found)
            yield Finding(
                ADVICE,
                "untold-fact",
                _("Submission"),
                says % {"n": len(found), "facts": words},
                _("Add it from the list of facts, or leave it out."),
                place="inputs",
                found=" ".join(str(fact.pk) for fact in found),
            )
