"""Making a card one's own: what there is to choose of theme, shape and tone, what a reader chose, and words of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.rate_limit import Limit
from bulletins.media import card_themes, message_cards, missing_cards, on_demand_cards
from bulletins.models import Card, Ratio, Tone, Version
from campaigns.cards.card_look import THEME_NAMES
from campaigns.models import Authority
from influencers.editions.bulletin_entries import Entry, ShownKeyMessage
from influencers.models import Influencer
from lib.images.card import Spec, digest
from lib.images.picture_sizes import SIZES
from lib.images.shared_cards import SHAPES
from lib.images.themes import own_words
from lib.text import imitations

Cards = dict[tuple[str, str], Card]  # by theme and ratio
OWN_CARDS = Limit("own_card", 60, 60 * 60)  # drawn for one influencer
WHY_NOT = {
    "too_long": _("That is more than fits. Write at most 120 characters."),
    "no_room": _(
        "These words do not fit into the picture: they have wide letters or long words. Shorten them a little."
    ),
    "markup": _("Write plain words: no <, > or code."),
    "imitates": _(
        "Your own words can't look like the authority's: leave out “%(found)s”. The card itself says until when it is valid and whose words "
        "it has."
    ),
    "signs": _("Emoji cannot be drawn here. Leave out %(found)s, and add it in the app when you share."),
    "letters": _(
        "These letters cannot be drawn here: %(found)s. Write Latin letters, or add them in the app when you share."
    ),
    "address": _("A web address cannot stand in the picture: leave out “%(found)s”. You can add a link in the app."),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One of several to choose from. `words` are a tone's, `picture` is a theme's small card."""

    value: str
    label: str
    is_chosen: bool
    words: str = ""
    picture: Card | None = None
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Maker:
    """What a reader chooses, and the picture that comes of it: its address, the small one's, and its size in pixels."""

    key: str
    themes: list[Option]
    shapes: list[Option]
    tones: list[Option]
    address: str
    small: str
    width: int
    height: int
    suffix: str

    @property
    def chosen(self) -> dict[str, str]:
        """The chosen values by the names of their fields."""
        fields = {"theme": self.themes, "crop": self.shapes, "tone": self.tones}
        return {name: next(one.value for one in options if one.is_chosen) for name, options in fields.items()}

    @property
    def words(self) -> str:
        """The words in the chosen tone."""
        return next(one.words for one in self.tones if one.is_chosen)

    @property
    def ratio(self) -> str:
        """The chosen shape."""
        return self.chosen["crop"]


@dataclass(frozen=True, slots=True)
class Extras:
    """What else is drawn: the slides of a carousel with their text alternatives, and stickers and backgrounds with their messages."""

    slides: list[tuple[str, Card]] = field(default_factory=list)
    stickers: list[tuple[ShownKeyMessage, Card]] = field(default_factory=list)
    backgrounds: list[tuple[ShownKeyMessage, Card]] = field(default_factory=list)


def maker_of(
    version: Version,
    words: ShownKeyMessage | None,
    specs: Sequence[Spec],
    drawn: Mapping[str, Card],
    asked: Mapping[str, Any],
) -> Maker | None:
    """
    Return what can be made of a key message's cards, None without any. `specs` are of the page's language, `drawn` what is
    drawn of them (message_cards.drawn_cards); `asked` is what the reader chose. No query.
    """
    spec = next((one for one in specs if words and one.key == words.key), None)
    if spec is None or words is None or not words.cards:
        return None
    cards = cards_of(spec, drawn)
    themes = list(dict.fromkeys(theme for theme, _ratio in cards))
    theme = picked(asked.get("theme"), themes)
    shapes = [ratio for of, ratio in cards if of == theme]
    shape = picked(asked.get("crop"), shapes)
    texts = {Tone.PLAIN.value: words.text, **dict(spec.tones)}
    tone = picked(asked.get("tone"), list(texts))
    card, on_demand = cards[theme, shape], address_of(version, words.key, theme, shape, tone)
    width, height = SIZES[Ratio(shape)]
    address, small = (card.file.url, card.thumbnail_url) if tone == Tone.PLAIN else (on_demand, f"{on_demand}&small=1")
    return Maker(
        key=words.key,
        themes=[theme_option(cards, one, is_chosen=one == theme) for one in themes],
        shapes=[Option(one, str(SHAPES[Ratio(one)]), one == shape) for one in shapes],
        tones=[Option(one, capfirst(str(Tone(one).label)), one == tone, words=text) for one, text in texts.items()],
        address=address,
        small=small,
        width=width,
        height=height,
        suffix=suffix_of(card),
    )


def cards_of(spec: Spec, drawn: Mapping[str, Card]) -> Cards:
    """Return what is drawn of a key message's plain words, {(theme, ratio): card}."""
    found = {
        (theme, ratio.value): drawn.get(f"{digest(replace(spec, theme=theme))} {ratio.value}")
        for theme in card_themes.themes_of(spec)
        for ratio in Ratio
    }
    return {place: card for place, card in found.items() if card}


def theme_option(cards: Cards, theme: str, *, is_chosen: bool) -> Option:
    """Return a theme to choose, shown by its square card or the one that comes nearest."""
    shown = next(cards[theme, ratio.value] for ratio in reversed(Ratio) if (theme, ratio.value) in cards)
    return Option(theme, str(THEME_NAMES[theme]), is_chosen, picture=shown, suffix=suffix_of(shown))


def is_drawn_soon(version: Version, words: ShownKeyMessage | None, specs: Sequence[Spec], *, at: datetime) -> bool:
    """Return whether a key message has no card yet and gets one: its words fit, and its version is so new that they are drawn."""
    spec = next((one for one in specs if words and one.key == words.key), None)
    if spec is None or words is None or words.cards or version.published_at <= at - missing_cards.FRESH:
        return False
    return card_themes.fits(spec, Ratio.FEED)


