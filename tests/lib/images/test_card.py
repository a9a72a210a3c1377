"""Message cards as pictures: everything on them can be read, wherever they are shown."""

import io
import itertools
import re
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from bulletins.models import Ratio
from lib.images.card import LARGEST, SAFE, SMALLEST, Layout, Spec, TooLong, digest, draw, lay_out
from lib.images.picture_sizes import SIZES
from lib.images.typesetting import DISPLAY, fit, held, showable

SPEC = Spec(
    language="fi",
    key="km-1",
    words="Rajan saa ylittää, kun se on välttämätöntä esimerkiksi työn, läheisen hoidon tai lapsen tapaamisen takia.",
    source="Lähde: valtioneuvosto.fi",
    validity="Voimassa 19.4.2020 asti",
    campaign="Faktaa koronasta",
    hashtag="#faktaakoronasta",
    bulletin="Tiedote 3",
    issuer="Valtioneuvoston kanslia",
)
CHECK = "https://faktaa.example/c/7K2F9QTD"
FULL = replace(SPEC, exercise="Harjoitus. Mitään tästä ei tapahdu oikeasti.", corrected="Oikaistu")
WORDS = [
    "Jokainen saa palata kotiin.",
    SPEC.words,
    "Valmiuslakitoimivaltuudet otetaan käyttöön epidemiologisesti perustelluissa poikkeusolosuhteissa.",
    "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas ja valmiuslakitoimivaltuudet",
    "Ö",
    "Åäkköset: ÄÖÅ, šžđ, gjpqy",
]
SPECS = [replace(one, words=words) for one in (SPEC, FULL) for words in WORDS] + [
    replace(FULL, campaign="En mycket lång kampanj med ett namn som inte får plats " * 3, source="Källa: " + "x" * 300),
    replace(FULL, hashtag="#" + "pitkä" * 20, bulletin="Viranomaistiedotussarja 12345678901"),
]


