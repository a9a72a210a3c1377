"""Numbers of followers as people write them."""

import re
import unicodedata
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .handles import MOST_TYPED, UNSEEN

MOST_FOLLOWERS = 2_000_000_000
THOUSAND, MILLION = 1_000, 1_000_000
SCALES = {
    word: scale
    for scale, words in {
        1: [""],
        THOUSAND: "k t tn tuhatta tusen thousand".split(),
        MILLION: "m milj mn mio miljoonaa miljoner miljon million millions".split(),
    }.items()
    for word in words
}
COUNT = re.compile(
    r"(?:(?:n|noin|yli|ca|cirka|circa|about|över|over)\b\.?|[~≈>])?\s*+(?P<number>\d(?:[\d\s.,'’_]*[\d.,'’_])?+)"
    rf"(?:\s*+(?P<scale>{'|'.join(scale for scale in SCALES if scale)})(?![^\W\d])|(?![^\W\d]))\.?\s*+(?:\+\s*+)?"
    r"(?:seuraajaa|följare|followers|tilaajaa|prenumeranter|subscribers)?"
)
GROUPED = re.compile(r"\d+(?:[.,]\d+)*|\d{1,3}(?:[\s'’_]\d{3})+(?:[.,]\d+)?")


class BadCount(ValueError):
    """What was typed is no number of followers. The text says how it looks right."""


class TooMany(BadCount):
    """A number above the largest that is kept; its text says which that is."""


def followers(typed: str, language: str) -> int:
    """
    Return a number of followers as people write it: 12 000, 12.500, 12,5k, 1.2M, "1,2 milj.". Where a point or a comma
    can mean both, `language` says which it is: a decimal point in English, a decimal comma elsewhere.

    Raise BadCount, and TooMany above the largest that is kept.
    """
    wrong = BadCount(_("Enter the number of followers, for example 12000 or 12.5k."))
    if len(typed) > MOST_TYPED:
        raise wrong
    text = UNSEEN.sub("", unicodedata.normalize("NFKC", typed)).strip().lower()
    found = COUNT.fullmatch(text)
    if not found:
        raise wrong
    scale = SCALES[(found["scale"] or "")]
    digits = re.sub(r"[\s'’_]", "", found["number"])
    if not GROUPED.fullmatch(found["number"].strip()):
        raise wrong
    number = number_of(digits, decimal="." if language.partition("-")[0] == "en" else ",", scaled=scale > 1)
    if number is None or (whole := number * scale) != int(whole):
        raise wrong
    if whole > MOST_FOLLOWERS:
        most = number_format(MOST_FOLLOWERS, use_l10n=True, force_grouping=True)
        raise TooMany(_("The largest number that can be entered here is %(most)s.") % {"most": most})
    return int(whole)


def in_thousands(groups: list[str]) -> bool:
    """Return whether groups of digits are those of one number: "12", "500"."""
    return len(groups[0]) <= 3 and groups[0] != "0" and all(len(group) == 3 for group in groups[1:])


def number_of(digits: str, *, decimal: str, scaled: bool) -> Decimal | None:
    """Return a number whose points and commas group thousands or set off decimals, or None when they fit neither."""
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return Decimal(digits)
    groups = re.split(r"[.,]", digits)
    kinds = len(set(signs))
    if kinds == 1 and in_thousands(groups) and not (scaled and signs == [decimal]):
        return Decimal("".join(groups))
    if not scaled:  # people are counted whole
        return None
    *before, last = signs
    if not before or (last not in before and kinds == 2 and all(len(group) == 3 for group in groups[1:-1])):
        return Decimal(f"{''.join(groups[:-1])}.{groups[-1]}")
    return None
