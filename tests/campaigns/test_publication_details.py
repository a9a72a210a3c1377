"""The campaign's own words, as they are printed with a publication."""

from typing import Any

import pytest

from campaigns.publication_details import PrintedWords
from lib.text.languages import spoken_languages

pytestmark = pytest.mark.django_db


def test_a_language_that_was_not_printed_has_the_words_of_what_stands_in_for_it(
    campaign: Any, monkeypatch: Any
) -> None:
    words = PrintedWords.of(campaign)
    assert words.default_language == "fi" and {row.code for row in words.languages} >= {"fi", "en"}
    monkeypatch.setattr(spoken_languages, "fallback_of", lambda code: {"ar": "en"}.get(code, code))

    assert words.in_language("ar").code == "en"
    assert words.in_language("so").code == "fi"
