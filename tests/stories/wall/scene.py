"""Stories to test with: municipalities, who sends for them, and stories that took the real steps."""

import secrets
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import User
from campaigns.models import Campaign, Region
from stories.models import (
    Municipality,
    MunicipalityMember,
    Story,
    StoryConsent,
    StoryFile,
    StorySubtitles,
    StoryTheme,
)
from stories.moderation import first_themes, story_steps
from stories.story_media import files
from tests.support import builders
from tests.support.builders import editor, in_all

VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nGood evening.\n\n00:00:09.000 --> 00:00:12.000\nA neighbour brought us water.\n"


def build_municipality(campaign: Campaign, name: str = "Kuusivaara", **fields: Any) -> Municipality:
    """Return a municipality of a campaign, in a region of its own unless one is given."""
    region = (
        fields.pop("region", None)
        or Region.objects.get_or_create(
            code="MK06", defaults={"name": in_all(en="Pirkanmaa"), "tile_column": 3, "tile_row": 4}
        )[0]
    )
    code = fields.pop("code", name.lower()[:20])
    return Municipality.objects.get_or_create(
        campaign=campaign, code=code, defaults={"name": in_all(en=name), "region": region}
    )[0]


def build_sender(municipality: Municipality, name: str = "maija", *, at: datetime) -> User:
    """Return somebody who sends stories for a municipality."""
    user = User.objects.filter(email__startswith=f"{name}@").first() or builders.build_user(name, None)
    MunicipalityMember.objects.get_or_create(municipality=municipality, user=user, defaults={"joined_at": at})
    return user


def build_story(campaign: Campaign, *, at: datetime, kind: str = "text", **fields: Any) -> Story:
    """Return a story that waits to be looked at: words, unless another kind is asked for."""
    municipality = fields.pop("municipality", None) or build_municipality(campaign)
    told = {
        "key": secrets.token_hex(6),
        "state": Story.State.SENT,
        "original_language": "en",
        "title": {"en": "A neighbour brought us water"},
        "sentence": {"en": "Ask whether somebody needs food."},
        "text": {"en": "Three days without tap water.\n\nThen she rang."} if kind == "text" else {},
        "sent_by": fields.pop("sent_by", None) or build_sender(municipality, at=at),
        "made_at": at,
        "sent_at": at,
    }
    story = Story.objects.create(campaign=campaign, municipality=municipality, kind=kind, **(told | fields))
    if kind == "video":
        build_file(story, "original", at=at)
        build_file(story, "web", "720", at=at, width=1280, height=720, seconds=12.0)
        build_file(story, "poster", "720", at=at, suffix=".jpg", width=1280, height=720)
    if kind == "pictures":
        build_file(story, "picture", "1", at=at, suffix=".jpg", width=1200, height=900)
    return as_sent(story)


def as_sent(story: Story) -> Story:
    """Return a story with the digest that sending gives it."""
    if story.state == Story.State.SENT:
        story.digest = story_steps.written_digest(story)
        story.save(update_fields=["digest"])
    return story


def build_file(
    story: Story, role: str, label: str = "", *, at: datetime, suffix: str = ".mp4", **fields: Any
) -> StoryFile:
    """Return a file of a story with a few bytes."""
    content = f"{role} {label} of {story.key}".encode()
    return files.keep(story, role, label, ContentFile(content), suffix, at=at, **fields)


def build_consent(story: Story, *, at: datetime, signed: bool = True, name: str = "Aino") -> StoryConsent:
    """Return the consent of somebody seen in a story."""
    consent = StoryConsent.objects.create(
        municipality=story.municipality,
        name=name,
        asked_at=at,
        signed_at=at if signed else None,
        agreed_to="I agree." if signed else "",
    )
    story.people.add(consent)
    as_sent(story)
    return consent


def build_subtitles(story: Story, language: str = "en", *, at: datetime) -> StorySubtitles:
    """Return subtitles that somebody confirmed."""
    return StorySubtitles.objects.create(
        story=story, language=language, origin="written", draft=VTT, vtt=VTT, edited_at=at, confirmed_at=at
    )


def themes(campaign: Campaign) -> list[StoryTheme]:
    """Return the themes of a campaign."""
    first_themes.add(campaign)
    return list(StoryTheme.objects.filter(campaign=campaign))


def accept(story: Story, *, by: User | None = None, at: datetime) -> None:
    """Accept a story as it stands."""
    story.refresh_from_db()
    digest = story_steps.STORY.digest_of(story)
    story_steps.accept(story, digest=digest, read=story.revision, by=by or editor(), at=at)
    story.refresh_from_db()


def build_shown(campaign: Campaign, *, at: datetime, kind: str = "text", **fields: Any) -> Story:
    """Return a story that anyone may see."""
    story = build_story(campaign, at=at, kind=kind, **fields)
    if kind == "pictures":
        story.files.filter(role="picture").update(alt_text={"en": "A bucket."})
    story_steps.set_themes(story, themes(campaign)[:1], read=story.revision, by=editor(), at=at)
    accept(story, at=at)
    story_steps.publish(story, read=story.revision, by=editor(), at=at)
    story.refresh_from_db()
    return story
