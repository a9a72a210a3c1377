"""The words of a report that a person writes, one by one in each language: which there are, what they begin with, what may not be in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.translated_fields import in_language
from factcheck.models import Claim
from lib.statistics.small_groups import FEWEST

from .risk import ABCDE

MOST_ADVICE = 5
LIMITS = {"title": 160, "lead": 600, "what": 240, "who": 120, "harm": 160, **dict.fromkeys(ABCDE, 400)}
# An account or a link: the report names nobody, and does not spread what it warns of.
NAMED = re.compile(r"@\w|https?://|(?<!\w)www\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A text of a report: its name, how long it may be, and what it is about."""

    name: str
    longest: int
    label: str
    claim: Mapping[str, Any] | None = None


def places_of(figures: Mapping[str, Any]) -> Iterator[Place]:
    """Yield every text that a report has in a language, in the order of its form; labels in the active one."""
    yield Place("title", LIMITS["title"], _("Finding: what the week showed, in a sentence"))
    yield Place("lead", LIMITS["lead"], _("Summary: two or three sentences"))
    for number in range(1, MOST_ADVICE + 1):
        yield Place(f"what{number}", LIMITS["what"], _("Recommendation %(number)d: what") % {"number": number})
        yield Place(f"who{number}", LIMITS["who"], _("Who, as an office or a role"))
    for claim in figures.get("claims", []):
        yield Place(f"{claim['pk']}_harm", LIMITS["harm"], _("Harm: to whom, and how"), claim)
        for name, label in ABCDE.items():
            yield Place(f"{claim['pk']}_{name}", LIMITS[name], str(label), claim)


def names_somebody(text: str) -> bool:
    """Return whether a text has an account or a link in it."""
    return NAMED.search(text) is not None


def drafted(figures: Mapping[str, Any], languages: list[str]) -> dict[str, dict[str, str]]:
    """Return the words that the data proposes, in each language: a finding, a summary, and an answer for each of the largest voids."""
    found = {}
    for code in languages:
        with override(code):
            found[code] = draft_in(figures, code)
    return found


def draft_in(figures: Mapping[str, Any], code: str) -> dict[str, str]:
    """Return the same in the active language, which is `code`."""
    voids = [one for one in figures["questions"]["rows"] if one["state"] == "void"][:MOST_ADVICE]
    words = {"title": title_of(figures, voids, code), "lead": lead_of(figures)}
    for number, one in enumerate(voids, start=1):
        words[f"what{number}"] = _("Answer the question: %(question)s") % {"question": in_language(one["label"], code)}
        words[f"who{number}"] = in_language(one["authority"], code)
    return {name: text[: longest_of(name)] for name, text in words.items() if text}


def longest_of(name: str) -> int:
    """Return how long a text may be."""
    return LIMITS[name.rstrip("0123456789").rpartition("_")[2]]


def title_of(figures: Mapping[str, Any], voids: list[Any], code: str) -> str:
    """Return a finding: the largest void, else the claim that was seen most."""
    if voids:
        return _("Nobody has answered: %(question)s") % {"question": in_language(voids[0]["label"], code)}
    first = next((one for one in figures["claims"] if one["is_public"]), None)
    if first and first["verdict"] == Claim.Verdict.FALSE:
        return _("Seen most: what is said against this fact: %(fact)s") % {"fact": in_language(first["fact"], code)}
    if first:
        words = {"claim": in_language(first["text"], code), "verdict": Claim.Verdict(first["verdict"]).label}
        return _("Seen most: %(claim)s (%(verdict)s)") % words
    return _("A quiet week")


def lead_of(figures: Mapping[str, Any]) -> str:
    """Return a summary of the numbers."""
    done = figures["done"]
    return _(
        "Claims seen: %(seen)s. Questions asked: %(asked)s. Published: bulletins %(bulletins)d, fact-checks %(checks)d, answers %(answers)d."
    ) % {
        "seen": told(figures["sightings"]["all"]),
        "asked": told(figures["questions"]["all"]),
        "bulletins": len(done["bulletins"]),
        "checks": len(done["checks"]),
        "answers": len(done["answers"]),
    }


def told(number: int | None) -> str:
    """Return a number of people or sightings in words."""
    return _("fewer than %(n)d") % {"n": FEWEST} if number is None else str(number)
