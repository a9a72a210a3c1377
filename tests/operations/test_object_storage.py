"""Media in a bucket: from the upload over the portal to back-up, restore and erasure, with a real S3 server."""

import contextlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client, RequestFactory
from django.urls import reverse

from config import env
from factcheck.intake import admin as claims_admin
from influencers.models import Attachment, Influencer, Thread, ThreadMessage
from influencers.profiles import offboarding
from lib.http import byte_ranges
from operations import doctor
from operations.backups import backup
from tests.bulletins.media.test_assets import VTT, add, png, work
from tests.lib.images.test_uploaded_images import mp4
from tests.operations.backups.test_backup import back_up, empty_database, restore
from tests.support import builders
from tests.support.builders import NOON
from tests.support.system_parts import ObjectStore

LATER = NOON + timedelta(hours=1)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    """An S3 server."""
    with ObjectStore() as running:
        yield running


@pytest.fixture
def bucket(server: ObjectStore, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """The server's bucket, empty, as the place of media."""
    monkeypatch.setenv("MEDIA_STORAGE_URL", server.url)
    settings.MEDIA_BUCKET = env.bucket("MEDIA_STORAGE_URL")
    backend = {"BACKEND": "config.backends.object_storage.ObjectStorage", "OPTIONS": settings.MEDIA_BUCKET}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    yield server
    for name in list(backup.media_names()):
        default_storage.delete(name)
    assert server.contents() == {}


def body(answer: Any) -> bytes:
    """Return what an answer hands out."""
    return b"".join(answer.streaming_content)


@pytest.mark.slow
def test_a_bulletin_s_files_are_handed_out_by_the_site_and_come_back_from_a_back_up(
    bucket, tmp_path, campaign, roles, monkeypatch
):
    bulletin = builders.build_bulletin(campaign, variants=True)
    asset, video = add(bulletin), add(bulletin, mp4())
    for language in ("fi", "sv", "en"):
        add(bulletin, VTT, language=language, subtitles_of=video)
    work(bulletin)
    name, cut = asset.file.name, asset.renditions.get(ratio="1x1").file.name
    assert asset.file.url == f"/media/{name}"
    assert {f"media/{name}", f"media/{cut}"} <= bucket.contents().keys()

    assert [Client().get(f"/media/{one}").status_code for one in (name, cut)] == [404, 404]
    assert not default_storage.is_open_to_all(name)
    desk = Client()
    desk.force_login(builders.editor())
    assert body(desk.get(f"/media/{name}")) == bucket.contents()[f"media/{name}"] == png()

    builders.published(bulletin)
    work(bulletin, "packages")
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    reader = Client()
    reader.force_login(builders.build_influencer(campaign, "elli", language="fi").user)
    page = reader.get(f"/fi/portal/bulletins/{bulletin.number}/").content.decode()
    package = bulletin.packages.filter(language="fi").first()
    for offered in (name, cut, package.file.name):
        assert f"/media/{offered}" in page
        answer = Client().get(f"/media/{offered}")
        assert body(answer) == bucket.contents()[f"media/{offered}"]
        assert Client().get(f"/media/{offered}", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    monkeypatch.undo()

    made, before = back_up(tmp_path / "kept"), bucket.contents()
    default_storage.delete(name)
    default_storage.delete(cut)
    default_storage.save(cut, ContentFile(b"something else"))
    default_storage.save("assets/b1/newer.png", ContentFile(b"newer"))
    with empty_database(tmp_path) as url:
        refused = restore(made, url, tmp_path / "there", MEDIA_STORAGE_URL=bucket.url)
        assert refused.returncode == 3 and "there is data here already" in refused.stderr
        done = restore(made, url, tmp_path / "there", "--replace", MEDIA_STORAGE_URL=bucket.url)
        assert done.returncode == 0, done.stderr
    assert bucket.contents() == before


def test_what_an_erased_person_sent_leaves_the_bucket(bucket, campaign):
    person: Influencer = builders.build_influencer(campaign, "elli")
    thread = Thread.objects.create(influencer=person, waiting_since=NOON)
    said = ThreadMessage.objects.create(thread=thread, kind="from_them", via="mail", text="Hello", at=NOON)
    Attachment.objects.create(message=said, name="me.txt", file=ContentFile(b"It is me", "me.txt"))
    assert list(bucket.contents().values()) == [b"It is me"]

    offboarding.erase(person, by=None, at=LATER)

    assert bucket.contents() == {}


def test_a_player_gets_the_piece_of_a_video_that_it_asks_for(bucket):
    data = bytes(range(256)) * 16_000
    name = default_storage.save("answers/a1/piece.mp4", ContentFile(data))
    for asked, first, last in (("bytes=100-299", 100, 299), ("bytes=-5", len(data) - 5, len(data) - 1)):
        answer = byte_ranges.hand_out(RequestFactory().get("/", headers={"Range": asked}), name)
        assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes {first}-{last}/{len(data)}")
        assert body(answer) == data[first : last + 1]
    whole = byte_ranges.hand_out(RequestFactory().get("/"), name)
    assert whole["Content-Length"] == str(len(data)) and body(whole) == data


def test_claims_that_waited_too_long_leave_the_bucket(bucket, alma):
    claims_admin.stash_file(alma, b"old", at=NOON)
    claims_admin.stash_file(alma, b"new", at=NOON + timedelta(days=4000))
    assert list(bucket.contents().values()) == [b"new"]


def test_the_doctor_tries_the_bucket_also_as_a_stranger(bucket, settings):
    assert doctor.media() == "stored in the bucket bulletins and read"
    assert bucket.contents() == {}

    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bulletins/*"}
    bucket.client().put_bucket_policy(Bucket="bulletins", Policy=json.dumps({"Statement": [everyone]}))
    with pytest.raises(doctor.CheckFailed, match="lets everybody read"):
        doctor.media()
    bucket.client().delete_bucket_policy(Bucket="bulletins")
    assert bucket.contents() == {}


def test_a_bucket_that_is_not_there_fails_as_a_disk_does(bucket, settings):
    backend = {**settings.STORAGES["default"], "OPTIONS": {**settings.MEDIA_BUCKET, "bucket_name": "other"}}
    with contextlib.ExitStack() as after:
        right = settings.STORAGES
        after.callback(setattr, settings, "STORAGES", right)
        settings.STORAGES = {**right, "default": backend}
        with pytest.raises(doctor.CheckFailed, match="nothing can be stored in the bucket"):
            doctor.media()
        with pytest.raises(FileNotFoundError):
            default_storage.open("assets/b1/a.png")
        assert Client().get(reverse("media", args=["assets/b1/a.png"])).status_code == 404


@pytest.mark.parametrize("url", ["s3://host", "https://host/bucket", "s3:///bucket", "s3://host/bucket?acl=public"])
def test_an_address_that_is_none_stops_the_start(monkeypatch, url):
    monkeypatch.setenv("MEDIA_STORAGE_URL", url)
    with pytest.raises(env.ImproperlyConfigured, match="MEDIA_STORAGE_URL should look like s3://"):
        env.bucket("MEDIA_STORAGE_URL")
