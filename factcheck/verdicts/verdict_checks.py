"""
What stands in the way of a verdict: the order fact, warning, fallacy, fact; the claim said once; words that are not
used; and what it rests on. Source of the order: Lewandowsky et al., The Debunking Handbook 2020.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from rapidfuzz import fuzz
from rapidfuzz.distance import Prefix

from campaigns.models import BannedTerm
from factcheck.models import Claim, Evidence
from lib.http import url_parts
from lib.http.safe_fetch import PORTS, looks_private
from lib.text.languages.languages import language_heading
from lib.text.linguistics import banned_terms, lexicon
from lib.text.similarity import plain

STOPS, ADVICE = "stops", "advice"

# From how much on a sentence says the claim again, in hundredths (rapidfuzz): alike as a whole, or holding all of it.
SAME_WHOLE, SAME_INSIDE = 84, 92
LONGEST_FACT = 300  # characters: what a heading and a card still show
INDEPENDENT_SOURCES = 2

MOST_COMPARED = 600  # letters of a sentence or a claim that are compared for likeness; word for word all are
MOST_SENTENCES = 400  # of a part

# Openings that put the falsehood first by denying it.
DENYING_OPENINGS = {
    "en": r"(?:it is|it's|it’s|this is|that is|that's|that’s) (?:not (?:true|the case)|false|untrue|wrong|a myth)"
    r"|(?:false|wrong|myth|untrue)(?:[:.!,–—-]| that\b| claim)|(?:the )?(?:claim|rumou?r)s? (?:that|is|are|about)\b"
    r"|there is no truth|no,|contrary to|despite (?:claims|rumou?rs)",
    "fi": r"(?:väite |se |tämä )?ei (?:ole totta|pidä paikkaansa)|(?:se |tämä )?on (?:väärin|valhetta)\b"
    r"|(?:väärin|myytti|valhetta)[:.!,–—-]|(?:väite|huhu),? (?:että|on|jonka)\b|ei,|vastoin (?:väitteitä|huhuja|luuloa)",
    "sv": r"(?:det|detta) (?:är (?:inte sant|falskt|fel att|en myt)|stämmer inte)|(?:falskt|fel|myt)[:.!,–—-]"
    r"|(?:påståendet|ryktet) (?:att|om|är)\b|nej,|tvärtemot|trots (?:påståenden|rykten)",
}
HELPERS = {
    "en": frozenset("do does did don doesn didn isn aren won".split())
}  # go with a negation, deny nothing themselves
SECOND_LEVEL = {"co", "ac", "com", "org", "net", "gov", "gob", "gouv", "edu", "or", "go", "ne", "gv", "nhs", "sch"}
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_NEVER_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\]")
_OPENING = " \t\n\"'“”‘’«»„*_-–—(["


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing to fix, in the user's language: `where` it is, what it `says`, how to `mend` it. STOPS keeps a verdict
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
    prefetch_related_objects([claim.campaign], "languages")
    later = coming_later(claim)
    languages = [row.code for row in claim.campaign.languages.all() if row.code not in later]
    evidence = list(claim.evidence.select_related("copy").defer("copy__text"))
    banned = list(BannedTerm.objects.filter(language__in=languages))
    verdict = verdict or claim.verdict
    found = [
        *follows_later(later),
        *missing(claim, languages, verdict),
        *repeated_claim(claim, languages, verdict),
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


def coming_later(claim: Claim) -> list[str]:
    """Return the languages that fact-checks don't wait for, and in which this one says no fact: it goes out without them."""
    return [code for code in claim.campaign.languages_that_follow() if not claim.fact.get(code, "").strip()]


def adds_language(claim: Claim, verdict: str = "") -> bool:
    """Return whether the working copy says what stands, and nothing else, in more languages than before; needs its version at hand."""
    before = claim.current_version
    if before is None or not claim.adds_language or (verdict or claim.verdict) != before.verdict:
        return False
    content = claim.content()
    new = {code for code, text in claim.fact.items() if text.strip()} - set(before.fact)
    texts = [(getattr(before, name), content[name]) for name in Claim.TEXTS if name != "what_changed"]
    return (
        bool(new)
        and content["evidence"] == before.evidence
        and claim.valid_until == before.valid_until
        and all(
            was.get(code, "") == now.get(code, "") for was, now in texts for code in {*was, *now} if code not in new
        )
    )


# --- Rules -----------------------------------------------------------------------------------------


