"""What a published edition says, cut into passages, so that it can be found again in someone's post."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bulletins.models import PublishedEdition
from bulletins.reader_view import published_versions
from lib.text import similarity
from lib.text.linguistics.sentences import markdown_sentences
from website.models import Passage

MOST = 200  # passages of an edition
SENTENCES = 60  # of its text, and of each caption or script
LONGEST = 2_000  # characters of a passage
LEAST_WORDS = 4  # of a sentence in a text: "Hi!" is in everyone's post


def index(edition: PublishedEdition) -> int:
    """
    Write the passages of a published edition anew and return how many there are: none of a withdrawal, which has no
    words; those of the versions before it stay, so that what was withdrawn is recognised. Needs `version` at hand.
    """
    edition.passages.all().delete()
    return write([edition])


def write(editions: Iterable[PublishedEdition]) -> int:
    """Write the passages of published editions that have none yet, as `index` does, and return how many there are."""
    rows = [row for one in editions if not one.version.is_retracted for row in passages_of(one)]
    Passage.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def index_all() -> int:
    """Write the passages of every published edition anew, and return how many there are."""
    editions = PublishedEdition.objects.select_related("version").defer("html").order_by("pk")
    return sum(index(edition) for edition in editions.iterator(chunk_size=200))


def passages_of(edition: PublishedEdition) -> Iterator[Passage]:
    """Return the passages of an edition, unsaved: each text once, 200 at most."""
    seen: set[str] = set()
    for place, text in _texts(edition):
        words = similarity.plain(text[:LONGEST])[: similarity.LONGEST]
        if words and words not in seen and len(seen) < MOST:
            seen.add(words)
            yield Passage(edition=edition, place=place[:60], text=text[:LONGEST], words=words)


def over_at(edition: PublishedEdition, at: datetime) -> dict[str, str]:
    """Return {key: plain words} of the key messages of an edition that are in force no longer."""
    return {
        message.key: similarity.plain(message.text)
        for message in published_versions.key_messages(edition)
        if message.valid_until and message.valid_until <= at
    }


def is_over(passage: Passage, over: dict[str, str]) -> bool:
    """Return whether a passage in force says what a key message said that no longer is."""
    kind, _colon, rest = passage.place.partition(":")
    if kind == "message":
        return rest in over or rest.rpartition(":")[0] in over
    return any(passage.words in text or similarity.likeness(passage.words, text) >= 0.7 for text in over.values())


def _texts(edition: PublishedEdition) -> Iterator[tuple[str, str]]:
    """Return (place, text), what matters most first."""
    content = edition.content
    yield "title", edition.title
    for at, message in enumerate(content.get("key_messages", []), 1):
        yield from _whole_and_parts(f"message:{message.get('key') or at}", message.get("text") or "")
    for at, action in enumerate(content.get("calls_to_action", []), 1):
        yield from _whole_and_parts(f"action:{at}", action or "")
    yield from _whole_and_parts("lead", edition.lead)
    yield from _parts("body", edition.asserted)
    for variant in content.get("variants", []):
        platform = variant.get("platform", "")
        yield f"title:{platform}", variant.get("title") or ""
        yield from _parts(f"caption:{platform}", variant.get("caption") or "")
        yield from _parts(f"script:{platform}", variant.get("script") or "")


def _whole_and_parts(place: str, text: str) -> Iterator[tuple[str, str]]:
    """Return a short text, and its sentences when it has several."""
    yield place, text
    parts = list(_parts(place, text))
    if len(parts) > 1:
        yield from parts


def _parts(place: str, text: str) -> Iterator[tuple[str, str]]:
    """Return the sentences of a text that are long enough to be known by."""
    for at, sentence in enumerate(markdown_sentences(text)[:SENTENCES], 1):
        if len(sentence.split()) >= LEAST_WORDS:
            yield f"{place}:{at}", sentence
