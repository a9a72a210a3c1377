"""The glossary: where a translation says another word."""

import csv
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from bulletins.editing.translation import glossary as editing_glossary
from campaigns.models import GlossaryTerm
from lib.text.linguistics.stemming import is_form
from lib.text.markup import to_text
from tests.support import builders

CONTENT = Path(settings.BASE_DIR) / "demo" / "content"


def demo_glossary() -> list[dict[str, str]]:
    with (CONTENT / "glossary.csv").open() as lines:
        return [{code: row[code] for code in ("fi", "sv", "en")} for row in csv.DictReader(lines)]


def demo_texts(number: str) -> dict[str, dict[str, str]]:
    texts = {}
    for code in ("fi", "sv", "en"):
        _nothing, head, body = (CONTENT / "bulletins" / number / f"{code}.md").read_text().split("---\n", 2)
        about = yaml.safe_load(head)
        texts[code] = {"title": about["title"], "body": to_text(body, width=100_000)}
        texts[code] |= {message["id"]: message["text"] for message in about["key_messages"]}
    return texts


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("liikkumisrajoitukset", "liikkumisrajoitus"),
        ("liikkumisrajoitusten", "liikkumisrajoitus"),
        ("maskia", "maski"),
        ("maskeja", "maski"),
        ("lähteen", "lähde"),
        ("tartunnan", "tartunta"),
        ("tartuntoja", "tartunta"),
        ("kuntien", "kunta"),
        ("viranomaisten", "viranomainen"),
        ("poikkeusoloissa", "poikkeusolot"),
        ("päiväkodit", "päiväkoti"),
        ("valmiuslain", "valmiuslaki"),
        ("kriisipuhelimeen", "kriisipuhelin"),
        ("joukkoliikenteessä", "joukkoliikenne"),
        ("väitteen", "väite"),
    ],
)
def test_finnish_inflection_is_found(word, term):
    assert is_form(word, term, "fi")


@pytest.mark.parametrize(("word", "term"), [("kun", "kunta"), ("lähettää", "lähde"), ("maskotti", "maski")])
def test_another_word_is_not_taken_for_a_form(word, term):
    assert not is_form(word, term, "fi")


@pytest.mark.parametrize("number", ["001", "002", "003", "004", "005"])
def test_the_demo_bulletins_keep_to_their_glossary(number):
    assert editing_glossary.compare(demo_texts(number), "fi", demo_glossary()) == []


def test_another_word_in_a_translation_is_found_with_its_place():
    texts = demo_texts("004")
    texts["sv"] = {place: text.replace("egränsning", "estriktion") for place, text in texts["sv"].items()}
    found = editing_glossary.compare(texts, "fi", demo_glossary())
    assert {(miss.term.lower(), miss.expected, miss.language) for miss in found} == {
        ("rajoituksia", "begränsning", "sv"),
        ("liikkumisrajoitukset", "begränsning i rörelsefriheten", "sv"),
    }
    for miss in found:
        assert texts["fi"][miss.passage][miss.start : miss.end] == miss.term


def test_a_longer_term_is_not_also_the_shorter_one_in_it():
    glossary = [{"en": "restriction", "sv": "begränsning"}, {"en": "movement restriction", "sv": "rörelsegräns"}]
    texts = {"en": {"title": "Movement restrictions end"}, "sv": {"title": "Allt är öppet"}}
    assert [miss.term for miss in editing_glossary.compare(texts, "en", glossary)] == ["Movement restrictions"]


def test_a_language_without_words_is_not_blamed():
    assert (
        editing_glossary.compare({"fi": {"title": "Maski"}, "sv": {"title": ""}}, "fi", [{"fi": "maski", "sv": "mask"}])
        == []
    )


@pytest.mark.django_db
def test_the_cost_does_not_grow_with_the_glossary(campaign, django_assert_num_queries):
    bulletin = builders.build_bulletin(campaign)
    GlossaryTerm.objects.bulk_create(
        GlossaryTerm(campaign=campaign, term={"fi": f"sana{number}", "sv": f"ord{number}"}) for number in range(50)
    )
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": "kirjasto", "sv": "boksal"})
    with django_assert_num_queries(4):
        found = editing_glossary.misses(bulletin)
    assert {(miss.language, miss.expected) for miss in found} == {("sv", "boksal")}


def test_a_mark_is_escaped():
    texts = {"fi": {"title": "Maski <b>"}, "sv": {"title": "Annat"}}
    found = editing_glossary.compare(texts, "fi", [{"fi": "maski", "sv": "<i>mask"}])
    (passage,) = editing_glossary.marked(texts["fi"], found, "sv")
    assert "<b>" not in passage and "<i>" not in passage
    assert 'class="term"' in passage and "&lt;i&gt;mask" in passage


def test_forms_that_no_stem_shows_are_found_where_voikko_is_installed(real_dictionaries):
    glossary = [{"en": "water", "fi": "vesi"}]
    texts = {"en": {"body": "Boil the water."}, "fi": {"body": "Tauti leviää juomavedestä."}}

    assert editing_glossary.compare(texts, "en", glossary) == []
    assert editing_glossary.said_in({"fi": "Pese kädet."}, {1: {"fi": "käsi"}}) == [1]