def missing(claim: Claim, languages: Sequence[str], verdict: str) -> Iterator[Finding]:
    """Find parts without words. A true claim needs no warning and no fallacy; the others need the whole order."""
    parts = ["text", "fact", "fact_again"] if verdict == Claim.Verdict.TRUE else list(in_order())
    if claim.current_version_id and not adds_language(claim, verdict):
        parts.append("what_changed")
    for part in parts:
        for code in languages:
            if not getattr(claim, part).get(code, "").strip():
                yield Finding(
                    STOPS,
                    "missing",
                    in_part(part, code),
                    _("This part has no text."),
                    _("Tell readers what changed.")
                    if part == "what_changed"
                    else _("The order is fact, warning, claim, fallacy, fact, in every language."),
                    f"{part}:{code}",
                )


def follows_later(later: Sequence[str]) -> Iterator[Finding]:
    """Say which languages nothing waits for."""
    for code in later:
        yield Finding(
            ADVICE,
            "follows-later",
            in_part("fact", code),
            _("It is not written in this language: it goes out without it, and says that it is also coming in it."),
            _("Write it now, or when it is published: “Add a language”."),
            f"fact:{code}",
        )


def repeated_claim(claim: Claim, languages: Sequence[str], verdict: str) -> Iterator[Finding]:
    """Find the claim repeated outside its own place, also denied: what is heard twice sticks. A true one may be."""
    if verdict == Claim.Verdict.TRUE:
        return
    for code in languages:
        whole = claim.text.get(code, "")
        said = list(dict.fromkeys([plain(whole), *(one for one in map(plain, _SENTENCE.split(whole)) if " " in one)]))
        if not said[0]:
            continue
        sentences = [plain(one) for one in _SENTENCE.split(whole) if plain(one)]
        if len(sentences) != len(set(sentences)):
            yield _twice("text", code, whole)
        for part in ("fact", "warning", "fallacy", "fact_again", "how_checked"):
            yield from _said_in(part, code, getattr(claim, part).get(code, ""), said)


def _said_in(part: str, code: str, words: str, said: Sequence[str]) -> Iterator[Finding]:
    """Find the claim, or a sentence of it, in one part: word for word anywhere, or nearly in one of its sentences."""
    found = False
    for sentence in _SENTENCE.split(words)[:MOST_SENTENCES]:
        if any(repeats(plain(sentence), one, code) for one in said):
            found = True
            yield _twice(part, code, sentence.strip())
    if not found and f" {said[0]} " in f" {plain(words)} ":
        yield _twice(part, code, words.strip())


def repeats(sentence: str, said: str, language: str = "") -> bool:
    """
    Return whether a sentence says a claim again, word for word, nearly, or by denying it; both as similarity.plain() gives
    them. A sentence in which a word of the claim is another one says something else: 14 days are not 30 days. So does
    one that says plainly what the claim denies.
    """
    if not sentence or not said:
        return False
    if f" {said} " in f" {sentence} ":
        return True
    denies = lexicon.of(lexicon.NEGATIONS, language)
    here, there = sentence[:MOST_COMPARED].split(), said[:MOST_COMPARED].split()
    if not denies.isdisjoint(there) and denies.isdisjoint(here):
        return False
    left_out = denies | lexicon.of(HELPERS, language)  # to deny a claim is to say it again
    here, there = [[word for word in words if word not in left_out] for words in (here, there)]
    if not there or not all(any(_same(word, other) for other in here) for word in there):
        return False
    one, other = " ".join(here), " ".join(there)
    if fuzz.ratio(one, other) >= SAME_WHOLE:
        return True
    return len(one) > len(other) and fuzz.partial_ratio(other, one) >= SAME_INSIDE


def _same(word: str, other: str) -> bool:
    """Return whether two words are forms of one, or one of them is a slip of the pen; numbers must be the same."""
    if word == other or word.isdigit() or other.isdigit():
        return word == other
    if len(word) <= 3:
        return True  # "the", "on", "ja": they make no other claim
    shared = Prefix.similarity(word, other)
    return shared >= max(3, 0.6 * min(len(word), len(other))) or fuzz.ratio(word, other) >= SAME_WHOLE


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
        pattern = DENYING_OPENINGS.get(code.partition("-")[0])
        for part in ("fact", "fact_again"):
            opening = getattr(claim, part).get(code, "")[:MOST_COMPARED].translate(banned_terms.UNSEEN).lstrip(_OPENING)
            if pattern and re.match(pattern, opening, re.IGNORECASE):
                yield Finding(
                    STOPS,
                    "denied-first",
                    in_part(part, code),
                    _("It begins by denying the claim, so readers meet the claim first."),
                    _("Begin with what is true."),
                    f"{part}:{code}",
                )


