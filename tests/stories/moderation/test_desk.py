"""The desk's pages of stories."""

import pytest
from django.urls import reverse
from django.utils import timezone

from stories.models import StoryTheme
from tests.stories.wall.scene import accept, build_consent, build_shown, build_story, build_subtitles, themes

pytestmark = pytest.mark.django_db


def page(story) -> str:
    return reverse("admin:stories_story_change", args=[story.pk])


def test_six_themes_are_there_after_one_press_and_can_be_changed(signed_in, campaign, alma):
    desk, stories = signed_in(alma), reverse("admin:stories_story_changelist")
    assert "Begin with six themes" in desk.get(stories).text
    desk.post(stories, {"first_themes": "yes"})
    assert StoryTheme.objects.filter(campaign=campaign).count() == 6
    assert "Begin with six themes" not in desk.get(stories).text
    theme = StoryTheme.objects.get(slug="solidarity")
    sent = {"name__en": "Together", "slug": "solidarity", "position": 1, "words__en": "Neighbour, together"}
    assert desk.post(reverse("admin:stories_storytheme_change", args=[theme.pk]), sent).status_code == 302
    theme.refresh_from_db()
    assert (theme.name, theme.words) == ({"en": "Together"}, {"en": ["neighbour", "together"]})


def test_one_looks_names_the_themes_and_publishes(signed_in, campaign, alma, oskar):
    themes(campaign)
    story = build_story(campaign, at=timezone.now(), kind="video")
    build_consent(story, at=timezone.now())
    desk = signed_in(oskar)
    text = desk.get(page(story)).text
    assert "suggested by its words" in text and "Aino" in text
    theme = StoryTheme.objects.get(slug="solidarity")
    assert desk.post(page(story), {"themes": "yes", "theme": [theme.pk], "read": 0}).status_code == 302
    late = signed_in(alma).post(page(story), {"refuse": "yes", "remark": "No.", "read": 0})
    assert late.status_code == 409 and "somebody else has changed this story" in late.text
    shown = desk.get(page(story))
    sent = {"accept_and_publish": "yes", "read": 1, "seen": shown.context["pane"].seen}
    assert desk.post(page(story), sent).status_code == 302
    story.refresh_from_db()
    assert story.state == "published"
    assert desk.post(page(story), {"withdraw": "yes", "read": story.revision}).status_code == 302


def test_who_may_not_look_at_stories_sees_none(signed_in, campaign, liisa, fiona):
    story = build_story(campaign, at=timezone.now())
    for one in (liisa, fiona):
        assert signed_in(one).get(page(story)).status_code == 403


def test_list_and_page_cost_the_same_however_much_there_is(signed_in, campaign, oskar, django_assert_max_num_queries):
    now = timezone.now()
    story = build_story(campaign, at=now, kind="video")
    build_shown(campaign, at=now)
    desk, stories = signed_in(oskar), reverse("admin:stories_story_changelist")
    desk.get(stories)
    with django_assert_max_num_queries(30) as few:
        desk.get(stories)
    with django_assert_max_num_queries(40) as one:
        desk.get(page(story))
    for _number in range(4):
        accept(build_story(campaign, at=now, kind="pictures"), at=now)
        build_consent(story, at=now)
    build_subtitles(story, at=now)
    with django_assert_max_num_queries(len(few)):
        desk.get(stories)
    with django_assert_max_num_queries(len(one)):
        desk.get(page(story))
