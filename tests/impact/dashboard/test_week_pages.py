"""A week of a campaign: what was said, how far it got, what people think, what is open; for the minister, the team, and as CSV."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from bulletins.models import Version
from campaigns.models import Campaign
from demo.exercise.impact import measured_weeks, past_surveys
from impact.dashboard import open_matters, opinions, said, week_page, week_pdf
from impact.models import Measure, Survey
from impact.weeks import Week
from lib.pdf.paper import Paper
from questions.models import Question, QuestionGroup
from tests.impact.fidelity import posts_scene
from tests.support import builders
from tests.support.tagged_pdf import TaggedPdf

pytestmark = pytest.mark.django_db

AT = posts_scene.MONDAY_AFTER
LAST = Week.of(AT.date()).before()


def fill(campaign: Campaign, alma: Any, oskar: Any, *, at: datetime) -> None:
    """Give a campaign twelve weeks of measures and two surveys, made up."""
    measured_weeks.write(campaign, alma, at=at)
    past_surveys.create_surveys(campaign, composer=alma, starter=oskar, at=at)


def test_a_week_says_what_was_said_how_far_it_got_and_what_people_think(
    campaign: Campaign, alma: Any, oskar: Any
) -> None:
    cache.clear()
    version = posts_scene.published(campaign)
    posts_scene.posts_of(posts_scene.build_people(campaign, 5), version, posts_scene.DATELESS)
    fill(campaign, alma, oskar, at=AT)

    page = week_page.page_of(campaign, LAST, now=AT)

    assert page.said_in_short == "1 bulletin."
    [bulletin] = page.said
    assert bulletin.detail[0] == "In 5 posts" and "date is missing" in bulletin.detail[1]
    assert page.reach.lead and page.reach.lead.key == "post-reach" and page.reach.in_short == page.reach.lead.title
    assert [line.measure.key for line in page.reach.lines][:2] == ["subscribers", "page-visits"]
    [opinion] = page.opinions
    assert [row.words for row in opinion.rows] == ["I felt well informed.", "The bulletins have been necessary."]
    assert opinion.rows[0].is_clear and "Clearly up" in page.opinions_in_short


def test_posts_of_fewer_than_five_people_are_not_counted_aloud(campaign: Campaign) -> None:
    version = posts_scene.published(campaign)
    people = posts_scene.build_people(campaign, 5)
    posts_scene.posts_of([*people[:4], people[0]], version, posts_scene.KEPT)
    assert said.posts_about([version.bulletin_id]) == {}
    posts_scene.posts_of(people[4:], version, posts_scene.KEPT)
    assert said.posts_about([version.bulletin_id]) == {version.bulletin_id: 6}


def test_a_week_that_is_over_is_told_as_it_stood_at_its_end(campaign: Campaign, alma: Any, oskar: Any) -> None:
    before, declined = AT - timedelta(days=9), {"state": QuestionGroup.State.DECLINED, "declined_at": AT}
    for slug, asked_at, fields in (
        ("old", before, {"answer_by": AT - timedelta(3)}),
        ("new", AT, {"created_at": before}),  # prepared, and asked later
        ("prepared", None, {"created_at": before}),
        ("declined", before, declined),
    ):
        group = QuestionGroup.objects.create(campaign=campaign, slug=slug, label={"en": "Why?"}, **fields)
        if asked_at:
            Question.objects.create(campaign=campaign, group=group, language="en", text="Why?", asked_at=asked_at)
    end = LAST.ends(campaign.zone) - timedelta(seconds=1)
    assert open_matters.unanswered(campaign, at=end).count() == 2
    assert set(open_matters.unanswered(campaign, at=AT).values_list("slug", flat=True)) == {"old", "new"}
    assert open_matters.open_at(campaign, LAST, at=end).in_short == "1 question is past its day."
    past_surveys.create_surveys(campaign, composer=alma, starter=oskar, at=AT + timedelta(days=5))
    page = week_page.page_of(campaign, LAST, now=AT)
    assert [one.survey.name for one in page.opinions] == [past_surveys.NAMES[0]]


def test_what_the_pages_cost_does_not_grow(campaign: Campaign, alma: Any, oskar: Any, signed_in: Any) -> None:
    client, now = signed_in(alma), timezone.now()
    fill(campaign, alma, oskar, at=now)
    pages = [reverse(f"admin:impact_{name}") for name in ("week", "team", "csv")]

    def cost() -> list[int]:
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            found.append(sum("notifications_" not in one["sql"] for one in queries))  # the bell counts at times
        return found

    def publish() -> None:
        version = builders.build_published_version(campaign)
        Version.objects.filter(pk=version.pk).update(published_at=now - timedelta(days=now.weekday() + 1))

    publish()
    client.get(pages[0])
    before = cost()
    publish()
    Measure.objects.bulk_create(
        Measure(campaign=campaign, key=f"m{n}", name={"en": f"M{n}"}, unit="people") for n in range(30)
    )
    past_surveys.create_surveys(campaign, composer=alma, starter=oskar, at=now - timedelta(days=30))
    Survey.objects.filter(name=past_surveys.NAMES[0]).update(group=Survey.Group.SUBSCRIBERS)
    assert cost() == before


def test_the_csv_has_every_number_of_the_page(campaign: Campaign, alma: Any, oskar: Any, signed_in: Any) -> None:
    now = timezone.now()
    fill(campaign, alma, oskar, at=now)
    answer = signed_in(alma).get(reverse("admin:impact_csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["part"] for row in rows} == {"taken_last", "chart", "opinion"}
    informed = next(row for row in rows if row["what"] == "I felt well informed.")
    assert float(informed["low_95"]) < float(informed["value"]) < float(informed["high_95"])
    assert "attachment" in answer["Content-Disposition"]


def test_the_pdf_is_one_tagged_page_and_the_same_each_time(campaign: Campaign, alma: Any, oskar: Any) -> None:
    fill(campaign, alma, oskar, at=AT)
    page = week_page.page_of(campaign, LAST, now=AT)
    content = week_pdf.render(page, title="Impact, week 48", campaign="Drill")
    read = TaggedPdf(content)
    assert content == week_pdf.render(page, title="Impact, week 48", campaign="Drill")
    assert read.problems() == [] and len(read.pages()) == 1
    assert [kid.role for kid in read.tree.kids].count("Figure") == 3  # a chart and two shares


@pytest.mark.parametrize(("language", "word"), [("fi", "Muutos"), ("sv", "Förändring")])
def test_the_change_of_a_value_is_a_noun(
    campaign: Campaign, alma: Any, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    measured_weeks.write(campaign, alma, at=AT)
    heads: list[str] = []
    monkeypatch.setattr(Paper, "table", lambda _paper, head, *_rows, **_form: heads.append(head[-1]))
    with override(language):
        week_pdf.render(week_page.page_of(campaign, LAST, now=AT), title="Week", campaign="Drill")
    assert heads == [word]


def test_a_week_to_come_is_not_there(campaign: Campaign, alma: Any, signed_in: Any) -> None:
    client = signed_in(alma)
    for week in ("2099-W01", "soon"):
        assert client.get(reverse("admin:impact_week"), {"week": week}).status_code == 404
    html = client.get(reverse("admin:impact_week")).content.decode()
    assert "Nobody has been asked lately." in html and "Nothing was published this week." in html


def test_who_was_drawn_is_told_first_and_an_open_link_makes_no_headline(
    campaign: Campaign, alma: Any, oskar: Any, signed_in: Any
) -> None:
    past_surveys.create_surveys(campaign, composer=alma, starter=oskar, at=timezone.now() - timedelta(days=8))
    Survey.objects.filter(name=past_surveys.NAMES[0]).update(group=Survey.Group.SUBSCRIBERS)
    Survey.objects.filter(name=past_surveys.NAMES[1]).update(way=Survey.Way.PUBLIC, group=Survey.Group.FOLLOWERS)
    html = signed_in(alma).get(reverse("admin:impact_week")).content.decode()
    drawn, _apart, link = (html.index(words) for words in (">Digest subscribers\n", "askedapart", ">Followers\n"))
    assert drawn < _apart < link
    found = opinions.opinions_by(campaign, at=timezone.now())
    assert "Followers" not in opinions.in_short(found) and "that says nothing" in opinions.in_short(found[1:]).lower()


def test_the_headline_is_compared_with_the_week_before_as_the_lines_are(campaign: Campaign, alma: Any) -> None:
    measured_weeks.write(campaign, alma, at=AT)
    reach = week_page.page_of(campaign, LAST, now=AT).reach
    assert reach.lead and all(f"week {LAST.number - 1}." in one for one in (reach.lead.finding, reach.lines[1].change))
