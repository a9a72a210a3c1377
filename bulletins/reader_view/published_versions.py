"""Published versions of bulletins as one reader sees them, and which there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from bulletins.models import Bulletin, PublishedEdition, Replacement, Version
from campaigns.models import Campaign, ReadingLevel
from lib.text.languages.spoken_languages import read_by
from lib.text.markup import plain

LATEST = 8  # versions among which one is looked for that holds


class KeyMessage(NamedTuple):
    """
    A published key message; `valid_until` is an aware moment or None for "until further notice". It ended then if another bulletin has
    `replaced` it.
    """

    key: str
    text: str
    source_name: str
    source_url: str
    valid_until: datetime | None
    replaced: Replacement | None = None


class Source(NamedTuple):
    """Where published words come from; `url` may be ""."""

    name: str
    url: str


@dataclass(frozen=True)
class Reading:
    """
    A version as one reader sees it. `is_substitute` tells that `edition` is not in the reader's language.

    `key_messages` hold at the moment of reading; `expired` no longer do. `other_level` is the other reading level
    that there is in the same language, or "".
    """

    version: Version
    edition: PublishedEdition
    is_substitute: bool
    key_messages: list[KeyMessage]
    expired: list[KeyMessage]
    sources: list[Source]
    other_level: str

    @property
    def bulletin(self) -> Bulletin:
        """The bulletin that this is a version of."""
        return self.version.bulletin

    @property
    def is_easy(self) -> bool:
        """Return whether it is read in easy language."""
        return self.edition.is_easy

    @property
    def actions(self) -> list[str]:
        """What to do, in words."""
        return [text for text in self.edition.content.get("calls_to_action", []) if text]

    @property
    def claims(self) -> list[Any]:
        """The keys of the fact-checks that were published with it."""
        return self.edition.content.get("claims", [])

    @property
    def valid_until(self) -> datetime | None:
        """When the last of its key messages ends to hold; None for until further notice."""
        ends = [message.valid_until for message in (*self.key_messages, *self.expired)]
        return max(end for end in ends if end) if ends and all(ends) else None

    @property
    def is_over(self) -> bool:
        """Return whether none of its key messages holds any more."""
        return bool(self.expired) and not self.key_messages


def key_messages(edition: PublishedEdition) -> list[KeyMessage]:
    """Return the key messages of a published edition, leaving out those without words in its language."""
    return [
        KeyMessage(
            key=item.get("key", ""),
            text=item["text"],
            source_name=plain(item.get("source_name") or ""),
            source_url=item.get("source_url") or "",
            valid_until=edition.end_of(item),
            replaced=edition.replacement_of(item.get("key", "")),
        )
        for item in edition.content.get("key_messages", [])
        if item.get("text")
    ]


def languages_in_easy(version: Version) -> set[str]:
    """Return the languages in which a version (with its editions at hand) can be read in standard and in easy language."""
    levels: dict[str, set[str]] = {}
    for edition in version.editions.all():
        levels.setdefault(edition.language, set()).add(edition.reading_level)
    return {code for code, found in levels.items() if len(found) > 1}


def choose(
    version: Version, *, language: str, fallback: str, level: str = ReadingLevel.STANDARD
) -> PublishedEdition | None:
    """
    Return the edition for a reader of `language`: at the wanted reading level, else at the other one, else in
    the language `fallback`, else any. None only when the version has no edition.
    """
    return choose_among(list(version.editions.all()), language=language, fallback=fallback, level=level)


def choose_among(
    editions: Sequence[PublishedEdition], *, language: str, fallback: str, level: str = ReadingLevel.STANDARD
) -> PublishedEdition | None:
    """
    Return the one of a version's editions that `choose` returns: in the reader's language, else in the one that stands in for it,
    which the page's own words are in too; else in `fallback`.
    """
    for code in read_by(language, fallback):
        for wanted in (level, ReadingLevel.STANDARD, ReadingLevel.EASY):
            for edition in editions:
                if edition.language == code and edition.reading_level == wanted:
                    return edition
    return editions[0] if editions else None


def read(
    version: Version, *, language: str, fallback: str, at: datetime, level: str = ReadingLevel.STANDARD
) -> Reading | None:
    """Return `version` (with its editions at hand) as a reader of `language` sees it at `at`."""
    edition = choose(version, language=language, fallback=fallback, level=level)
    if edition is None:
        return None
    messages = key_messages(edition)
    levels = {other.reading_level for other in version.editions.all() if other.language == edition.language}
    return Reading(
        version=version,
        edition=edition,
        is_substitute=edition.language != language,
        key_messages=[message for message in messages if not message.valid_until or message.valid_until > at],
        expired=[message for message in messages if message.valid_until and message.valid_until <= at],
        sources=list(
            dict.fromkeys(
                Source(item.source_name or item.source_url, item.source_url)
                for item in messages
                if item.source_name or item.source_url
            )
        ),
        other_level=next(iter(levels - {edition.reading_level}), ""),
    )


def read_all(versions: Sequence[Version], *, language: str, fallback: str, at: datetime) -> list[Reading | Version]:
    """Return each version as its reader sees it; a withdrawn one, whose words are gone, stays a bare Version."""
    rows: list[Reading | Version] = []
    for version in versions:
        reading = None if version.is_retracted else read(version, language=language, fallback=fallback, at=at)
        rows.append(reading or version)
    return rows


def newest_that_holds(rows: QuerySet[Version], *, language: str, fallback: str, at: datetime) -> Reading | None:
    """
    Return the newest of some current versions (with their editions at hand) that is not withdrawn and says something that still
    holds, as a reader of `language` sees it at `at`; None when none of the latest does.
    """
    for version in rows.exclude(kind=Bulletin.Kind.RETRACTION).order_by("-published_at", "-pk")[:LATEST]:
        reading = read(version, language=language, fallback=fallback, at=at)
        if reading is not None and reading.key_messages:
            return reading
    return None


def listed(campaign: Campaign, *, at: datetime) -> QuerySet[Version]:
    """Return the current versions of a campaign for lists: with their editions, without the long texts."""
    short = PublishedEdition.objects.defer("html", "body")
    return Version.objects.current(campaign, at=at).prefetch_related(Prefetch("editions", short))


def asking(campaign: Campaign, *, at: datetime) -> QuerySet[Version]:
    """Return the current versions that ask readers to do something, for lists; none of the withdrawn."""
    asks = PublishedEdition.objects.filter(version=OuterRef("pk"), content__calls_to_action__0__isnull=False)
    return listed(campaign, at=at).filter(Exists(asks)).exclude(kind=Bulletin.Kind.RETRACTION)


def versions_of(campaign: Campaign, number: int, *, at: datetime) -> list[Version]:
    """Return the published versions of bulletin `number`, the newest first; [] when nothing of it is published."""
    versions = list(
        Version.objects.published(at=at)
        .filter(bulletin__campaign=campaign, bulletin__number=number)
        .select_related("bulletin", "mailing")
        .prefetch_related("editions")
        .order_by("-number")
    )
    for version in versions:
        version.bulletin.campaign = campaign  # so that it costs no query
    return versions
