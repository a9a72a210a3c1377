"""The read API: newsrooms get everything that is published, in all languages, and never anything that is not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import http_date
from openapi_spec_validator import validate

from bulletins.models import Bulletin, Version
from factcheck.models import ClaimVersion
from questions.answers import answer_workflow
from questions.models import AnswerVersion
from stories.moderation import story_steps
from stories.ways_to_help import offer_steps
from tests.factcheck.publication.test_jsonld import pause, withdraw
from tests.stories.wall.scene import build_shown, build_story, build_subtitles
from tests.stories.ways_to_help.scene import build_offer
from tests.support import builders
from tests.support.builders import NOON
from tests.website.search.test_results import VIDEO, build_answer, copies, correct, publish, without_review
from website.api import schemas
from website.api.base import api

pytestmark = pytest.mark.django_db
API = "/api/v1/"
SITE = "https://bulletins.example"
NOW = NOON + timedelta(hours=6)


@pytest.fixture(autouse=True)
def _here_and_now(settings: Any, time_machine: Any) -> None:
    """The site has a public name, and it is six hours after noon."""
    settings.PUBLIC_URL = SITE
    time_machine.move_to(NOW, tick=False)


def get(path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
    """Fetch something without a token."""
    return Client(headers=headers, raise_request_exception=False).get(API + path, query or {})


def read(path: str, query: dict[str, Any] | None = None) -> Any:
    """Fetch data."""
    response = get(path, query)
    assert response.status_code == 200, response.content
    return response.json()


def fits(schema: Any, found: dict[str, Any]) -> None:
    """Assert that data has exactly the fields that its description names."""
    from pydantic import TypeAdapter

    adapter = TypeAdapter(schema)
    again = json.loads(adapter.dump_json(adapter.validate_python(found)))
    assert names(again) == names(found)


def names(value: Any) -> Any:
    """Return the shape of data: its names, at every depth."""
    if isinstance(value, dict):
        return {name: names(one) for name, one in sorted(value.items())}
    return [names(one) for one in value] if isinstance(value, list) else None


# --- Bulletins ----------------------------------------------------------------------------------------------


def test_a_bulletin_has_all_its_languages_and_fields(campaign):
    topic = builders.build_topic(campaign)
    bulletin = builders.build_bulletin(campaign, urgency="elevated")
    bulletin.topics.add(topic)
    claim = builders.build_claim(campaign)
    bulletin.claims.add(claim)
    version = without_review(bulletin)

    found = read("bulletins/1")

    fits(schemas.BulletinOut, found)
    assert (found["number"], found["version"], found["state"], found["kind"]) == (1, 1, "published", "original")
    assert (found["urgency"], found["topics"], found["claims"]) == ("elevated", ["libraries"], ["garlic"])
    assert found["urls"]["sv"] == f"{SITE}/sv/bulletins/1/" and found["self"] == f"{SITE}/api/v1/bulletins/1"
    assert datetime.fromisoformat(found["published_at"]) == version.published_at
    assert found["exercise"] is True
    editions = {one["language"]: one for one in found["editions"]}
    assert set(editions) == {"fi", "sv", "en"}
    english = editions["en"]
    assert english["title"] == "Libraries open on Monday" and "**Monday**" in english["markdown"]
    assert "<strong>Monday</strong>" in english["html"]
    assert english["calls_to_action"] == ["Return what you borrowed on time."]
    assert english["key_messages"] == [
        {
            "key": "opening",
            "text": "Libraries open on Monday.",
            "source_name": "Ministry",
            "source_url": "https://ministry.example.org/decision",
            "valid_until": None,
        }
    ]


def test_one_language_is_given_when_asked_for(campaign):
    publish(campaign)

    found = read("bulletins/1", {"language": "sv"})

    assert [one["language"] for one in found["editions"]] == ["sv"] and set(found["urls"]) == {"sv"}


def test_the_list_is_without_texts_and_what_changed_last_comes_first(campaign):
    first = publish(campaign, at=NOON)
    publish(campaign, at=NOON + timedelta(hours=1))
    correct(first, at=NOON + timedelta(hours=2))

    found = read("bulletins")

    fits(schemas.BulletinsOut, found)
    assert [(one["number"], one["state"]) for one in found["bulletins"]] == [(1, "corrected"), (2, "published")]
    assert found["count"] == 2 and "html" not in json.dumps(found)
    assert found["bulletins"][0]["what_changed"]["en"] == "It was wrong"


def test_the_list_can_be_narrowed(campaign):
    topic = builders.build_topic(campaign, "schools")
    one = builders.build_bulletin(campaign, urgency="urgent")
    one.topics.add(topic)
    without_review(one, at=NOON)
    publish(campaign, at=NOON + timedelta(hours=1))

    def numbers(**query: Any) -> list[int]:
        return [row["number"] for row in read("bulletins", query)["bulletins"]]

    assert numbers() == [2, 1]
    assert numbers(topic="schools") == [1]
    assert numbers(urgency="urgent") == [1]
    assert numbers(since=(NOON + timedelta(minutes=30)).isoformat()) == [2]
    assert numbers(since=(NOON + timedelta(hours=1)).astimezone(UTC).isoformat()) == [2]
    assert numbers(topic="schools", urgency="routine") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"topic": "unknown"}, "topic"),
        ({"language": "xx"}, "language"),
        ({"urgency": "very"}, "urgency"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-03-25T12:00:00"}, "since"),
        ({"page": 0}, "page"),
        ({"page": "one"}, "page"),
        ({"per_page": 101}, "per_page"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_field(campaign, query, field):
    response = get("bulletins", query)

    assert response.status_code == 422
    assert any(field in name for name in response.json()["fields"]), response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_pages_lead_to_their_neighbours_with_all_that_was_asked(campaign):
    copies(publish(campaign), 4)

    response = get("bulletins", {"page": 2, "per_page": 2, "urgency": "routine"})

    assert response.json()["pages"] == 3 and len(response.json()["bulletins"]) == 2
    where = f"{SITE}/api/v1/bulletins?per_page=2&urgency=routine&page="
    assert response["Link"] == f'<{where}1>; rel="prev", <{where}3>; rel="next"'
    assert "Link" not in get("bulletins", {"per_page": 100})
    assert get("bulletins", {"page": 9}).status_code == 404


def test_versions_say_what_holds_and_what_was_replaced(campaign):
    correct(publish(campaign))

    listed = read("bulletins/1/versions")
    old, new = read("bulletins/1/versions/1"), read("bulletins/1/versions/2")

    fits(schemas.VersionsOut, listed)
    fits(schemas.OneVersionOut, old)
    assert [(one["version"], one["state"]) for one in listed["versions"]] == [(2, "corrected"), (1, "replaced")]
    assert old["state"] == "replaced" and "avataan" in json.dumps(old)
    assert old["urls"]["fi"] == f"{SITE}/fi/bulletins/1/versions/1/"
    assert new["self"] == f"{SITE}/api/v1/bulletins/1"
    assert [(one["version"], one["self"]) for one in read("bulletins/1")["versions"]] == [
        (2, f"{SITE}/api/v1/bulletins/1"),
        (1, f"{SITE}/api/v1/bulletins/1/versions/1"),
    ]


@pytest.mark.parametrize(
    "path", ["bulletins/1", "bulletins/1/versions", "bulletins/1/versions/1", "bulletins/1/versions/2"]
)
def test_of_a_withdrawn_bulletin_only_the_reason_is_left_in_every_version(campaign, path):
    correct(publish(campaign, title="Kanarialintu", body="Kanarialintu.", message="Kanarialintu."), retract=True)

    response = get(path)

    assert "kanarialintu" not in response.content.decode().lower()
    found = response.json()
    for one in found.get("versions", [found]):
        assert (one["state"], one["what_changed"]["en"], one.get("editions", [])) == ("withdrawn", "It was wrong", [])


@pytest.mark.parametrize(
    "path",
    [
        "bulletins/9",
        "bulletins/9/versions",
        "bulletins/1/versions/9",
        "bulletins/99999999999999999999",
        "questions/none",
        "questions/none/versions",
        "claims/none",
    ],
)
def test_what_is_not_there_is_404_in_words(campaign, path):
    publish(campaign)

    response = get(path, None, **{"Accept-Language": "en"})

    assert response.status_code == 404
    assert response.json() == {"detail": "Nothing is published at this address.", "fields": {}}


# --- Questions --------------------------------------------------------------------------------------------------


def test_an_answered_question_has_its_fields(campaign):
    build_answer(campaign, question="May I travel?", text="You may.")

    found = read("questions/q-0")

    fits(schemas.OneAnswerOut, found)
    assert (found["state"], found["question"]["en"], found["answer"]["en"]) == (
        "published",
        "May I travel?",
        "You may.",
    )
    assert found["authority"]["slug"] == "a-0" and "contact" not in json.dumps(found)
    assert found["self"] == f"{SITE}/api/v1/questions/q-0"
    listed = read("questions")
    fits(schemas.QuestionsOut, listed)
    assert [one["slug"] for one in listed["questions"]] == ["q-0"]
    assert read("questions/q-0/versions")["versions"][0] == read("questions")["questions"][0]


def test_an_answer_on_video_has_its_address_words_and_subtitles(campaign):
    build_answer(campaign, **VIDEO)

    found = read("questions/q-0")

    fits(schemas.OneAnswerOut, found)
    assert found["video"] == {
        "url": "https://video.service.fi/1",
        "language": "fi",
        "seconds": 30,
        "transcripts": {"fi": "Junalla pääsee perille."},
        "subtitles": {"fi": f"{SITE}/fi/answers/q-0/versions/1/fi.vtt"},
    }


def test_a_withdrawn_answer_keeps_its_question_and_the_reason(campaign, oskar):
    answer = build_answer(campaign, text="Kanarialintu.")
    builders.withdraw_answer(answer, by=oskar, at=NOW, why=builders.in_all(en="It was wrong"))

    for path in ("questions", "questions/q-0", "questions/q-0/versions", "questions/q-0/versions/1"):
        response = get(path)
        assert response.status_code == 200 and "Kanarialintu" not in response.content.decode()
    found = read("questions/q-0/versions/1")
    fits(schemas.OneAnswerOut, found)
    assert (found["state"], found["answer"], found["what_changed"]["en"]) == ("withdrawn", {}, "It was wrong")
    assert found["question"]["fi"] == "Saako matkustaa?"


def test_what_was_withdrawn_stays_gone_when_a_new_answer_comes(campaign, oskar):
    answer = build_answer(campaign, text="Kanarialintu.")
    builders.withdraw_answer(answer, by=oskar, at=NOON, why=builders.in_all(en="It was wrong"))
    answer.refresh_from_db()
    answer.text = builders.in_all(en="Better.")
    answer_workflow.freeze(answer, by=oskar, at=NOW, kind=AnswerVersion.Kind.CORRECTION)

    found = {one["version"]: one for one in read("questions/q-0/versions")["versions"]}

    states = {number: one["state"] for number, one in found.items()}
    assert states == {4: "corrected", 3: "withdrawn", 2: "withdrawn", 1: "withdrawn"}
    assert found[1]["answer"] == {} and found[1]["what_changed"]["en"] == "It was wrong"
    assert found[4]["answer"]["en"] == "Better."


def test_an_answer_is_given_after_the_head_start_and_whoever_asked_before_hears_of_it(campaign, settings, time_machine):
    settings.ANSWER_HEAD_START_MINUTES = 60
    build_answer(campaign, at=NOW)
    time_machine.move_to(NOW + timedelta(minutes=59), tick=False)
    before = get("questions")
    assert before.json()["questions"] == [] and get("questions/q-0").status_code == 404

    time_machine.move_to(NOW + timedelta(minutes=60), tick=False)
    after = get("questions", None, **{"If-Modified-Since": http_date((NOW + timedelta(minutes=59)).timestamp())})

    assert after.status_code == 200 and len(after.json()["questions"]) == 1
    # It was published an hour ago, but not for whoever asks what is new since a minute ago.
    assert len(read("questions", {"since": (NOW + timedelta(minutes=59)).isoformat()})["questions"]) == 1
    assert read("questions", {"since": (NOW + timedelta(minutes=61)).isoformat()})["questions"] == []


# --- Claims -----------------------------------------------------------------------------------------------------


def test_fact_checks_are_as_in_the_file_of_all_of_them(campaign):
    builders.build_claim(campaign)
    listed = read("claims")

    fits(schemas.ClaimsOut, listed)
    assert listed["claims"] == Client().get("/en/facts/data/claims.json").json()["claims"]
    found = read("claims/garlic")
    fits(schemas.OneStandingClaimOut, found)
    assert found == listed["claims"][0] | {"exercise": True}


@pytest.mark.parametrize("end", [pause, withdraw])
def test_a_verdict_that_was_taken_back_has_no_words_and_cannot_be_guessed(campaign, end):
    claim = builders.build_claim(campaign, fact=builders.in_all(en="Kanarialintu"))
    end(claim)

    found = read("claims/garlic")

    fits(schemas.OneEndedClaimOut, found)
    assert "Kanarialintu" not in json.dumps(found) and found["state"] in {"paused", "withdrawn"}
    assert read("claims", {"verdict": "false"})["claims"] == []
    assert [one["slug"] for one in read("claims")["claims"]] == ["garlic"]


def test_fact_checks_can_be_narrowed(campaign):
    claim = builders.build_claim(campaign, at=NOON)
    claim.topics.add(builders.build_topic(campaign, "food"))
    other = builders.build_claim(campaign, "salt", published=False, at=NOON)
    builders.publish_claim(other, "true", at=NOON + timedelta(hours=1))

    def slugs(**query: Any) -> list[str]:
        return [row["slug"] for row in read("claims", query)["claims"]]

    assert slugs() == ["salt", "garlic"]
    assert slugs(topic="food") == ["garlic"] and slugs(verdict="true") == ["salt"]
    assert slugs(since=(NOON + timedelta(minutes=1)).isoformat()) == ["salt"]


# --- The campaign -----------------------------------------------------------------------------------------------


def test_the_campaign_names_languages_topics_and_those_who_gave_something(campaign, authority):
    builders.build_topic(campaign)
    build_answer(campaign)

    found = read("campaign")

    fits(schemas.CampaignOut, found)
    assert [one["code"] for one in found["languages"]] == ["fi", "sv", "en"]
    assert [one["slug"] for one in found["topics"]] == ["libraries"]
    assert [one["slug"] for one in found["authorities"]] == ["a-0"]  # `authority` has given nothing that is published
    assert found["urls"]["fi"] == f"{SITE}/fi/" and 'rel="service-desc"' in get("campaign")["Link"]


def test_without_a_campaign_there_is_nothing(db):
    for path in ("campaign", "bulletins", "questions", "claims", "ways-to-help"):
        assert get(path).status_code == 404


# --- Ways to help -----------------------------------------------------------------------------------------------


def test_ways_to_help_are_those_that_hold(campaign):
    topic = builders.build_topic(campaign)
    quick = build_offer(campaign, at=NOON, minutes=10, topic=topic, from_age=15, languages=["fi"])
    long = build_offer(campaign, at=NOW, minutes=90, valid_until=NOW + timedelta(hours=1))

    found = read("ways-to-help")

    fits(schemas.WaysToHelpOut, found)
    assert [one["id"] for one in found["ways_to_help"]] == [long.pk, quick.pk] and found["count"] == 2
    one = read(f"ways-to-help/{quick.pk}")
    fits(schemas.OneWayToHelpOut, one)
    assert (one["minutes"], one["topic"], one["from_age"], one["languages"]) == (10, "libraries", 15, ["fi"])
    assert one == found["ways_to_help"][1] | {"exercise": campaign.is_exercise}
    for query in ({"minutes": 10}, {"topic": "libraries"}):
        assert [one["id"] for one in read("ways-to-help", query)["ways_to_help"]] == [quick.pk]
    assert [one["id"] for one in read("ways-to-help", {"since": NOW.isoformat()})["ways_to_help"]] == [long.pk]
    offer_steps.withdraw(quick, by=builders.build_user("wary", "editor"), at=NOW)
    assert [one["id"] for one in read("ways-to-help")["ways_to_help"]] == [long.pk]
    assert get(f"ways-to-help/{quick.pk}").status_code == 404


# --- Stories ----------------------------------------------------------------------------------------------------


def test_stories_are_those_that_anyone_may_see(campaign):
    film = build_shown(campaign, at=NOON, kind="video", title={"fi": "Vettä"}, original_language="fi")
    build_subtitles(film, "en", at=NOON)
    pictures = build_shown(campaign, at=NOW, kind="pictures")
    build_story(campaign, at=NOW)

    found = read("stories")

    fits(schemas.StoriesOut, found)
    assert [one["key"] for one in found["stories"]] == [pictures.key, film.key] and found["count"] == 2
    one = read(f"stories/{film.key}")
    fits(schemas.OneStoryOut, one)
    assert one["title"] == {"fi": "Vettä"} and list(one["subtitles"]) == ["en"] and one["themes"] == ["solidarity"]
    assert [each["height"] for each in one["video"]] == [720]
    assert one == found["stories"][1] | {"exercise": campaign.is_exercise}
    assert [one["key"] for one in read("stories", {"since": NOW.isoformat()})["stories"]] == [pictures.key]
    assert read("stories", {"theme": "volunteering"})["count"] == 0
    story_steps.withdraw(film, by=builders.build_user("wary", "editor"), at=NOW)
    assert [one["key"] for one in read("stories")["stories"]] == [pictures.key]
    assert get(f"stories/{film.key}").status_code == 404


# --- How it is answered -----------------------------------------------------------------------------------------


PATHS = (
    "campaign",
    "bulletins",
    "bulletins/1",
    "bulletins/1/versions",
    "bulletins/1/versions/1",
    "questions",
    "questions/q-0",
    "questions/q-0/versions",
    "questions/q-0/versions/1",
    "claims",
    "claims/garlic",
    "ways-to-help",
)


@pytest.fixture
def everything(campaign: Any) -> Any:
    """One of each."""
    publish(campaign)
    build_answer(campaign)
    builders.build_claim(campaign)
    return campaign


@pytest.mark.parametrize("path", PATHS)
def test_whoever_has_it_already_gets_304(everything, path):
    first = get(path)

    assert first.status_code == 200
    again = get(path, None, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get(path, None, **{"If-None-Match": '"other"'}).status_code == 200
    assert get(path, None, **{"If-Modified-Since": first["Last-Modified"]}).status_code == 304


@pytest.mark.parametrize("path", PATHS)
def test_other_sites_may_read_it_keep_it_publicly_and_an_exercise_is_not_indexed(everything, path):
    response = get(path)

    assert response["Access-Control-Allow-Origin"] == "*" and "ETag" in response["Access-Control-Expose-Headers"]
    assert "public" in response["Cache-Control"] and "max-age" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex" and not response.cookies
    assert response.json()["exercise"] is True
    head = Client().head(API + path)
    assert (head.status_code, head["ETag"]) == (200, response["ETag"])


def test_a_correction_changes_the_etag_and_the_date(campaign):
    version = publish(campaign)
    before = get("bulletins/1")
    correct(version, at=NOW)

    after = get("bulletins/1", None, **{"If-None-Match": before["ETag"]})
    assert after.status_code == 200 and after["Last-Modified"] > before["Last-Modified"]
    assert get("bulletins", None, **{"If-Modified-Since": before["Last-Modified"]}).status_code == 200


def test_nothing_can_be_written(everything):
    for path in PATHS:
        assert Client().post(API + path, {}).status_code == 405


# --- Nothing leaks --------------------------------------------------------------------------------------------------


def test_no_route_gives_a_word_that_is_not_published(campaign, oskar, settings):
    """A canary in everything that may not be read; each route and each way of asking is tried."""
    settings.ANSWER_HEAD_START_MINUTES = 60
    words: dict[str, Any] = dict.fromkeys(("title", "lead", "body", "message"), "Kanarialintu")
    correct(publish(campaign, **words), retract=True)  # 1: withdrawn
    draft = builders.build_bulletin(campaign)  # 2: a draft
    draft.editions.update(title="Kanarialintu", body="Kanarialintu")
    embargoed = builders.build_bulletin(campaign, embargo_until=NOW + timedelta(days=1))  # 3: approved, embargoed
    embargoed.editions.update(title="Kanarialintu", body="Kanarialintu")
    Bulletin.objects.filter(pk=embargoed.pk).update(
        state="approved", digest="0", approved_by=builders.second_person(), approved_at=NOON
    )
    public = publish(campaign)  # 4: published, and a correction of it is being written
    public.bulletin.refresh_from_db()
    from bulletins.publication import corrections

    corrections.start_correction(
        public.bulletin, by=builders.editor(), at=NOON, what_changed=builders.in_all(en="Kanarialintu")
    )
    public.bulletin.editions.update(title="Kanarialintu", body="Kanarialintu")
    public.bulletin.topics.add(builders.build_topic(campaign, "schools"))
    build_answer(campaign, at=NOW, question="Kanarialintu?", text="Kanarialintu.")  # q-0: in its head start
    gone = build_answer(campaign, text="Kanarialintu.")  # q-1: withdrawn
    builders.withdraw_answer(gone, by=oskar, at=NOW, why=builders.in_all(en="Wrong"))
    builders.build_claim(campaign, "open", published=False, text=builders.in_all(en="Kanarialintu"))
    for slug, end in (("paused", pause), ("withdrawn", withdraw)):
        end(builders.build_claim(campaign, slug, fact=builders.in_all(en="Kanarialintu")))
    everywhere = [
        "campaign",
        "bulletins",
        "questions",
        "claims",
        *(
            f"bulletins/{number}{rest}"
            for number in range(1, 6)
            for rest in ("", "/versions", "/versions/1", "/versions/2")
        ),
        *(f"questions/q-{n}{rest}" for n in range(2) for rest in ("", "/versions", "/versions/1", "/versions/2")),
        *(f"claims/{slug}" for slug in ("open", "paused", "withdrawn")),
    ]
    answered = 0
    for path in everywhere:
        for query in ({}, {"language": "fi"}, {"per_page": 100}):
            response = get(path, query)
            answered += response.status_code == 200
            said = (
                response.content.decode().lower().replace("kanarialintu-topic", "topic", 1 if path == "campaign" else 0)
            )
            assert "kanarialintu" not in said, path
    assert answered > 30
    assert get("bulletins/2").status_code == get("bulletins/3").status_code == get("questions/q-0").status_code == 404
    assert {one["number"]: one["topics"] for one in read("bulletins")["bulletins"]} == {1: [], 4: []}


# --- What it costs ----------------------------------------------------------------------------------------------------


def cost(path: str) -> int:
    """Return how many queries a request costs."""
    with CaptureQueriesContext(connection) as captured:
        assert get(path).status_code == 200
    return len(captured)


def test_a_list_costs_the_same_however_long_it_is(everything):
    version = Version.objects.get()
    before = {path: cost(path) for path in ("bulletins", "questions", "claims", "bulletins/1")}
    copies(version, 20)
    for _n in range(3):
        build_answer(everything)
        builders.build_claim(everything, f"claim-{ClaimVersion.objects.count()}")
    correct(version)

    assert {path: cost(path) for path in before} == before
    assert max(before.values()) <= 11


# --- The description ----------------------------------------------------------------------------------------------------


def test_the_description_is_valid_openapi(client, db):
    described = client.get(f"{API}openapi.json").json()

    validate(described)
    assert {f"/api/v1/{path}" for path in ("campaign", "bulletins", "questions", "claims")} <= set(described["paths"])
    for path, methods in described["paths"].items():
        assert "head" not in methods
        for operation in methods.values():
            assert operation["summary"] and operation["description"], path
            assert ("security" in operation) == ("/inputs" in path or "/measures/" in path)


def test_the_examples_in_the_description_fit_it():
    for name in ("BulletinOut", "VersionOut"):
        schema = getattr(schemas, name)
        fits(schema, schema.model_json_schema()["example"])


def test_each_list_and_thing_is_described_as_it_is(everything):
    described = api.get_openapi_schema(path_prefix=API)
    parameters = {one["name"] for one in described["paths"]["/api/v1/bulletins"]["get"]["parameters"]}

    assert parameters == {"language", "campaign", "topic", "since", "page", "per_page", "urgency"}
    headers = described["paths"]["/api/v1/bulletins"]["get"]["responses"][200]["headers"]
    assert set(headers) == {"ETag", "Last-Modified", "Link"}
