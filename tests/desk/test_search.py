"""One field finds everything, of everybody only what they may open, at a cost that does not grow."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from bulletins.models import Bulletin, Edition
from config.desk import search
from questions.answers import answer_workflow
from questions.models import Answer, QuestionGroup
from tests.support import builders

PAGE = "admin:everything"


@pytest.fixture
def scene(campaign: Any, roles: None, noon: Any) -> dict[str, Any]:
    """Something of each kind that says "nokia"."""
    editor = builders.build_user("author", "editor")
    approver = builders.build_user("second", "approver")
    authority = builders.build_authority()
    audience = builders.build_audience(campaign)
    draft = builders.build_bulletin(campaign, by=editor, at=noon)
    draft.editions.filter(language="sv").update(title="Koka vattnet i Nokia")
    published = builders.build_bulletin(campaign, by=editor, at=noon, audiences=[audience])
    published.editions.filter(language="fi").update(title="Keitä vesi Nokialla")
    published.editions.filter(language="en").update(title="Boil water in Nokia")
    builders.published(published, at=noon)
    claim = builders.build_claim(campaign, "c", published=False, text={"fi": "Nokialla ei ole vettä"})
    message = builders.build_input(campaign, authority=authority, at=noon, title="Nokia: boil water")
    group = QuestionGroup.objects.create(campaign=campaign, slug="q", label={"en": "Is Nokia's water safe?"})
    other = QuestionGroup.objects.create(campaign=campaign, slug="r", label={"en": "Where is water given?"})
    answer = Answer.objects.create(group=other, authority=authority, text={"fi": "Nokian torilla"})
    answer_workflow.freeze(answer, by=None, at=noon)
    influencer = builders.build_influencer(campaign, "elias")
    influencer.name = "Elias Nokia"
    influencer.save()
    staff = builders.build_user("nelli", "editor")
    User.objects.filter(pk=staff.pk).update(name="Nelli Nokia")
    return locals()


def found(client: Any, said: str) -> dict[str, list[str]]:
    """Return the titles that a page finds, by kind."""
    answer = client.post(reverse(PAGE), {"q": said}, follow=True)
    assert answer.status_code == 200
    return {one.kind: [hit.title for hit in one.hits] for one in answer.context["found"]}


def test_the_field_suggests_where_to_go_and_the_newest_bulletins_then_what_is_found(
    scene: dict[str, Any], boss: Any, signed_in: Any
) -> None:
    client = signed_in(boss)

    def suggested(query: str = "", who: Any = client) -> dict[str, list[str]]:
        groups = who.get(reverse("admin:suggestions") + query).json()["groups"]
        return {one["kind"]: [hit["title"] for hit in one["hits"]] for one in groups}

    first = suggested()
    assert first["Newest bulletins"][0].startswith(f"{scene['published']}: ") and len(first["Newest bulletins"]) == 2
    assert {"New bulletin", "Today", "Calendar", "Hand over my shift"} <= set(first["Go to"])
    assert suggested("?q=cal")["Go to"] == ["Calendar"]
    assert {"Bulletins", "Fact-checks", "Submissions"} <= suggested("?q=nokia").keys()
    assert suggested("?q=elias@example.org") == {}, "an address stands in no address"
    assert "New bulletin" not in suggested("", signed_in(builders.build_user("reader", "approver")))["Go to"]
    with CaptureQueriesContext(connection) as before:
        suggested()
    builders.build_bulletin(scene["campaign"], by=scene["editor"])
    with CaptureQueriesContext(connection) as after:
        suggested()
    assert len(after) == len(before)


def test_every_kind_is_found_by_a_word_in_any_language(scene: dict[str, Any], boss: Any, signed_in: Any) -> None:
    client = signed_in(boss)
    kinds = found(client, "nokia")

    assert set(kinds["Bulletins"]) == {f"{scene[one]}: {builders_title(scene[one])}" for one in ("draft", "published")}
    assert kinds["Fact-checks"] == ["Nokialla ei ole vettä"]
    assert kinds["Submissions"] == [str(scene["message"])]
    assert kinds["Questions"] == ["Is Nokia's water safe?"]
    assert kinds["Answers"] == ["Where is water given?"]
    assert kinds["Influencers"] == ["Elias Nokia"]
    assert kinds["People"] == ["Nelli Nokia"]
    for hits in client.get(reverse(PAGE), {"q": "nokia"}).context["found"]:
        for hit in hits.hits:
            assert client.get(hit.address).status_code == 200, hit


def builders_title(bulletin: Bulletin) -> str:
    """Return a bulletin's English title."""
    return Edition.objects.get(bulletin=bulletin, language="en", reading_level="standard").title


def test_every_word_counts_and_nothing_is_found_by_half_of_them(
    scene: dict[str, Any], boss: Any, signed_in: Any
) -> None:
    client = signed_in(boss)
    assert found(client, "nokia  boil") == {
        "Bulletins": [f"{scene['published']}: Boil water in Nokia"],
        "Submissions": [str(scene["message"])],
    }
    assert found(client, "nokia xyzzy") == {} and found(client, "") == {} and found(client, "%") == {}


