"""Spelling: what is no word of its language, what never counts as one, and what happens without dictionaries."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.text.linguistics import hunspell, spelling, voikko, word_forms

WORDS = {"fi": ("kirjsatot", "kirjastot"), "sv": ("restuarangerna", "restaurangerna"), "en": ("recieve", "receive")}


class Known:
    """A dictionary of some words."""

    def __init__(self, words: str, meant: dict[str, list[str]] | None = None) -> None:
        self.words, self.meant, self.asked = set(words.split()), meant or {}, 0

    def is_right(self, word: str) -> bool:
        return word in self.words

    def suggestions(self, word: str) -> list[str]:
        self.asked += 1
        return self.meant.get(word, [])


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[Known]:
    """A dictionary with a few words, whatever is installed."""
    made = Known("the libraries are open today and read don't", {"opne": ["opne", "open", "one", "pone", "ope"]})
    monkeypatch.setattr(spelling, "dictionaries", lambda _language: (made,))
    spelling._is_known.cache_clear()
    spelling._suggested.clear()
    yield made
    spelling._is_known.cache_clear()
    spelling._suggested.clear()


def test_each_word_that_no_dictionary_has_is_named_once(known: Known):
    text = "## Libraries are opne\n\nThe libraries are **opne** and tody [raed](https://example.org/wrogn) today."

    assert spelling.unknown_words(text, "en") == ["opne", "tody", "raed"]


@pytest.mark.parametrize(
    "text",
    [
        "Nakkila, Ylöjärvi and McGregor read",
        "THL and COVID19 are open",
        "read https://exmaple.org/opne/tody and www.opne.fi and suomi.fi/opne",
        "read #opne #tody and @opnelibrary",
        "read opne@tody.fi",
        "open {opne} and `opne`",
        "open 24h, 19v. and x2",
        "open «Вода» and ماء",
        "lib\xadraries are open",
        "read-and open",
        "opn- and libraries",
    ],
)
def test_names_addresses_tags_figures_and_other_scripts_are_never_marked(text: str, known: Known):
    assert spelling.unknown_words(text, "en") == []


def test_an_apostrophe_is_one_whichever_way_it_is_written_and_parts_may_be_joined(known: Known):
    assert spelling.unknown_words("don’t don't read-today read-tody", "en") == ["read-tody"]


def test_what_may_be_meant_is_found_once_and_not_when_time_is_up(known: Known):
    assert spelling.suggestions("opne", "en", until=time.monotonic() - 1) == ()
    assert known.asked == 0
    for _turn in range(3):
        assert spelling.suggestions("opne", "en", until=time.monotonic() + 60) == ("open", "one", "pone")
    assert known.asked == 1


def test_without_dictionaries_nothing_is_a_mistake(settings: Any, tmp_path: Path):
    settings.DICTIONARIES = str(tmp_path)
    assert spelling.unknown_words("opne raed", "en") == []
    settings.DICTIONARIES = ""
    for language in ("fi", "sv", "en", "se"):
        assert spelling.unknown_words("opne raed", language) == []
    assert word_forms.bases_of("vedestä", "fi") == ()
    assert not word_forms.is_form("vedestä", "vesi", "fi")
    assert word_forms.key("maskin", "fi") == word_forms.key("maski", "fi")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_real_dictionaries_know_words_from_mistakes(language: str, real_dictionaries: None):
    wrong, right = WORDS[language]

    assert spelling.unknown_words(f"{right} {wrong}", language) == [wrong]
    assert spelling.suggestions(wrong, language, until=time.monotonic() + 60)[0] == right


def test_a_language_with_a_dictionary_in_the_folder_is_checked(real_dictionaries: None, tmp_path: Path, settings: Any):
    settings.DICTIONARIES = str(tmp_path)
    (tmp_path / "se_NO.aff").write_text("SET UTF-8\nTRY aáčdđ\n")
    (tmp_path / "se_NO.dic").write_text("2\nčáhci\nbiebmu\n")
    (tmp_path / "et.aff").write_text("SET ISO8859-15\n", encoding="ascii")
    (tmp_path / "et.dic").write_bytes(b"1\nvesi\n")

    assert spelling.unknown_words("čáhci čáhcii", "se") == ["čáhcii"]
    assert spelling.unknown_words("vesi vede ☃vesi вода", "et") == ["vede"]
    assert spelling.unknown_words("opne", "uk") == []
    assert hunspell.dictionaries("../../etc/x", str(tmp_path)) == ()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_whatever_is_typed_the_libraries_answer(language: str, real_dictionaries: None):
    odd = [
        "a" * 60,
        "ä" * 60,
        "-’:",
        "a\u0308" * 20,
        "ﬁ",
        "ß" * 30,
        "œuvre",
        "\u200bword",
        "y" * 29 + "ö",
        "..",
        "a-" * 20 + "a",
    ]
    text = " ".join(odd)

    assert isinstance(spelling.unknown_words(text, language), list)
    for word in odd:
        for one in spelling.dictionaries(language):
            one.is_right(word)
            one.suggestions(word)
    voikko.readings("y" * 60)


def test_twenty_thousand_signs_are_checked_while_a_page_waits(real_dictionaries: None):
    bulletins = Path("demo/content/bulletins")
    for language in ("fi", "sv", "en"):
        spelling.unknown_words("alku start", language)  # so that it is loaded
        spelling._is_known.cache_clear()
        text = "\n".join(path.read_text() for path in sorted(bulletins.glob(f"*/{language}.md")))[:20_000]
        began = time.process_time()
        first = spelling.unknown_words(text, language)
        between = time.process_time()
        assert spelling.unknown_words(text, language) == first
        again = time.process_time() - between
        print(language, len(text), f"{between - began:.3f} s, then {again:.3f} s, {len(first)} words")
        assert between - began < 0.3


@pytest.mark.parametrize(
    ("word", "term"), [("vedestä", "vesi"), ("käsien", "käsi"), ("yönä", "yö"), ("menisi", "mennä"), ("kuussa", "kuu")]
)
def test_forms_that_no_stem_shows_are_known_by_voikko(word: str, term: str, real_dictionaries: None):
    assert word_forms.is_form(word, term, "fi")
    assert word_forms.key(word, "fi") == word_forms.key(term, "fi")


def test_the_parts_of_a_compound_are_known(real_dictionaries: None):
    assert word_forms.is_part("juomavedestä", "vesi", "fi")
    assert word_forms.is_part("poikkeustilalain", "laki", "fi")
    assert not word_forms.is_part("vedestä", "vesi", "fi")
    assert not word_forms.is_part("vesitorni", "torstai", "fi")
    assert voikko.parts_of("+rokot(rokottaa)+us(+us)") == ("rokottaa",)
    assert voikko.parts_of("") == ()
