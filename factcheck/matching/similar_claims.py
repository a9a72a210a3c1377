"""
Claims that say nearly the same, so that a person can confirm it: by their words, by what they go by in any language, by
where they were seen and, when the installation has an embedder, by what they mean.
"""

import hashlib
import logging
import math
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from campaigns.models import Campaign, GlossaryTerm
from factcheck.models import Claim, ClaimWords, Distinction, Sighting
from lib.http import url_parts
from lib.text import lexicon, similarity, stemming

logger = logging.getLogger(__name__)

LONGEST = 1_200  # characters of a claim that are looked at
KEYWORDS = 60  # of a claim in one language

# What counts as alike, 0 to 1: for a claim to be named at all; for each reason to be given; for a closer look.
LEAST = 0.35
FLOORS = {"words": 0.3, "keywords": 0.3, "link": 0.5, "meaning": 0.75}
WORDS_FROM, KEYWORDS_FROM, MEANING_FROM = 0.3, 0.3, 0.75
LINK = 0.7  # the same address, where more than one thing may be said
BESIDE = 0.3  # how much the other reasons add to the strongest
CLOSEST = 50
NAMED = 20
LINKS = 50

EMBEDDER_SECONDS = 3
EMBEDDED_AT_ONCE = 100
REST_SECONDS = 60
RESTS = "factcheck.matching.similar_claims.embedder-rests"

# Names of the same site, and where a site has its posts: host, the part that names the post, what it is.
SAME_HOST = {
    "twitter.com": "x.com",
    "fb.com": "facebook.com",
    "youtube-nocookie.com": "youtube.com",
    "music.youtube.com": "youtube.com",
    "youtu.be": "youtube.com",
    "telegram.me": "t.me",
    "threads.net": "threads.com",
}
POSTS = (
    ("youtube.com", r"^/(?:shorts|embed|live|v)/([\w-]{6,})", "video"),
    ("youtube.com", r"^/watch.*[?&]v=([\w-]{6,})", "video"),
    ("youtube.com", r"^/([\w-]{11})\?", "video"),  # youtu.be
    ("x.com", r"/status(?:es)?/(\d+)", "status"),
    ("tiktok.com", r"/(?:video|photo|v)/(\d+)", "video"),
    ("instagram.com", r"/(?:p|reel|reels|tv)/([\w-]+)", "p"),
    ("threads.com", r"/post/([\w-]+)", "post"),
    ("facebook.com", r"^/watch.*[?&]v=(\d+)", "video"),
    ("facebook.com", r"/(?:videos|reel)/(?:[^/?]+/)?(\d+)", "video"),
    ("facebook.com", r"/posts/(?:[^/?]+/)?(\w+)", "post"),
    ("facebook.com", r"[?&]story_fbid=(\w+)", "post"),
)
_TRACKING = re.compile(
    r"(utm_.*|pk_.*|mtm_.*|hsa_.*|mc_[ce]id|(fb|g|tw|y|tt)clid|dclid|msclkid|wbraid|gbraid|_ga|_gl|igsh(id)?|si|feature|ref|"
    r"ref_src|ref_url|share_id|spm|cmpid|ocid|fb(_.*|ref)|mibextid|rdid|__.*|amp)$",
    re.IGNORECASE,
)
_OTHER_SCHEME = re.compile(r"[a-z]+:(?!\d)", re.IGNORECASE)
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/[^/]+/(.+)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"')\]]{4,500}", re.IGNORECASE)

# How loan words are spelt → one spelling, in this order.
SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("qu", "kv"), ("th", "t"), ("c", "k"), ("q", "k"), ("x", "s"), ("ks", "s"), ("w", "v"),
    ("z", "s"),
)  # fmt: skip

_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_TWICE = re.compile(r"(.)\1+")


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
    concepts = Concepts(claim.campaign_id)
    texts = {code: text for code, text in claim.text.items() if similarity.cut(text)}
    claim.words.exclude(language__in=texts).delete()
    for code, text in texts.items():
        values = {"text": similarity.cut(text), "keywords": _stored(claim, text, code, concepts), "vector": None}
        ClaimWords.objects.update_or_create(claim=claim, language=code, defaults=values)
    if settings.EMBEDDER:
        transaction.on_commit(lambda: embed_missing(ClaimWords.objects.filter(claim=claim)))


