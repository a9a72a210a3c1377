"""Fifteen stories of municipalities: fourteen that everyone sees, with subtitles in three languages, and one that waits to be looked at."""

import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from accounts.models import User
from campaigns.models import Campaign, Region
from demo.content_files.content import Content
from lib.images import ffmpeg
from lib.text.subtitles import Cue, to_vtt
from lib.yaml_files import Item
from stories.consents import consent_steps
from stories.models import Municipality, MunicipalityMember, Story, StoryJob, StorySubtitles, StoryTheme
from stories.moderation import first_themes
from stories.moderation import story_steps as moderation
from stories.sending import story_steps, uploads
from stories.story_media import jobs, makers
from stories.subtitles import subtitle_steps

from . import story_films

KEPT = "x02"  # the municipality that the demo's person of a municipality sends for


def create(campaign: Campaign, content: Content, *, sender: User, writer: User, checker: User, at: datetime) -> None:
    """Send them, have them looked at by somebody else, and publish them; without FFmpeg those that are words alone."""
    first_themes.add(campaign)
    places = {item.text("code"): municipality_of(campaign, item) for item in content.stories}
    MunicipalityMember.objects.create(municipality=places[KEPT], user=sender, joined_at=at - timedelta(days=60))
    waiting = max(content.stories, key=lambda item: -(item.number("days") or 0))
    for item in content.stories:
        if "scene" in item.data and not ffmpeg.is_installed():
            continue
        began = at - timedelta(days=item.number("days") or 0, hours=5)
        story = sent(places[item.text("code")], item, by=sender, at=began)
        if item is not waiting:
            published(story, item, writer=writer, checker=checker, at=began + timedelta(hours=2))


def municipality_of(campaign: Campaign, item: Item) -> Municipality:
    """Return the municipality of a story."""
    row, _is_new = Municipality.objects.get_or_create(
        campaign=campaign,
        code=item.text("code"),
        defaults={
            "name": item.translated("municipality"),
            "region": Region.objects.get(code=item.text("region")),
        },
    )
    return row


def sent(municipality: Municipality, item: Item, *, by: User, at: datetime) -> Story:
    """Return a story that its municipality has sent, with the consent of whoever speaks."""
    is_film, language = "scene" in item.data, item.text("language")
    kind = Story.Kind.VIDEO if is_film else Story.Kind.TEXT
    story = story_steps.begin(municipality, kind, language=language, by=by, at=at)
    people = []
    if is_film:
        people = [consent_steps.ask(municipality, item.text("speaker"), is_minor=False, by=by, at=at)]
        consent_steps.sign(people[0], language=language, by=by, at=at)
        with tempfile.TemporaryDirectory() as folder:
            film = Path(folder) / "film.mp4"
            scene = item.item("scene")
            told = {name: scene.text(name) for name in ("ground", "sky", "shows")}
            story_films.film(film, lines=len(item.items("said")), **told)
            with film.open("rb") as data:
                uploads.take_file(story, data, by=by, at=at)
    words: dict[str, Any] = {name: item.translated(name)[language] for name in ("title", "sentence")}
    words |= {
        "language": language,
        "speaker": item.text("speaker") if is_film else "",
        "text": "" if is_film else item.translated("text")[language],
        "people": people,
    }
    story_steps.save(story, words, revision=story.revision, by=by, at=at)
    return story_steps.send(story, by=by, at=at)


def published(story: Story, item: Item, *, writer: User, checker: User, at: datetime) -> None:
    """Translate a story, have a second person accept it, give it its subtitles, and publish it."""
    theme = StoryTheme.objects.get(campaign=story.campaign_id, slug=item.text("theme"))
    moderation.set_themes(story, [theme], read=read(story), by=writer, at=at)
    moderation.propose_words(story, translations(item, story), read=read(story), by=writer, at=at)
    if story.kind == Story.Kind.VIDEO:
        row = jobs.enqueue(story, StoryJob.Kind.SIZES, at=at)
        makers.run(row.pk, clock=lambda: at)
    story.refresh_from_db()
    digest = moderation.STORY.digest_of(story)
    moderation.accept(story, digest=digest, read=read(story), by=checker, at=at + timedelta(minutes=20))
    if story.kind == Story.Kind.VIDEO:
        for language in item.languages:
            vtt = to_vtt(cues(item, language)).encode()
            origin = StorySubtitles.Origin.WRITTEN
            subtitle_steps.save(story, language, vtt, origin=origin, seen=0, by=writer, at=at)
            subtitle_steps.confirm(story, language, seen=1, by=checker, at=at + timedelta(minutes=30))
    moderation.publish(story, read=read(story), by=checker, at=at + timedelta(hours=1))


def read(story: Story) -> int:
    """Return the revision of a story that stands."""
    return int(Story.objects.values_list("revision", flat=True).get(pk=story.pk))


def translations(item: Item, story: Story) -> Mapping[str, Mapping[str, Any]]:
    """Return the words of a story in the other languages, as they are proposed."""
    names = ["title", "sentence", *(["text"] if story.kind == Story.Kind.TEXT else [])]
    return {name: item.translated(name) for name in names}


def cues(item: Item, language: str) -> list[Cue]:
    """Return what is said in a story as subtitles."""
    length = story_films.LINE_SECONDS * 1000
    return [
        Cue(number * length, (number + 1) * length - 200, line.text(language))
        for number, line in enumerate(item.items("said"))
    ]
