"""A file arrives whole, byte for byte, however often the connection is lost; what is none is refused."""

import base64
import hashlib
import secrets

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from stories.models import Story, StoryFile, StoryUpload
from stories.sending import personal_data, uploads

from .scene import build_municipality, build_sender, build_story, build_video, content, video

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles", "stored")]
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def sender(client, campaign):
    user = build_sender(build_municipality(campaign))
    client.force_login(user)
    return user


@pytest.fixture
def story(sender, campaign, now):
    return build_story(campaign.municipalities.get(), by=sender, at=now, kind="video")


def begin(client, story, size, **headers):
    name = base64.b64encode(b"vesitorni.mp4").decode()
    return client.post(
        f"/en/municipality/stories/{story.key}/uploads/",
        HTTP_UPLOAD_LENGTH=str(size),
        HTTP_UPLOAD_METADATA=f"filename {name}",
        **TUS | headers,
    )


def patch(client, where, offset, piece):
    return client.patch(
        where, piece, content_type="application/offset+octet-stream", HTTP_UPLOAD_OFFSET=str(offset), **TUS
    )


def take(client, story):
    return client.post(f"/en/municipality/stories/{story.key}/take/", {"upload": story.uploads.get().key})


def test_a_file_in_pieces_is_whole_and_private_places_are_blank(
    client, sender, story, django_capture_on_commit_callbacks
):
    data = video(filling=3000)
    where = begin(client, story, len(data))["Location"]
    for offset in range(0, len(data), 700):
        answer = patch(client, where, offset, data[offset : offset + 700])
        assert answer.status_code == 204
    assert client.head(where, **TUS)["Upload-Offset"] == str(len(data))
    with django_capture_on_commit_callbacks(execute=True):
        assert take(client, story).json() == {"size": len(data)}
    kept = story.files.get(role="original")
    stored = kept.file.read()
    assert stored == data.replace(b"udta+60.1-24.9/ somewhere", b"free" + bytes(21))
    assert (kept.sha256, kept.seconds) == (hashlib.sha256(stored).hexdigest(), 60)
    assert not story.uploads.exists()
    assert default_storage.listdir(f"stories/uploads/{where.split('/')[-2]}")[1] == []


def test_wrong_offsets_and_more_than_announced_change_nothing(client, sender, story):
    where = begin(client, story, 10)["Location"]
    assert patch(client, where, 0, b"12345").status_code == 204
    for offset, piece, status in [(0, b"1", 409), (6, b"1", 409), (5, b"123456", 413), ("x", b"1", 400)]:
        assert patch(client, where, offset, piece).status_code == status
    assert client.patch(where, b"1", content_type="text/plain", HTTP_UPLOAD_OFFSET="5", **TUS).status_code == 415
    assert client.head(where).status_code == 412
    assert StoryUpload.objects.get().received == 5


def test_of_two_pieces_at_once_one_is_taken(sender, story, now):
    one = uploads.create(story, filename="a", size=10, user=sender, at=now)
    other = StoryUpload.objects.get(pk=one.pk)
    assert uploads.append(one, 0, b"first", at=now) == 5
    with pytest.raises(uploads.Refused):
        uploads.append(other, 0, b"second", at=now)
    one.refresh_from_db()
    assert len(default_storage.listdir(one.name)[1]) == 1
    uploads.append(one, 5, b" ones", at=now)
    one.refresh_from_db()
    with uploads.whole(one) as data:
        assert data.read() == b"first ones"


def test_too_large_or_too_much_is_not_begun(client, sender, story, settings):
    settings.STORY_MAX_MB, settings.STORY_DRAFTS_MB = 1, 1
    assert begin(client, story, 2_000_000).status_code == 413
    assert begin(client, story, 0).status_code == 413
    assert begin(client, story, 900_000).status_code == 201
    assert begin(client, story, 900_000).status_code == 201, "another one takes its place"
    other = build_story(story.municipality, by=sender, at=timezone.now(), kind="video", title="Another")
    answer = begin(client, other, 900_000)
    assert (answer.status_code, b"drafts" in answer.content) == (413, True)
    assert other.uploads.count() == 0 and story.uploads.count() == 1