def index_new(claims: Iterable[Claim]) -> None:
    """Make the rows that many claims are found by, which are new and of one campaign, in a few queries."""
    rows: list[ClaimWords] = []
    concepts: Concepts | None = None
    for claim in claims:
        concepts = concepts or Concepts(claim.campaign_id)
        for code, text in claim.text.items():
            if words := similarity.cut(text):
                known = _stored(claim, text, code, concepts)
                rows.append(ClaimWords(claim=claim, language=code, text=words, keywords=known))
    keys = [row.pk for row in ClaimWords.objects.bulk_create(rows, batch_size=500)]
    if settings.EMBEDDER and keys:
        transaction.on_commit(lambda: embed_missing(ClaimWords.objects.filter(pk__in=keys)))


def suggestions(claim: Claim, *, limit: int = 5) -> list[Suggestion]:
    """
    Return the claims of the campaign that may be the same as this one, the most alike first, those set aside last.

    Not among them: itself, its duplicates, and what someone told it apart from. A duplicate has none.
    """
    if claim.duplicate_of_id:
        return []
    concepts = Concepts(claim.campaign_id)
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
    concepts = Concepts(campaign.pk)
    needles = [
        Needle(piece, language, " ".join(keywords(piece, language, concepts))) for piece in similarity.pieces(text)
    ]
    links = {key for url in _URL.findall(text[: similarity.POST])[:LINKS] if (key := url_key(url))}
    claims = Claim.objects.filter(campaign=campaign)
    if visible_only:
        claims = claims.filter(Q(duplicate_of=None, standing__isnull=False) | Q(duplicate_of__standing__isnull=False))
    return _find(claims, needles, links, least=least)[:limit]


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
        of_row["keywords"] = max((shared(some, row.keywords.split()) for some in keys), default=0.0)
    for claim_id in _at_links(claims, links):
        parts.setdefault((claim_id, ""), {})["link"] = LINK
    if alike_to is not None and settings.EMBEDDER:
        for claim_id, likeness in _meaning(rows, alike_to):
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
    claims = Claim.objects.select_related("standing").in_bulk({main for _score, main, *_rest in scored})
    return [Match(claims[main], language, -score, reasons) for score, main, language, reasons in scored]


def shared(some: Iterable[str], others: Iterable[str]) -> float:
    """
    Return how much of their keywords two texts share, 0 to 1; nothing for a single one, for in a crisis every text has
    the crisis in it. Words that only begin alike count half.
    """
    one, other = dict.fromkeys(some), dict.fromkeys(others)
    size = len(one) + len(other)
    same = half = 0
    for alike_enough in (_same, _begin_alike):
        for word in list(one):
            if twin := next((word_there for word_there in other if alike_enough(word, word_there)), None):
                del one[word], other[twin]
                same += alike_enough is _same
                half += alike_enough is _begin_alike
    return (2 * same + half) / size if same and same + half > 1 else 0.0


def _same(one: str, other: str) -> bool:
    """Return whether two keywords are the same, or a long one but for a letter or two at the end."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(longer) - len(shorter) <= 2 and len(shorter) > 5 and longer.startswith(shorter))


def _begin_alike(one: str, other: str) -> bool:
    """Return whether two keywords begin with the same five letters, or a short one is how the other begins."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) > 2 and shorter.isalpha() and longer.startswith(shorter[:5])


def _at_links(claims: QuerySet[Claim], links: set[str]) -> set[int]:
    """Return the keys of the claims that were seen at one of these addresses. A mere host is no address."""
    telling = [link for link in links if "/" in link or "?" in link]
    return set(Sighting.objects.filter(claim__in=claims, url_key__in=telling).values_list("claim", flat=True)[:LINKS])


def _is_marked_different(claim: Claim, pairs: Iterable[tuple[int, int]]) -> bool:
    """Return whether a claim is in one of the pairs that someone told apart."""
    return any(claim.pk in pair for pair in pairs)


