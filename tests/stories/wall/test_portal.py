"""Stories in the portal, to be taken along."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from notifications.models import Notice
from stories.models import Story, StoryTake
from stories.moderation import story_steps

from .scene import build_file, build_shown, build_subtitles

pytestmark = pytest.mark.django_db


def test_whoever_opens_a_story_to_take_it_along_is_noted_and_told_when_it_is_gone(signed_in, campaign, ines, oskar):
    now = timezone.now()
    story = build_shown(campaign, at=now, kind="video")
    build_subtitles(story, at=now)
    build_file(story, "cut", "en", at=now)
    portal = signed_in(ines)
    assert reverse("influencers:stories") in portal.get(reverse("influencers:home")).text
    assert "A neighbour brought us water" in portal.get(reverse("influencers:stories")).text
    page = reverse("influencers:story", args=[story.key])
    text = portal.get(page).text
    assert "Source: Kuusivaara" in text and "Upright 9:16" in text
    portal.get(page)
    assert StoryTake.objects.get().user == ines
    Story.objects.update(title=story.title | {"fi": "Naapuri toi vettä", "sv": "Grannen kom med vatten"})
    story.refresh_from_db()
    with override("sv"):  # whoever takes it off reads another language
        story_steps.withdraw(story, read=story.revision, by=oskar, at=now)
    told = Notice.objects.get(person=ines, kind="story_gone").text
    assert told == "Naapuri toi vettä\nJos jaoit sen, poista se."
    assert portal.get(page).status_code == 410
    assert "No longer to be shown" in portal.get(reverse("influencers:stories")).text
