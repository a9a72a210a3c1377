"""Values are compared and nothing else is claimed; only our own words say the same."""

import pytest

from benchmarks import paraphrases
from lib.text.statements.comparison import Sentence, is_verbatim

CLOSED = "Restaurants and cafés are closed until 31 May."


def test_on_the_held_out_half_it_is_as_good_as_its_page_says():
    assert paraphrases.paraphrase()["within"]


@pytest.mark.parametrize(
    ("language", "ours", "post", "same", "other", "missing"),
    [
        ("en", CLOSED, "cafés shut till 31.5.", ["31 May"], [], []),
        ("en", CLOSED, "cafés shut till 30.5.", [], [("30.5.", "31 May")], []),
        ("en", CLOSED, "cafés are shut", [], [], ["31 May"]),
        ("en", CLOSED, "my birthday is on 30 May", [], [], ["31 May"]),
        ("en", CLOSED, "cafés are open until 31 May", ["31 May"], [], []),  # the opposite, and nothing denies it
        (
            "fi",
            "Pese kädet vähintään 20 sekuntia.",
            "käsiä pestään, pese kädet 2 min",
            [],
            [("2 min", "20 sekuntia")],
            [],
        ),
        ("sv", "Munskydd krävs av alla över 12 år.", "munskydd bara om du är över 15", [], [("15", "12 år")], []),
        ("en", "Keep 2 metres apart.", "keep running: 5 km apart", [], [], ["2 metres"]),
    ],
)
def test_values_are_the_same_others_or_not_mentioned(language, ours, post, same, other, missing):
    found = Sentence(post, language).compared(Sentence(ours, language))

    assert [value.ours for value in found.same] == same
    assert [(value.theirs, value.ours) for value in found.other] == other
    assert [value.ours for value in found.missing] == missing


@pytest.mark.parametrize("post", [CLOSED, "restaurants and cafés are  CLOSED until 31 May!! ☕", CLOSED[:-1]])
def test_our_words_are_ours_however_they_are_set(post):
    assert is_verbatim([post], [CLOSED])


@pytest.mark.parametrize(
    "post",
    [
        "Restaurants and cafés are not closed until 31 May.",
        "Restaurants and cafés are closed until 30 May.",
        "Restaurants and cafés may be closed until 31 May.",
        "Restaurants and cafés are closed until 31 May?",
        "It is false that restaurants and cafés are closed until 31 May.",
        "Restaurants or cafés are closed until 31 May.",
    ],
)
def test_a_word_a_number_or_a_sign_that_matters_breaks_it(post):
    assert not is_verbatim([post], [CLOSED])
    assert not is_verbatim(["Keep 1.5 metres"], ["Keep 1–5 metres"])