def language_of(text: str, campaign: Campaign) -> str:
    """Return the language of the campaign whose common words a text has most of; the main one when in doubt."""
    words = similarity.plain(text[: similarity.POST]).split()
    codes = [language.code for language in campaign.languages.all()]
    counts = {
        code: sum(word in lexicon.of(lexicon.COMMON, code) | lexicon.of(lexicon.SMALL, code) for word in words)
        for code in codes
    }
    best = max(counts, key=lambda code: counts[code], default=campaign.default_language)
    return best if counts.get(best, 0) > counts.get(campaign.default_language, 0) else campaign.default_language


# --- Meaning ------------------------------------------------------------------------------------------


def embed_missing(rows: QuerySet[ClaimWords]) -> int:
    """
    Have the embedder make the numbers that these rows lack, and return how many it made. One that fails or is slow
    stops nobody: it rests for a minute, and is asked again when the rows are made anew.
    """
    lacking = list(rows.filter(vector=None).order_by("pk").only("pk", "text")[:EMBEDDED_AT_ONCE])
    if not lacking or not settings.EMBEDDER or cache.get(RESTS):
        return 0
    try:
        vectors = _asked([row.text for row in lacking])
        for row, vector in zip(lacking, vectors, strict=True):
            row.vector = _packed(vector)
    except Exception as fault:  # a stranger's code may raise anything
        # Not its words: they may quote the text.
        logger.warning("The embedder failed (%s) on %d texts.", type(fault).__name__, len(lacking))
        cache.set(RESTS, True, REST_SECONDS)
        return 0
    ClaimWords.objects.bulk_update(lacking, ["vector"])
    return len(lacking)


def _asked(texts: list[str]) -> list[list[float]]:
    """Return what the embedder answers within a few seconds, or raise."""
    answer: Queue[Any] = Queue()

    def ask() -> None:
        try:
            answer.put(import_string(settings.EMBEDDER)(texts))
        except Exception as fault:  # handed to whoever waits
            answer.put(fault)

    Thread(target=ask, daemon=True).start()
    try:
        vectors = answer.get(timeout=EMBEDDER_SECONDS)
    except Empty as none:
        raise TimeoutError from none
    if isinstance(vectors, Exception):
        raise vectors
    return list(vectors)


def _packed(vector: Iterable[float]) -> bytes:
    """Return numbers as float32 of length 1. Raise ValueError when there is no such thing."""
    numbers = [float(number) for number in vector]
    length = math.hypot(*numbers)
    if not length or not math.isfinite(length):
        raise ValueError
    return array("f", [number / length for number in numbers]).tobytes()


def _meaning(rows: QuerySet[ClaimWords], claim: Claim) -> list[tuple[int, float]]:
    """Return the claims whose meaning is nearest to this one's, {claim: cosine}: one language of each is compared."""
    main = claim.campaign.default_language
    own = {one.language: one.vector for one in claim.words.exclude(vector=None)}
    if not own:
        return []
    needle = array("f", bytes(own.get(main) or next(iter(own.values()))))  # type: ignore[arg-type]
    near: dict[int, float] = {}
    stored = rows.exclude(vector=None).filter(Q(language=main) | ~Q(claim__words__language=main)).order_by()
    for claim_id, vector in stored.values_list("claim", "vector").iterator(chunk_size=2000):
        other = array("f", bytes(vector))  # type: ignore[arg-type]
        if len(other) == len(needle) and (cosine := math.sumprod(needle, other)) >= MEANING_FROM:
            near[claim_id] = max(near.get(claim_id, 0.0), min(1.0, cosine))
    return sorted(near.items(), key=lambda one: -one[1])[:CLOSEST]


# --- Addresses ------------------------------------------------------------------------------------------


def url_key(url: str) -> str:
    """
    Return an address as it is compared, 500 characters at most: without scheme, www and m, fragment and what only tells
    where someone came from; the same video or post under one name. "" for what is no address on the web.
    """
    if (parts := url_parts.parts_of(_with_scheme("".join(url.split())))) is None:
        return ""
    host = _host_of(parts)
    if parts.scheme.lower() not in {"http", "https"} or "." not in host:
        return ""
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    path = quote(unquote(parts.path), safe="/@:~!$&'()*+,;=-._")
    path = re.sub(r"/(index\.(html?|php))?$", "", re.sub(r"/{2,}", "/", path))
    query = parse_qsl(parts.query, keep_blank_values=True)
    for site, pattern, name in POSTS:
        if host == site and (post := re.search(pattern, f"{path}?{urlencode(query)}")):
            return f"{site}/{name}/{post[1]}"[:500]
    if host == "t.me":
        path = path.removeprefix("/s") if path.startswith("/s/") else path
    kept = sorted((name, value) for name, value in query if not _TRACKING.match(name))
    key = f"{host}{port}{path}" + (f"?{urlencode(kept)}" if kept else "")
    return key if len(key) <= 500 else f"{key[:435]}#{hashlib.sha256(key.encode()).hexdigest()}"


