"""Whole sentences of a text."""

import pytest

from lib.text.linguistics.sentences import markdown_sentences, sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Se on voimassa 13. huhtikuuta asti. Niin.", ["Se on voimassa 13. huhtikuuta asti.", "Niin."]),
        ("Kysy, esim. Terveyskirjastosta. Tai lääkäriltä.", ["Kysy, esim. Terveyskirjastosta.", "Tai lääkäriltä."]),
        ("  ", []),
    ],
)
def test_sentences_end_where_they_end(text, found):
    assert sentences(text) == found


def test_a_line_of_a_list_is_a_sentence():
    assert markdown_sentences("- Wash your hands\n- Keep apart") == ["Wash your hands", "Keep apart"]
