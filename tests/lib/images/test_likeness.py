"""A card is known again after what platforms do to it, and a changed digit is seen."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from lib.images import code_reader, likeness
from lib.images.card import Spec, draw, thumbnail
from lib.images.likeness import Likeness
from lib.images.picture_sizes import Ratio
from lib.images.themes import own_words, renderer

from .test_card import CHECK, FULL, SPEC

Change = Callable[[Image.Image], Image.Image]


def as_picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def coarse(picture: Image.Image, quality: int = 40, width: int = 480) -> Image.Image:
    """Return a picture as JPEG."""
    out = io.BytesIO()
    size = (width, round(picture.height * width / picture.width))
    picture.resize(size, Image.Resampling.BILINEAR).save(out, "JPEG", quality=quality)
    return as_picture(out.getvalue())


def in_a_post(picture: Image.Image) -> Image.Image:
    """Return a screenshot of a post with the picture in it, sent on by a messenger."""
    shown = picture.resize((900, round(picture.height * 900 / picture.width)), Image.Resampling.BICUBIC)
    screen = Image.new("RGB", (1080, shown.height + 700), "white")
    screen.paste(shown, (90, 333))
    ImageDraw.Draw(screen).text((100, 100), "somebody wrote something " * 3, fill="black", font_size=40)
    return coarse(screen, 60, 700)


def seen(picture: Image.Image, ours: Image.Image) -> Likeness:
    """Return what comes of comparing a picture with ours, found by the code on both."""
    grey, small = picture.convert("L"), ours.convert("L")
    (here,), (there,) = code_reader.codes_in(grey), code_reader.codes_in(small)
    return likeness.compare(grey, small, likeness.guessed(here, there))


@pytest.mark.parametrize("ratio", Ratio)
@pytest.mark.parametrize("change", [lambda one: one, coarse, in_a_post], ids=["as it is", "JPEG 40", "in a post"])
def test_the_same_picture_is_told_from_one_with_a_changed_digit_or_word(ratio: Ratio, change: Change) -> None:
    ours = as_picture(thumbnail(draw(FULL, ratio, CHECK)))

    whole = Likeness.WITHIN if change is in_a_post else Likeness.SAME
    assert seen(change(as_picture(draw(FULL, ratio, CHECK))), ours) == whole
    for other in (
        replace(FULL, validity=FULL.validity.replace("19.", "18.")),
        replace(FULL, source=FULL.source.replace("valtioneuvosto", "valtioneuvonta")),
        replace(FULL, words=FULL.words.replace("saa", "ei saa")),
    ):
        assert seen(change(as_picture(draw(other, ratio, CHECK))), ours) in {Likeness.CHANGED, Likeness.UNLIKE}


@pytest.mark.parametrize("theme", ["plain", "bold", "quiet"])
@pytest.mark.parametrize("ratio", own_words.RATIOS)
def test_a_card_below_somebody_s_own_words_is_all_that_is_ours_unless_it_was_changed(ratio: Ratio, theme: str) -> None:
    def quoted(spec: Spec) -> Image.Image:
        card, _suffix = renderer.draw(spec, Ratio.SQUARE, CHECK, lambda _name: b"")
        names = {"heading": "Aino, omin sanoin", "note": "Ei viranomaisen sanoja.", "name": "@aino", "language": "fi"}
        return as_picture(own_words.draw(card, ratio, "Koskee meidän katua.", **names))

    spec = replace(FULL, theme=theme)
    ours = as_picture(thumbnail(renderer.draw(spec, Ratio.SQUARE, CHECK, lambda _name: b"")[0]))
    assert seen(quoted(spec), ours) == Likeness.WITHIN
    assert seen(quoted(replace(spec, words=spec.words.replace("saa", "ei saa"))), ours) not in {
        Likeness.SAME,
        Likeness.WITHIN,
    }


def test_what_is_no_picture_of_ours_is_not_called_changed() -> None:
    ours = as_picture(thumbnail(draw(SPEC, Ratio.FEED, CHECK))).convert("L")
    noise = Image.effect_noise((1080, 1350), 120)

    assert likeness.compare(noise, ours, None) == Likeness.UNLIKE
    assert likeness.compare(Image.new("L", (600, 200)), ours, None) == Likeness.UNLIKE
    far_away = likeness.Place(5000.0, 5000.0, 0.001)
    assert likeness.compare(Image.new("L", (600, 200)), ours, far_away) == Likeness.UNLIKE


def test_a_hash_stays_through_packing_and_tells_pictures_apart() -> None:
    card = as_picture(draw(SPEC, Ratio.FEED, CHECK))
    turned = card.transpose(Image.Transpose.ROTATE_180)

    assert likeness.distance(likeness.hash_of(card), likeness.hash_of(coarse(card))) <= 2
    assert likeness.distance(likeness.hash_of(card), likeness.hash_of(turned)) > likeness.ALIKE
    assert (
        likeness.distance(likeness.hash_of(card), likeness.hash_of(Image.effect_noise((500, 500), 90))) > likeness.ALIKE
    )
    assert -(1 << 63) <= likeness.hash_of(card) < 1 << 63
