"""What people see of a text: which characters make a difference."""

import pytest

from lib.text.characters.visible_text import seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vesi.", "Vesi.\u200b"), ("Vesi", "\ufeffVe\u00adsi "), ("a b", "a  \u200c \u200d b"), ("a b", "a\u00a0b\r\n"), ("ä", "a\u0308"),
        ("Vesi", "Ve\u200csi"), ("kello 5", "kello\u200d 5\u2060"), ("👍", "\u200d👍\u200d"), ("a\n\nb", "a \n\n\nb"),
    ],
)  # fmt: skip
def test_what_nobody_sees_makes_no_difference(one, other):
    assert seen(one) == seen(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("👩\u200d🚒", "👩🚒"), ("❤️\u200d🔥", "❤️🔥"), ("👩🏽\u200d🚒", "👩🏽🚒"),  # one picture or two
        ("می\u200cخواهم", "میخواهم"), ("क्\u200dष", "क्ष"), ("ه\u200d", "ه"),  # joined otherwise
        ("https://a.example/\u200bx", "https://a.example/x"), ("#vesi\u200bhuolto", "#vesihuolto"),  # leads elsewhere
        ("Vesi", "vesi"), ("a b", "ab"), ("a\nb", "a b"), ("5", "５"),
    ],
)  # fmt: skip
def test_what_is_seen_or_leads_elsewhere_makes_one(one, other):
    assert seen(one) != seen(other)
