"""A bulletin as pages of the portal show it: its edition in the reader's language, and its key messages as they hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from bulletins.models import Card, PublishedEdition, Replacement, Version
from campaigns.models import Campaign, ReadingLevel
from campaigns.translated_fields import in_language
from lib.http import url_parts

from .language_choice import preference


@dataclass(frozen=True, slots=True)
class Source:
    """Where a key message comes from. `number` is its place in the page's list; `url` is http(s) or empty."""

    number: int
    name: str
    url: str

    @property
    def site(self) -> str:
        """The host of its address, by which a text may name it already."""
        return url_parts.host_of(self.url).removeprefix("www.")


@dataclass(frozen=True, slots=True)
class ShownKeyMessage:
    """
    A key message of a published edition, `number` counting from 1 in the edition's order, with its cards, and what another bulletin says
    in its place if it was `replaced`.
    """

    number: int
    text: str
    valid_until: datetime | None
    has_expired: bool
    source: Source | None
    key: str = ""
    cards: tuple[Card, ...] = ()
    replaced: Replacement | None = None

    @property
    def words_id(self) -> str:
        """The selector of its words on the page."""
        return f"#words-{self.number}"

    @property
    def square(self) -> Card | None:
        """The square card, or the one that comes nearest."""
        return min(self.cards, key=lambda card: card.height, default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A bulletin in a list: its newest version in the reader's language, or in one that there is."""

    version: Version
    edition: PublishedEdition
    key_words: list[ShownKeyMessage]

    @property
    def current_messages(self) -> list[ShownKeyMessage]:
        """The key messages that still hold."""
        return [words for words in self.key_words if not words.has_expired]

    @property
    def first_message(self) -> ShownKeyMessage | None:
        """What to say first: the first key message that holds, of those with a picture if there is one."""
        holding = self.current_messages
        return next((words for words in holding if words.cards), holding[0] if holding else None)

    @property
    def other_messages(self) -> list[ShownKeyMessage]:
        """The other key messages that hold."""
        return [words for words in self.current_messages if words is not self.first_message]

    @property
    def all_ids(self) -> str:
        """The selectors of every key message that holds, for one button that copies them all."""
        return " ".join(words.words_id for words in self.current_messages)

    @property
    def has_ended(self) -> bool:
        """Return whether every key message has expired."""
        return bool(self.key_words) and not self.current_messages

    @property
    def valid_until(self) -> datetime | None:
        """When the last key message expires; None when one holds for the time being."""
        moments = [words.valid_until for words in self.key_words]
        return None if None in moments else max((moment for moment in moments if moment), default=None)

    @property
    def first_end(self) -> datetime | None:
        """When the first of those key messages expires that still hold, where others hold longer, up to a moment; else None."""
        ends = {words.valid_until for words in self.current_messages if words.valid_until}
        return min(ends) if len(ends) > 1 and self.valid_until else None

    @property
    def has_gaps(self) -> bool:
        """
        Return whether some key messages have expired: texts that may say several of them no longer hold as a whole.
        """
        return any(words.has_expired for words in self.key_words)

    @property
    def whole_until(self) -> datetime | None:
        """When the first key message expires; None when all hold for the time being."""
        return min((words.valid_until for words in self.key_words if words.valid_until), default=None)

    @property
    def share_text(self) -> str:
        """Words for people who already posted, in the edition's language."""
        return in_language(self.version.share_text, self.edition.language)

    @property
    def what_changed(self) -> str:
        """What changed, in the edition's language."""
        return in_language(self.version.what_changed, self.edition.language)


def editions_of(
    versions: list[Version], language: str, campaign: Campaign, *, own: str = "", whole: bool
) -> dict[int, PublishedEdition]:
    """
    Return {version key: its edition that suits a page in `language` and the reader's `own` language best}; one query.
    `whole` loads the text too.
    """
    rows = PublishedEdition.objects.filter(version__in=versions, reading_level=ReadingLevel.STANDARD)
    rows = rows.defer("body") if whole else rows.defer("body", "html")
    return best_of(rows.order_by("pk"), language, campaign, own=own)


def best_of(
    rows: Iterable[PublishedEdition], language: str, campaign: Campaign, *, own: str = ""
) -> dict[int, PublishedEdition]:
    """Return {version key: the one of its editions that suits a page in `language` and the reader's `own` language best}."""

    def rank(edition: PublishedEdition) -> int:
        return preference(language, campaign, edition.language, own=own)

    best: dict[int, PublishedEdition] = {}
    for row in rows:
        known = best.get(row.version_id)
        if known is None or rank(row) < rank(known):
            best[row.version_id] = row
    return best


def entry(version: Version, edition: PublishedEdition, *, at: datetime, sources: list[Source] | None = None) -> Entry:
    """Return a bulletin of a list, with its key messages as they hold at `at`. A retracted one has none."""
    if version.is_retracted:
        return Entry(version, edition, [])
    by_place = {(source.name, source.url): source for source in (sources_of(edition) if sources is None else sources)}
    words = []
    for number, message in enumerate(edition.content.get("key_messages", []), start=1):
        newer = edition.replacement_of(message.get("key", ""))
        until = min((end for end in (moment(message.get("valid_until")), newer and newer.at) if end), default=None)
        source = by_place.get(place_of(message))
        words.append(
            ShownKeyMessage(
                number,
                plain(message.get("text")),
                until,
                until is not None and until <= at,
                source,
                key=message.get("key", ""),
                replaced=newer,
            )
        )
    return Entry(version, edition, [each for each in words if each.text])


def with_cards(shown: Entry, cards: Mapping[str, Sequence[Card]]) -> Entry:
    """Return a bulletin whose key messages have their cards, {key: cards}."""
    return replace(
        shown, key_words=[replace(words, cards=tuple(cards.get(words.key, ()))) for words in shown.key_words]
    )


def sources_of(edition: PublishedEdition) -> list[Source]:
    """Return the sources of the edition's key messages, each once, in order."""
    places = dict.fromkeys(place_of(message) for message in edition.content.get("key_messages", []))
    places.pop(("", ""), None)
    return [Source(number, name, url) for number, (name, url) in enumerate(places, start=1)]


def place_of(message: dict[str, Any]) -> tuple[str, str]:
    """Return (name, address) of a key message's source; without a name, that of its host."""
    url = plain(message.get("source_url"))
    parts = url_parts.parts_of(url)
    if parts is None or parts.scheme not in {"http", "https"}:
        url = ""
    name = plain(message.get("source_name")) or url_parts.site_of(url)
    return name, url


def moment(value: Any) -> datetime | None:
    """Return an aware datetime from ISO 8601 text, or None; text without an offset is in the campaign's zone."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def plain(value: Any) -> str:
    """Return text without spaces around it; "" for what is no text."""
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""


def one_line(value: Any) -> str:
    """Return text in one line."""
    return " ".join(plain(value).split())