def chosen_cards(specs: Sequence[Spec], drawn: Mapping[str, Card], theme: str = "") -> dict[str, list[Card]]:
    """
    Return {key of a key message: its cards, the tallest first}, of what is drawn: in a theme where all sizes of the first one are
    there in it, else in that.
    """
    found = {}
    for spec in specs:
        first, asked = (
            [drawn.get(f"{digest(one)} {ratio.value}") for ratio in Ratio]
            for one in (spec, replace(spec, theme=theme or spec.theme))
        )
        chosen = asked if [bool(card) for card in asked] == [bool(card) for card in first] else first
        found[spec.key] = [card for card in chosen if card]
    return found


def extras_of(entry: Entry, specs: Sequence[Spec], drawn: Mapping[str, Card], theme: str = "") -> Extras:
    """
    Return what is there of carousel, stickers and backgrounds for the messages that hold; the carousel only while all of
    them do, in a theme where all of it is drawn in that, else in the first one. No query.
    """
    holding = {words.key: words for words in entry.current_messages}

    def found(spec: Spec) -> Card | None:
        return drawn.get(f"{digest(spec)} {card_themes.ratios_of(spec)[0].value}")

    looks = () if entry.has_gaps else dict.fromkeys((theme, ""))
    slides = next(filter(None, (slides_in(one, specs, drawn) for one in looks)), [])
    current = [(holding[spec.key], spec) for spec in specs if spec.key in holding]
    overlays = {
        kind: [(words, card) for words, spec in current if (card := found(of(spec)))]
        for kind, of in (("stickers", card_themes.sticker_of), ("backgrounds", card_themes.background_of))
    }
    return Extras(slides=slides, **overlays)


def slides_in(theme: str, specs: Sequence[Spec], drawn: Mapping[str, Card]) -> list[tuple[str, Card]]:
    """Return the slides of a carousel in a theme, the first one for "", with their text alternatives; [] while one of them is not drawn."""
    wanted = card_themes.slides_of(specs, theme)
    cards = [drawn.get(f"{digest(spec)} {card_themes.RATIOS[card_themes.SLIDE][0].value}") for spec in wanted]
    whole = [(message_cards.alt_text(spec), card) for spec, card in zip(wanted, cards, strict=True) if card]
    return whole if len(whole) == len(wanted) else []


def theme_of(asked: Mapping[str, Any], specs: Sequence[Spec]) -> str:
    """Return the theme that a reader asked for, "" for none that these messages have."""
    theme = str(asked.get("theme", ""))
    return theme if specs and theme in card_themes.themes_of(specs[0]) else ""


def picked(asked: Any, offered: Sequence[str]) -> str:
    """Return what was asked for where it is offered, else the first."""
    return asked if asked in offered else offered[0]


def suffix_of(card: Card) -> str:
    """Return the end of the name of a card's file."""
    return f".{(card.file.name or '').rpartition('.')[2]}"


def address_of(version: Version, key: str, theme: str, shape: str, tone: str) -> str:
    """Return the address under which a card is found, or drawn."""
    query = {"message": key, "theme": theme, "crop": shape, "tone": tone}
    return f"{reverse('influencers:card', args=[version.bulletin.number])}?{urlencode(query)}"


def card_asked_for(
    version: Version, asked: Mapping[str, Any], *, language: str, at: datetime, ratio: str = ""
) -> Card | None:
    """
    Return the card that `asked` describes ("message", "theme", "crop", "tone"), drawn if nobody asked for it before; None for
    one that there is not. Raise on_demand_cards.Busy.
    """
    ratio = ratio or str(asked.get("crop", ""))
    if ratio not in Ratio.values:
        return None
    key, theme, tone = (str(asked.get(name, "")) for name in ("message", "theme", "tone"))
    spec = on_demand_cards.spec_of(version, language=language, key=key, theme=theme, tone=tone or Tone.PLAIN)
    return on_demand_cards.card_of(version, spec, ratio, at=at) if spec else None


def speakers_of(version: Version) -> list[str]:
    """Return the names in which nobody else speaks: sources and issuers of a version, and all authorities; two queries."""
    editions = list(version.editions.all())
    sources = [message.get("source_name") for one in editions for message in one.content.get("key_messages", [])]
    issuers = [version.words.in_language(one.language).issuer for one in editions]
    authorities = Authority.objects.values_list("name", "short_name")
    known = [text for names in authorities for of in names for text in of.values()]
    return list(dict.fromkeys(name for name in (*sources, *issuers, *known) if name and isinstance(name, str)))


def why_not(refused: own_words.Refused) -> str:
    """Return why words cannot stand beside a card, in the active language."""
    return str(WHY_NOT[refused.why]) % {"found": refused.found} if refused.found else str(WHY_NOT[refused.why])


def with_own_words(
    influencer: Influencer, card: Card, ratio: str, said: str, *, names: Sequence[str], language: str
) -> bytes:
    """
    Return a picture with an influencer's own words (own_words.accepted) above a whole card; nothing of it is kept. Nobody says them in one
    of `names` (speakers_of). Raise own_words.Refused, and on_demand_cards.Busy.
    """
    with card.file.open("rb") as file:
        quoted = file.read()
    name = "" if imitations.is_for_another(influencer.name, names) else influencer.name
    with override(language):
        heading = _("%(name)s, in their own words") % {"name": name} if name else str(_("The sharer's own words"))
        note = str(_("Not the authority's words. The card below is unchanged."))
    with on_demand_cards.slot():
        return own_words.draw(quoted, Ratio(ratio), said, heading=heading, note=note, name=name, language=language)
