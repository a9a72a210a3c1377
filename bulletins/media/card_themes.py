"""
What is made of a key message's card: the campaign's themes, the message's other tones, the slides of a carousel, a sticker
and a background for a green screen.

The plain words in every theme and size are drawn ahead, with the version; so are the slides of every theme, and what else is made in the first
one. The other tones are drawn when somebody first asks for one (on_demand_cards), and kept. All of it is found by the digest of what is on it, so nothing else has to be written down.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.models import Ratio, Tone
from lib.images.card import Spec, TooLong
from lib.images.card_look import THEMES
from lib.images.themes import carousel, overlays, renderer

CARD, SLIDE, STICKER, BACKGROUND = "card", "slide", "sticker", "background"
RATIOS = {SLIDE: (Ratio.FEED,), STICKER: (Ratio.SQUARE,), BACKGROUND: (Ratio.STORY,)}
STILL = "bold"  # the theme of what stands on no picture, where the first one is of a picture


def themes_of(spec: Spec) -> list[str]:
    """Return the themes that a card comes in, the campaign's first one first; with a picture only if there is one."""
    return sorted(
        (theme for theme in THEMES if theme != "photo" or spec.photo), key=lambda theme: theme != first_theme(spec)
    )


def first_theme(spec: Spec) -> str:
    """Return the theme that comes first."""
    theme = spec.look.theme if spec.look.theme in THEMES else STILL
    return STILL if theme == "photo" and not spec.photo else theme


def ahead(specs: Sequence[Spec]) -> Iterator[Spec]:
    """
    Yield what is drawn before anyone asks: the plain words in every theme, the first theme of all before the others, what else is
    made in the first one, and at the end the slides of the others. `specs` are those of the plain words, in the order of the messages.
    """
    yield from ahead_in(specs)
    for spoken in by_language(specs):
        for theme in themes_of(spoken[0])[1:]:
            yield from slides_of(spoken, theme)


def ahead_in(specs: Sequence[Spec], theme: str = "") -> Iterator[Spec]:
    """Yield what is drawn before anyone asks, of the slides only those in a theme."""
    in_themes = [(place, replace(spec, theme=theme)) for spec in specs for place, theme in enumerate(themes_of(spec))]
    yield from (spec for _place, spec in sorted(in_themes, key=lambda one: (one[0], one[1].theme)))
    for spec in specs:
        yield sticker_of(spec)
        yield background_of(spec)
    for spoken in by_language(specs):
        yield from slides_of(spoken, theme)


def by_language(specs: Sequence[Spec]) -> list[list[Spec]]:
    """Return the messages language by language."""
    return [[spec for spec in specs if spec.language == code] for code in dict.fromkeys(one.language for one in specs)]


def on_demand(specs: Iterable[Spec]) -> Iterator[Spec]:
    """Yield what is drawn when somebody first asks: the other tones in every theme."""
    for spec in specs:
        for tone, words in spec.tones:
            for theme in themes_of(spec):
                yield replace(spec, theme=theme, tone=tone, words=words)


def every(specs: Sequence[Spec]) -> Iterator[Spec]:
    """Yield all that belongs to a bulletin's cards."""
    yield from ahead(specs)
    yield from on_demand(specs)


def sticker_of(spec: Spec) -> Spec:
    """Return a message's sticker: its short words where there are some."""
    words = dict(spec.tones).get(Tone.SHORT, spec.words)
    return replace(
        spec, theme="plain", kind=STICKER, words=words, tone=Tone.SHORT if words != spec.words else Tone.PLAIN
    )


def background_of(spec: Spec) -> Spec:
    """Return a message's background for a green screen: in the first theme, or a still one where that is a photo."""
    theme = first_theme(spec)
    return replace(spec, theme=STILL if theme == "photo" else theme, kind=BACKGROUND)


def slides_of(specs: Sequence[Spec], theme: str = "") -> list[Spec]:
    """
    Return the slides of a carousel in one language and a theme, the first one unless said otherwise, the last slide for proof; [] for
    fewer than there have to be.
    """
    slides = [in_row(replace(spec, theme=theme or first_theme(spec), kind=SLIDE), spec.urgent, "1/9") for spec in specs]
    slides = [spec for spec in slides if fits(spec, Ratio.FEED)][: carousel.MOST - 1]
    of = len(slides) + 1
    if of < carousel.FEWEST:
        return []
    last = replace(slides[0], words=words_of_proof(slides[0].language), key="", corrected="")
    urgent = specs[0].urgent
    return [in_row(spec, urgent, f"{number}/{of}") for number, spec in enumerate([*slides, last], start=1)]


def in_row(spec: Spec, urgent: str, place: str) -> Spec:
    """Return a slide that says its place in a carousel, and that it is urgent where it is."""
    return replace(spec, place=place, urgent=f"{urgent} · {place}" if urgent else "")


def words_of_proof(language: str) -> str:
    """Return what the last slide and the last scene say: look for yourself."""
    with override(language):
        return _("Don’t take my word for it. Check.")


def ratios_of(spec: Spec) -> tuple[Ratio, ...]:
    """Return the sizes that it comes in."""
    return RATIOS.get(spec.kind, tuple(Ratio))


def draw(spec: Spec, ratio: str, check: str = "") -> tuple[bytes, str]:
    """Return a picture as a file, and its suffix (".png" or ".jpg"). Raise TooLong."""
    if spec.kind == SLIDE:
        return carousel.draw(spec, check, read)
    if spec.kind == STICKER:
        return overlays.draw_sticker(spec, check, read)
    if spec.kind == BACKGROUND:
        return overlays.draw_background(spec, check, read)
    return renderer.draw(spec, ratio, check, read)


@functools.lru_cache(maxsize=4096)
def fits(spec: Spec, ratio: str) -> bool:
    """Return whether its words have room. Setting them takes milliseconds, so it is done once."""
    try:
        if spec.kind == STICKER:
            overlays.lay_out_sticker(spec, "")
        elif spec.kind == SLIDE:
            carousel.lay_out(spec)
        elif spec.kind == BACKGROUND:
            overlays.lay_out_background(spec, "")
        else:
            renderer.lay_out(spec, ratio)
    except TooLong:
        return False
    return True


def read(name: str) -> bytes:
    """Return the bytes of a stored picture."""
    with default_storage.open(name) as file:
        return bytes(file.read())
