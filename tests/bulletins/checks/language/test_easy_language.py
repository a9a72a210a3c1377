"""An edition in easy language: what is advised, what a person ticks, and that neither stops anything."""

import pytest

from bulletins.checks import autofix, checklist, registry
from bulletins.checks.language import easy_language
from bulletins.editing import editions
from campaigns.models import BannedTerm
from lib.text.reading_hurdles import KINDS
from tests.support.builders import NOON, build_bulletin

HARD = """
# Otsikko, joka on niin pitkä, ettei se mahdu millään yhdelle riville sivulla

Koska liikkumisrajoituksista päätettiin (eilen), on hyvä, että 12 500 ihmistä pysyy kotona, jos THL suosittelee sitä 1.5., 2.5. ja 3.5.
"""


@pytest.fixture
def bulletin(campaign, alma):
    made = build_bulletin(campaign, variants=True)
    made.checklist = list(checklist.CERC)
    made.save()
    editions.add_edition(made, "fi", "easy", by=alma, at=NOON)
    standard = made.editions.get(language="fi", reading_level="standard")
    words = {"title": "Kirjasto aukeaa", "subject": "Kirjasto aukeaa", "preheader": "", "body": "Tule kirjastoon.\n"}
    made.editions.filter(reading_level="easy").update(**words, source_revision=standard.revision)
    return made


def easy_findings(bulletin):
    return [one for one in registry.findings(bulletin, at=NOON) if one.code.startswith("easy-")]


def test_a_plain_easy_text_is_left_alone_and_a_hard_standard_one_is_not_its_business(bulletin):
    bulletin.editions.filter(language="fi", reading_level="standard").update(body=HARD)
    assert easy_findings(bulletin) == []


def test_what_makes_it_hard_is_advised_with_its_place_and_what_to_do(bulletin):
    bulletin.editions.filter(reading_level="easy").update(body=HARD)

    found = easy_findings(bulletin)

    assert {one.code for one in found} == {f"easy-{kind}" for kind in KINDS if kind != "paragraph"}
    assert {(one.level, one.anchor, one.where) for one in found} == {
        ("advice", "at-edition-fi-easy-body", "Finnish (easy language), text")
    }
    assert all(one.says and one.mend for one in found)
    passive = next(one for one in found if one.code == "easy-passive")
    assert passive.says == "Nobody does it: “päätettiin”"


def test_every_kind_that_can_be_found_has_its_advice():
    assert set(easy_language.ADVICE_ON) == set(KINDS)


def test_a_person_ticks_the_rest_and_only_where_there_is_an_easy_edition(bulletin):
    (left,) = [one for one in registry.findings(bulletin, at=NOON) if one.code == "checklist"]
    assert (left.level, left.where) == ("advice", "Easy language")
    assert checklist.tick(bulletin, "easy:first", ticked=True) == [*checklist.CERC, "easy:first"]

    bulletin.editions.filter(reading_level="easy").delete()
    assert checklist.tick(bulletin, "easy:one", ticked=True) == list(checklist.CERC)


def test_a_word_is_exchanged_in_the_edition_in_which_it_was_found(bulletin, alma):
    BannedTerm.objects.create(language="fi", term="valeuutinen", say_instead="väärä tieto")
    bulletin.editions.filter(language="fi").update(body="Tämä on valeuutinen.")
    places = {one.place: one.key for one in registry.findings(bulletin, at=NOON) if one.code == "banned-term"}
    assert set(places) == {"edition:fi:body", "edition:fi-easy:body"}

    autofix.replace_words(bulletin, places["edition:fi-easy:body"], by=alma, at=NOON)

    assert dict(bulletin.editions.filter(language="fi").values_list("reading_level", "body")) == {
        "easy": "Tämä on väärä tieto.",
        "standard": "Tämä on valeuutinen.",
    }
