"""LIX, language by language."""

import pytest

from lib.text.linguistics import readability

EASY = "Kotiin pääsee. Mökille ei nyt mennä. Voit käydä kaupassa ja apteekissa."
HARD = (
    "Valtioneuvoston asetuksessa säädettyjen liikkumisrajoitusten täytäntöönpanoa valvovien viranomaisten "
    "toimivaltuuksien laajentamista koskevan lainsäädäntöhankkeen valmistelutilannetta selvitetään parhaillaan "
    "ministeriöiden yhteistyöryhmässä."
)


def test_lix_is_sentence_length_plus_the_share_of_long_words():
    # Two sentences of four words, two of the eight longer than six letters: 8/2 + 25.
    assert readability.lix("One two three fourteen. One two three fourteen.") == pytest.approx(4 + 25)


def test_officialese_is_hard_and_plain_words_are_not():
    assert readability.lix(HARD) > readability.threshold("fi") > readability.lix(EASY)


def test_markdown_and_addresses_do_not_count():
    plain = "Read the page today."
    marked = "**Read** the [page](https://an-extraordinarily-long-address.example.org/) today. #coronafacts"
    assert readability.lix(marked) == readability.lix(plain)


def test_the_hardest_sentence_is_found():
    assert readability.hardest(f"{EASY} {HARD}") == HARD


def test_a_text_without_words_has_no_lix():
    with pytest.raises(ValueError, match="no words"):
        readability.lix("1, 2, 3 …")
