"""
Claims that say nearly the same, so that a person can confirm it: by their words, by what they go by in any language, by
where they were seen and, when the installation has an embedder, by what they mean.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from factcheck.models import Claim, ClaimWords, Distinction, Sighting
from lib.text import similarity
from lib.text.facts.detection import facts_in
from lib.text.linguistics import lexicon

from . import canonical_urls, embeddings, keywords

# What counts as alike, 0 to 1: for a claim to be named at all; for each reason to be given; for a closer look.
LEAST = 0.35
FLOORS = {"words": 0.3, "keywords": 0.3, "link": 0.5, "meaning": embeddings.MEANING_FROM}
WORDS_FROM, KEYWORDS_FROM = 0.3, 0.3
LINK = 0.7  # the same address, where more than one thing may be said
BESIDE = 0.3  # how much the other reasons add to the strongest
CLOSEST = 50
NAMED = 20
LINKS = 50

_URL = re.compile(r"https?://[^\s<>\"')\]]{4,500}", re.IGNORECASE)


@dataclass(frozen=True)
class Match:
    """A claim that a text is like: in which language of it, how much (0 to 1), and by what (codes)."""

    claim: Claim
    language: str
    score: float
    reasons: tuple[str, ...] = ()

    def why(self) -> list[str]:
        """Return the reasons in words for people."""
        says = {
            "words": _("similar words"),
            "keywords": _("the same keywords"),
            "link": _("seen at the same address"),
            "meaning": _("a similar meaning"),
        }
        return [says[reason] for reason in self.reasons]


@dataclass(frozen=True)
class Suggestion(Match):
    """A claim that may be the same as another. A person decides."""


def index(claim: Claim) -> None:
    """
    Make the rows anew that a claim is found by. For whoever changed its text or its keywords.

    An embedder is asked after the transaction, and never keeps anyone.
    """
    concepts = keywords.Concepts(claim.campaign_id)
    texts = {code: text for code, text in claim.text.items() if similarity.cut(text)}
    claim.words.exclude(language__in=texts).delete()
    for code, text in texts.items():
        values = {"text": similarity.cut(text), "keywords": _stored(claim, text, code, concepts), "vector": None}
        ClaimWords.objects.update_or_create(claim=claim, language=code, defaults=values)
    if settings.EMBEDDER:
        transaction.on_commit(lambda: embeddings.embed_missing(ClaimWords.objects.filter(claim=claim)))


def index_new(claims: Iterable[Claim]) -> None:
    """Make the rows that many claims are found by, which are new and of one campaign, in a few queries."""
    rows: list[ClaimWords] = []
    concepts: keywords.Concepts | None = None
    for claim in claims:
        concepts = concepts or keywords.Concepts(claim.campaign_id)
        for code, text in claim.text.items():
            if words := similarity.cut(text):
                known = _stored(claim, text, code, concepts)
                rows.append(ClaimWords(claim=claim, language=code, text=words, keywords=known))
    keys = [row.pk for row in ClaimWords.objects.bulk_create(rows, batch_size=500)]
    if settings.EMBEDDER and keys:
        transaction.on_commit(lambda: embeddings.embed_missing(ClaimWords.objects.filter(pk__in=keys)))


def _stored(claim: Claim, text: str, language: str, concepts: keywords.Concepts) -> str:
    """Return the keywords of a claim in one language, those that staff gave it first, with spaces around them."""
    given = [word for phrase in claim.keywords for word in keywords.keywords_of(str(phrase), language)]
    found = dict.fromkeys([*given, *keywords.keywords_of(text, language, concepts)])
    return f" {' '.join(list(found)[: keywords.KEYWORDS])} " if found else ""


def suggestions(claim: Claim, *, limit: int = 5) -> list[Suggestion]:
    """
    Return the claims of the campaign that may be the same as this one, the most alike first, those set aside last.

    Not among them: itself, its duplicates, and what someone told it apart from. A duplicate has none.
    """
    if claim.duplicate_of_id:
        return []
    concepts = keywords.Concepts(claim.campaign_id)
    needles = [
        Needle(text, code, _stored(claim, text, code, concepts)) for code, text in claim.text.items() if text.strip()
    ]
    links = Sighting.objects.of(claim).exclude(url_key="").values_list("url_key", flat=True).distinct()[:LINKS]
    told_apart = Distinction.objects.filter(Q(one=claim) | Q(other=claim)).values_list("one", "other")
    others = Claim.objects.filter(campaign=claim.campaign_id).exclude(Q(pk=claim.pk) | Q(duplicate_of=claim))
    others = others.exclude(pk__in={pk for pair in told_apart for pk in pair})
    found = _find(others, needles, set(links), least=LEAST, alike_to=claim)
    matches = [Suggestion(one.claim, one.language, one.score, one.reasons) for one in found]
    matches = [one for one in matches if not _is_marked_different(one.claim, told_apart)]
    return sorted(matches, key=lambda one: (one.claim.status == Claim.Status.SET_ASIDE, -one.score))[:limit]


def closest_claims(
    campaign: Campaign,
    text: str,
    *,
    language: str | None = None,
    limit: int = 5,
    visible_only: bool = False,
    least: float = LEAST,
) -> list[Match]:
    """
    Return the claims of a campaign that a text, or a piece of it, is like, the most alike first; a duplicate's main
    claim stands for it. With `visible_only` only claims that have a public page. Nothing of the text is kept.
    """
    language = language or language_of(text, campaign)
    concepts = keywords.Concepts(campaign.pk)
    needles = [
        Needle(piece, language, " ".join(keywords.keywords_of(piece, language, concepts)))
        for piece in similarity.pieces(text)
    ]
    links = {key for url in _URL.findall(text[: similarity.POST])[:LINKS] if (key := canonical_urls.url_key(url))}
    claims = Claim.objects.filter(campaign=campaign)
    if visible_only:
        claims = claims.filter(
            Q(duplicate_of=None, current_version__isnull=False) | Q(duplicate_of__current_version__isnull=False)
        )
    return _find(claims, needles, links, least=least)[:limit]


def with_words(typed: str, languages: Iterable[str]) -> QuerySet[ClaimWords]:
    """Return the rows of claims that have all words of what was typed, in any form, in one of these languages; none for small words alone."""
    wanted = Q(pk=None)
    for code in languages:
        if words := keywords.looked_for(typed, code):
            all_of_them = Q(language=code)
            for forms in words:
                any_form = Q(pk=None)
                for form in sorted(forms):
                    any_form |= Q(keywords__contains=f" {form} ")
                all_of_them &= any_form
            wanted |= all_of_them
    return ClaimWords.objects.filter(wanted)


# --- Finding ----------------------------------------------------------------------------------------


class Needle(NamedTuple):
    """A text to look for: as it is written, its language, its keywords."""

    text: str
    language: str
    keywords: str


def _find(
    claims: QuerySet[Claim], needles: list[Needle], links: set[str], *, least: float, alike_to: Claim | None = None
) -> list[Match]:
    """Return the main claims among `claims` that any needle or link leads to, the most alike first."""
    rows = ClaimWords.objects.filter(claim__in=claims)
    parts: dict[tuple[int, str], dict[str, float]] = {}  # by claim and language

    by_words: dict[int, float] = {}
    for language in dict.fromkeys(needle.language for needle in needles):
        texts = [needle.text for needle in needles if needle.language == language]
        spoken = rows.filter(language=language)
        by_words |= dict(similarity.closest_to_any(spoken, "text", texts, limit=CLOSEST, least=WORDS_FROM))
    near = similarity.closest_to_any(
        rows, "keywords", [needle.keywords for needle in needles], limit=CLOSEST, least=KEYWORDS_FROM
    )
    keys = [needle.keywords.split() for needle in needles]
    for row in ClaimWords.objects.filter(pk__in={*by_words, *dict(near)}).defer("vector"):
        of_row = parts.setdefault((row.claim_id, row.language), {})
        of_row["words"] = by_words.get(row.pk, 0.0)
        of_row["keywords"] = max((keywords.shared(some, row.keywords.split()) for some in keys), default=0.0)
    for claim_id in _at_links(claims, links):
        parts.setdefault((claim_id, ""), {})["link"] = LINK
    if alike_to is not None and settings.EMBEDDER:
        for claim_id, likeness in embeddings.nearest(rows, alike_to, limit=CLOSEST):
            parts.setdefault((claim_id, ""), {})["meaning"] = likeness
    return _matches(parts, least)


def _matches(parts: dict[tuple[int, str], dict[str, float]], least: float) -> list[Match]:
    """Return for each main claim its best language and all reasons, the most alike first; none below `least`."""
    merged = Claim.objects.filter(pk__in={claim_id for claim_id, _code in parts}).exclude(duplicate_of=None)
    main_of = dict(merged.values_list("pk", "duplicate_of"))
    mains: dict[int, tuple[dict[str, float], str]] = {}
    for (claim_id, language), of_row in parts.items():
        main = main_of.get(claim_id) or claim_id
        best, _language = mains.setdefault(main, ({}, language))
        if of_row.get("words", 0) + of_row.get("keywords", 0) > best.get("words", 0) + best.get("keywords", 0):
            mains[main] = (best, language)
        for reason, likeness in of_row.items():
            best[reason] = max(best.get(reason, 0.0), likeness)
    scored = []
    for main, (best, language) in mains.items():
        reasons = tuple(reason for reason, floor in FLOORS.items() if best.get(reason, 0.0) >= floor)
        first, *others = sorted(best.values(), reverse=True)
        score = min(1.0, first + (1 - first) * BESIDE * sum(others))
        if reasons and score >= least:
            scored.append((-score, main, language, reasons))
    scored = sorted(scored)[:NAMED]
    claims = Claim.objects.select_related("current_version").in_bulk({main for _score, main, *_rest in scored})
    return [Match(claims[main], language, -score, reasons) for score, main, language, reasons in scored]


def _at_links(claims: QuerySet[Claim], links: set[str]) -> set[int]:
    """Return the keys of the claims that were seen at one of these addresses. A mere host is no address."""
    telling = [link for link in links if "/" in link or "?" in link]
    return set(Sighting.objects.filter(claim__in=claims, url_key__in=telling).values_list("claim", flat=True)[:LINKS])


def _is_marked_different(claim: Claim, pairs: Iterable[tuple[int, int]]) -> bool:
    """Return whether a claim is in one of the pairs that someone told apart."""
    return any(claim.pk in pair for pair in pairs)


def language_of(text: str, campaign: Campaign) -> str:
    """Return the language of the campaign that a text has most words of: common ones, and months and days; the main one when in doubt."""
    text = text[: similarity.POST]
    words = similarity.plain(text).split()
    codes = [language.code for language in campaign.languages.all()]
    counts = {
        code: sum(word in lexicon.of(lexicon.COMMON, code) | lexicon.of(lexicon.SMALL, code) for word in words)
        + sum(any(map(str.isalpha, fact.written)) for fact in facts_in(text[: similarity.LONGEST], code))
        for code in codes
    }
    best = max(counts, key=lambda code: counts[code], default=campaign.default_language)
    return best if counts.get(best, 0) > counts.get(campaign.default_language, 0) else campaign.default_language
