"""Hours, dates and phone numbers stay on one line, and an address keeps apart from the sign behind it."""

import pytest

from lib.text.markup import wrap
from lib.text.numbers.unbroken import in_order, in_text, parted_addresses, unbroken_html


@pytest.mark.parametrize(
    "text",
    [
        "Soita [03 565 111] tai [+358 29 505 0000], [klo 8–20].",
        "Voimassa [6. joulukuuta] 2026 [klo 12] asti, [24.–26.3.] ja [(03) 565 111]",
        "[kl. 12.30–16] den [6 december], [8–11.30 a.m.] on [6th December] and [12 noon]",
        "[09 310 10020], [+358 (0)9 310 10020], [0800-98 811] and [+46 8-123 456 78] are whole",
        "[116 117], [12 000 000] people, [5 %], 2026 12 of them; bus 65 12 min, on [3 May] [7 100] came",
    ],
)
def test_what_belongs_together_stands_in_one_element(text):
    plain = text.replace("[", "").replace("]", "")

    assert unbroken_html(plain, "<span>") == text.replace("[", "<span>").replace("]", "</span>")


def test_only_what_people_read_is_touched():
    html = '<style>a{width:10 000}</style><title>klo 8–20</title><a href="tel:03 565 111" title="klo 12">klo 12</a>'

    assert unbroken_html(html, "<b>").count("<b>") == 1 and unbroken_html(html, "<b>").endswith("<b>klo 12</span></a>")


def test_the_wrapper_splits_none_of_them_and_puts_ordinary_spaces_back():
    text = "Kysy neuvonnasta, numero on 03 565 111, auki maanantaina 7. joulukuuta klo 8–20 koko päivän ajan."

    for width in range(24, 60):
        lines = wrap(text, width=width).split("\n")
        assert " ".join(lines) == text and max(map(len, lines)) <= width
        for whole in ("03 565 111", "7. joulukuuta", "klo 8–20"):
            assert any(whole in line for line in lines), (width, whole)


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Katso “https://x.fi/keitto”.", "Katso “https://x.fi/keitto ”."),
        ("(ks. https://x.fi/a_(b)), https://x.fi/.", "(ks. https://x.fi/a_(b) ), https://x.fi/."),
        (
            "&quot;www.x.fi&quot;; [https://x.fi] »https://x.fi»",
            "&quot;www.x.fi &quot;; [https://x.fi ] »https://x.fi »",
        ),
        ("Ei osoitetta ”tässä” (lainkaan).", "Ei osoitetta ”tässä” (lainkaan)."),
    ],
)
def test_an_address_does_not_take_the_sign_behind_it_along(text, parted):
    assert parted_addresses(text) == parted
    assert in_text(f'<a href="(https://x.fi)">{text}</a>', parted_addresses) == f'<a href="(https://x.fi)">{parted}</a>'


def test_a_phone_number_among_arabic_runs_from_left_to_right():
    opens = '<span class="whole">'
    assert unbroken_html("<p>اتصل بالرقم 09 2525 0113.</p>", opens) == (
        '<p>اتصل بالرقم <span dir="ltr" class="whole">09 2525 0113</span>.</p>'
    )
    assert unbroken_html("<p>Call 09 2525 0113.</p>", opens) == f"<p>Call {opens}09 2525 0113</span>.</p>"


def test_a_phone_number_among_arabic_keeps_its_order_in_plain_text_too():
    assert in_order("اتصل بالرقم 09 2525 0113.\nCall 09 2525 0113.") == (
        "اتصل بالرقم \u206609 2525 0113\u2069.\nCall 09 2525 0113."
    )
