"""Every theme says the same, within what no platform covers, in colours that can be read, whatever the campaign's look."""

import io
import itertools
from dataclasses import replace

import pytest
from PIL import Image

from lib.images import card_look as looks
from lib.images.card import Spec, TooLong, digest
from lib.images.card_look import HOUSE, PAIRS, READY, THEMES, Look, contrast
from lib.images.picture_sizes import SIZES, Ratio
from lib.images.themes import carousel, overlays, own_words, renderer
from lib.images.themes.sheet import SAFE, SMALLEST, Sheet
from lib.images.typesetting import SETS, Text

CHECK = "https://faktaa.example/c/7K2F9QTD"
SPEC = Spec(
    language="fi",
    key="km-1",
    words="Terveydensuojeluviranomainen kertoo, kun vettä voi taas juoda.",
    source="Lähde: Koivusalmen vesilaitos, koivusalmi.example",
    validity="Voimassa 2.12.2026 klo 18 asti",
    campaign="Faktaa vedestä",
    hashtag="#faktaavedestä",
    bulletin="Tiedote 3",
    issuer="Sosiaali- ja terveysministeriö",
)
WORDS = {
    "fi": (
        SPEC.words,
        "Liikkumisrajoitukset ovat voimassa 19. huhtikuuta 2020 asti.",
        "Epidemiologisesti perustelluissa poikkeusolosuhteissa valmiuslakitoimivaltuudet otetaan käyttöön klo 9.15.",
        "Keitä vesi, 5 min.",
    ),
    "sv": ("Rörelsebegränningarna i Nyland gäller under undantagsförhållandena till och med den 19 april 2020.",),
    "en": ("Boil your drinking water for 5 minutes. You may shower.", "Stay."),
}
MARKED = {"exercise": "Tämä on harjoitus. Kevään 2020 tekstejä.", "corrected": "Oikaistu", "urgent": "Kiireellinen"}
SPECS = [
    replace(SPEC, language=code, words=words, photo="a.jpg", **marks)
    for code, texts in WORDS.items()
    for words in texts
    for marks in ({}, MARKED)
]


