"""The wall and the pages of stories, as anyone sees them."""

import json

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from campaigns.models import PageChange, Region
from impact.page_views import daily_views
from impact.page_views.counter import Key
from stories.models import Story
from stories.moderation import story_steps
from tests.support.builders import editor, in_all

from .scene import build_consent, build_file, build_municipality, build_shown, build_story, build_subtitles

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(campaign):
    now = timezone.now()
    story = build_shown(campaign, at=now, kind="video", title={"en": "Water", "fi": "Vettä"})
    build_subtitles(story, at=now)
    build_file(story, "cut", "en", at=now, width=720, height=1280)
    return story


def wall(client, query="") -> str:
    return " ".join(client.get(reverse("stories:wall") + query).text.split())


def test_nothing_is_on_the_wall_before_it_is_published(client, campaign):
    build_story(campaign, at=timezone.now())
    assert "No stories yet." in wall(client)
    assert reverse("stories:wall") not in client.get(reverse("home")).text


def test_stories_are_chosen_by_theme_region_municipality_and_language(client, campaign):
    now = timezone.now()
    north = Region.objects.create(code="MK19", name=in_all(en="Lapland"))
    far = build_municipality(campaign, "Kaamaslahti", region=north)
    build_shown(campaign, at=now, title={"en": "Ours"})
    build_shown(campaign, at=now, municipality=far, title={"fi": "Theirs"}, original_language="fi")
    assert "2 stories, newest first" in wall(client)
    for query in ("?region=MK19", "?municipality=kaamaslahti", "?language=fi"):
        text = wall(client, query)
        assert "1 story, newest first" in text and "Theirs" in text and "Ours" not in text
    assert "2 stories" in wall(client, "?theme=solidarity")
    assert "No story fits your choice." in wall(client, "?theme=volunteering")
    assert "No story fits your choice." in wall(client, "?region=nowhere")
    assert reverse("stories:wall") in client.get(reverse("home")).text


def test_the_wall_costs_the_same_however_many_stories_there_are(client, campaign, django_assert_num_queries):
    now = timezone.now()
    build_shown(campaign, at=now, kind="video")
    with django_assert_num_queries(11) as few:
        client.get(reverse("stories:wall"))
    for number in range(4):
        build_shown(campaign, at=now, kind="pictures", municipality=build_municipality(campaign, f"Town {number}"))
    with django_assert_num_queries(len(few)):
        assert "5 stories" in wall(client)


def test_a_page_has_the_video_with_its_subtitles_as_tracks_and_as_text(client, campaign, film):
    text = client.get(film.get_absolute_url()).text
    track = reverse("story_subtitles:vtt", args=[film.key, "en"])
    assert f'src="{track}"' in text and "autoplay" not in text and 'preload="none"' in text
    assert 'data-seek="9.00"' in text and "A neighbour brought us water." in text
    assert client.get(track).text.startswith("WEBVTT")
    assert "Source: Kuusivaara" in text and "Lähde: Kuusivaara" in text
    assert reverse("website:embed_story", args=[film.key]) in text
    assert film.files.get(role="original").file.name not in text


def test_what_is_taken_along_is_named_in_the_readers_language_and_begins_with_it(client, film):
    build_subtitles(film, "fi", at=timezone.now())
    for code in ("en", "fi"):
        build_file(film, "share", code, at=timezone.now(), width=1080, height=1080)
    with override("fi"):
        text = " ".join(client.get(film.get_absolute_url()).text.split())
    assert "Tekstitys kuvassa: englanti" in text
    assert 0 < text.index("Suomi, 1080 × 1080") < text.index("Englanti, 1080 × 1080")
    assert text.index('data-tab="suomi"') < text.index('data-tab="English"')


def test_what_is_gone_answers_410_everywhere(client, campaign, film):
    consent = build_consent(film, at=timezone.now())
    media = [reverse("media", args=[one.file.name]) for one in film.files.exclude(role="original")]
    places = [film.get_absolute_url(), reverse("website:embed_story", args=[film.key]), *media]
    places.append(reverse("story_subtitles:vtt", args=[film.key, "en"]))
    feeds = [reverse(f"website:stories_{kind}") for kind in ("rss", "atom", "json")]
    assert {client.get(place).status_code for place in places} == {200}
    assert all(film.key in client.get(feed).text for feed in feeds)
    original = reverse("media", args=[film.files.get(role="original").file.name])
    assert client.get(original).status_code == 404
    before = PageChange.objects.filter(takes_back=True).count()
    consent.withdrawn_at = timezone.now()
    consent.save()
    story_steps.consent_taken_back(consent, at=timezone.now())
    assert PageChange.objects.filter(takes_back=True).count() == before + 1
    assert {client.get(place).status_code for place in places} == {410}
    gone = client.get(film.get_absolute_url())
    assert "changed their mind" in gone.text and "Water" not in gone.text and gone["Cache-Control"] == "no-store"
    assert not any(film.key in client.get(feed).text for feed in feeds)
    assert client.get(reverse("stories:story", args=["nothing"])).status_code == 404


def test_whoever_looks_at_stories_sees_what_is_private(signed_in, campaign, alma, liisa):
    story = build_story(campaign, at=timezone.now(), kind="video")
    original = reverse("media", args=[story.files.get(role="original").file.name])
    answer = signed_in(alma).get(original)
    assert answer.status_code == 200 and "private" in answer["Cache-Control"]
    assert signed_in(liisa).get(original).status_code == 404


def test_pages_are_counted_and_said_above_a_few(client, campaign, film):
    assert f"/seen/{campaign.pk}/story/{film.pk}.gif" in client.get(film.get_absolute_url()).text
    waiting = build_story(campaign, at=timezone.now())
    daily_views.add(
        {Key(campaign.pk, "story", film.pk): 5, Key(campaign.pk, "story", waiting.pk): 9}, at=timezone.now()
    )
    cache.clear()
    assert "Seen" not in client.get(film.get_absolute_url()).text
    daily_views.add({Key(campaign.pk, "story", film.pk): 1, Key(campaign.pk, "stories", 0): 3}, at=timezone.now())
    assert "Seen 6 times" in " ".join(client.get(film.get_absolute_url()).text.split())
    assert Story.objects.get(pk=waiting.pk).views == 0


def test_other_sites_find_the_box_of_a_story(client, campaign, film):
    url = f"http://{{}}{film.get_absolute_url()}"
    from django.conf import settings

    url = settings.PUBLIC_URL + film.get_absolute_url()
    told = json.loads(client.get(reverse("oembed"), {"url": url}).text)
    assert reverse("website:embed_story", args=[film.key]) in told["html"] and told["title"] == "Water"
    sitemap = client.get(reverse("sitemap")).text
    assert film.key in sitemap
    entry = json.loads(client.get(reverse("website:stories_json")).text)["items"][0]
    assert film.key in entry["url"] and "Water" in entry["title"]


def test_a_story_in_another_language_keeps_the_mark_of_its_own(client, campaign):
    story = build_shown(campaign, at=timezone.now(), title={"fi": "Vettä"}, sentence={}, original_language="fi")
    assert '<span lang="fi">Vettä</span>' in client.get(story.get_absolute_url()).text
    assert editor() != story.sent_by
