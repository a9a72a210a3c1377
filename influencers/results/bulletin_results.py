"""What came of a bulletin, in all its versions: mail from the ledger, the portal, posts, questions and corrections."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bulletins.models import Bulletin, Platform, Version
from campaigns.models import Region
from campaigns.translated_fields import in_language
from delivery.models import Send
from delivery.reports.send_progress import Progress, progress_of
from influencers.models import Exposure, Post, PostFigures, RecallNotice
from lib.statistics.small_groups import shown
from lib.text.languages.languages import language_name
from questions.models import Question

SECONDS = 60  # for which what was counted is shown as it is: influencers read and copy all the time
OPENED, COPIED, DOWNLOADED, POSTED, ASKED = "opened", "copied", "downloaded", "posted", "asked"
COLUMNS = (OPENED, COPIED, DOWNLOADED, POSTED, ASKED)
Way = Exposure.Way
COLUMN_OF = {Way.READ: OPENED, Way.COPIED: COPIED, Way.DOWNLOADED: DOWNLOADED}
ON_A_PLATFORM = ("variant:", "package:")  # beginnings of Exposure.item; the platform follows

Groups = dict[str, dict[str, int]]  # {column: {group: people}}


@dataclass(frozen=True)
class Split:
    """One table: the numbers of people of each group, by COLUMNS; None is one that is not shown."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[str, list[int | None]]]

    @property
    def shows_no_number(self) -> bool:
        """Return whether it is all hidden: a table would have rows, and nothing to read in them."""
        return not any(any(cells) for _name, cells in self.rows)


@dataclass(frozen=True)
class MailLine:
    """How mail in one language went; None where too few got it for numbers to be shown."""

    language: str
    candidates: int | None
    accepted: int | None


@dataclass
class Uptake:
    """
    What influencers did with a bulletin: `people` by column, the same by region (its key, "" for none), language and channel; and
    how many posts there are, how many of these are gone or corrected, and what they reached as far as told.
    """

    counted_at: datetime
    people: Counter[str] = field(default_factory=Counter)
    regions: Groups = field(default_factory=dict)
    languages: Groups = field(default_factory=dict)
    channels: Groups = field(default_factory=dict)
    posts: int = 0
    posts_removed: int = 0
    posts_corrected: int = 0
    reach: int = 0
    questions: int = 0
    followers_asked: int = 0


@dataclass(frozen=True)
class LaterVersion:
    """A correction or retraction: when it came, whom it told, and what they answered."""

    version: Version
    people: int
    seen: int
    answered: int
    corrected: int
    removed: int


@dataclass(frozen=True)
class Results:
    """Everything that the page shows."""

    versions: list[Version]
    mail: Progress
    mail_lines: list[MailLine]
    uptake: Uptake
    splits: list[Split]
    later: list[LaterVersion]

    @property
    def first(self) -> Version:
        """The version with which it was published."""
        return self.versions[0]


def results_of(bulletin: Bulletin, *, at: datetime) -> Results | None:
    """Return what came of a bulletin, None when nothing of it is published; the number of queries is constant."""
    versions = list(bulletin.versions.published(at=at).order_by("number"))
    if not versions:
        return None
    mailings = [version.mailing_id for version in versions]
    carries = Q(mailing__in=mailings) | Q(mailing__parts__in=mailings)
    mail = progress_of(Send.objects.filter(carries).distinct(), at=at)
    uptake = counted_lately(bulletin, at=at)
    return Results(versions, mail, mail_by_language(mail), uptake, splits_of(uptake), later_versions(versions))


def counted_lately(bulletin: Bulletin, *, at: datetime) -> Uptake:
    """Return what influencers did, as it was counted within the last SECONDS, or counted now."""
    place = f"results:{bulletin.pk}"
    kept: Uptake | None = cache.get(place)
    if kept is None:
        kept = count(bulletin, at=at)
        cache.set(place, kept, SECONDS)
    return kept


def count(bulletin: Bulletin, *, at: datetime) -> Uptake:
    """Count what influencers did with a bulletin; seven queries over rows of this bulletin only."""
    found = Uptake(at)
    count_uses(bulletin, found)
    count_posts(bulletin, found)
    count_questions(bulletin, found)
    return found


def count_uses(bulletin: Bulletin, found: Uptake) -> None:
    """Count who opened, copied and downloaded; four queries."""
    rows = Exposure.objects.filter(version__bulletin=bulletin).order_by()
    people = Count("influencer", distinct=True)
    for way, number in rows.values_list("way").annotate(n=people):
        found.people[COLUMN_OF[Way(way)]] = number
    for groups, column in ((found.regions, "influencer__region__code"), (found.languages, "language")):
        for way, name, number in rows.values_list("way", column).annotate(n=people):
            groups.setdefault(COLUMN_OF[Way(way)], {})[name or ""] = number
    on_platforms = rows.filter(Q(item__startswith=ON_A_PLATFORM[0]) | Q(item__startswith=ON_A_PLATFORM[1]))
    for way, item, number in on_platforms.values_list("way", "item").annotate(n=people):
        group = found.channels.setdefault(COLUMN_OF[Way(way)], {})
        platform = item.partition(":")[2]
        group[platform] = group.get(platform, 0) + number


