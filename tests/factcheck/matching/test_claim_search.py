"""Claims are found by words in other forms than they were written in."""

from typing import Any

import pytest
from django.urls import reverse

from factcheck.matching import similar_claims
from factcheck.models import Claim

WATER = {"fi": "Hanavedestä saa tartunnan, ja kädet syöpyvät"}
RULES = {"fi": "Uudet rajoitukset koskevat vain nuoria", "sv": "Begränsningarna gäller bara unga"}


@pytest.fixture
def claims(campaign: Any) -> dict[str, Claim]:
    """Two claims, filed by their words."""
    made = {}
    for slug, text in (("water", WATER), ("rules", RULES)):
        made[slug] = Claim.objects.create(campaign=campaign, slug=slug, text=text)
        similar_claims.index(made[slug])
    return made


def found(typed: str) -> set[str]:
    return set(similar_claims.with_words(typed, ["fi", "sv", "en"]).values_list("claim__slug", flat=True))


def test_a_word_is_found_in_other_forms_by_its_stem(claims: dict[str, Claim]):
    for typed in ("rajoitus", "begränsning", "RAJOITUS", "nuoria rajoitus"):
        assert found(typed) == {"rules"}, typed
    for typed in ("tartunta rajoitus", "ja", "", "%", "xyzzy", "2020"):
        assert found(typed) == set(), typed


def test_voikko_finds_those_whose_stem_changes(real_dictionaries: None, claims: dict[str, Claim]):
    for typed in ("hanavesi", "tartunta", "käsi", "käsien", "hanaveden tartunnat"):
        assert found(typed) == {"water"}, typed
    assert found("rajoitusten") == {"rules"}


def test_the_desk_finds_claims_by_words_in_any_form_and_as_they_are_written(
    claims: dict[str, Claim], fiona: Any, signed_in: Any
):
    client = signed_in(fiona)
    for typed, there in (("rajoitus", "Uudet rajoitukset"), ("syöpyv", "Hanavedest"), ("water", "Hanavedest")):
        page = client.get(reverse("admin:factcheck_claim_changelist"), {"q": typed}).content.decode()
        assert there in page, typed
    assert "Hanavedest" not in client.get(reverse("admin:factcheck_claim_changelist"), {"q": "xyzzy"}).content.decode()
