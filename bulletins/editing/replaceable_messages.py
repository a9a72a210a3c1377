"""Key messages of published bulletins that a key message of another one may replace."""

from collections.abc import Iterator
from datetime import datetime

from bulletins.models import Bulletin, PublishedEdition, Version
from campaigns.models import ReadingLevel

MOST = 100  # bulletins, the newest: what a long crisis has said since its first day is no choice, and costs each page

type Choice = tuple[str, int, str]  # "number:key", the number of its bulletin, its words


def replaceable(bulletin: Bulletin, *, at: datetime) -> list[Choice]:
    """
    Return the key messages of the campaign's newest other bulletins that hold, and those that this one's newest version replaces, the newest
    bulletin first, in the bulletin's own language where they have it; one query.
    """
    current = (
        Version.objects.current(bulletin.campaign, at=at)
        .exclude(bulletin=bulletin)
        .exclude(kind=Bulletin.Kind.RETRACTION)
        .order_by("-published_at", "-pk")[:MOST]
    )
    editions = PublishedEdition.objects.filter(version__in=current, reading_level=ReadingLevel.STANDARD)
    rows = list(editions.select_related("version__bulletin").defer("html", "body"))
    rows.sort(key=lambda one: (-one.version.bulletin.number, one.language != bulletin.original_language, one.pk))
    found: dict[str, Choice] = {}
    for edition in rows:
        for place, text in _holding(edition, bulletin.number, at=at):
            found.setdefault(place, (place, edition.version.bulletin.number, text))
    return list(found.values())


def _holding(edition: PublishedEdition, number: int, *, at: datetime) -> Iterator[tuple[str, str]]:
    for item in edition.content.get("key_messages", []):
        newer, end = edition.replacement_of(item.get("key", "")), edition.end_of(item)
        if item.get("text") and (end is None or end > at or (newer and newer.number == number)):
            yield f"{edition.version.bulletin.number}:{item['key']}", item["text"]
