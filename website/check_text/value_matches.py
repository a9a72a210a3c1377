"""
Sentences of a text that are like no passage by their letters, but have values of one, or others in their place: "cafés shut till
30.5." beside "Restaurants and cafés are closed until 31 May".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connections
from django.db.models import Q

from bulletins.models import Version
from campaigns.models import Campaign
from factcheck.matching import similar_claims
from lib.text.statements.comparison import Comparison, Sentence
from website.models import Passage

from .passages import is_over, over_at

WORDS = {"postgresql": 24, "sqlite": 8}  # of a text that passages are looked for by
PASSAGES = 400  # the latest, of which the bulletins are chosen
BULLETINS = 6  # that are looked at closely
SENTENCES = 60  # of each
HALF = 2  # of the shorter one's telling words have to be in both: one half

_HOLDS = re.compile(r"title|lead|(?:message|action):[^:]+|body:\d+")


@dataclass(frozen=True)
class ValueMatch:
    """A sentence of a text beside one in force of a bulletin, and which values of it it has."""

    bulletin: int
    language: str
    said: str
    ours: str
    values: Comparison


def find(campaign: Campaign, said: Sequence[str], *, at: datetime, language: str | None = None) -> list[ValueMatch]:
    """Return, for each sentence that shares words with one in force, the one whose values it has; three queries."""
    code = language or similar_claims.language_of(" ".join(said), campaign)
    today = at.astimezone(campaign.zone).date()
    sentences = [Sentence(one, code, today) for one in said]
    sentences = [one for one in sentences if one.beginnings and (one.values or settings.NLI_MODEL)]
    wanted = list(dict.fromkeys(word for one in sentences for word in sorted(one.beginnings)))
    editions = _editions(campaign, wanted, code, at) if wanted else []
    holding = _holding(editions, code, today, at)
    return [nearest for one in sentences if (nearest := _nearest(one, holding))]


def _nearest(said: Sentence, holding: Sequence[tuple[int, Sentence]]) -> ValueMatch | None:
    """
    Return what a sentence is most about. The same values in one bulletin outweigh other ones in the next: a date of ours is not
    wrong because something else ends on another day.
    """
    about = []
    for bulletin, ours in holding:
        values = said.compared(ours)
        enough = HALF * values.shared >= min(len(said.beginnings), len(ours.beginnings))
        if values.shared and enough and (values.is_about or settings.NLI_MODEL):
            is_agreed = bool(values.same) and not values.other
            about.append(((is_agreed, values.is_about, values.shared), bulletin, ours, values))
    if not about:
        return None
    _weight, bulletin, ours, values = max(about, key=lambda match: match[0])
    return ValueMatch(bulletin, said.language, said.text, ours.text, values)


def _editions(campaign: Campaign, wanted: Sequence[str], code: str, at: datetime) -> list[int]:
    """Return the keys of the editions in force that have most of the wanted words, of equals the latest first; one query."""
    rows = Passage.objects.filter(
        edition__version__in=Version.objects.current(campaign, at=at).order_by().values("pk"), edition__language=code
    )
    chosen = Q()
    wanted = wanted[: WORDS[connections[rows.db].vendor]]
    for word in wanted:
        chosen |= Q(words__contains=word)
    near = rows.filter(chosen).order_by("-edition__version__published_at", "-pk").values_list("edition", "words")
    about: dict[int, set[str]] = {}
    for edition, words in near[:PASSAGES]:
        about.setdefault(edition, set()).update(word for word in wanted if word in words)
    return sorted(about, key=lambda edition: -len(about[edition]))[:BULLETINS]


def _holding(editions: Sequence[int], code: str, today: date, at: datetime) -> list[tuple[int, Sentence]]:
    """Return (bulletin, sentence in force) of editions; one query."""
    passages: Iterable[Passage] = (
        Passage.objects.filter(edition__in=editions)
        .select_related("edition__version")
        .defer("edition__html", "edition__body")
        .order_by("pk")
    )
    holding: list[tuple[int, Sentence]] = []
    count: dict[int, int] = {}
    for passage in passages:
        edition = passage.edition
        if (
            edition.version.is_retracted
            or not _HOLDS.fullmatch(passage.place)
            or is_over(passage, over_at(edition, at))
        ):
            continue
        count[edition.pk] = count.get(edition.pk, 0) + 1
        if count[edition.pk] <= SENTENCES:
            holding.append((edition.version.bulletin_id, Sentence(passage.text, code, today)))
    return holding
