"""What the earlier versions of a bulletin said by channels beside mail: a correction never says the same again."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import QuerySet

from bulletins.models import Bulletin, Variant
from campaigns.models import ReadingLevel
from delivery.message import personal_fields
from delivery.models import Message

# By channel and language: the title and the words of each message.
EarlierWords = Mapping[str, Mapping[str, Collection[tuple[str, str]]]]


def of_bulletin(bulletin: Bulletin, channels: Iterable[str]) -> EarlierWords:
    """Return what went out of a bulletin by these channels; one query."""
    return sorted_words(Message.objects.filter(mailing__version__bulletin=bulletin), channels)


def of_mailings(mailings: Iterable[int], channels: Iterable[str]) -> EarlierWords:
    """Return what these mailings said by these channels; one query."""
    return sorted_words(Message.objects.filter(mailing__in=mailings), channels)


def sorted_words(messages: QuerySet[Message], channels: Iterable[str]) -> EarlierWords:
    """Return the words of messages by channel and language."""
    found: dict[str, dict[str, set[tuple[str, str]]]] = {}
    rows = messages.filter(channel__in=list(channels), reading_level=ReadingLevel.STANDARD)
    for channel, language, title, text in rows.values_list("channel", "language", "subject", "text"):
        found.setdefault(channel, {}).setdefault(language, set()).add((title, without_seen_line(text)))
    return found


def without_seen_line(text: str) -> str:
    """Return the words of a message without the line that asks whether it was seen (variants.seen_line)."""
    words, _break, last = text.rpartition("\n")
    return words if personal_fields.field("seen_url") in last else text


def are_in(earlier: EarlierWords, variant: Variant, language: str) -> bool:
    """Return whether an earlier version said the same by a variant's channel: its words, and its title where it has one of its own."""
    said = earlier.get(variant.platform, {}).get(language, ())
    words = variant.caption.strip()
    return any(text.strip() == words and variant.title in {"", title} for title, text in said)
