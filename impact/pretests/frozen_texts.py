"""The text of a draft as a pretest shows it, by language, and what of it the draft does not say any more."""

from dataclasses import dataclass
from typing import Any

from bulletins.editing import situation
from bulletins.models import Bulletin
from campaigns.models import ReadingLevel
from lib.text import markup
from lib.text.linguistics.sentences import sentences_in

MOST_SENTENCES = 300

Texts = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """How a text has changed since it was shown: places of sentences that are gone, sentences that are new, and whether its title is another."""

    gone: frozenset[int]
    new: tuple[str, ...]
    is_retitled: bool

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.is_retitled)


def texts_of(bulletin: Bulletin) -> Texts:
    """
    Return the texts of a draft that have been written, {language: title, body (Markdown) and the body's sentences}, the original first.
    Raise ValueError, with a sentence for the writer, for a text that is too long.
    """
    editions = [
        one
        for one in bulletin.editions.filter(reading_level=ReadingLevel.STANDARD)
        if one.title.strip() and one.body.strip()
    ]
    editions.sort(key=lambda one: one.language != bulletin.original_language)
    return {one.language: text_of(one.title, situation.whole_text(bulletin, one)) for one in editions}


def text_of(title: str, body: str) -> dict[str, Any]:
    """Return a text as it is frozen."""
    sentences = [one.strip() for block in markup.blocks(body) for one in sentences_in(block)]
    return {"title": markup.plain(title), "body": body, "sentences": sentences[:MOST_SENTENCES]}


def change_since(then: dict[str, Any], now: dict[str, Any] | None) -> Change:
    """Return how a text has changed since; all of it where it is not there any more."""
    now = now or {"title": "", "sentences": []}
    before, after = then["sentences"], now["sentences"]
    kept, known = set(after), set(before)
    return Change(
        frozenset(place for place, sentence in enumerate(before) if sentence not in kept),
        tuple(sentence for sentence in after if sentence not in known),
        then["title"] != now["title"],
    )
