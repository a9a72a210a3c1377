"""Agendas fill themselves until the meeting begins, then stay as they were."""

from datetime import timedelta

import pytest

from questions.models import Question
from stories.exchanges.agendas import agenda_sources, agendas
from stories.exchanges.agendas.agenda_sources import AgendaSource, Point
from stories.exchanges.meetings import meeting_steps
from stories.exchanges.refusals import NotDone
from stories.models import AgendaItem, Story
from tests.stories.exchanges.scene import build_member, build_municipality, build_series, first
from tests.support import builders
from tests.support.builders import in_all
from website import agenda_points

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


@pytest.fixture
def body(campaign):
    return build_municipality(campaign)


@pytest.fixture
def meeting(campaign, noon):
    """The meeting a week after the one of today."""
    series = build_series(campaign, at=noon)
    return series.meetings.select_related("exchange__campaign").order_by("starts_at")[1]


@pytest.fixture
def source(monkeypatch):
    """A source of its own, alone; its points can be changed."""
    points = [Point("1", {"en": "First"}), Point("2", {"en": "Second"})]
    one = AgendaSource("own", "Own", lambda *unused: points, lambda keys: dict.fromkeys(keys, ""))
    monkeypatch.setattr(agenda_sources, "_sources", {"own": one})
    return points


def titles(meeting):
    """Return what is on an agenda, in order."""
    return [one.item.title["en"] for one in agendas.read(meeting)]


def build_story(body, *, at, **fields):
    """Return a story that anyone may see."""
    told = {"key": f"k{Story.objects.count()}", "kind": "text", "state": "published", "original_language": "en"}
    told |= {"title": in_all(en="Masks for all"), "made_at": at, "published_at": at, "digest": "x"}
    return Story.objects.create(
        campaign=body.campaign, municipality=body, checked_by=builders.editor(), **told | fields
    )


def test_it_has_what_is_new_since_the_meeting_before_and_what_is_still_open(campaign, body, meeting, noon, alma):
    builders.build_published_version(campaign, at=noon + timedelta(days=2))
    new = build_story(body, at=noon + timedelta(days=2))
    build_story(body, at=noon - timedelta(days=2))
    mauri = build_member(body)
    asked = Question.objects.create(
        campaign=campaign,
        text="Who pays?",
        language="en",
        via="municip",
        asked_by=mauri,
        channel="Helsinki",
        asked_at=noon,
    )
    Question.objects.create(campaign=campaign, text="Whose?", language="en", via="portal", asked_at=noon)
    row = meeting_steps.add_follow_up(
        first(meeting.exchange), {"text": in_all(en="Ask the region"), "due_on": noon.date()}, by=alma, at=noon
    )
    agendas.fill(meeting, at=noon + timedelta(days=3))
    found = {(one.source, one.key): one.title for one in AgendaItem.objects.all()}
    bulletin = next(key for source, key in found if source == "bulletins")
    assert found.keys() == {
        ("follow_ups", str(row.pk)),
        ("stories", str(new.pk)),
        ("questions", str(asked.pk)),
        ("bulletins", bulletin),
    }
    assert found["stories", str(new.pk)]["en"] == "Helsinki: Masks for all"
    assert found["questions", str(asked.pk)] == {"en": "Helsinki: Who pays?"}
    pages = {one.item.source: one.page for one in agendas.read(meeting)}
    assert "/bulletins/" in pages["bulletins"] and pages["follow_ups"] == ""
    Story.objects.update(state="withdrawn")  # its words go at once
    assert "Helsinki: Masks for all" not in titles(meeting)
    assert agenda_points.pages_of_questions([str(asked.pk)]).keys() == {str(asked.pk)}


def test_it_is_refreshed_until_the_meeting_begins_and_then_stays(meeting, source, noon, django_assert_num_queries):
    assert agendas.fill_due(at=noon) == 1  # the meeting of today; the next one is too far away
    soon = meeting.starts_at - timedelta(days=1)
    agendas.fill_due(at=soon)
    assert titles(meeting) == ["First", "Second"]
    with django_assert_num_queries(1):
        assert agendas.fill_due(at=soon) == 0
    source[:] = [Point("2", {"en": "Second, changed"}), Point("3", {"en": "Third"})]
    agendas.fill_due(at=soon + agendas.AGAIN)
    assert titles(meeting) == ["Second, changed", "Third"]
    agendas.fill_due(at=meeting.starts_at)
    source.clear()
    agendas.fill_due(at=meeting.starts_at + WEEK)
    assert titles(meeting) == ["Second, changed", "Third"]


def test_people_add_order_and_leave_out_until_it_begins(meeting, source, noon, alma):
    agendas.fill(meeting, at=noon)
    own = agendas.add(meeting, in_all(en="Welcome"), minutes=5, by=alma, at=noon)
    assert titles(meeting) == ["Welcome", "First", "Second"]
    one, two = AgendaItem.objects.exclude(source="").order_by("key")
    wishes = {
        two.pk: agendas.Wish(1, 10, False),
        own.pk: agendas.Wish(2, 5, False),
        one.pk: agendas.Wish(3, None, True),
    }
    agendas.arrange(meeting, wishes, by=alma, at=noon)
    agendas.fill(meeting, at=noon)  # what was left out does not come back
    assert titles(meeting) == ["Second", "Welcome"]
    agendas.fill(meeting, at=meeting.starts_at)
    with pytest.raises(NotDone):
        agendas.add(meeting, in_all(en="Late"), minutes=None, by=alma, at=meeting.starts_at)
    assert titles(meeting) == ["Second", "Welcome"]


def test_a_source_that_fails_leaves_its_points(meeting, source, noon, monkeypatch):
    agendas.fill(meeting, at=noon)

    def broken(*unused):
        raise RuntimeError

    monkeypatch.setattr(
        agenda_sources, "_sources", {"own": AgendaSource("own", "Own", broken, lambda keys: dict.fromkeys(keys, ""))}
    )
    agendas.fill(meeting, at=noon)
    assert titles(meeting) == ["First", "Second"]
