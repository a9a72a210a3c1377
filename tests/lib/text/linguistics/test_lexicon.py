"""The words by which denials, bans and the like are known: written as texts are compared, each in one list of its kind."""

import pytest

from lib.text import similarity
from lib.text.linguistics import lexicon

SETS = {
    name: getattr(lexicon, name) for name in ("NEGATIONS", "BANS", "DENIALS", "WEIGHTY", "FILLERS", "COMMON", "SMALL")
}


@pytest.mark.parametrize("name", [*SETS, "IDIOMS"])
def test_every_word_stands_as_texts_are_compared(name):
    table = getattr(lexicon, name)
    assert set(table) == {"fi", "sv", "en"}
    assert [word for words in table.values() for word in words if similarity.plain(word) != word] == []


def test_a_word_denies_in_one_way_only():
    for code in ("fi", "sv", "en"):
        kinds = [lexicon.of(table, code) for table in (lexicon.NEGATIONS, lexicon.BANS, lexicon.DENIALS)]
        assert sum(map(len, kinds)) == len(frozenset().union(*kinds))


def test_the_words_of_a_dialect_are_those_of_its_language_and_an_unknown_language_has_none():
    assert "inte" in lexicon.of(lexicon.NEGATIONS, "sv-FI")
    assert lexicon.of(lexicon.NEGATIONS, "se") == frozenset()
