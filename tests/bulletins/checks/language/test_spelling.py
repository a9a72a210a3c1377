"""Spelling hints beside the text: advice that stops nothing, and what the glossary has is right."""

from collections.abc import Iterator
from typing import Any

import pytest

from bulletins.checks import autofix, findings, registry
from bulletins.checks.language import spelling
from bulletins.editing import drafts
from bulletins.models import Bulletin
from campaigns.models import GlossaryTerm
from lib.text.linguistics import spelling as words
from tests.support import builders
from tests.support.builders import NOON


class Dictionary:
    """A dictionary that has all words but those that are wrong."""

    meant = {"librarys": ["libraries"], "avoina": ["avoinna"]}

    def is_right(self, word: str) -> bool:
        return word not in {*self.meant, "koronavilkun"}

    def suggestions(self, word: str) -> list[str]:
        return self.meant.get(word, [])


@pytest.fixture
def bulletin(campaign: Any, alma: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bulletin]:
    """A bulletin with a misspelt word in two languages."""
    monkeypatch.setattr(words, "dictionaries", lambda code: (Dictionary(),) if code in {"fi", "en"} else ())
    words._is_known.cache_clear()
    words._suggested.clear()
    made = builders.build_bulletin(campaign, by=alma)
    for code, title in (
        ("en", "The librarys open"),
        ("fi", "Kirjastot avoina, lataa koronavilkun tiedot"),
        ("sv", "Opne"),
    ):
        edition = made.editions.get(language=code)
        edition.title = title
        drafts.save_edition(edition, by=alma, at=NOON)
    yield made
    words._is_known.cache_clear()
    words._suggested.clear()


def hints(bulletin: Bulletin) -> list[findings.Finding]:
    return [one for one in registry.findings(bulletin, at=NOON) if one.code == spelling.CODE]


def test_a_word_that_no_dictionary_has_is_advice_and_stops_nothing(bulletin: Bulletin):
    found = hints(bulletin)

    assert {one.found for one in found} == {"en:librarys", "fi:avoina", "fi:koronavilkun"}
    assert {one.level for one in found} == {findings.ADVICE}
    assert "edition:en:title" in {one.place for one in found}
    assert spelling.CODE not in {one.code for one in registry.stops(bulletin, at=NOON)}


def test_what_is_written_as_people_speak_is_left_alone(bulletin: Bulletin):
    edition = bulletin.editions.get(language="en")
    edition.variants.create(platform="tiktok", caption="librarys avoina")

    assert spelling.is_as_spoken("message:7:en:serious")
    assert not spelling.is_as_spoken("message:7:en")
    assert {one.place for one in hints(bulletin) if "librarys" in one.found} == {"edition:en:title"}


def test_what_the_glossary_has_is_right(bulletin: Bulletin, campaign: Any):
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": "Koronavilkku", "en": "Koronavilkku"})

    assert "fi:koronavilkun" not in {one.found for one in hints(bulletin)}


def test_a_press_replaces_the_word_by_what_is_meant(bulletin: Bulletin, alma: Any, oskar: Any, signed_in: Any):
    from django.urls import reverse

    page = signed_in(alma).get(reverse("admin:bulletins_bulletin_findings", args=[bulletin.pk])).content.decode()
    assert "“librarys” is in no dictionary." in page
    assert "Is it “libraries”?" in page
    assert "Replace with “libraries”" in page

    [hint] = [one for one in hints(bulletin) if one.found == "en:librarys"]
    autofix.replace_words(bulletin, hint.key, by=alma, at=NOON)

    assert bulletin.editions.get(language="en").title == "The libraries open"
    assert hint.key not in {one.key for one in hints(bulletin)}


def test_without_dictionaries_there_are_no_hints_and_no_further_query(
    bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
):
    monkeypatch.setattr(words, "dictionaries", lambda _code: ())
    desk = registry.load_workspace(bulletin, at=NOON)
    assert desk.texts
    with django_assert_num_queries(0):
        assert list(spelling.unknown_words(desk)) == []


def test_of_a_text_full_of_them_some_are_named(bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch, alma: Any):
    monkeypatch.setattr(Dictionary, "is_right", lambda _self, _word: False)
    edition = bulletin.editions.get(language="en")
    letters = "abcdefghij"
    edition.body = " ".join(f"w{one}{other}" for one in letters for other in letters)
    drafts.save_edition(edition, by=alma, at=NOON)

    assert len([one for one in hints(bulletin) if one.place == "edition:en:body"]) == spelling.MOST
