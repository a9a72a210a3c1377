"""Nouns that are counted, as they stand after one and after several: "ten people" and "one person"."""

import re

from lib.text.facts.fact import Fact, Slot
from lib.text.facts.values import amount_of

_NOUN = re.compile(r"([ \u00a0])([^\W\d_]{2,})")
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "women": "woman",
    "men": "man",
    "lives": "life",
    "homes": "home",
    "cases": "case",
    "houses": "house",
    "nurses": "nurse",
}
_NO_PLURALS = frozenset("as is was has his this its us yes always besides across less plus".split())

# {language: {after one: after several}}
_NOUNS: dict[str, dict[str, str]] = {
    "en": {one: many for many, one in _IRREGULAR.items()},
    "fi": dict(
        pair.split(":")
        for pair in (
            "ihminen:ihmistä henkilö:henkilöä asukas:asukasta asiakas:asiakasta potilas:potilasta matkustaja:matkustajaa lapsi:lasta koti:kotia "
            "talo:taloa koulu:koulua auto:autoa tapaus:tapausta paikka:paikkaa annos:annosta näyte:näytettä kotitalous:kotitaloutta "
            "kuolemantapaus:kuolemantapausta työntekijä:työntekijää vierailija:vierailijaa kävijä:kävijää osallistuja:osallistujaa"
        ).split()
    ),
    "sv": dict(
        pair.split(":")
        for pair in (
            "person:personer människa:människor patient:patienter kund:kunder passagerare:passagerare invånare:invånare bil:bilar skola:skolor "
            "plats:platser dos:doser anställd:anställda besökare:besökare deltagare:deltagare hushåll:hushåll fall:fall hem:hem barn:barn "
            "hus:hus prov:prov dödsfall:dödsfall"
        ).split()
    ),
}  # fmt: skip
_SWEDISH_NEUTERS = frozenset("hushåll fall hem barn hus prov dödsfall".split())


def with_noun(text: str, fact: Fact, words: str, value: str) -> tuple[str, int] | None:
    """
    Return the words of a number with the noun after it as the new value asks for, and where that noun ends in the text; None where
    the noun is not known, or stays as it is.
    """
    language, following = fact.form.language, _NOUN.match(text, fact.end)
    if not following or fact.kind != "number" or not _asks(fact):
        return None
    becomes_one = amount_of(value) == 1
    if becomes_one == (amount_of(fact.value) == 1):
        return None
    noun = _of_one(following[2], language) if becomes_one else _of_several(following[2], language)
    if not noun:
        return None
    if language == "sv" and words.lower() in {"en", "ett"}:
        words = _cased("ett" if noun in _SWEDISH_NEUTERS else "en", words)
    return f"{words}{following[1]}{noun}", following.end()


def _asks(fact: Fact) -> bool:
    """Return whether a number is one that the noun goes by: in Finnish only in the nominative."""
    spelt = next(
        (piece.style[0] for piece in fact.form.pieces if isinstance(piece, Slot) and piece.what == "words"), ""
    )
    return not spelt or fact.form.language != "fi" or "nom" in spelt.split()


def _of_one(noun: str, language: str) -> str:
    known = next((one for one, many in _NOUNS.get(language, {}).items() if many == noun.lower()), "")
    if known or language != "en" or not noun.islower() or noun in _NO_PLURALS:
        return _cased(known, noun)
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is", "ses")) and len(noun) > 3 else ""


def _of_several(noun: str, language: str) -> str:
    return _cased(_NOUNS.get(language, {}).get(noun.lower(), ""), noun)


def _cased(word: str, like: str) -> str:
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