def read(_name: str) -> bytes:
    """Return a picture that is light on one side and dark on the other."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 1000)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def refuse(_name: str) -> bytes:
    raise AssertionError("only the photo theme reads a picture")


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def look_well(sheet: Sheet, spec: Spec, ratio: Ratio) -> None:
    """Fail for a text outside the safe area, over another text, too small, or hard to read on its ground."""
    left, top, right, bottom = SAFE[ratio]
    bands = {spec.exercise, spec.exercise.partition(".")[0]} if spec.exercise else set()
    boxes = [one.box() for one in sheet.texts]
    for text, box in zip(sheet.texts, boxes, strict=True):
        assert left - 14 <= box[0] and box[2] <= right + 4, text
        if ratio == Ratio.STORY or text.text not in bands:
            assert top - 4 <= box[1] and box[3] <= bottom + 4, text
        assert text.size >= 20 and contrast(text.colour, text.ground) >= looks.LEAST, text
    for one, other in itertools.combinations(sheet.texts, 2):
        a, b = one.box(), other.box()
        slack = one.size * 0.12 if (one.name, one.size) == (other.name, other.size) else 0  # a "p" above an "Ä"
        assert not overlap((*a[:2], a[2] - 2, a[3] - slack), (*b[:2], b[2] - 2, b[3] - slack)), (one, other)
    said = " ".join(text.text for text in sheet.texts)
    assert spec.source.partition(",")[0] in said and "…" not in said
    for part in (spec.validity, spec.issuer, "/c/7K2F-9QTD", spec.campaign):
        assert part in said
    for mark in (spec.exercise, spec.corrected, spec.urgent):
        assert mark in said
    letters = "".join(sign for sign in spec.words if sign.isalnum())
    drawn = "".join(sign for text in sheet.texts for sign in text.text if sign.isalnum())
    assert letters in drawn


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ratio", Ratio)
def test_every_theme_says_all_of_it_in_order_where_it_can_be_read(theme: str, ratio: Ratio) -> None:
    for spec, (name, look) in itertools.product(SPECS, READY.items()):
        spec = replace(spec, theme=theme, look=replace(look, font="manrope" if name == "storm" else "inter"))
        look_well(renderer.lay_out(spec, ratio, CHECK), spec, ratio)


@pytest.mark.parametrize("theme", THEMES)
def test_a_card_is_a_file_of_the_right_size_and_weight_and_no_two_themes_are_one(theme: str) -> None:
    spec = replace(SPEC, theme=theme, photo="a.jpg", **MARKED)
    for ratio in Ratio:
        data, suffix = renderer.draw(spec, ratio, CHECK, read if theme == "photo" else refuse)
        with Image.open(io.BytesIO(data)) as drawn:
            assert drawn.size == SIZES[ratio] and drawn.format == {".png": "PNG", ".jpg": "JPEG"}[suffix]
        assert len(data) < 400_000
    assert len({digest(replace(spec, theme=one)) for one in THEMES}) == len(THEMES)
    assert (digest(replace(spec, photo="b.jpg")) == digest(spec)) == (theme != "photo")
    assert digest(replace(spec, look=READY["storm"])) != digest(spec)


def test_long_words_are_broken_where_all_would_be_small_and_what_never_fits_is_refused() -> None:
    big = [one for one in renderer.lay_out(replace(SPEC, theme="plain"), Ratio.SQUARE).texts if one.size > 60]
    assert any(one.text.endswith("-") for one in big) and {one.name for one in big} == {SETS["inter"][0]}
    for theme in THEMES:
        with pytest.raises(TooLong):
            renderer.lay_out(replace(SPEC, theme=theme, words="Pidä muihin kahden metrin väli. " * 40), Ratio.SQUARE)


def test_the_band_of_an_exercise_ends_with_a_sentence() -> None:
    said = "Harjoitus. Nämä eivät ole ohjeita tälle päivälle. Tekstit ovat keväältä 2020, päivät on siirretty."
    sheet = renderer.lay_out(replace(SPEC, theme="plain", exercise=said), Ratio.STORY, CHECK)
    assert "Harjoitus. Nämä eivät ole ohjeita tälle päivälle." in [one.text for one in sheet.texts]


def test_the_bold_theme_sets_the_figure_by_itself_in_the_order_of_reading() -> None:
    spec = replace(SPEC, theme="bold", words="Keitä vettä 5 minuuttia ennen kuin juot.")
    sheet = renderer.lay_out(spec, Ratio.FEED, CHECK)
    words: list[Text] = sorted(
        (one for one in sheet.texts if one.ground == HOUSE.bold and one.size > 50), key=lambda one: one.y
    )
    assert " ".join(one.text for one in words) == spec.words
    figure = max(words, key=lambda one: one.size)
    assert figure.text == "5 minuuttia" and figure.colour == HOUSE.onbold2


def test_a_look_names_each_pair_that_cannot_be_read() -> None:
    assert [name for name, look in READY.items() if looks.faults(look)] == []
    [worst, *_more] = looks.faults(replace(HOUSE, pop="#0a3a48"))
    assert (worst.words, worst.ground) == ("ink", "pop") and worst.contrast < 2
    assert all(
        min(contrast(looks.colour_of(look, a), looks.colour_of(look, b)) for a, b in PAIRS) > 5
        for look in READY.values()
    )
    assert Look.read(READY["storm"].plain()) == READY["storm"] and HOUSE.plain() == {}
    assert not looks.is_colour("#FFF") and not looks.is_colour("red; x") and looks.is_colour("#00aaff")


@pytest.mark.parametrize("theme", ["plain", "bold", "quiet"])
def test_slides_stickers_and_backgrounds_carry_the_same_proof(theme: str) -> None:
    spec = replace(
        SPEC, theme=theme, words="Suihkussa voi käydä. Älä päästä vettä suuhun.", exercise=MARKED["exercise"]
    )
    slide = carousel.lay_out(replace(spec, place="2/5"), CHECK)
    look_well(slide, spec, Ratio.FEED)
    last = replace(spec, place="5/5", words="Älä usko minua. Tarkista.")
    look_well(carousel.lay_out(last, CHECK), last, Ratio.FEED)
    free = overlays.lay_out_background(spec, CHECK)
    look_well(free, spec, Ratio.STORY)
    assert max(one.box()[3] for one in free.texts) <= overlays.FREE + 4
    _strip, texts, _colours = overlays.lay_out_sticker(spec, CHECK)
    assert {"Tämä on harjoitus", spec.validity, spec.source, spec.issuer} <= {one.text for one in texts}
    data, _suffix = overlays.draw_sticker(spec, CHECK, refuse)
    with Image.open(io.BytesIO(data)) as drawn:
        corners = drawn.convert("RGBA")
    assert corners.getpixel((0, 0))[3] == 0 and corners.getpixel((corners.width // 2, corners.height // 2))[3] > 250  # type: ignore[index]


def test_own_words_stand_outside_a_whole_card_and_mark_up_or_too_many_are_refused() -> None:
    card, _suffix = renderer.draw(replace(SPEC, theme="bold"), Ratio.SQUARE, CHECK, refuse)
    for ratio in own_words.RATIOS:
        made = own_words.draw(
            card,
            ratio,
            own_words.accepted(" Koskee meidän\n katua. "),
            heading="Aino sanoo omin sanoin",
            note="Ei viranomaisen sanoja.",
            name="@aino",
            language="fi",
        )
        with Image.open(io.BytesIO(made)) as drawn:
            assert drawn.size == SIZES[ratio] and drawn.getpixel((4, 4))[0] > 240  # type: ignore[index]
    assert own_words.accepted(" Koskee meidän\n katua. ") == "Koskee meidän katua."
    assert own_words.accepted("Kaksi\r\nriviä") == "Kaksi riviä"
    assert own_words.accepted("a" * 120) and own_words.accepted("") == ""
    for words, why in (
        ("<b>Uutinen</b>", "markup"),
        ("&lt;script", "markup"),
        ("takaperin \u202e", "markup"),
        ("a" * 121, "too_long"),
        ("a" * 10_000, "too_long"),
        ("Hei 😀", "signs"),
        ("Voimassa 4.12. asti", "imitates"),
    ):
        with pytest.raises(own_words.Refused) as refused:
            own_words.accepted(words)
        assert refused.value.why == why
    assert contrast(own_words.INK, own_words.GROUND) > 7 and contrast(own_words.INK, own_words.BUBBLE) > 7
    assert own_words.GROUND not in {value for look in READY.values() for value in (look.ground, look.bold, look.night)}
    assert SMALLEST >= 38
