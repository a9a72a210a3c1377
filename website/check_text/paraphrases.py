"""
Which sentences in force a text says again, or says something else than, in whatever words. They are looked for by what both are about, as
no index finds "raflat aukee jo 1.5." by "Restaurants are closed until 31 May".
"""

import re
from collections.abc import Iterable, Sequence
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
from lib.text.statements.comparison import Finding, Ground, Outcome
from lib.text.statements.parser import clauses_of
from lib.text.statements.second_opinion import weighed
from website.models import Passage

from .passages import is_over, over_at

SUBJECTS = {"postgresql": 24, "sqlite": 8}  # of a text that passages are looked for by
PASSAGES = 400  # the latest, of which the bulletins are chosen
BULLETINS = 6  # that are looked at closely
SENTENCES = 60  # of each
UNSURE = 3  # told at most

_HOLDS = re.compile(r"title|lead|(?:message|action):[^:]+|body:\d+")


@dataclass(frozen=True)
class Paraphrase:
    """A sentence of a text beside one of a bulletin in force: what it says again, or says, or may say, something else than."""

    bulletin: int
    language: str
    finding: Finding

    @property
    def outcome(self) -> Outcome:
        """Return what the text's sentence is to the bulletin's."""
        return self.finding.outcome


def find(campaign: Campaign, text: str, *, at: datetime, language: str | None = None) -> list[Paraphrase]:
    """
    Return what a text says of what holds at `at`, sentence by sentence: first what contradicts it, then what may, then what says it
    again; three queries.
    """
    code = language or similar_claims.language_of(text, campaign)
    today = at.astimezone(campaign.zone).date()
    clauses = [one for one in clauses_of(text, code, today=today) if one.claims or one.figures]
    wanted = _wanted(clauses, code)
    editions = _editions(campaign, wanted, code, at) if wanted else []
    grounds = [(key, Ground(holds, code, today=today)) for key, holds in _holding(editions, at)]
    rules = [one for clause in clauses if (one := _nearest(clause, grounds, code))]
    findings = weighed([one.finding for one in rules], inference_model.infer)
    found = [replace(one, finding=finding) for one, finding in zip(rules, findings, strict=True)]
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


def _holding(editions: Sequence[int], at: datetime) -> list[tuple[int, list[str]]]:
    """Return (bulletin, its sentences in force) of editions, in their order; one query."""
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
    return [(keys[edition], texts[edition]) for edition in editions if texts.get(edition)]


def _nearest(clause: Clause, grounds: Sequence[tuple[int, Ground]], code: str) -> Paraphrase | None:
    """Return what a clause is to the bulletin that it is nearest to, of those as near to one that says the same; None for no bulletin."""
    judged = [(key, finding) for key, ground in grounds if (finding := ground.judge(clause))]
    if not judged and settings.NLI_MODEL:
        judged = [(key, finding) for key, ground in grounds if (finding := ground.nearest(clause))]
    if not judged:
        return None
    key, finding = max(judged, key=lambda one: (one[1].shared, one[1].outcome == Outcome.AGREES))
    return Paraphrase(key, code, finding)
