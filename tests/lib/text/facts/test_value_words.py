"""A value is said in the words of a language, and read there as the same value."""

import pytest

from lib.text.facts.detection import facts_in
from lib.text.facts.value_words import words_of


@pytest.mark.parametrize(
    ("kind", "value", "en", "fi", "sv"),
    [
        ("duration", "75 y", "75 years", "75 vuotta", "75 år"),
        ("duration", "1 h", "1 hour", "1 tunti", "1 timme"),
        ("duration", "1.5 h", "1.5 hours", "1,5 tuntia", "1,5 timmar"),
        ("measure", "2 l", "2 litres", "2 litraa", "2 liter"),
        ("measure", "50 km/h", "50 km/h", "50 km/h", "50 km/h"),
        ("money", "25000 EUR", "25,000 euros", "25\u00a0000 euroa", "25\u00a0000 euro"),
        ("percent", "15", "15 per cent", "15 prosenttia", "15 procent"),
        ("number", "12000", "12,000", "12\u00a0000", "12\u00a0000"),
        ("month", "2026-03", "March 2026", "maaliskuu 2026", "mars 2026"),
    ],
)
def test_a_value_is_said_in_each_language_and_read_as_itself(kind, value, en, fi, sv):
    for language, expected in (("en", en), ("fi", fi), ("sv", sv)):
        words = words_of(kind, value, language)
        assert words == expected
        assert [(fact.kind, fact.value) for fact in facts_in(words, language)] == [(kind, value)]


@pytest.mark.parametrize(("kind", "value"), [("phone", "112"), ("duration", "soon"), ("date", "04-02")])
def test_what_is_no_amount_has_no_words_here(kind, value):
    assert words_of(kind, value, "en") == ""


def test_a_language_without_a_vocabulary_has_none():
    assert words_of("duration", "75 y", "de") == ""
