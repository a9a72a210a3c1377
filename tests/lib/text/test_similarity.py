"""Texts that say nearly the same are found, on both databases by the same number."""

import pytest
from django.db import connection

from factcheck.models import Claim, ClaimWords
from lib.text import similarity

TEXTS = ("libraries open on monday", "garlic cures the virus", "masts spread the virus", "people over 70 stay at home")


@pytest.fixture
def rows(campaign):
    claim = Claim.objects.create(campaign=campaign, slug="one", text={})
    ClaimWords.objects.bulk_create(
        ClaimWords(claim=claim, language=f"x{number}", text=text) for number, text in enumerate(TEXTS)
    )
    return ClaimWords.objects.filter(claim=claim)


def texts(found):
    return [ClaimWords.objects.get(pk=key).text for key, _score in found]


def test_texts_are_compared_without_case_accents_and_signs():
    assert similarity.plain("  5G-mastot – LEVITTÄVÄT: Åbo!  ") == "5g mastot levittavat abo"
    assert similarity.plain(similarity.plain("Ä_b")) == similarity.plain("Ä_b") == "a b"


def test_likeness_is_one_for_the_same_and_nothing_for_nothing_in_common():
    assert similarity.likeness("masts spread", "masts spread") == 1.0
    assert similarity.likeness("abc", "xyz") == 0.0
    assert similarity.likeness("", "") == 0.0


@pytest.mark.postgresql
@pytest.mark.django_db
def test_likeness_is_what_postgresql_says(rows):
    for one in TEXTS:
        for other in TEXTS:
            with connection.cursor() as cursor:
                cursor.execute("SELECT similarity(%s, %s)", [one, other])
                assert similarity.likeness(one, other) == pytest.approx(cursor.fetchone()[0], abs=1e-6)


@pytest.mark.django_db
def test_the_most_alike_comes_first_and_nothing_below_the_least(rows):
    found = similarity.closest(rows, "text", "Masts spread a virus!", least=0.3)

    assert texts(found)[0] == "masts spread the virus"
    assert all(score >= 0.3 for _key, score in found)
    assert similarity.closest(rows, "text", "quite something else", least=0.3) == []
    assert similarity.closest(rows, "text", " … ") == []


@pytest.mark.django_db
def test_only_the_rows_that_are_asked_for_are_found(rows):
    assert similarity.closest(rows.filter(language="x0"), "text", "garlic cures the virus") == []
    assert len(similarity.closest(rows, "text", "the virus", limit=1, least=0.1)) == 1


@pytest.mark.django_db
def test_pieces_of_a_post_are_found(rows):
    post = "Hello all. We went to the lake. My aunt says garlic cures the virus! And libraries open on Monday? Bye now."

    assert set(texts(similarity.closest_to_any(rows, "text", similarity.pieces(post)))) == {
        "garlic cures the virus",
        "libraries open on monday",
    }


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_looking_leaves_the_connection_as_it_was(rows):
    similarity.closest(rows, "text", "garlic cures the virus")

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('enable_seqscan'), current_setting('pg_trgm.similarity_threshold')")
        assert cursor.fetchone() == ("on", "0.3")


def test_however_long_a_post_is_so_many_pieces_are_made_of_it():
    assert len(similarity.pieces("word. " * 200_000)) <= similarity.PIECES
    assert len(similarity.pieces("word " * 200_000)) <= similarity.PIECES
    assert all(len(piece) <= similarity.LONGEST for piece in similarity.pieces("x" * 1_000_000))
