"""Short texts in several languages, and what is read when the wanted one is missing."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some

from campaigns.translated_fields import in_language, validate_translated

TEXTS = {"fi": "Kirjasto", "sv": "Bibliotek", "en": "Library"}


@pytest.mark.parametrize(
    ("texts", "language", "read"),
    [
        (TEXTS, "sv", "Bibliotek"),
        (TEXTS, "sv-fi", "Bibliotek"),
        (TEXTS, "de", "Library"),
        ({"fi": "Kirjasto", "sv": "Bibliotek"}, "de", "Kirjasto"),
        ({"fi": "", "sv": "Bibliotek"}, "fi", "Bibliotek"),
        ({}, "fi", ""),
        ({"fi": ""}, "fi", ""),
    ],
)
def test_the_wanted_language_then_english_then_whichever_there_is(texts, language, read):
    assert in_language(texts, language) == read


def test_the_active_language_is_the_wanted_one():
    with translation.override("sv"):
        assert in_language(TEXTS) == "Bibliotek"
    with translation.override(None):
        assert in_language(TEXTS) == "Library"


@given(some.dictionaries(some.sampled_from(["fi", "sv", "en", "se"]), some.text(max_size=5)), some.text(max_size=8))
def test_there_is_a_text_whenever_any_language_has_one(texts, language):
    assert bool(in_language(texts, language or "fi")) == any(texts.values())


@pytest.mark.parametrize("value", ["text", ["fi"], {"fi": 1}, {"fi": None}, {"fi": {"sv": "x"}}, None, 1])
def test_anything_but_texts_by_language_is_refused(value):
    with pytest.raises(ValidationError):
        validate_translated(value)
