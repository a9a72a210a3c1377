"""Where a long word may be broken: Finnish by its syllables, other languages by their patterns."""

import re
from functools import lru_cache
from itertools import pairwise

import pyphen

SHORTEST_PART = 3  # letters that stand before and after a break, at least
VOWELS = "aeiouyåäöü"
# A Finnish syllable begins with the last consonant before a vowel; what two vowels in a row do is left alone.
SYLLABLE = re.compile(rf"(?<=\w)(?=[^\W\d_{VOWELS}][{VOWELS}])", re.IGNORECASE)
OWN_HYPHEN = re.compile(r"(?<=-)(?=\w)")


def parts(word: str, language: str) -> list[str]:
    """
    Return `word` in the parts that it may be broken into; at its ends, none is shorter than SHORTEST_PART letters.

    A part that ends in a hyphen of the word's own needs no other one.
    """
    places = _places(word, language.partition("-")[0])
    kept = [at for at in places if min(_letters(word[:at]), _letters(word[at:])) >= SHORTEST_PART]
    return [word[start:end] for start, end in pairwise([0, *kept, len(word)])]


def _places(word: str, language: str) -> list[int]:
    """Return where in `word`, counted in characters from its start, a line may end."""
    own = [match.start() for match in OWN_HYPHEN.finditer(word)]
    if own:
        return own
    if language == "fi":
        return [match.start() for match in SYLLABLE.finditer(word)]
    if language in pyphen.LANGUAGES:
        return [int(place) for place in _patterns(language).positions(word)]
    return []


def _letters(text: str) -> int:
    return sum(sign.isalpha() for sign in text)


@lru_cache(maxsize=8)
def _patterns(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=language)
