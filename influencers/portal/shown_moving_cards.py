"""The moving cards of a bulletin that a reader may have: each with its words, and until when all of it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bulletins.media import moving_cards
from bulletins.models import Bulletin, MovingCard
from influencers.editions.bulletin_entries import Entry, ShownKeyMessage, Source
from lib.images.card import Spec


@dataclass(frozen=True, slots=True)
class ShownMovingCard:
    """A moving card, `number` counting from 1, with the key messages in it and their words as they are on it."""

    number: int
    card: MovingCard
    messages: list[ShownKeyMessage]
    words: list[str]

    @property
    def words_id(self) -> str:
        """The selector of its words on the page."""
        return f"#moving-{self.number}"

    @property
    def sources(self) -> list[Source]:
        """Where its messages come from, each once."""
        return list(dict.fromkeys(words.source for words in self.messages if words.source))

    @property
    def valid_until(self) -> datetime | None:
        """When the first of its messages expires; None when all hold for the time being."""
        return min((words.valid_until for words in self.messages if words.valid_until), default=None)


def moving_of(bulletin: Bulletin, entry: Entry, specs: Sequence[Spec]) -> list[ShownMovingCard]:
    """
    Return the moving cards that are made of a published version's messages and hold as a whole; `specs` are of the page's
    language. One query.
    """
    holding = {words.key: words for words in entry.current_messages}
    films = [film for film in moving_cards.films_of(specs) if all(spec.key in holding for spec in film.scenes)]
    return [
        ShownMovingCard(number, card, [holding[spec.key] for spec in film.scenes], [spec.words for spec in film.scenes])
        for number, (film, card) in enumerate(moving_cards.drawn(bulletin, films), start=1)
    ]
