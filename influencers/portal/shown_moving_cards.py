"""The moving cards of a bulletin that a reader may have: each with its words, and until when all of it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bulletins.media import missing_cards, moving_cards
from bulletins.media.moving_cards import Film
from bulletins.models import MovingCard
from campaigns.cards.card_look import THEME_NAMES
from influencers.editions.bulletin_entries import Entry, ShownKeyMessage
from lib.images import ffmpeg
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
    def source_names(self) -> str:
        """Where its messages come from, each name once."""
        sources = (words.source for words in self.messages)
        return ", ".join(dict.fromkeys(source.name or source.url for source in sources if source))

    @property
    def valid_until(self) -> datetime | None:
        """When the first of its messages expires; None when all hold for the time being."""
        return min((words.valid_until for words in self.messages if words.valid_until), default=None)


@dataclass(frozen=True, slots=True)
class MovingShelf:
    """
    The moving cards in one look, and the looks that there are, as (theme, name, whether it is this one). While they `are_coming`
    there is none yet.
    """

    cards: list[ShownMovingCard] = field(default_factory=list)
    looks: list[tuple[str, str, bool]] = field(default_factory=list)
    are_coming: bool = False


def shelf_of(entry: Entry, specs: Sequence[Spec], asked: str = "", *, at: datetime) -> MovingShelf:
    """
    Return the moving cards that are made of a published version's messages and hold as a whole, in the look that was `asked` for if
    there is such a one; `specs` are of the page's language. One query.
    """
    holding = {words.key: words for words in entry.current_messages}
    films = {
        theme: [film for film in films if all(spec.key in holding for spec in film.scenes)]
        for theme, films in moving_cards.in_themes(specs).items()
    }
    made: dict[str, list[tuple[Film, MovingCard]]] = {}
    for film, card in moving_cards.drawn(entry.version.bulletin, [film for of in films.values() for film in of]):
        made.setdefault(card.theme, []).append((film, card))
    whole = whole_looks(films, made)
    theme = asked if asked in whole else next(iter(whole), "")
    looks = [(one, str(THEME_NAMES[one]), one == theme) for one in whole]
    is_fresh = entry.version.published_at > at - missing_cards.FRESH
    are_coming = not whole and is_fresh and any(films.values()) and ffmpeg.is_installed()
    return MovingShelf(shown_cards(made.get(theme, []), holding), looks if len(looks) > 1 else [], are_coming)


def whole_looks(films: Mapping[str, Sequence[Film]], made: Mapping[str, Sequence[object]]) -> list[str]:
    """Return the looks that are offered: those of which all is there, and the first one as far as it is."""
    first = next(iter(films), "")
    return [one for one in films if one in made and (one == first or len(made[one]) == len(films[one]))]


def shown_cards(
    made: Sequence[tuple[Film, MovingCard]], holding: Mapping[str, ShownKeyMessage]
) -> list[ShownMovingCard]:
    """Return moving cards as the page shows them."""
    return [
        ShownMovingCard(number, card, [holding[spec.key] for spec in film.scenes], [spec.words for spec in film.scenes])
        for number, (film, card) in enumerate(made, start=1)
    ]
