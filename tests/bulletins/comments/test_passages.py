"""A passage is found again by its words and the words around it; a mention is stored as a key, never as a name."""

import pytest

from accounts.models import User
from bulletins.comments import mentions, passages
from bulletins.comments.passages import Passage

TEXT = "Keitä vesi.\n- Nokia: asemalla.\n- Tampere: asemalla.\n- Pirkkala: asemalla."
SECOND = Passage("asemalla", before="- Tampere: ", after=".\n- Pirkkala", start=41)


@pytest.mark.parametrize(
    ("text", "found_after"),
    [
        (TEXT, "Tampere: "),
        (f"Uusi alku, pitkä kuin mikä.\n\n{TEXT}", "Tampere: "),
        (TEXT.replace("- Nokia: asemalla.\n", ""), "Tampere: "),
        (TEXT.replace("Tampere", "Kangasala"), "Kangasala: "),
        (TEXT.replace("- Pirkkala: asemalla.", "- Lempäälä: asemalla."), "Tampere: "),
        (TEXT.replace("asemalla", "koululla"), None),
        ("", None),
    ],
)
def test_a_passage_is_found_again_after_the_text_has_changed(text, found_after):
    found = SECOND.found_in(text)

    if found_after is None:
        assert found is None
    else:
        assert text[:found].endswith(found_after)
        assert text[found:].startswith("asemalla")


def test_of_words_in_the_same_surroundings_the_nearest_counts():
    text = "ei. " * 50

    assert Passage("ei.", before="ei. ", after=" ei.", start=100).found_in(text) == 100
    assert Passage("ei.", before="ei. ", after=" ei.", start=9_999).found_in(text) in {192, 196}


def test_a_long_text_of_nothing_but_the_quote_is_looked_through_at_once():
    assert Passage("aa", "a" * 40, "a" * 40, 5_000).found_in("a" * 20_000) == 5_000


def test_a_browser_counts_a_sign_beyond_the_first_plane_twice():
    assert passages.browser_offset("💧💧 vesi", 3) == 5


def person(pk: int, name: str, email: str = "") -> User:
    return User(pk=pk, name=name, email=email or f"p{pk}@example.org")


ALMA, ALMA_AALTO = person(1, "Alma"), person(2, "Alma Aalto")
TWINS = [person(3, "Ville", "ville.a@example.org"), person(4, "Ville", "ville.b@example.org")]
LABELS = mentions.labels_of([ALMA, ALMA_AALTO, *TWINS])


@pytest.mark.parametrize(
    ("typed", "stored", "people"),
    [
        ("@Alma does this hold?", "@{1} does this hold?", [ALMA]),
        ("Ask (@Alma Aalto), then @Alma.", "Ask (@{2}), then @{1}.", [ALMA_AALTO, ALMA]),
        ("@Alma @Alma", "@{1} @{1}", [ALMA]),
        ("@Almaan, alma@Alma, @@Alma, @alma", "@Almaan, alma@Alma, @@Alma, @alma", []),
        ("@Ville", "@Ville", []),  # which of the two?
        ("@ville.b@example.org knows", "@{4} knows", [TWINS[1]]),
        ("@{2}", "@{2}", []),
    ],
)
def test_names_become_keys(typed, stored, people):
    assert mentions.read_mentions(typed, LABELS) == (stored, people)


def test_only_who_was_mentioned_is_named():
    assert mentions.pieces_of("@{1} and @{2}: <b>@{x}</b>", [ALMA]) == [
        ("@Alma", True),
        (" and @{2}: <b>@{x}</b>", False),
    ]
    assert mentions.read_mentions("@Alma", {}) == ("@Alma", [])
