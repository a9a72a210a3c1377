"""Bulletins, answers and the site as schema.org's data, read by an independent parser."""

import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import timezone
from rdflib import RDF, SDO, Graph, Literal, URIRef

from bulletins.publication import corrections
from questions.answers import answer_workflow
from questions.models import Answer, QuestionGroup
from tests.support import builders

pytestmark = pytest.mark.django_db

WHAT_CHANGED = builders.in_all(en="The day was wrong.")


class Scripts(HTMLParser):
    """Collects what stands in a page's elements for JSON-LD."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.inside = tag == "script" and ("type", "application/ld+json") in attrs

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = False


def data_of(client: Any, path: str) -> list[dict[str, Any]]:
    """Return the things that a page describes as data."""
    answer = client.get(path)
    assert answer.status_code == 200
    parser = Scripts()
    parser.feed(answer.content.decode())
    return [json.loads(one) for one in parser.found]


def graph_of(thing: dict[str, Any]) -> Graph:
    """Return a thing as triples. schema.org's context is not fetched: every word of ours is from its vocabulary."""
    assert thing["@context"] == "https://schema.org"
    local = thing | {"@context": {"@vocab": str(SDO), "id": "@id", "type": "@type"}}
    return Graph().parse(data=json.dumps(local), format="json-ld")


def unknown_words(graph: Graph) -> set[str]:
    """Return the types and properties that schema.org doesn't have."""
    words = {one for one in graph.predicates() if one != RDF.type} | set(graph.objects(predicate=RDF.type))
    return {str(word) for word in words if word not in SDO}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    """A folder of this test's own for pictures."""
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize("language", builders.LANGUAGES)
def test_a_bulletin_is_an_announcement_in_the_language_of_its_page(language, campaign, client, settings):
    version = builders.build_published_version(campaign)
    words = builders.TEXTS[language]

    (thing,) = data_of(client, f"/{language}/bulletins/1/")

    graph = graph_of(thing)
    page = URIRef(f"{settings.PUBLIC_URL}/{language}/bulletins/1/")
    assert unknown_words(graph) == set()
    assert (page, RDF.type, SDO.SpecialAnnouncement) in graph
    assert (page, SDO.name, Literal(words["title"])) in graph
    assert (page, SDO.inLanguage, Literal(language)) in graph
    assert (page, SDO.datePosted, Literal("2026-03-25T10:00:00+00:00")) in graph
    assert (page, SDO.version, Literal(version.number)) in graph
    assert words["key_message"] in str(graph.value(page, SDO.text))
    assert "##" not in str(graph.value(page, SDO.text))
    publisher = graph.value(page, SDO.publisher)
    assert str(graph.value(publisher, SDO.name)).endswith(f"Team ({language})")


def test_an_exercise_says_so_in_its_data_and_a_live_campaign_does_not(client):
    builders.build_published_version(builders.build_campaign("real", mode="live", note={}))
    (live,) = data_of(client, "/en/bulletins/1/")
    assert "creativeWorkStatus" not in live and live["publisher"]["name"] == "Team (en)"

    from campaigns.models import Campaign

    Campaign.objects.update(closed_at=timezone.now())
    builders.build_published_version(builders.build_campaign())
    (practice,) = data_of(client, "/en/bulletins/2/")
    assert practice["creativeWorkStatus"] == "Exercise" and practice["publisher"]["name"] == "Exercise: Team (en)"


def test_it_names_what_it_is_about_where_it_holds_until_when_and_on_what_it_rests(campaign, client):
    region = builders.build_region()
    sent_in = builders.build_input(campaign, regions=[region])
    bulletin = builders.build_bulletin(campaign, inputs=[sent_in])
    bulletin.topics.add(builders.build_topic(campaign))
    until = timezone.now() + timedelta(days=2)
    bulletin.key_messages.update(valid_until=until)
    builders.published(bulletin)

    (thing,) = data_of(client, "/en/bulletins/1/")

    assert unknown_words(graph_of(thing)) == set()
    assert thing["category"] == ["Libraries"]
    assert thing["spatialCoverage"] == [{"@type": "AdministrativeArea", "name": "Region MK01", "identifier": "MK01"}]
    assert thing["expires"][:16] == until.isoformat()[:16]
    assert thing["isBasedOn"] == [
        {"@type": "CreativeWork", "name": "Ministry", "url": "https://ministry.example.org/decision"}
    ]


