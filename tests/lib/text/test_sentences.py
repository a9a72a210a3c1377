"""Whole sentences of a text."""

import pytest

from lib.text.sentences import sentences


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