def count_posts(bulletin: Bulletin, found: Uptake) -> None:
    """Count posts, who posted, and what the newest figures say; one query."""
    newest = PostFigures.objects.filter(post=OuterRef("pk"), reach__isnull=False).order_by("-at", "-pk")
    posts = (
        Post.objects.filter(version__bulletin=bulletin)
        .order_by()
        .annotate(newest_reach=Subquery(newest.values("reach")[:1]))
    )
    columns = (
        "influencer",
        "influencer__region__code",
        "language",
        "platform",
        "removed_at",
        "corrected_at",
        "newest_reach",
    )
    who: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for person, region, language, platform, removed, corrected, reach in posts.values_list(*columns).iterator():
        found.posts += 1
        found.posts_removed += removed is not None
        found.posts_corrected += removed is None and corrected is not None
        found.reach += reach or 0
        for dimension, group in (("all", ""), ("region", region), ("language", language), ("channel", platform)):
            who[dimension][group or ""].add(person)
    found.people[POSTED] = len(who["all"][""])
    for dimension, groups in (
        ("region", found.regions),
        ("language", found.languages),
        ("channel", found.channels),
    ):
        groups[POSTED] = {group: len(people) for group, people in who[dimension].items()}


def count_questions(bulletin: Bulletin, found: Uptake) -> None:
    """Count the questions about a bulletin, how many followers asked them, and who brought them; two queries."""
    rows = Question.objects.filter(bulletin=bulletin, set_aside_at=None).order_by()
    brought = Count("relayed_by", distinct=True)
    totals = rows.aggregate(n=Count("pk"), times=Sum("times"), people=brought)
    found.questions, found.followers_asked = totals["n"], totals["times"] or 0
    found.people[ASKED] = totals["people"]
    by_language = rows.exclude(relayed_by=None).values_list("language").annotate(n=brought)
    found.languages[ASKED] = dict(by_language)


def mail_by_language(mail: Progress) -> list[MailLine]:
    """Return how mail in each language went, the most people first."""
    candidates: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for line in mail.ledger.rows:
        candidates[line.language] += line.candidates
        accepted[line.language] += line.accepted
    rows = candidates.most_common()
    told = shown([people for _code, people in rows])
    return [
        MailLine(language_name(code), people, accepted[code] if people is not None else None)
        for (code, _all), people in zip(rows, told, strict=True)
    ]


def splits_of(uptake: Uptake) -> list[Split]:
    """Return the tables by region, language and channel; one query for what regions are called."""
    regions = {region.code: in_language(region.name) for region in Region.objects.all()}
    platforms = dict(Platform.choices)
    codes = {code for groups in uptake.languages.values() for code in groups if code}
    return [
        split_of(_("By region"), uptake.regions, regions, COLUMNS[:4]),
        split_of(_("By language"), uptake.languages, {code: language_name(code) for code in codes}, COLUMNS),
        split_of(_("By channel"), uptake.channels, platforms, (COPIED, DOWNLOADED, POSTED)),
    ]


def split_of(name: str, groups: Groups, names: Mapping[str, str], columns: tuple[str, ...]) -> Split:
    """Return one table, the largest group first and what belongs to none last."""
    keys = {key for column in columns for key in groups.get(column, {})}

    def size(key: str) -> tuple[bool, int, str]:
        return not key, -max(groups.get(column, {}).get(key, 0) for column in columns), key

    ordered = sorted(keys, key=size)
    cells = [shown([groups.get(column, {}).get(key, 0) for key in ordered]) for column in columns]
    unknown = pgettext("group", "Not known")
    rows = [(names.get(key, key) or unknown, list(row)) for key, *row in zip(ordered, *cells, strict=True)]
    return Split(name, columns, folded(rows))


def folded(rows: list[tuple[str, list[int | None]]]) -> list[tuple[str, list[int | None]]]:
    """Return the rows of a table with those that show no number as one, the last."""
    told = [row for row in rows if any(row[1])]
    if len(rest := [cells for _name, cells in rows if not any(cells)]) < 2:
        return rows
    together: list[int | None] = [None if None in column else 0 for column in zip(*rest, strict=True)]
    return [*told, (ngettext("%(n)d other", "%(n)d others", len(rest)) % {"n": len(rest)}, together)]


def later_versions(versions: Iterable[Version]) -> list[LaterVersion]:
    """Return the corrections and the retraction with whom they told; one query."""
    later = [version for version in versions if version.number > 1]
    outcome = RecallNotice.Outcome
    rows = RecallNotice.objects.filter(recall__version__in=later).order_by().values_list("recall__version")
    told = {
        pk: numbers
        for pk, *numbers in rows.annotate(
            people=Count("pk"),
            seen=Count("pk", filter=Q(seen_at__isnull=False)),
            answered=Count("pk", filter=Q(acknowledged_at__isnull=False)),
            corrected=Count("pk", filter=Q(outcome=outcome.CORRECTED)),
            removed=Count("pk", filter=Q(outcome=outcome.REMOVED)),
        )
    }
    return [LaterVersion(version, *told.get(version.pk, [0, 0, 0, 0, 0])) for version in later]