def test_a_correction_is_in_the_data_and_the_region_of_what_is_being_written_is_not(campaign, client):
    bulletin = builders.build_published_version(campaign).bulletin
    corrections.start_correction(bulletin, by=builders.editor(), at=builders.NOON, what_changed=WHAT_CHANGED)
    bulletin.inputs.add(builders.build_input(campaign, regions=[builders.build_region()]))
    (before,) = data_of(client, "/en/bulletins/1/")
    assert "spatialCoverage" not in before and "correction" not in before

    builders.published(bulletin, at=builders.NOON + timedelta(hours=1))

    (thing,) = data_of(client, "/en/bulletins/1/")
    assert unknown_words(graph_of(thing)) == set()
    assert thing["correction"] == {
        "@type": "CorrectionComment",
        "text": "The day was wrong.",
        "datePublished": "2026-03-25T11:00:00+00:00",
    }
    assert (thing["datePosted"], thing["dateModified"]) == ("2026-03-25T10:00:00+00:00", "2026-03-25T11:00:00+00:00")


def test_what_is_withdrawn_replaced_or_over_is_announced_by_nothing(campaign, client):
    corrected = builders.build_published_version(campaign).bulletin
    corrections.start_correction(corrected, by=builders.editor(), at=builders.NOON, what_changed=WHAT_CHANGED)
    builders.published(corrected)
    withdrawn = builders.build_published_version(campaign).bulletin
    corrections.retract(withdrawn, by=builders.editor(), at=builders.NOON, what_changed=WHAT_CHANGED)
    builders.published(withdrawn)
    over = builders.build_bulletin(campaign)
    over.key_messages.update(valid_until=timezone.now() - timedelta(minutes=1))
    builders.published(over)

    assert len(data_of(client, "/en/bulletins/1/")) == 1
    for path in ("bulletins/1/versions/1/", "bulletins/2/", "bulletins/2/versions/1/", "bulletins/3/"):
        assert data_of(client, f"/en/{path}") == []


def build_answer(campaign: Any, slug: str = "open", **fields: Any) -> Answer:
    """Return an answer that everyone may read."""
    group = QuestionGroup.objects.create(campaign=campaign, slug=slug, label=builders.in_all(en="Is it open?"))
    from campaigns.models import Authority

    authority = Authority.objects.first() or builders.build_authority(url="https://ministry.example.org/")
    answer = Answer.objects.create(group=group, authority=authority, text=builders.in_all(en="Yes."), **fields)
    answer_workflow.freeze(answer, by=None, at=timezone.now() - timedelta(days=1))
    return answer


def test_an_answer_is_one_question_of_a_faq_on_its_own_page_only(campaign, client, settings):
    build_answer(campaign)

    (thing,) = data_of(client, "/sv/answers/open/")

    graph = graph_of(thing)
    page = URIRef(f"{settings.PUBLIC_URL}/sv/answers/open/")
    question = graph.value(page, SDO.mainEntity)
    answer = graph.value(question, SDO.acceptedAnswer)
    assert unknown_words(graph) == set()
    assert (page, RDF.type, SDO.FAQPage) in graph
    assert str(graph.value(question, SDO.name)) == "Is it open? (sv)"
    assert str(graph.value(answer, SDO.text)) == "Yes. (sv)"
    assert str(graph.value(graph.value(answer, SDO.author), SDO.name)) == "Ministeriet"
    assert data_of(client, "/sv/answers/") == []


def test_an_answer_that_is_over_is_no_data(campaign, client):
    build_answer(campaign, valid_until=timezone.now() - timedelta(hours=1))
    assert data_of(client, "/en/answers/open/") == []


def test_the_front_page_says_which_site_it_is_and_who_runs_it(campaign, client, settings):
    (thing,) = data_of(client, "/en/")

    graph = graph_of(thing)
    site = URIRef(f"{settings.PUBLIC_URL}/en/")
    assert unknown_words(graph) == set()
    assert (site, RDF.type, SDO.WebSite) in graph
    assert (graph.value(site, SDO.publisher), RDF.type, SDO.Organization) in graph


def test_words_cannot_break_out_of_the_element(campaign, client):
    bulletin = builders.build_bulletin(campaign)
    bulletin.editions.update(title="</script><script>alert(1)</script>")
    builders.published(bulletin)

    page = client.get("/en/bulletins/1/").content.decode()

    assert "<script>alert(1)" not in page
    (thing,) = data_of(client, "/en/bulletins/1/")
    assert thing["name"] == "</script><script>alert(1)</script>"
