"""
What stands in the way of a verdict: the order fact, warning, fallacy, fact; the claim said once; words that are not
used; and what it rests on. Source of the order: Lewandowsky et al., The Debunking Handbook 2020.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from campaigns import banning
from campaigns.alike import plain
from campaigns.fetching import looks_private
from campaigns.models import BannedTerm

from .models import Claim, Evidence

STOPS, ADVICE = "stops", "advice"

# From how much on a sentence says the claim again, in hundredths (rapidfuzz): alike as a whole, or holding all of it.
SAME_WHOLE, SAME_INSIDE = 84, 92
LONGEST_FACT = 300  # characters: what a heading and a card still show
INDEPENDENT_SOURCES = 2

# Openings that put the falsehood first by denying it.
DENIALS = {
    "en": r"(?:it is|it's|this is) (?:not true|false|untrue|a myth)|false\b|myth\b|no,|contrary to",
    "fi": r"(?:väite )?ei (?:ole totta|pidä paikkaansa)|väärin\b|myytti\b|on väärin\b|ei,|vastoin",
    "sv": r"det (?:är inte sant|stämmer inte|är falskt|är en myt)|falskt\b|myt\b|nej,|tvärtemot",
}
SECOND_LEVEL = {"co", "ac", "com", "org", "net", "gov", "gob", "gouv", "edu", "or", "go"}
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing to mend, in the user's language: `where` it is, what it `says`, how to `mend` it. STOPS keeps a verdict
    from being proposed, ADVICE does not. `place` names the field ("fact:sv", "evidence:12").
    """

    level: str
    code: str
    where: str
    says: str
    mend: str = ""
    place: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.says} {self.mend}".strip()


def lint(claim: Claim, *, at: datetime, verdict: str = "") -> list[Finding]:
    """Return all findings of a claim's working copy, those that stop it first, as if `verdict` were given; four queries."""
    languages = [row.code for row in claim.campaign.languages.all()]
    evidence = list(claim.evidence.select_related("copy").defer("copy__text"))
    banned = list(BannedTerm.objects.filter(language__in=languages))
    verdict = verdict or claim.verdict
    found = [
        *missing(claim, languages, verdict),
        *said_again(claim, languages, verdict),
        *denied_first(claim, languages),
        *banned_words(claim, languages, banned),
        *too_long(claim, languages),
        *few_sources(claim, languages, evidence),
        *bad_sources(evidence),
        *out_of_date(claim, at=at),
    ]
    return sorted(found, key=lambda one: one.level != STOPS)


def stops(claim: Claim, *, at: datetime, verdict: str = "") -> list[Finding]:
    """Return what keeps a verdict from being proposed."""
    return [one for one in lint(claim, at=at, verdict=verdict) if one.level == STOPS]


# --- Rules -----------------------------------------------------------------------------------------


def missing(claim: Claim, languages: Sequence[str], verdict: str) -> Iterator[Finding]:
    """Find parts without words. A true claim needs no warning and no fallacy; the others need the whole order."""
    parts = ["text", "fact", "fact_again"] if verdict == Claim.Verdict.TRUE else list(in_order())
    if claim.standing_id:
        parts.append("what_changed")
    for part in parts:
        for code in languages:
            if not getattr(claim, part).get(code, "").strip():
                yield Finding(
                    STOPS,
                    "missing",
                    in_part(part, code),
                    _("This part has no words."),
                    _("It goes fact, warning, claim, fallacy, fact, in every language."),
                    f"{part}:{code}",
                )


def said_again(claim: Claim, languages: Sequence[str], verdict: str) -> Iterator[Finding]:
    """Find the claim repeated outside its own place, also denied: what is heard twice sticks. A true one may be."""
    if verdict == Claim.Verdict.TRUE:
        return
    for code in languages:
        said = plain(claim.text.get(code, ""))
        if not said:
            continue
        whole = claim.text[code]
        sentences = [plain(one) for one in _SENTENCE.split(whole) if plain(one)]
        if len(sentences) != len(set(sentences)):
            yield _twice("text", code, whole)
        for part in ("fact", "warning", "fallacy", "fact_again", "how_checked"):
            for sentence in _SENTENCE.split(getattr(claim, part).get(code, "")):
                if repeats(plain(sentence), said):
                    yield _twice(part, code, sentence.strip())


def repeats(sentence: str, said: str) -> bool:
    """Tell whether a sentence says a claim again, word for word or nearly; both as alike.plain() gives them."""
    if not sentence or not said:
        return False
    if f" {said} " in f" {sentence} ":
        return True
    if fuzz.ratio(sentence, said) >= SAME_WHOLE:
        return True
    return len(sentence) > len(said) and fuzz.partial_ratio(said, sentence) >= SAME_INSIDE


def _twice(part: str, code: str, words: str) -> Finding:
    return Finding(
        STOPS,
        "said-twice",
        in_part(part, code),
        _("The claim is said a second time: “%(words)s”") % {"words": words[:160]},
        _("Say it once, in its own place. Here, say what is true instead."),
        f"{part}:{code}",
    )