def test_a_number_or_a_reference_leads_to_its_own(scene: dict[str, Any], boss: Any, signed_in: Any) -> None:
    client = signed_in(boss)
    assert found(client, str(scene["draft"].number))["Bulletins"][0].startswith(f"{scene['draft']}: ")
    assert found(client, scene["message"].reference.upper())["Submissions"] == [str(scene["message"])]
    assert "Bulletins" not in found(client, "999999") and "Bulletins" not in found(client, "9" * 40)


def test_nobody_finds_what_they_may_not_open(
    scene: dict[str, Any], alma: Any, oskar: Any, liisa: Any, fiona: Any, signed_in: Any
) -> None:
    for user in (alma, oskar, liisa, fiona):
        kinds = found(signed_in(user), "nokia")
        for kind, permission in (
            ("Bulletins", "bulletins.view_bulletin"),
            ("Fact-checks", "factcheck.view_claim"),
            ("Submissions", "bulletins.view_messageinput"),
            ("Questions", "questions.view_questiongroup"),
            ("Influencers", "influencers.view_influencer"),
            ("People", "accounts.view_user"),
        ):
            assert (kind in kinds) == user.has_perm(permission), (user, kind)
    assert "Influencers" in found(signed_in(liisa), "nokia") and "Influencers" not in found(signed_in(alma), "nokia")


def test_an_address_is_found_whole_and_by_those_who_may_see_people(
    scene: dict[str, Any], boss: Any, alma: Any, liisa: Any, signed_in: Any
) -> None:
    address = scene["influencer"].recipient.email
    reader = builders.build_subscription(
        builders.build_digest(scene["campaign"], "day"), "reader@example.net"
    ).recipient

    assert set(found(signed_in(boss), address.upper())) == {"Influencers", "People", "Recipients"}
    assert found(signed_in(boss), scene["staff"].email) == {"People": ["Nelli Nokia"]}
    assert set(found(signed_in(boss), reader.email)) == {"Recipients"}
    assert set(found(signed_in(liisa), address)) == {"Influencers", "Recipients"}
    assert found(signed_in(liisa), reader.email) == {}
    assert found(signed_in(alma), address) == {}
    assert found(signed_in(boss), address[:-2]) == {}


def test_an_address_stands_in_no_address_bar(scene: dict[str, Any], boss: Any, signed_in: Any) -> None:
    client, address = signed_in(boss), scene["influencer"].recipient.email

    posted = client.post(reverse(PAGE), {"q": address})
    assert posted.status_code == 200 and posted.context["found"]
    asked = client.get(reverse(PAGE), {"q": address})
    assert asked.context["found"] == [] and "is not looked for from the address bar" in asked.content.decode()
    assert client.post(reverse(PAGE), {"q": "boil water"}).url == f"{reverse(PAGE)}?q=boil+water"


def test_only_the_campaign_that_the_desk_shows_is_searched(
    scene: dict[str, Any], boss: Any, noon: Any, signed_in: Any
) -> None:
    other = builders.build_campaign("other")
    builders.build_input(other, at=noon, title="Nokia of another campaign")
    builders.build_claim(other, "o", published=False, text={"en": "Nokia of another campaign"})

    assert found(signed_in(boss), "nokia") == {
        "Submissions": ["in-001: Nokia of another campaign"],
        "Fact-checks": ["Nokia of another campaign"],
        "People": ["Nelli Nokia"],
    }


@pytest.mark.both
@pytest.mark.parametrize("said", ["nokia", "1"])
def test_it_costs_the_same_however_much_is_found(
    said: str, scene: dict[str, Any], boss: Any, noon: Any, signed_in: Any
) -> None:
    client = signed_in(boss)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(PAGE), {"q": said}).context["found"]
        return len(captured)

    cost()
    few = cost()
    campaign, number = scene["campaign"], search.SHOWN + 2
    for n in range(number):
        bulletin = builders.build_bulletin(campaign, by=scene["editor"], at=noon)
        bulletin.editions.update(title=f"Nokia {n}")
        builders.build_input(campaign, authority=scene["authority"], at=noon, title=f"Nokia {n}")
        builders.build_claim(campaign, f"more-{n}", published=False, text={"en": f"Nokia {n}"})
    assert cost() == few
    assert few <= 45

    answer = client.get(reverse(PAGE), {"q": "nokia"})
    kinds = {one.kind: one for one in answer.context["found"]}
    assert len(kinds["Submissions"].hits) == search.SHOWN
    assert client.get(kinds["Submissions"].rest).status_code == 200


@pytest.mark.parametrize("said", ["'; DROP TABLE", '"', "-", "(", "\\", "*", "a" * 900, "🌊", "100%", "@", "a@"])
def test_anything_may_be_typed(said: str, scene: dict[str, Any], boss: Any, signed_in: Any) -> None:
    assert isinstance(found(signed_in(boss), said), dict)


def test_every_page_has_the_field(campaign: Any, alma: Any, signed_in: Any) -> None:
    for name in ("admin:index", "admin:bulletins_bulletin_changelist"):
        page = signed_in(alma).get(reverse(name)).content.decode()
        assert page.count('id="seek"') == 1 and f'action="{reverse(PAGE)}"' in page
