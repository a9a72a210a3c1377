"""The map of the site and what search engines are asked not to read."""

import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bulletins.publication import corrections
from questions.answers import answer_workflow
from questions.models import Answer, QuestionGroup
from stories.commissions import drafts
from stories.courses import course_steps
from stories.models import Prompt
from tests.stories.commissions.scene import build_creator, build_published
from tests.stories.contributions.scene import build_contribution, build_prompt, shown
from tests.stories.courses.scene import build_course
from tests.support import builders
from website.pages import sitemap

pytestmark = pytest.mark.django_db

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
TOLD = builders.in_all(en="A source changed.")


def mapped(client: Any, path: str = "/sitemap.xml") -> dict[str, tuple[str, dict[str, str]]]:
    """Return {path: (when it changed, {language: path})} of a map, read by another parser than wrote it."""
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{MAP}urlset"

    def local(address: str) -> str:
        return "/" + address.split("/", 3)[3]

    return {
        local(url.findtext(f"{MAP}loc") or ""): (
            url.findtext(f"{MAP}lastmod") or "",
            {link.attrib["hreflang"]: local(link.attrib["href"]) for link in url.iter(LINK)},
        )
        for url in root
    }


def build_answers(campaign: Any, number: int) -> None:
    """Build answers that everyone may read."""
    from campaigns.models import Authority

    authority = Authority.objects.first() or builders.build_authority()
    for count in range(number):
        group = QuestionGroup.objects.create(
            campaign=campaign, slug=f"q{QuestionGroup.objects.count()}", label=builders.in_all(en=f"Is it {count}?")
        )
        answer = Answer.objects.create(group=group, authority=authority, text=builders.in_all(en="Yes."))
        answer_workflow.freeze(answer, by=None, at=timezone.now() - timedelta(days=1))


def test_every_page_that_stands_is_there_in_each_language_with_its_others(campaign, client):
    builders.build_published_version(campaign)
    builders.build_claim(campaign)
    build_answers(campaign, 1)

    found = mapped(client)

    for path in ("", "bulletins/", "bulletins/1/", "facts/garlic/", "answers/q0/", "help/", "about/privacy/"):
        for language in builders.LANGUAGES:
            assert found[f"/{language}/{path}"][1] == {code: f"/{code}/{path}" for code in builders.LANGUAGES}
    assert datetime.fromisoformat(found["/fi/bulletins/1/"][0]) == builders.NOON
    assert found["/fi/about/"][0] == ""


def test_each_address_on_the_map_answers(campaign, client):
    builders.build_published_version(campaign)
    builders.build_claim(campaign)
    build_answers(campaign, 1)

    assert {client.get(path).status_code for path in mapped(client) if path.startswith("/sv/")} == {200}


def test_nothing_that_waits_was_withdrawn_or_replaced_is_there(campaign, client, oskar):
    builders.build_published_version(campaign)
    withdrawn = builders.build_published_version(campaign).bulletin
    corrections.retract(withdrawn, by=builders.editor(), at=builders.NOON, what_changed=TOLD)
    builders.published(withdrawn)
    corrected = builders.build_published_version(campaign).bulletin
    corrections.start_correction(corrected, by=builders.editor(), at=builders.NOON, what_changed=TOLD)
    builders.published(corrected)
    builders.build_approved_bulletin(campaign, embargo_until=timezone.now() + timedelta(days=1))
    builders.build_claim(campaign, "draft", published=False)
    paused = builders.build_claim(campaign, "paused")
    builders.pause_claim(paused, told=TOLD, by=builders.editor(), at=builders.NOON)
    build_answers(campaign, 1)
    answer = Answer.objects.get()
    builders.withdraw_answer(answer, why=TOLD, by=oskar, at=timezone.now())

    paths = [path for path in mapped(client) if path.startswith("/en/")]

    assert "/en/bulletins/1/" in paths and "/en/bulletins/3/" in paths
    for part in ("/bulletins/2/", "/bulletins/4/", "/versions/", "draft", "paused", "/answers/q0/"):
        assert [path for path in paths if part in path] == []


def test_courses_prompts_and_commissioned_works_are_there_until_they_are_gone(campaign, client):
    now = timezone.now()
    course = build_course(campaign, at=now)
    build_prompt(campaign, at=now + timedelta(days=1), slug="later")
    wall = reverse("contributions:prompt", args=[build_prompt(campaign, at=now).slug])
    shown(build_contribution(Prompt.objects.get(slug="afterwards"), at=now), at=now)
    work = build_published(campaign, build_creator(campaign, at=now), at=now)

    found = mapped(client)

    pages = [course.get_absolute_url(), wall, reverse("commissions:work", args=[work.pk])]
    pages += [reverse(name) for name in ("courses:courses", "contributions:prompts", "commissions:works")]
    for path in pages:
        assert found[path][1].keys() == set(builders.LANGUAGES) and client.get(path).status_code == 200
    assert datetime.fromisoformat(found[wall][0]) == now
    assert not [path for path in found if "later" in path]

    course_steps.withdraw(course, by=builders.editor(), at=now)
    drafts.take_down(work, by=builders.editor(), at=now)
    left = mapped(client)
    assert [path for path in pages if path in left] == [wall, reverse("contributions:prompts")]


def test_a_bulletin_is_listed_only_in_languages_that_it_has_an_edition_in(campaign, client):
    version = builders.build_published_version(campaign)
    version.editions.filter(language="sv").delete()

    found = mapped(client)

    assert set(found["/fi/bulletins/1/"][1]) == {"fi", "en"}
    assert "/sv/bulletins/1/" not in found


def test_a_long_map_is_a_list_of_parts_that_lose_nothing(campaign, client, monkeypatch):
    builders.build_bulletins(3, campaign)
    whole = mapped(client)
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 12)

    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [sheet.findtext(f"{MAP}loc") or "" for sheet in root]

    assert root.tag == f"{MAP}sitemapindex" and len(parts) > 2
    found: dict[str, Any] = {}
    for part in parts:
        sheet = mapped(client, "/" + part.split("/", 3)[3])
        assert 0 < len(sheet) <= 12 and not found.keys() & sheet.keys()
        found |= sheet
    assert found == whole
    assert client.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_the_map_costs_the_same_however_much_is_on_it(campaign, client):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            mapped(client)
        return len(captured)

    builders.build_published_version(campaign)
    builders.build_claim(campaign)
    build_answers(campaign, 1)
    build_course(campaign, at=timezone.now())
    few = cost()
    builders.build_bulletins(3, campaign)
    builders.build_claim(campaign, "second")
    build_answers(campaign, 3)

    assert cost() == few


def test_without_a_campaign_the_map_is_empty_and_right(client):
    assert mapped(client) == {}


def test_search_engines_stay_out_of_an_exercise_altogether(campaign, client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode().split("\n") == ["User-agent: *", "Disallow: /", ""]


def test_of_a_live_campaign_they_get_the_map_and_what_is_not_for_them(client, settings):
    builders.build_campaign(mode="live", note={})

    lines = client.get("/robots.txt").content.decode().splitlines()

    assert f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml" in lines
    assert "Disallow: /" not in lines
    for path in ("/desk/", "/*/portal/", "/*/account/", "/*/mail/", "/*/inputs/", "/*/subscription/"):
        assert f"Disallow: {path}" in lines