def brightness(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def words_of(layout: Layout) -> list[str]:
    """Return the lines of the words themselves."""
    return [one.text for one in layout.texts if one.name == DISPLAY]


@pytest.mark.parametrize("ratio", Ratio)
@pytest.mark.parametrize("spec", SPECS)
def test_no_text_stands_outside_the_safe_area(spec: Spec, ratio: Ratio) -> None:
    left, top, right, bottom = SAFE[ratio]

    for text in lay_out(spec, ratio, CHECK).texts:
        box = text.box()
        assert left - 4 <= box[0] and box[2] <= right + 4, text
        assert top - 4 <= box[1] and box[3] <= bottom + 4, text


def test_the_safe_area_of_a_story_leaves_room_for_the_platforms_buttons() -> None:
    width, height = SIZES[Ratio.STORY]
    _left, top, right, bottom = SAFE[Ratio.STORY]

    assert top >= 0.14 * height
    assert bottom <= 0.8 * height
    assert right <= 0.92 * width


@pytest.mark.parametrize("ratio", Ratio)
@pytest.mark.parametrize("spec", SPECS)
def test_no_two_texts_overlap_and_the_words_stay_in_their_bubble(spec: Spec, ratio: Ratio) -> None:
    layout = lay_out(spec, ratio, CHECK)

    boxes = [one.box() for one in layout.texts if one.name != DISPLAY]
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, spec
    for text in layout.texts:
        if text.name == DISPLAY:
            left, top, right, bottom = text.box()
            assert layout.bubble[0] < left and right < layout.bubble[2]
            assert layout.bubble[1] < top and bottom < layout.bubble[3]
            assert layout.label is None or top > layout.label[3]


@pytest.mark.parametrize("ratio", Ratio)
def test_the_code_is_read_back_also_from_a_picture_that_was_made_small_and_coarse(ratio: Ratio) -> None:
    """A reader that has nothing to do with what draws it: ZXing."""
    long_host = "https://tiedotteet.kriisiviestinta.valtioneuvosto.example/c/7K2F9QTD"
    for language, address in (("fi", CHECK), ("sv", CHECK), ("en", long_host)):
        with Image.open(io.BytesIO(draw(replace(FULL, language=language), ratio, address))) as card:
            whole = card.convert("RGB")
        small = whole.resize((480, round(whole.height * 480 / whole.width)), Image.Resampling.BILINEAR)
        coarse = io.BytesIO()
        small.save(coarse, "JPEG", quality=40)
        for picture in (whole, Image.open(coarse)):
            found = [one.text for one in zxingcpp.read_barcodes(picture.convert("L"))]
            assert found == [address.upper()], (language, picture.size)


def test_a_preview_proves_nothing() -> None:
    with Image.open(io.BytesIO(draw(SPEC, Ratio.SQUARE))) as card:
        assert zxingcpp.read_barcodes(card.convert("L")) == []
    assert not any("7K2F" in one.text for one in lay_out(SPEC, Ratio.SQUARE).texts)
    assert any(one.text == "/c/7K2F-9QTD" for one in lay_out(SPEC, Ratio.SQUARE, CHECK).texts)


def test_every_text_has_a_contrast_of_seven_to_one() -> None:
    for text in lay_out(FULL, Ratio.FEED).texts:
        lighter, darker = sorted((brightness(text.colour), brightness(text.ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 7, text


@pytest.mark.parametrize("ratio", Ratio)
def test_a_card_is_a_small_png_of_the_size_that_the_platform_wants(ratio: Ratio) -> None:
    png = draw(FULL, ratio, CHECK)

    assert Image.open(io.BytesIO(png)).size == SIZES[ratio]
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(png) < 250_000


def test_the_same_words_give_the_same_picture_and_digest_and_any_other_gives_others() -> None:
    assert draw(SPEC, Ratio.SQUARE) == draw(replace(SPEC), Ratio.SQUARE)
    assert digest(SPEC) == digest(replace(SPEC))
    others = {"tones", "photo", "focal"}  # of other cards of the message
    other = {name: replace(SPEC, **{name: "muu"}) for name in Spec.__slots__ if name not in others}
    assert len({digest(SPEC), *map(digest, other.values())}) == len(other) + 1


def test_what_marks_an_exercise_and_a_correction_is_on_the_card() -> None:
    said = [one.text for one in lay_out(FULL, Ratio.SQUARE).texts]

    assert {"Oikaistu", FULL.exercise, "Tiedote 3", "#faktaakoronasta", "Voimassa 19.4.2020 asti"} <= set(said)
    assert {"Lähde: valtioneuvosto.fi", "Valtioneuvoston kanslia"} <= set(said)


@pytest.mark.parametrize(
    "text",
    [
        "Liikkumista rajoitetaan 19. huhtikuuta 2020 asti ja sen jälkeen katsotaan uudelleen.",
        "Vain 30 % ihmisistä kävi töissä klo 9.15 jälkeen, ja matka oli 1 200 km tai 10 000 metriä pitkä.",
        "Soita numeroon 09 310 10020 arkisin klo 9–16, niin saat apua 10 minuutissa.",
        "Rörelsefriheten begränsas till och med den 19 april 2020 kl. 9.15 för 1,7 miljoner.",
        "Keep 2 metres away until 19 April 2020 at 9.15, and wash your hands for 20 seconds.",
    ],
)
@pytest.mark.parametrize("ratio", Ratio)
def test_no_line_ends_within_a_number_a_date_or_a_time(text: str, ratio: Ratio) -> None:
    lines = words_of(lay_out(replace(SPEC, words=text), ratio))

    for line, following in itertools.pairwise(lines):
        assert not re.search(r"(klo|kl\.|\bden|\bat)$", line), lines
        ends_in_number = re.search(r"\d[.,]?$", line)
        counted = re.match(r"\d|%|km|metr|minuut|metres|seconds|huhti|april|April", following)
        assert not (ends_in_number and counted), lines
    assert " ".join(lines).replace("\u00a0", " ") == text


def test_words_are_whole_as_long_as_they_fit_and_then_break_as_the_language_does() -> None:
    whole = words_of(lay_out(replace(SPEC, words=WORDS[2]), Ratio.SQUARE))
    broken = words_of(lay_out(replace(SPEC, words=WORDS[3]), Ratio.SQUARE))

    assert not any(line.endswith("-") for line in whole)
    assert any(line.endswith("-") for line in broken)
    assert "".join(line.removesuffix("-") if line.endswith("-") else line + " " for line in broken).strip() == WORDS[3]


def test_short_words_are_large_and_long_ones_smaller() -> None:
    def size(words: str) -> int:
        return max(one.size for one in lay_out(replace(SPEC, words=words), Ratio.SQUARE).texts if one.name == DISPLAY)

    assert LARGEST >= size("Pysy kotona.") > size(SPEC.words) > size(SPEC.words * 4) >= SMALLEST


def test_six_hundred_characters_fit_and_what_does_not_fit_is_refused() -> None:
    sentence = "Pidä muihin kahden metrin väli. "

    for ratio in Ratio:
        draw(replace(FULL, words=(sentence * 20)[:600]), ratio)
    with pytest.raises(TooLong):
        draw(replace(FULL, words=sentence * 80), Ratio.SQUARE)
    with pytest.raises(TooLong):
        draw(replace(FULL, words="\U0001f637"), Ratio.SQUARE)


def test_no_word_is_left_alone_at_the_end_where_it_can_be_helped() -> None:
    lines = words_of(
        lay_out(replace(SPEC, words="Pese kädet vedellä ja saippualla vähintään näin kauan nyt."), Ratio.FEED)
    )

    assert len(lines[-1]) > 4


def test_what_the_font_lacks_is_left_out() -> None:
    assert showable("Pese \U0001f9fc kädet \U0001f449\U0001f3fd  nyt \u202e!\u200d") == "Pese kädet nyt !"
    assert showable("A\u0308iti\n\nja isä") == "Äiti ja isä"
    assert showable("日本") == ""


def test_spaces_hold_within_what_belongs_together() -> None:
    assert held("klo 9.15 ja 30 %") == "klo\u00a09.15 ja 30\u00a0%"
    assert held("13. huhtikuuta 2020 asti") == "13.\u00a0huhtikuuta\u00a02020 asti"
    assert held("vuonna 2020. Se on") == "vuonna 2020. Se on"


def test_a_text_that_fits_in_no_size_is_told_so() -> None:
    box = {"width": 200.0, "height": 60.0, "largest": 60, "smallest": 34, "whole": 40, "name": DISPLAY}

    assert fit("lyhyt", "fi", **box) is not None  # type: ignore[arg-type]
    assert fit("liian paljon sanoja näin pieneen laatikkoon", "fi", **box) is None  # type: ignore[arg-type]
