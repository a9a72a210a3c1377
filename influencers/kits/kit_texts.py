"""The words of a rebuttal kit: its parts in order, cut by whole sentences to what fits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from factcheck.models import Claim, ClaimVersion
from factcheck.spread import silence_thresholds
from lib.text.languages.languages import site_language
from lib.text.linguistics.sentences import sentences

# The order in which words are read.
READ = ("fact", "warning", "claim", "fallacy", "fact_again")


@dataclass(frozen=True, slots=True)
class Parts:
    """The sentences of a kit by their place in READ. `claim` is one sentence, or none where it is not to be named."""

    fact: Sequence[str]
    warning: Sequence[str] = ()
    claim: str = ""
    fallacy: Sequence[str] = ()
    fact_again: Sequence[str] = ()


def parts_of(version: ClaimVersion, language: str, *, named: bool) -> Parts:
    """Return what a kit says in a language: all with the claim named once, or else only the fact and the fact again."""

    def said(name: str) -> list[str]:
        return sentences(getattr(version, name).get(language, ""))

    claim = version.text.get(language, "").strip()
    if not named or not claim or not silence_thresholds.names_falsehood(version.verdict):
        return Parts(fact=said("fact"), fact_again=said("fact_again"))
    return Parts(
        fact=said("fact"),
        warning=said("warning"),
        claim=naming(claim, version.verdict, language),
        fallacy=said("fallacy"),
        fact_again=said("fact_again"),
    )


def naming(claim: str, verdict: str, language: str) -> str:
    """Return the sentence that names a claim with its verdict, in a language."""
    with override(language):
        says = {
            Claim.Verdict.FALSE: _("Claim: “%(claim)s” Verdict: false."),
            Claim.Verdict.FIFTY_FIFTY: _("Claim: “%(claim)s” Verdict: 50–50, partly true and partly not."),
            Claim.Verdict.UNPROVEN: _("Claim: “%(claim)s” Verdict: unproven."),
        }
        return says[Claim.Verdict(verdict)] % {"claim": " ".join(claim.split())}


def ending(version: ClaimVersion, language: str) -> str:
    """
    Return what every text ends with: the address of the fact-check in a language, or the campaign's where the site has
    no pages in that, and the hashtag that it was published with.
    """
    with override(site_language(language, version.claim.campaign.default_language)):
        link = settings.PUBLIC_URL + reverse("short_fact", args=[version.claim_id])
    return f"{link}\n{version.words.hashtag(language)}".strip()


def fitted(parts: Parts, end: str, fits: Callable[[str], bool]) -> str:
    """
    Return as much of a kit as fits, by whole sentences: the fact, then the warning with the claim, then the fact again
    and the fallacy; each in its place. "" when not even the first sentence of the fact fits.
    """
    said: dict[str, Sequence[str]] = {}

    def grow(name: str, words: Sequence[str]) -> bool:
        for count in range(len(words), 0, -1):
            if fits(composed(said | {name: words[:count]}, end)):
                said[name] = words[:count]
                return count == len(words)
        return not words

    if not grow("fact", parts.fact):
        return composed(said, end) if said else ""
    if parts.claim:
        # The claim is never named without a warning before it and a fact behind it.
        for count in range(len(parts.warning), min(len(parts.warning), 1) - 1, -1):
            tried = said | {
                "warning": parts.warning[:count],
                "claim": [parts.claim],
                "fact_again": parts.fact_again[:1],
            }
            if fits(composed(tried, end)):
                said = tried
                break
    grow("fact_again", parts.fact_again)
    if "claim" in said:
        grow("fallacy", parts.fallacy)
    return composed(said, end)


def composed(said: Mapping[str, Sequence[str]], end: str) -> str:
    """Return the parts that are said, in the order in which they are read, and the end."""
    paragraphs = [" ".join(said[name]) for name in READ if said.get(name)]
    return "\n\n".join([*paragraphs, end])
