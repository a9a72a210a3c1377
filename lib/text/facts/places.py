"""Places, which no rule knows: names from a list, found in any of their forms."""

from collections.abc import Iterable, Mapping

from lib.text.linguistics import stemming

from .fact import Fact, Slot
from .readers.found_facts import facts_of
from .tokens import Tokens

_LONGEST = 5  # tokens of a name: Etelä-Pohjanmaa, Uusi kaupunki


def places_in(tok: Tokens, places: Mapping[str, Iterable[str]], taken: Iterable[Fact]) -> list[Fact]:
    """
    Return where the names of places stand, in any regular form of theirs or one of those that are listed with them.

    What begins with a small letter is no name; what another fact has taken ("Helsinginkatu 5") is not looked at.
    """
    known = {form.lower(): name for name, forms in places.items() for form in (name, *forms)}
    stems = {key: name for name in places for key in stemming.keys(name.lower(), tok.language)}
    used = {at for fact in taken for at in range(fact.start, fact.end)}
    found: list[Fact] = []
    index = 0
    while index < len(tok.words):
        if tok.words[index][:1].isupper() and tok.starts[index] not in used:
            end, name = _name_at(tok, index, known, stems)
            if name:
                found += facts_of(
                    tok,
                    index,
                    end,
                    "place",
                    [name],
                    {(index, end): Slot("place", 0, ("as it is" if tok.written(index, end) == name else "bent",))},
                )
                index = end
                continue
        index += 1
    return found


def _name_at(tok: Tokens, index: int, known: Mapping[str, str], stems: Mapping[str, str]) -> tuple[int, str]:
    """Return the end and the name of the longest place that begins at a token."""
    for end in range(min(index + _LONGEST, len(tok.words) - 1), index, -1):
        word = tok.written(index, end).lower()
        name = known.get(word) or stems.get(stemming.stem(word, tok.language), "")
        if name and (word in known or stemming.is_form(word, name.lower(), tok.language)):
            return end, name
    return index, ""
