"""Where long words may be broken."""

import pytest

from lib.images.hyphenation import parts


@pytest.mark.parametrize(
    ("word", "language", "broken"),
    [
        ("valmiuslakitoimivaltuudet", "fi", "val|mius|la|ki|toi|mi|val|tuu|det"),
        ("liikkumisrajoituksia", "fi", "liik|ku|mis|ra|joi|tuk|sia"),
        ("koronavilkku", "fi", "koro|na|vilkku"),
        ("lähikontakti", "fi", "lähi|kon|takti"),
        ("koti", "fi", "koti"),
        ("vapaa-ajan", "fi", "vapaa-|ajan"),
        ("undervisning", "sv", "under|vis|ning"),
        ("rörelsebegränsningarna", "sv", "rörel|se|be|gräns|ning|arna"),
        ("restrictions", "en", "restric|tions"),
        ("restrictions", "en-gb", "restric|tions"),
        ("rajoittaminen", "se", "rajoittaminen"),
    ],
)
def test_a_word_is_broken_by_the_rules_of_its_language(word: str, language: str, broken: str) -> None:
    assert parts(word, language) == broken.split("|")


def test_no_fewer_than_three_letters_stand_before_or_after_a_break() -> None:
    for word in ("asunto", "opiskelija", "etätyö", "ilta-aika", "kotona.", "arbeta", "away"):
        for language in ("fi", "sv", "en"):
            found = parts(word, language)
            assert "".join(found) == word
            assert len(found) == 1 or all(sum(map(str.isalpha, part)) >= 3 for part in (found[0], found[-1]))
