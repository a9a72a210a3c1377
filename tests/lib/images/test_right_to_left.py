"""A card in a language that is written from right to left is mirrored; its code is not, and no letter is a box."""

import io

import pytest
from PIL import Image

from lib.images import code_reader, proof_strip
from lib.images.card import Spec, TooLong
from lib.images.picture_sizes import Ratio
from lib.images.themes import carousel, overlays, renderer
from lib.images.typesetting import font_for, undrawable

CHECK = "https://bulletins.example/c/7K2F9QTD"
WORDS = "اغلوا الماء 5 دقائق قبل شربه."


def spec(language: str, words: str, theme: str = "plain", **more: str) -> Spec:
    return Spec(
        language, "k", words, "THL, thl.fi", "24.11.", "Kuusivaara", "#x", "3", issuer="THL", theme=theme, **more
    )


@pytest.mark.parametrize("theme", ["plain", "bold", "quiet"])
def test_everything_stands_where_a_reader_from_the_right_looks_for_it(theme):
    here, there = (renderer.lay_out(spec(code, WORDS, theme), Ratio.SQUARE, CHECK) for code in ("en", "ar"))
    assert [round(1080 - one.x - one.width) for one in there.texts] == [round(one.x) for one in here.texts]
    assert there.strip.qr[2] == 1080 - here.strip.qr[0] and there.texts[-1].rtl
    assert not any(one.rtl for one in there.texts if "7K2F" in one.text)


def test_a_number_stays_with_the_word_that_it_counts():
    sheet = renderer.lay_out(spec("ar", "تفتح المكتبات أبوابها في 1 يونيو.", "bold"), Ratio.SQUARE, CHECK)
    assert "1 يونيو." in [one.text.replace("\u00a0", " ") for one in sheet.texts]


def test_the_codes_are_not_mirrored():
    card = renderer.draw(spec("ar", WORDS), "1x1", CHECK, lambda name: b"")[0]
    assert printed(card, renderer.lay_out(spec("ar", WORDS), Ratio.SQUARE, CHECK).strip.qr, proof_strip.MODULE)
    last = spec("ar", "تحققوا", place="4/4")
    (box, _paint), *others = carousel.lay_out(last, CHECK).upright
    assert not others and printed(carousel.draw(last, CHECK, lambda name: b"")[0], box, carousel.LARGE)
    with Image.open(io.BytesIO(overlays.draw_sticker(spec("ar", WORDS), CHECK, lambda name: b"")[0])) as sticker:
        assert [code.text.lower() for code in code_reader.codes_in(sticker.convert("L"))] == [CHECK.lower()]
    assert any(one.rtl for one in overlays.lay_out_sticker(spec("ar", WORDS), CHECK)[1])


def printed(picture: bytes, box: tuple[int, int, int, int], module: int) -> bool:
    """Return whether every module of the code stands where it belongs, counted from the left."""
    with Image.open(io.BytesIO(picture)) as image:
        grey = image.convert("L")
    return all(
        (grey.getpixel((box[0] + x * module + module // 2, box[1] + y * module + module // 2)) < 128) == bool(is_dark)
        for y, line in enumerate(proof_strip.modules(CHECK))
        for x, is_dark in enumerate(line)
        if 0 < x < len(line) - 1  # its corners are round
    )


def test_a_script_without_a_font_is_not_drawn_rather_than_drawn_as_boxes():
    assert undrawable("สวัสดี Kuusivaara 5") and not undrawable(WORDS + "🙂")
    assert not undrawable("Áá Čč Đđ Ŋŋ Šš Ŧŧ Žž Ґґ Її Ёё Õõ")
    for words in ("สวัสดีตอนเช้า", "你好，世界"):
        with pytest.raises(TooLong):
            renderer.lay_out(spec("th", words), Ratio.SQUARE, CHECK)
    assert font_for("Inter-Medium.otf", "ґанок").startswith("manrope/")
    assert font_for("Inter-Medium.otf", "ganok") == "Inter-Medium.otf"
