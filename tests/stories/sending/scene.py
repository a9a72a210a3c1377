"""Municipalities, their people and stories to test with; stories took the real steps."""

import io
from datetime import datetime
from typing import Any

from PIL import Image

from accounts.models import User
from campaigns.models import Campaign
from stories.consents import consent_steps
from stories.models import Municipality, MunicipalityInvitation, MunicipalityMember, Story, StoryConsent, StoryUpload
from stories.municipalities import invitations
from stories.sending import story_steps, uploads
from tests.support import builders
from tests.support.builders import in_all


def build_municipality(campaign: Campaign, code: str = "091", **fields: Any) -> Municipality:
    """Return a municipality of a campaign."""
    return Municipality.objects.create(campaign=campaign, code=code, **{"name": in_all(en=f"Town {code}")} | fields)


def build_sender(municipality: Municipality, name: str = "maija", *, at: datetime | None = None) -> User:
    """Return somebody who sends stories for a municipality."""
    user = builders.build_user(name, "municipality")
    MunicipalityMember.objects.create(municipality=municipality, user=user, joined_at=at or builders.NOON)
    return user


def content(**fields: Any) -> dict[str, Any]:
    """Return what is written of a story, in English unless given otherwise."""
    told = {
        "language": "en",
        "title": "Water came by foot",
        "speaker": "The mayor",
        "sentence": "Somebody rang at every door.",
    }
    return told | {"text": "", "people": []} | fields


def build_story(municipality: Municipality, *, by: User, at: datetime, kind: str = "text", **fields: Any) -> Story:
    """Return a draft of a story that has its words; a text unless given otherwise."""
    story = story_steps.begin(municipality, kind, language="en", by=by, at=at)
    words = {"text": "First words. Then more."} if kind == "text" else {}
    return story_steps.save(story, content(**words | fields), revision=0, by=by, at=at)


def build_person(
    municipality: Municipality, *, by: User, at: datetime, name: str = "Elna", signed: bool = True, **fields: Any
) -> StoryConsent:
    """Return somebody seen, who has signed unless said otherwise."""
    row = consent_steps.ask(municipality, name, is_minor=fields.pop("is_minor", False), by=by, at=at)
    if signed:
        consent_steps.sign(row, language="en", at=at, **fields)
        row.refresh_from_db()
    return row


def box(name: bytes, content: bytes) -> bytes:
    """Return a box of an MP4."""
    return (8 + len(content)).to_bytes(4) + name + content


def video(*, seconds: int = 60, filling: int = 1000) -> bytes:
    """Return an MP4 as far as its container goes, with a place of a phone in it."""
    head = box(b"mvhd", bytes(12) + (1000).to_bytes(4) + (seconds * 1000).to_bytes(4) + bytes(80))
    moov = box(b"moov", head + box(b"udta", b"+60.1-24.9/ somewhere"))
    return box(b"ftyp", b"isom0000isom") + moov + box(b"mdat", bytes(range(256)) * (filling // 256 + 1))


def build_video(story: Story, *, by: User, at: datetime, data: bytes | None = None) -> None:
    """Give a story a video."""
    uploads.take_file(story, io.BytesIO(data or video()), by=by, at=at)


def publish(story: Story, *, by: User, at: datetime) -> Story:
    """Publish a sent story, as whoever looks at stories does."""
    story_steps.send(story, by=story.sent_by or by, at=at)
    Story.objects.filter(pk=story.pk).update(
        state="published", digest="0" * 64, checked_by=by, checked_at=at, published_at=at
    )
    story.refresh_from_db()
    return story


def build_invitation(municipality: Municipality, email: str, *, at: datetime) -> MunicipalityInvitation:
    """Return an invitation to send stories for a municipality."""
    return invitations.invite(municipality, email, language="en", by=builders.editor(), at=at)


def build_picture_story(municipality: Municipality, *, by: User, at: datetime) -> Story:
    """Return a draft with a picture, somebody seen and a file on its way."""
    story = story_steps.begin(municipality, "pictures", language="en", by=by, at=at)
    people = [build_person(municipality, by=by, at=at)]
    story = story_steps.save(story, content(people=people), revision=0, by=by, at=at)
    data = io.BytesIO()
    Image.new("RGB", (4, 3), "teal").save(data, "PNG")
    data.seek(0)
    uploads.take_file(story, data, by=by, at=at)
    uploads.create(story, filename="second.png", size=100, user=by, at=at)
    return story


def build_upload(story: Story, *, user: User, at: datetime) -> StoryUpload:
    """Return a file on its way to a story."""
    return uploads.create(story, filename="third.png", size=100, user=user, at=at)
