"""
Words by their basic forms: Voikko's for Finnish where it is installed, Snowball's stems beside it and everywhere else. For what
people search and are advised on; what has to be the same on every machine goes by stemming.py alone.
"""

from . import stemming, voikko

SHORTEST_PART = 4  # letters of a word that is looked for inside compounds


def bases_of(word: str, language: str) -> tuple[str, ...]:
    """Return the basic forms that a word (lower case) may have, the likeliest first; none where nobody knows."""
    if language.partition("-")[0] != "fi":
        return ()
    bases = {one.base for one in voikko.readings(word)}
    # A word that is a basic form itself is that one; else the shortest, so that all forms of a word agree where they can.
    return tuple(sorted(bases, key=lambda base: (base != word, len(base), base)))


def is_form(word: str, term: str, language: str) -> bool:
    """Return whether `word` is a form of `term` (both lower case): vedestä of vesi, käsien of käsi."""
    return stemming.is_form(word, term, language) or bool(
        set(bases_of(word, language)).intersection(bases_of(term, language) or (term,))
    )


def is_part(word: str, term: str, language: str) -> bool:
    """Return whether a compound has a form of `term` as one of its words: juomavedestä has vesi."""
    if len(term) < SHORTEST_PART or language.partition("-")[0] != "fi":
        return False
    wanted = {term, *bases_of(term, language)}
    return any(len(one.parts) > 1 and wanted.intersection(one.parts) for one in voikko.readings(word))


def key(word: str, language: str) -> str:
    """Return what a word (lower case) is filed under: the stem of its basic form, or else its own."""
    bases = bases_of(word, language)
    return stemming.stem(bases[0] if bases else word, language)