def denied_first(claim: Claim, languages: Sequence[str]) -> Iterator[Finding]:
    """Find a fact that begins by denying the claim: then the falsehood comes first after all."""
    for code in languages:
        pattern = DENIALS.get(code.partition("-")[0])
        for part in ("fact", "fact_again"):
            if pattern and re.match(pattern, getattr(claim, part).get(code, "").strip(), re.IGNORECASE):
                yield Finding(
                    STOPS,
                    "denied-first",
                    in_part(part, code),
                    _("It begins by denying the claim, so readers hear the claim first."),
                    _("Begin with what is true."),
                    f"{part}:{code}",
                )


def banned_words(claim: Claim, languages: Sequence[str], banned: Iterable[BannedTerm]) -> Iterator[Finding]:
    """Find words that are not used. The claim itself is quoted as it is said."""
    for term in banned:
        for part in ("fact", "warning", "fallacy", "fact_again", "how_checked", "why_few_sources", "what_changed"):
            for written in banning.written(term.term, getattr(claim, part).get(term.language, "")):
                yield Finding(
                    STOPS,
                    "banned-term",
                    in_part(part, term.language),
                    _("“%(term)s” is not used.") % {"term": written},
                    _("Say: %(instead)s.") % {"instead": term.say_instead},
                    f"{part}:{term.language}",
                )


def too_long(claim: Claim, languages: Sequence[str]) -> Iterator[Finding]:
    """Find facts that are too long to be remembered."""
    for code in languages:
        for part in ("fact", "fact_again"):
            length = len(getattr(claim, part).get(code, ""))
            if length > LONGEST_FACT:
                yield Finding(
                    ADVICE,
                    "too-long",
                    in_part(part, code),
                    _("%(length)d characters: too long to be remembered, and for a card.") % {"length": length},
                    _("Say it in %(most)d at most.") % {"most": LONGEST_FACT},
                    f"{part}:{code}",
                )


def few_sources(claim: Claim, languages: Sequence[str], evidence: Sequence[Evidence]) -> Iterator[Finding]:
    """Find a verdict on fewer than two independent sources for which no reason is given."""
    count = independent(evidence)
    if not evidence:
        yield Finding(
            STOPS, "no-source", _("Evidence"), _("It rests on no source."), _("Add one at least."), "evidence"
        )
    elif count < INDEPENDENT_SOURCES:
        lacking = [code for code in languages if not claim.why_few_sources.get(code, "").strip()]
        for code in lacking:
            yield Finding(
                STOPS,
                "few-sources",
                in_part("why_few_sources", code),
                _("It rests on one independent source."),
                _("Add one of another publisher on another site, or say to readers why there is no other."),
                f"why_few_sources:{code}",
            )


def bad_sources(evidence: Iterable[Evidence]) -> Iterator[Finding]:
    """Find addresses that readers could not open, and sources without an archived copy."""
    for one in evidence:
        if urlsplit(one.url).scheme not in {"http", "https"} or looks_private(one.url):
            yield Finding(
                STOPS,
                "private-address",
                str(one),
                _("Its address leads into a private network, so nobody outside can check it."),
                _("Give a public address."),
                f"evidence:{one.pk}",
            )
        elif one.copy_id is None:
            yield Finding(
                ADVICE,
                "no-copy",
                str(one),
                _("There is no archived copy of it yet."),
                _("Have it fetched, or paste its text by hand: pages change."),
                f"evidence:{one.pk}",
            )


def out_of_date(claim: Claim, *, at: datetime) -> Iterator[Finding]:
    """Find a validity that has ended already."""
    if claim.valid_until is not None and claim.valid_until <= at:
        yield Finding(
            STOPS,
            "out-of-date",
            _("Valid until"),
            _("It would be out of date the moment it is published."),
            _("Choose a later time, or leave it empty."),
            "valid_until",
        )


# --- Words for them --------------------------------------------------------------------------------


def in_order() -> tuple[str, ...]:
    """Return the parts that every rebuttal has, in the order in which they are read."""
    return ("fact", "warning", "text", "fallacy", "fact_again")


def in_part(part: str, language: str) -> str:
    """Return where a text is, for people: "Swedish, fact"."""
    name = str(getattr(Claim._meta.get_field(part), "verbose_name", part))
    try:
        return f"{get_language_info(language)['name_translated'].capitalize()}, {name}"
    except KeyError:
        return f"{language}, {name}"


def independent(evidence: Iterable[Evidence]) -> int:
    """Return how many independent sources there are: of different publishers, on different sites."""
    publishers: set[str] = set()
    sites: set[str] = set()
    count = 0
    for one in evidence:
        publisher, site = plain(one.publisher), site_of(one.url)
        if publisher in publishers or site in sites:
            continue
        publishers.add(publisher)
        sites.add(site)
        count += 1
    return count


def site_of(url: str) -> str:
    """Return the site of an address: its host without what stands before the registered name."""
    try:
        labels = (urlsplit(url).hostname or "").lower().rstrip(".").split(".")
    except ValueError:
        return url
    keep = 3 if len(labels) > 2 and labels[-2] in SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])
