"""Whole sentences of a text."""

import pytest

from lib.text.linguistics.sentences import breaks, markdown_sentences, sentences


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


@pytest.mark.parametrize(
    "marked",
    [
        "Koka vattnet till fredag 4.12 kl. 18. | Fråga kommunen.",
        "Öppet kl. 8–16. | Ring.",
        "Keitä vesi klo 18. | Kysy kunnasta. | Soita 03 565 8000. | Vettä jaetaan 12 000. | Vuonna 2026. | Sitten.",
        "Boil it until 6 p.m. Friday 4 December. | Ask at 6 p.m. | Then go.",
        "T.ex. Esbo och bl.a. Vanda. | Voimassa 4.12. Helsingissä ja 2. Adventtina. | J. Virtanen sanoi: ”Ei.” | Niin!",
        "Ensin.\n | Sitten",
    ],
)
def test_a_text_as_it_is_written_breaks_between_sentences(marked):
    pieces = marked.split(" | ")
    text = " ".join(pieces).replace("\n ", "\n")
    ends = [text[:begin].rstrip() for begin, _end in breaks(text)]
    assert ends == [" ".join(pieces[:n]).replace("\n ", "\n").rstrip() for n in range(1, len(pieces))]
