"""A municipality's video, of a second or two and of the size of a stamp, with what is made of it."""

import subprocess
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.base import ContentFile

from campaigns.models import Campaign
from stories.models import Municipality, Story, StoryFile, StoryJob, StorySubtitles
from stories.story_media import files, jobs, makers
from tests.support.builders import NOON, build_user

VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:00.700\nNaapuri toi vettä.\n\n00:00:00.800 --> 00:00:01.400\n<i>Kiitos</i>: 'ei' [v];%{x}\\N\n"


@lru_cache(maxsize=8)
def film(size: str = "320x180", seconds: float = 1.5, *words: str, suffix: str = ".mp4", sound: bool = True) -> bytes:
    """Return a video that FFmpeg made, with more words to it."""
    heard = ("-f", "lavfi", "-i", f"sine=f=300:d={seconds}") if sound else ()
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"film{suffix}"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s={size}:d={seconds}:r=10", *heard]
        subprocess.run([*command, "-pix_fmt", "yuv420p", "-preset", "ultrafast", *words, str(path)], check=True)
        return path.read_bytes()


def build_story(campaign: Campaign, key: str = "kaivo1", **fields: Any) -> Story:
    """Return a story that was sent."""
    place, _made = Municipality.objects.get_or_create(
        campaign=campaign, code="M1", defaults={"name": {"fi": "Kuusivaara", "sv": "Granberg", "en": "Kuusivaara"}}
    )
    values = {
        "municipality": place,
        "kind": "video",
        "state": "sent",
        "original_language": "fi",
        "title": {"fi": "Naapuri toi meille vettä", "en": "A neighbour brought us water"},
        "made_at": NOON,
        "sent_at": NOON,
    }
    return Story.objects.create(campaign=campaign, key=key, **(values | fields))


def build_film(story: Story, data: bytes, *, at: datetime = NOON, suffix: str = ".mp4") -> StoryFile:
    """Give a story its video, as it was sent."""
    return files.keep(story, StoryFile.Role.ORIGINAL, "", ContentFile(data), suffix, at=at)


def publish(story: Story, *, at: datetime = NOON) -> Story:
    """Have a story shown."""
    story.checked_by = story.checked_by or build_user("tarkka", "approver")
    story.state, story.digest, story.checked_at, story.published_at = "published", "x", at, at
    story.save()
    return story


def build_subtitles(story: Story, language: str = "fi", vtt: str = VTT, **fields: Any) -> StorySubtitles:
    """Return subtitles that somebody confirmed."""
    values = {"origin": "written", "revision": 1, "draft": vtt, "vtt": vtt, "edited_at": NOON, "confirmed_at": NOON}
    return StorySubtitles.objects.create(story=story, language=language, **(values | fields))


def work(story: Story, kind: str, label: str = "", *, at: datetime = NOON) -> StoryJob:
    """Ask for heavy work, do it, and return its row."""
    row = jobs.enqueue(story, kind, label, at=at)
    makers.run(row.pk, clock=lambda: at)
    row.refresh_from_db()
    return row