def _with_scheme(url: str) -> str:
    """Return an address, of an archived copy that of what it is a copy of, with its scheme; "" for none on the web."""
    if archived := _ARCHIVED.match(url):
        url = archived[1]
    if "://" in url[:10]:
        return url
    return "" if _OTHER_SCHEME.match(url) else f"https://{url}"


def _host_of(parts: SplitResult) -> str:
    """Return the host of an address as it is compared, "" for what is none."""
    try:
        host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    while host.count(".") > 1 and host.partition(".")[0] in {"www", "m", "mobile", "amp", "touch", "old"}:
        host = host.partition(".")[2]
    return SAME_HOST.get(host, host)


# --- What a claim goes by -------------------------------------------------------------------------------


def keywords(text: str, language: str, concepts: "Concepts | None" = None) -> list[str]:
    """
    Return what a text goes by in any language: its words with digits in them, its abbreviations, the stems of its other
    words, spelt as loan words are alike, and the concepts of the glossary.
    """
    found: dict[str, None] = {}
    words = _WORD.findall(text[:LONGEST])
    common = lexicon.of(lexicon.COMMON, language)
    for word in words:
        bare = similarity.plain(word)
        if _DIGIT.search(bare) or (word.isupper() and not text.isupper() and len(bare) > 1):
            found[bare] = None
        elif len(bare) > 3 and bare not in common:
            found[root(stemming.stem(word.casefold(), language))] = None
    for concept in concepts.of(words, language) if concepts else ():
        found[concept] = None
    found.pop("", None)
    return list(found)[:KEYWORDS]


def root(stem: str) -> str:
    """Return the stem of a word as it is spelt in no language, so that a loan word is much the same in all of them."""
    bare = similarity.plain(stem)
    for spelling, sound in SOUNDS:
        bare = bare.replace(spelling, sound)
    return _TWICE.sub(r"\1", bare).rstrip("aeiouy") or bare


class Concepts:
    """The concepts of a campaign's glossary: each is one keyword, whatever a language calls it."""

    def __init__(self, campaign_id: int) -> None:
        self._terms: dict[str, dict[str, list[tuple[list[frozenset[str]], str]]]] = {}
        for names in GlossaryTerm.objects.filter(campaign=campaign_id).order_by("pk").values_list("term", flat=True):
            names = {code: _WORD.findall(name.casefold()) for code, name in names.items() if name}
            concept = next(("".join(similarity.plain(word) for word in name) for name in names.values()), "")
            for code, name in names.items():
                forms = [stemming.keys(word, code) for word in name]
                for first in forms[0] if forms else ():
                    self._terms.setdefault(code, {}).setdefault(first, []).append((forms, root(concept)))

    def of(self, words: list[str], language: str) -> Iterator[str]:
        """Return the concepts that these words of a text name, in the text's language."""
        terms = self._terms.get(language, {})
        stems = [stemming.stem(word.casefold(), language) for word in words] if terms else []
        for at, stem in enumerate(stems):
            for forms, concept in terms.get(stem, ()):
                after = stems[at : at + len(forms)]
                if len(after) == len(forms) and all(one in those for one, those in zip(after, forms, strict=True)):
                    yield concept


def _stored(claim: Claim, text: str, language: str, concepts: Concepts) -> str:
    """Return the keywords of a claim in one language, those that staff gave it first, with spaces around them."""
    given = [word for phrase in claim.keywords for word in keywords(str(phrase), language)]
    found = dict.fromkeys([*given, *keywords(text, language, concepts)])
    return f" {' '.join(list(found)[:KEYWORDS])} " if found else ""
