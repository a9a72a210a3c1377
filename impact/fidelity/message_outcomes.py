"""
What became of key messages in the posts that influencers told of: kept, said in other words, left out or contradicted, and which kinds
of figures were lost on the way. Counted over many (outcome_tables.py), for weeks that have ended, so that no number moves by one post.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Q

from bulletins.models import Bulletin, PublishedEdition
from campaigns.models import Campaign, ReadingLevel
from impact.weeks import Week
from influencers.models import PostMessage

from .outcome_tables import OutcomeTable, Row, empty_row, table_of

Fate = PostMessage.Fate
FATES = [str(fate) for fate in Fate]
PLATFORM, LANGUAGE, WEEK = "platform", "language", "week"
LOST, SAID = "lost", "said"
SECONDS = 600  # for which what was counted is shown as it is
KEY_LENGTH = 40  # of a key message's key, beside a post
COLUMNS = (
    "post__version",
    "post__version__bulletin",
    "post__version__bulletin__number",
    "key",
    "fate",
    "because__lost",
    "post__platform",
    "post__language",
    "post__posted_at",
    "post__influencer",
)


@dataclass(frozen=True, slots=True)
class Lost:
    """How many posts on some platforms, () for all of them, say a message without one kind of its figures, of how many that say it."""

    kind: str
    platforms: tuple[str, ...]
    posts: int
    of: int

    @property
    def share(self) -> float:
        """The share, 0 to 1."""
        return self.posts / self.of


@dataclass(frozen=True, slots=True)
class MessageOutcome:
    """What became of one key message; `table` is None where too few people posted about it."""

    bulletin: int
    number: int
    key: str
    text: str
    table: OutcomeTable | None
    lost: list[Lost]


@dataclass
class Counted:
    """One key message while posts are counted."""

    version: int
    bulletin: int
    number: int
    total: Row = field(default_factory=empty_row)
    splits: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in (PLATFORM, LANGUAGE, WEEK)})
    said: list[tuple[str, int, Collection[str]]] = field(
        default_factory=list
    )  # (platform, person, kinds that are lost)

    def add(self, fate: str, lost: Collection[str], person: int, groups: dict[str, str]) -> None:
        """Count one post."""
        self.total[fate].add(person)
        for name, group in groups.items():
            self.splits[name].setdefault(group, empty_row())[fate].add(person)
        if fate in (Fate.KEPT, Fate.ADAPTED):
            self.said.append((groups[PLATFORM], person, lost))


def of_week(campaign: Campaign, week: Week, *, language: str, at: datetime) -> list[MessageOutcome]:
    """Return what became of every key message in the posts of a week, the newest bulletin first; [] until it has ended."""
    if week.ends(campaign.zone) > at:
        return []
    posted = Q(post__posted_at__gte=week.begins(campaign.zone), post__posted_at__lt=week.ends(campaign.zone))
    return counted_lately(campaign, posted, f"{campaign.pk}:{week.code}", language=language)


def of_bulletin(bulletin: Bulletin, *, language: str, at: datetime) -> list[MessageOutcome]:
    """Return what became of a bulletin's key messages in the posts of all weeks that have ended."""
    now = Week.of(bulletin.campaign.local(at).date())
    posted = Q(post__version__bulletin=bulletin, post__posted_at__lt=now.begins(bulletin.campaign.zone))
    return counted_lately(bulletin.campaign, posted, f"bulletin:{bulletin.pk}:{now.code}", language=language)


def counted_lately(campaign: Campaign, posted: Q, name: str, *, language: str) -> list[MessageOutcome]:
    """Return what was counted within the last SECONDS, or count it now."""
    place = f"fidelity:{name}:{language}"
    kept: list[MessageOutcome] | None = cache.get(place)
    if kept is None:
        kept = count(campaign, posted, language=language)
        cache.set(place, kept, SECONDS)
    return kept


def count(campaign: Campaign, posted: Q, *, language: str) -> list[MessageOutcome]:
    """Count the posts that still stand; two queries."""
    rows = PostMessage.objects.filter(
        posted, post__campaign=campaign, post__removed_at=None, post__version__isnull=False
    )
    found: dict[tuple[int, str], Counted] = {}
    for version, bulletin, number, key, fate, lost, *where, at, person in (
        rows.order_by().values_list(*COLUMNS).iterator()
    ):
        one = found.setdefault((bulletin, key), Counted(version, bulletin, number))
        one.version = max(one.version, version)
        week = Week.of(campaign.local(at).date()).code
        one.add(fate, lost or [], person, dict(zip((PLATFORM, LANGUAGE, WEEK), (*where, week), strict=True)))
    texts = texts_of({one.version for one in found.values()}, [language, campaign.default_language])
    outcomes = [
        MessageOutcome(
            one.bulletin,
            one.number,
            key,
            texts.get((one.version, key), key),
            table_of(one.total, one.splits, FATES),
            lost_of(one),
        )
        for (_bulletin, key), one in found.items()
    ]
    return sorted(outcomes, key=lambda one: (-one.number, one.key))


def texts_of(versions: Iterable[int], languages: list[str]) -> dict[tuple[int, str], str]:
    """Return {(version, key): a key message's words}, in the first of the languages that has them; one query."""
    editions = PublishedEdition.objects.filter(
        version__in=versions, language__in=languages, reading_level=ReadingLevel.STANDARD
    )
    rows: list[tuple[int, str, Any]] = sorted(
        editions.values_list("version", "language", "content__key_messages"), key=lambda row: languages.index(row[1])
    )
    texts: dict[tuple[int, str], str] = {}
    for version, _language, messages in rows:
        for one in messages or []:
            texts.setdefault((version, one.get("key", "")[:KEY_LENGTH]), one.get("text", ""))
    return texts


def lost_of(one: Counted) -> list[Lost]:
    """Return which kinds of figures are lost where, those of the largest share first; nothing that tells of a few."""
    found = []
    for kind in {kind for _platform, _person, lost in one.said for kind in lost}:
        total, platforms = empty_row(), defaultdict[str, Row](empty_row)
        for platform, person, lost in one.said:
            for row in (total, platforms[platform]):
                row[LOST if kind in lost else SAID].add(person)
        table = table_of(total, {PLATFORM: platforms}, (LOST, SAID))
        if table and len(table.columns) == 2:
            lines = [table.total, *table.splits[PLATFORM]]
            found += [Lost(kind, line.names, line.posts[0], line.total) for line in lines]
    return sorted(found, key=lambda lost: (-lost.share, lost.platforms, lost.kind))
