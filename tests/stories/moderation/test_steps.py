"""What may be shown of a story: looked at by somebody else, with a theme and everybody's consent; and gone when that is over."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.access import two_administrators
from accounts.audit import trail
from accounts.models import AuditEntry
from agreement.refusals import Refused
from campaigns.models import Campaign
from notifications.models import Notice
from stories.models import MunicipalityMember, Story, StoryJob, StoryTake
from stories.moderation import first_themes, story_steps, theme_suggestions
from stories.moderation.pending_work import stories_to_check
from stories.story_media import bench, files
from tests.stories.wall.scene import (
    accept,
    build_consent,
    build_file,
    build_shown,
    build_story,
    build_subtitles,
    themes,
)
from tests.support import builders

pytestmark = pytest.mark.django_db


def shown(campaign: Campaign) -> list[str]:
    return [one.key for one in Story.objects.shown(campaign)]


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("person__name", flat=True))


def test_a_second_person_accepts_exactly_what_they_looked_at(campaign, alma, oskar, noon):
    story = build_story(campaign, at=noon)
    maija = story.sent_by
    digest = story_steps.STORY.digest_of(story)
    with pytest.raises(Refused, match="worked on this"):
        story_steps.accept(story, digest=digest, read=0, by=maija, at=noon)
    MunicipalityMember.objects.create(municipality=story.municipality, user=alma, joined_at=noon)
    with pytest.raises(Refused, match="worked on this"):
        story_steps.accept(story, digest=digest, read=0, by=alma, at=noon)
    Story.objects.filter(pk=story.pk).update(title={"en": "Something else"})
    with pytest.raises(Refused, match="changed since you read"):
        story_steps.accept(story, digest=digest, read=0, by=oskar, at=noon)
    story.refresh_from_db()
    assert story.state == "sent" and story.revision == 0
    Story.objects.filter(pk=story.pk).update(title={"en": "A neighbour brought us water"})
    accept(story, by=oskar, at=noon)
    assert (story.state, story.checked_by) == ("accepted", oskar)
    assert shown(campaign) == []


def test_a_story_is_published_with_a_theme_and_the_consent_of_everybody_seen(campaign, alma, oskar, noon):
    story = build_story(campaign, at=noon, kind="video")
    consent = build_consent(story, at=noon, signed=False)
    story.files.filter(role="web").delete()
    with pytest.raises(Refused, match="made ready"):
        accept(story, by=oskar, at=noon)
    job = StoryJob.objects.create(story=story, kind="sizes", state="failed", error=bench.NOT_READ, asked_at=noon)
    with pytest.raises(Refused, match="cannot be read"):  # rather than that it is still being made
        accept(story, by=oskar, at=noon)
    job.delete()
    build_file(story, "web", "720", at=noon)
    accept(story, by=oskar, at=noon)
    with pytest.raises(Refused, match=r"at least one theme.*Aino"):
        story_steps.publish(story, read=story.revision, by=oskar, at=noon)
    files.keep(story, "web", "720", ContentFile(b"another film"), ".mp4", at=noon)
    with pytest.raises(Refused, match="changed since it was accepted"):
        story_steps.publish(story, read=story.revision, by=oskar, at=noon)
    build_file(story, "web", "720", at=noon)
    story_steps.set_themes(story, themes(campaign)[:2], read=story.revision, by=alma, at=noon)
    assert stories_to_check(campaign, alma, noon) == []
    consent.signed_at, consent.agreed_to = noon, "I agree."
    consent.save()
    assert len(stories_to_check(campaign, alma, noon)) == 1
    story.refresh_from_db()
    story_steps.publish(story, read=story.revision, by=oskar, at=noon)
    story.refresh_from_db()
    assert shown(campaign) == [story.key]
    assert story.captions_due == (campaign.local(noon) + timedelta(days=14)).date()
    assert Campaign.objects.get(pk=campaign.pk).has_stories
    assert told("story_published") == {"Maija"}
    assert AuditEntry.objects.filter(verb="story.published", digest=story.digest).exists()


def test_pictures_need_alt_texts_and_whoever_wrote_them_does_not_accept(campaign, alma, oskar, noon):
    story = build_story(campaign, at=noon, kind="pictures")
    picture = story.files.get()
    words = {"title": {"fi": "Naapuri toi vettä"}, "alt": {str(picture.pk): {"en": "A bucket."}}}
    story_steps.propose_words(story, words, read=0, by=alma, at=noon)
    story.refresh_from_db()
    assert story.title == {"en": "A neighbour brought us water"}
    digest = story_steps.STORY.digest_of(story)
    with pytest.raises(Refused, match="worked on this"):
        story_steps.accept(story, digest=digest, read=story.revision, by=alma, at=noon)
    accept(story, by=oskar, at=noon)
    picture.refresh_from_db()
    assert story.title["fi"] == "Naapuri toi vettä" and picture.alt_text == {"en": "A bucket."}
    story_steps.set_themes(story, themes(campaign)[:1], read=story.revision, by=alma, at=noon)
    story.refresh_from_db()
    story_steps.publish(story, read=story.revision, by=alma, at=noon)
    assert shown(campaign) == [story.key]


def test_of_two_people_at_once_the_second_is_told_and_nothing_is_lost(campaign, alma, oskar, noon):
    story = build_story(campaign, at=noon)
    rows = themes(campaign)
    story_steps.set_themes(story, rows[:1], read=0, by=alma, at=noon)
    with pytest.raises(Refused, match="somebody else has changed"):
        story_steps.set_themes(story, rows[1:2], read=0, by=oskar, at=noon)
    with pytest.raises(Refused, match="somebody else has changed"):
        story_steps.refuse(story, remark="No.", read=0, by=oskar, at=noon)
    story.refresh_from_db()
    assert list(story.themes.all()) == rows[:1] and story.state == "sent"


def test_one_is_sent_back_or_refused_with_words_to_the_sender(campaign, oskar, noon):
    story = build_story(campaign, at=noon)
    with pytest.raises(Refused, match="write why"):
        story_steps.return_to_sender(story, remark=" ", read=0, by=oskar, at=noon)
    story_steps.return_to_sender(story, remark="The sound is missing.", read=0, by=oskar, at=noon)
    assert told("story_returned") == {"Maija"}
    assert "The sound is missing." in Notice.objects.get(kind="story_returned").text
    other = build_story(campaign, at=noon)
    story_steps.refuse(other, remark="It is an advertisement.", read=0, by=oskar, at=noon)
    other.refresh_from_db()
    assert other.state == "refused"


@pytest.mark.parametrize("way", ["withdrawn", "consent taken back"])
def test_what_is_gone_is_gone_everywhere_and_whoever_took_it_along_is_told(campaign, oskar, ines, noon, way):
    story = build_shown(campaign, at=noon)
    StoryTake.objects.create(story=story, user=ines, opened_at=noon)
    if way == "withdrawn":
        story_steps.withdraw(story, read=story.revision, by=oskar, at=noon)
        assert told("story_withdrawn") == {"Maija"}
    else:
        consent = build_consent(story, at=noon)
        consent.withdrawn_at = noon
        consent.save()
        assert story_steps.consent_taken_back(consent, at=noon) == 1
    assert shown(campaign) == []
    assert not Campaign.objects.get(pk=campaign.pk).has_stories
    assert told("story_gone") == {ines.name}
    assert StoryTake.objects.get().told_at == noon


def test_words_suggest_themes_in_each_language_and_in_other_forms(campaign, noon):
    first_themes.add(campaign)
    rows = list(campaign.story_themes.all())
    story = build_story(
        campaign,
        at=noon,
        kind="video",
        title={"fi": "Vapaaehtoiset jakoivat maskeja"},
        sentence={},
        original_language="fi",
    )

    def suggested() -> set[str]:
        found = theme_suggestions.suggested(story, rows)
        return {one.slug for one in rows if one.pk in found}

    assert suggested() == {"volunteering", "food-and-masks"}
    build_subtitles(story, "en", at=noon)
    assert "solidarity" in suggested()  # a neighbour


def test_arrivals_are_told_to_those_who_may_look_at_them(campaign, alma, oskar, liisa):
    story = build_story(campaign, at=timezone.now(), sent_by=alma)
    story_steps.arrived(story, at=timezone.now())
    assert told("story_waits") == {oskar.name}


def test_a_former_member_of_the_municipality_does_not_accept_its_story(campaign, oskar, noon):
    story = build_story(campaign, at=noon)
    trail.note("municipality.joined", story.municipality, by=oskar, at=noon)
    with pytest.raises(Refused, match="worked on this"):
        accept(story, by=oskar, at=noon)
    story.refresh_from_db()
    assert story.state == "sent"


def test_who_invited_the_sender_does_not_accept_their_story_on_a_live_site(campaign, noon, monkeypatch):
    monkeypatch.setattr(two_administrators, "live_since", lambda: noon - timedelta(days=90))
    admin, story = builders.build_user("head", "admin"), build_story(campaign, at=noon)
    trail.note("user.invited", story.sent_by, by=admin, at=noon - timedelta(days=1))
    with pytest.raises(Refused, match="independent"):
        accept(story, by=admin, at=noon)
    story.refresh_from_db()
    assert story.state == "sent"


def test_what_is_made_of_a_film_that_was_replaced_meanwhile_is_not_kept(campaign, noon):
    story = build_story(campaign, at=noon, kind="video")
    original = story.files.get(role="original")
    web = story.files.get(role="web").sha256
    original_before = type(original).objects.get(pk=original.pk)
    type(original).objects.filter(pk=original.pk).update(sha256="another film")
    with pytest.raises(files.Replaced):
        files.keep(story, "web", "720", ContentFile(b"old film"), ".mp4", at=noon, of=original_before)
    assert story.files.get(role="web").sha256 == web