@pytest.mark.parametrize("kept", ["on their way", "in the story"])
def test_what_the_same_story_has_counts_for_the_drafts(sender, story, now, settings, kept):
    settings.STORY_DRAFTS_MB = 1
    story.kind = "pictures"
    story.save()
    if kept == "on their way":
        uploads.create(story, filename="1.jpg", size=900_000, user=sender, at=now)
    else:
        story.files.create(role="picture", label="1", file="stories/x/1.jpg", size=900_000, made_at=now)
    with pytest.raises(uploads.Refused, match="drafts"):
        uploads.create(story, filename="2.jpg", size=200_000, user=sender, at=now)
    assert story.uploads.count() + story.files.count() == 1
    uploads.create(story, filename="2.jpg", size=100_000, user=sender, at=now)


def test_a_video_counts_until_another_has_taken_its_place(sender, story, now, settings):
    settings.STORY_DRAFTS_MB = 1
    story.files.create(role="original", file="stories/x/1.mp4", size=900_000, made_at=now)
    with pytest.raises(uploads.Refused, match="drafts"):
        uploads.create(story, filename="2.mp4", size=900_000, user=sender, at=now)
    assert uploads.create(story, filename="2.mp4", size=100_000, user=sender, at=now)


def test_somebody_elses_upload_does_not_exist(client, sender, story, campaign):
    where = begin(client, story, 10)["Location"]
    client.force_login(build_sender(build_municipality(campaign, "092"), "olli"))
    assert patch(client, where, 0, b"1").status_code == 404
    assert begin(client, story, 10).status_code == 404
    client.force_login(build_sender(story.municipality, "pekka"))  # of the same municipality, and still not theirs
    assert client.head(where, **TUS).status_code == 404


def test_what_does_not_go_on_is_forgotten_with_its_pieces(
    client, sender, story, now, django_capture_on_commit_callbacks
):
    where = begin(client, story, 10)["Location"]
    patch(client, where, 0, b"12345")
    row = StoryUpload.objects.get()
    StoryUpload.objects.update(expires_at=now)
    assert client.head(where, **TUS).status_code == 410
    with django_capture_on_commit_callbacks(execute=True):
        assert personal_data.forget_uploads(timezone.now()) == 1
    assert not StoryUpload.objects.exists()
    assert default_storage.listdir(row.name)[1] == []


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script>",
        secrets.token_bytes(5000),
        video() + b"PK\x03\x04 and an archive",
        b"\x00\x00\x00\x18ftypisom%PDF-1.7 " + video(),
        video()[:60],
    ],
    ids=["page", "noise", "archive behind", "document before", "cut off"],
)
def test_what_is_no_video_is_refused_and_the_words_stay(client, sender, story, data):
    where = begin(client, story, len(data))["Location"]
    patch(client, where, 0, data)
    answer = take(client, story)
    assert answer.status_code == 422
    assert answer.json()["why"].startswith("This is not a video that we can open.")
    assert not StoryFile.objects.exists()
    assert not StoryUpload.objects.exists()
    assert Story.objects.get(pk=story.pk).title == {"en": "Water came by foot"}


def test_a_video_of_four_hours_is_told_its_limit(client, sender, story):
    data = video(seconds=4 * 3600)
    patch(client, begin(client, story, len(data))["Location"], 0, data)
    assert "240:00 long, and the limit is 4 minutes" in take(client, story).json()["why"]


def test_another_video_takes_the_place_of_the_first(sender, story, now, django_capture_on_commit_callbacks):
    build_video(story, by=sender, at=now)
    first = story.files.get().file.name
    with django_capture_on_commit_callbacks(execute=True):
        build_video(story, by=sender, at=now, data=video(seconds=30))
    assert story.files.get().seconds == 30
    assert not default_storage.exists(first)


def test_without_a_script_the_form_brings_the_file(client, sender, story):
    told = content(title="By form")
    told.pop("people")
    sent = told | {"revision": 1, "do": "save", "file": SimpleUploadedFile("a.mp4", video())}
    where = f"/en/municipality/stories/{story.key}/"
    assert client.post(where, sent).status_code == 302
    assert story.files.get().role == "original"
    sent |= {"revision": 2, "file": SimpleUploadedFile("a.mp4", b"no video"), "title": "Typed words"}
    answer = client.post(where, sent)
    assert answer.status_code == 422
    assert "This is not a video" in answer.text
    assert "Typed words" in answer.text


def test_two_requests_take_one_file_once(client, sender, story, now):
    data = video()
    where = begin(client, story, len(data))["Location"]
    patch(client, where, 0, data)
    stale = story.uploads.get()
    key = stale.key
    first = uploads.take(story.uploads.get(), by=sender, at=now)
    assert uploads.take(stale, by=sender, at=now) == first
    answer = client.post(f"/en/municipality/stories/{story.key}/take/", {"upload": key})
    assert (answer.status_code, story.files.count()) == (200, 1)
