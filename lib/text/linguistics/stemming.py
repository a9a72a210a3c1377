"""Forms of words: whether a word in a text is a form of another, in Finnish, Swedish and English."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped]  # it has no types

STEMMERS = {"fi": "finnish", "sv": "swedish", "en": "english"}
_WEAKENED = re.compile(r"(.*?)(nn|ll|rr|mm|[dtpkv])([aeiouyäö]{1,2})")
_GRADED = re.compile(r"(.*?)(kk|pp|tt|nt|lt|rt|mp|nk|[ktp])([aeiouyäö]{1,2})")
_PLURAL = re.compile(r"(\w{3,40})([oö])i(?:t[aä]|den|tten|ss[aä]|st[aä]|hin|ll[aä]|lt[aä]|lle|n[aä]|ksi|tt[aä])")
_WEAK = {
    "kk": "k", "pp": "p", "tt": "t", "nt": "nn", "lt": "ll", "rt": "rr", "mp": "mm", "nk": "ng",
    "k": "", "p": "v", "t": "d",
}  # fmt: skip
_STRONG = {"d": "t", "nn": "nt", "ll": "lt", "rr": "rt", "mm": "mp", "t": "tt", "p": "pp", "k": "kk", "v": "p"}


@lru_cache(maxsize=1 << 16)
def is_form(word: str, term: str, language: str) -> bool:
    """Return whether `word` (lower case) is a form of the one word `term`: masks of mask, rajoitukset of rajoitus."""
    if word == term:
        return True
    # What is much shorter than the term is another word that happens to share its stem: "kun" is no "kunta".
    return len(word) >= len(term) - (1 if language == "fi" else 2) and stem(word, language) in keys(term, language)


@lru_cache(maxsize=1 << 16)  # not for ever: pasted words come by here
def stem(word: str, language: str) -> str:
    """Return the stem of a word by Snowball; the word itself in a language that it does not know."""
    name = STEMMERS.get(language.partition("-")[0])
    return snowballstemmer.stemmer(name).stemWord(word) if name else word


@lru_cache(maxsize=1 << 14)
def keys(term: str, language: str) -> frozenset[str]:
    """Return the stems that forms of a term may have: one, or in Finnish several, as its stem changes."""
    forms = (
        [form for base in _bases(term) for form in (base, *_finnish_forms(base))]
        if language.partition("-")[0] == "fi"
        else [term]
    )
    return frozenset(stem(form, language) for form in forms)


def _bases(word: str) -> list[str]:
    """Return a Finnish word and what it may be a plural form of: ravintoloissa is of ravintola, taloissa of talo."""
    found = _PLURAL.fullmatch(word)
    return [word, f"{found[1]}{'a' if found[2] == 'o' else 'ä'}", f"{found[1]}{found[2]}"] if found else [word]


def _finnish_forms(word: str) -> Iterator[str]:
    """Return forms of a Finnish noun that between them have every stem that Snowball makes of it."""
    stems = [word]
    if word.endswith("nen"):
        stems = [f"{word[:-3]}se"]
        yield from (f"{word[:-3]}s{end}" for end in ("ta", "tä", "ten"))
    elif word.endswith(("us", "ys", "is", "os", "ös")):
        stems = [f"{word[:-1]}kse", f"{word[:-1]}de", f"{word[:-1]}te"]
        yield from (f"{word}{end}" for end in ("ta", "tä", "ten"))
    elif word.endswith("in"):
        stems = [f"{word[:-1]}me"]
    elif word.endswith("e"):
        stems = [f"{word}e", f"{_graded(word, _STRONG)}e"]
        yield from (f"{word}{end}" for end in ("tta", "ttä"))
    elif word.endswith("t"):
        stems = [word[:-1]]
    else:
        stems = [word, _graded(word, _WEAK)]
        yield from (f"{word[:-1]}{end}" for end in ("nut", "nyt", "eja", "ejä", "eissa", "eilla"))
    for base in stems:
        yield from (
            f"{base}{end}" for end in ("n", "t", "a", "ä", "ssa", "ssä", "en", "jen", "ja", "iden", "ita", "itä")
        )
        yield from (f"{base[:-1]}{end}" for end in ("ia", "iä", "ien", "issa", "issä", "oita", "oiden", "oja", "ojen"))


def _graded(word: str, grades: Mapping[str, str]) -> str:
    """Return a Finnish word with its last consonants in the other grade: kunta → kunna, lähde → lähte."""
    found = _GRADED.fullmatch(word) if grades is _WEAK else _WEAKENED.fullmatch(word)
    return f"{found[1]}{grades[found[2]]}{found[3]}" if found else word
