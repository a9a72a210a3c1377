"""
Which sentences in force a text says again, or says something else than, in whatever words. They are looked for by what both are about, as
no index finds "raflat aukee jo 1.5." by "Restaurants are closed until 31 May".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import connections
from django.db.models import Q

from bulletins.models import Version
from campaigns.models import Campaign
from factcheck.matching import similar_claims
from lib.text.statements import inference_model, vocabulary
from lib.text.statements.clauses import Clause, telling
from lib.text.statements.comparison import Finding, Ground, Outcome, earlier, judged, repeated
from lib.text.statements.parser import clauses_of
from lib.text.statements.second_opinion import weighed
from website.models import Passage

from .passages import is_over, over_at

SUBJECTS = {"postgresql": 24, "sqlite": 8}  # of a text that passages are looked for by
PASSAGES = 400  # the latest, of which the bulletins are chosen
BULLETINS = 6  # that are looked at closely
SENTENCES = 60  # of each
UNSURE = 3  # told at most
MOST_BEFORE = 1_500  # passages of all versions of these bulletins
CORRECTED = 60  # sentences of each that it says no more
REPEATING = 15  # of a text that are compared with them

_HOLDS = re.compile(r"title|lead|(?:message|action):[^:]+|body:\d+")


@dataclass(frozen=True)
class Paraphrase:
    """A sentence of a text beside one of a bulletin in force: what it says again, or says, or may say, something else than."""

    bulletin: int
    language: str
    finding: Finding
    version: int | None = None  # which of the bulletin's said it before it was corrected

    @property
    def outcome(self) -> Outcome:
        """Return what the text's sentence is to the bulletin's."""
        return self.finding.outcome


def find(campaign: Campaign, text: str, *, at: datetime, language: str | None = None) -> list[Paraphrase]:
    """
    Return what a text says of what holds at `at`, sentence by sentence: first what contradicts it, then what may, then what says it
    again; three queries, and one more where it contradicts something.
    """
    code = language or similar_claims.language_of(text, campaign)
    today = at.astimezone(campaign.zone).date()
    clauses = [one for one in clauses_of(text, code, today=today) if one.claims or one.figures]
    wanted = _wanted(clauses, code)
    editions = _editions(campaign, wanted, code, at) if wanted else []
    grounds = {key: Ground(holds, code, today=today) for key, holds in _holding(editions, at).items()}
    rules = [one for clause in clauses if (one := _judged(clause, grounds, code))]
    findings = weighed([one.finding for one in rules], inference_model.infer)
    found = [replace(one, finding=finding) for one, finding in zip(rules, findings, strict=True)]
    return _in_order(_with_corrected(found, grounds, code, at))


def _in_order(found: Iterable[Paraphrase]) -> list[Paraphrase]:
    """Return what was found of each sentence and bulletin, the gravest once, and few that are unsure."""
    gravest_last = sorted(found, key=lambda one: -list(Outcome).index(one.outcome))
    unique = {(one.finding.said, one.bulletin): one for one in gravest_last}.values()
    by_outcome = {outcome: [one for one in unique if one.outcome == outcome] for outcome in Outcome}
    return [*by_outcome[Outcome.CONTRADICTS], *by_outcome[Outcome.UNSURE][:UNSURE], *by_outcome[Outcome.AGREES]]


def _wanted(clauses: Iterable[Clause], code: str) -> list[tuple[str, ...]]:
    """Return, for each subject of the clauses and each word that no list has, the beginnings that its words have."""
    found: dict[tuple[str, ...], None] = {}
    for clause in clauses:
        for subject in telling(clause.subjects) or clause.subjects:
            found.setdefault(vocabulary.roots(subject, code))
        for word in clause.others:
            found.setdefault((word[: max(5, len(word) - 3)],))
    found.pop((), None)
    return list(found)


def _editions(campaign: Campaign, wanted: Sequence[tuple[str, ...]], code: str, at: datetime) -> list[int]:
    """Return the keys of the editions in force that are about most of what is wanted, of equals the latest first; one query."""
    rows = Passage.objects.filter(
        edition__version__in=Version.objects.current(campaign, at=at).order_by().values("pk"), edition__language=code
    )
    wanted = wanted[: SUBJECTS[connections[rows.db].vendor]]
    chosen = Q()
    for roots in wanted:
        for root in roots:
            chosen |= Q(words__contains=root)
    near = rows.filter(chosen).order_by("-edition__version__published_at", "-pk").values_list("edition", "words")
    about: dict[int, set[tuple[str, ...]]] = {}
    for edition, words in near[:PASSAGES]:
        about.setdefault(edition, set()).update(roots for roots in wanted if any(root in words for root in roots))
    return sorted(about, key=lambda edition: -len(about[edition]))[:BULLETINS]


def _holding(editions: Sequence[int], at: datetime) -> dict[int, list[str]]:
    """Return {bulletin: its sentences in force} of editions, in their order; one query."""
    passages = (
        Passage.objects.filter(edition__in=editions)
        .select_related("edition__version")
        .defer("edition__html", "edition__body")
        .order_by("pk")
    )
    texts: dict[int, list[str]] = {}
    keys: dict[int, int] = {}
    for passage in passages:
        edition = passage.edition
        keys[edition.pk] = edition.version.bulletin_id
        own = texts.setdefault(edition.pk, [])
        if edition.version.is_retracted or len(own) >= SENTENCES or not _HOLDS.fullmatch(passage.place):
            continue
        if not is_over(passage, over_at(edition, at)):
            own.append(passage.text)
    holding: dict[int, list[str]] = {}
    for key in editions:
        if texts.get(key):
            holding.setdefault(keys[key], []).extend(texts[key])
    return holding


def _judged(clause: Clause, grounds: Mapping[int, Ground], code: str) -> Paraphrase | None:
    """Return what a clause is to the bulletins in force; None where it is about none of them."""
    keys = {id(ground): key for key, ground in grounds.items()}
    if found := judged(clause, list(grounds.values())):
        return Paraphrase(keys[id(found[0])], code, found[1])
    if not settings.NLI_MODEL:
        return None
    near = [(finding, key) for key, ground in grounds.items() if (finding := ground.nearest(clause))]
    if not near:
        return None
    finding, key = max(near, key=lambda one: one[0].shared)
    return Paraphrase(key, code, finding)


def _corrected(grounds: Iterable[int], code: str, at: datetime) -> dict[int, dict[str, int]]:
    """Return {bulletin: {sentence that it says no more: version}} of bulletins, the latest versions first; one query."""
    rows = (
        Passage.objects.filter(
            edition__version__in=Version.objects.published(at=at).filter(bulletin__in=grounds), edition__language=code
        )
        .order_by("-edition__version__number", "pk")
        .values_list("edition__version__bulletin", "edition__version__number", "text", "place")
    )
    newest: dict[int, int] = {}
    said: dict[int, dict[str, int]] = {}
    holding: set[str] = set()
    for bulletin, version, text, place in rows[:MOST_BEFORE]:
        if version == newest.setdefault(bulletin, version):
            holding.add(text)
        elif text not in holding and _HOLDS.fullmatch(place):
            said.setdefault(bulletin, {}).setdefault(text, version)
    return said


def _with_corrected(
    found: Sequence[Paraphrase], grounds: Mapping[int, Ground], code: str, at: datetime
) -> list[Paraphrase]:
    """Return what was found, the first contradictions with the bulletin, and the version of it, that said so until it was corrected."""
    contradicting = [one for one in found if one.outcome == Outcome.CONTRADICTS][:REPEATING]
    if not contradicting:
        return list(found)
    versions = _corrected(grounds, code, at)
    before = {key: earlier(grounds[key], list(said)[:CORRECTED]) for key, said in versions.items()}
    return [_repeated(one, before, versions) if one in contradicting else one for one in found]


def _repeated(
    one: Paraphrase, before: Mapping[int, list[tuple[str, Ground]]], versions: Mapping[int, dict[str, int]]
) -> Paraphrase:
    """Return a contradiction with what said so before; one that nothing said as it is."""
    for key in sorted(before, key=lambda key: key != one.bulletin):
        if was := repeated(one.finding, before[key]):
            return replace(one, bulletin=key, version=versions[key][was], finding=replace(one.finding, was=was))
    return one