def banned_words(claim: Claim, languages: Sequence[str], banned: Iterable[BannedTerm]) -> Iterator[Finding]:
    """Find words that are not used. The claim itself is quoted as it is said."""
    for term in banned:
        for part in ("fact", "warning", "fallacy", "fact_again", "how_checked", "why_few_sources", "what_changed"):
            for written in banned_terms.written(term.term, getattr(claim, part).get(term.language, "")):
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
                    _("%(length)d characters: too long to remember, and too long for a card.") % {"length": length},
                    _("Say it in %(most)d at most.") % {"most": LONGEST_FACT},
                    f"{part}:{code}",
                )


def few_sources(claim: Claim, languages: Sequence[str], evidence: Sequence[Evidence]) -> Iterator[Finding]:
    """Find a verdict on fewer than two independent sources for which no reason is given."""
    count = independent(evidence)
    if not evidence:
        yield Finding(STOPS, "no-source", _("Evidence"), _("It has no source."), _("Add at least one."), "evidence")
    elif count < INDEPENDENT_SOURCES:
        lacking = [code for code in languages if not claim.why_few_sources.get(code, "").strip()]
        for code in lacking:
            yield Finding(
                STOPS,
                "few-sources",
                in_part("why_few_sources", code),
                _("It has one independent source."),
                _("Add one from another publisher on another site, or tell readers why there is no other."),
                f"why_few_sources:{code}",
            )


def bad_sources(evidence: Iterable[Evidence]) -> Iterator[Finding]:
    """Find addresses that readers could not open, and sources without an archived copy."""
    for one in evidence:
        name = str(one).rstrip(".")
        if why := closed(one.url):
            yield Finding(
                STOPS,
                f"{why}-address",
                name,
                describe_closed(why),
                _("Use a public address."),
                f"evidence:{one.pk}",
            )
        elif one.copy_id is None:
            yield Finding(
                ADVICE,
                "no-copy",
                name,
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
            _("It would be out of date as soon as it is published."),
            _("Choose a later time, or leave it empty."),
            "valid_until",
        )


# --- Words for them --------------------------------------------------------------------------------


def in_order() -> tuple[str, ...]:
    """Return the parts that every rebuttal has, in the order in which they are read."""
    return ("fact", "warning", "text", "fallacy", "fact_again")


def in_part(part: str, language: str) -> str:
    """Return where a text is, for people: "Swedish, fact"."""
    return f"{language_heading(language)}, {getattr(Claim._meta.get_field(part), 'verbose_name', part)}"


def describe_closed(why: str) -> str:
    """Return in words what closed() found."""
    return {
        "no": _("This is not a web address."),
        "password": _("Its address contains a user name or a password that everyone would see."),
        "private": _("Its address is in a private network, so nobody outside can check it."),
        "port": _("Its address names a port of its own, which many networks block."),
    }[why]


# --- Sources ---------------------------------------------------------------------------------------


def independent(evidence: Iterable[Evidence]) -> int:
    """
    Return how many independent sources there are: as many as can be named of which no two have the same publisher and
    no two are on the same site.
    """
    sites: dict[str, set[str]] = {}
    for one in evidence:
        sites.setdefault(plain(one.publisher), set()).add(registered_domain(one.url))
    taken: dict[str, str] = {}  # site: its publisher

    def place(publisher: str, seen: set[str]) -> bool:
        """Give a publisher a site of its own, where needed by moving others."""
        for site in sites[publisher] - seen:
            seen.add(site)
            if site not in taken or place(taken[site], seen):
                taken[site] = publisher
                return True
        return False

    return sum(place(publisher, set()) for publisher in sites)


def registered_domain(url: str) -> str:
    """Return the domain that was registered, of the host of an address; a number as it is."""
    if (parts := url_parts.parts_of(url)) is None:
        return url
    host = (parts.hostname or "").rstrip(".")
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return host  # a number, not a name
    keep = 3 if len(labels) > 2 and labels[-2] in SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def closed(url: str) -> str:
    """
    Return why an address is nothing for readers: "no" (none of a web page), "password", "private" or "port"; "" for
    one that everyone may open. Hosts in the setting FETCH_ALLOW are as good as public ones.
    """
    if (parts := url_parts.parts_of(url)) is None:
        return "no"
    host, port = parts.hostname or "", parts.port
    try:
        name = host if ":" in host else host.encode("idna").decode().lower()
    except UnicodeError:
        return "no"
    if parts.scheme not in PORTS or not name or _NEVER_IN_ADDRESS.search(url):
        return "no"
    if "@" in parts.netloc:
        return "password"
    if f"{name}:{PORTS[parts.scheme] if port is None else port}" in settings.FETCH_ALLOW:
        return ""
    if looks_private(f"{parts.scheme}://{f'[{name}]' if ':' in name else name}/"):
        return "private"
    return "" if port is None or port in PORTS.values() else "port"
