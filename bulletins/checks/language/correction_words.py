"""Words by which a short text says that it corrects what its readers got before."""

import re

_WORD = re.compile(r"\w+")
# How such words begin, by language; of several words, the first are whole.
BEGINNINGS = {
    "en": (
        *("correct", "incorrect", "chang", "updat", "replac", "wrong", "mistake"),
        *("no longer", "not any more", "not anymore", "instead"),
    ),
    "fi": (
        *("korja", "oikai", "muutet", "muuttu", "muuto", "päivit", "korva", "virhe", "väär"),
        *("ei enää", "eivät enää", "älä enää", "älkää enää", "sijasta", "sijaan"),
    ),
    "sv": (
        *("rätta", "rättel", "korrig", "ändra", "ändri", "uppdater", "ersätt", "felakt"),
        *("inte längre", "inte mer", "i stället", "istället"),
    ),
}


def says_that_it_corrects(text: str, language: str) -> bool:
    """Return whether a text says so in any way; True in a language whose words are not known here."""
    beginnings = BEGINNINGS.get(language)
    if beginnings is None:
        return True
    said = f" {' '.join(_WORD.findall(text.casefold()))}"
    return any(f" {one}" in said for one in beginnings)
