"""Files of a bulletin: stored, cut to formats with the focal point in view, packed, published and forgotten."""

import io
import re
import subprocess
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.test import Client
from django.utils.translation import gettext, override
from PIL import Image

from accounts.models import AuditEntry
from bulletins.approval import approval_workflow, eligibility
from bulletins.editing import drafts
from bulletins.media import makers, media_jobs, packages, renditions, storage, uploads
from bulletins.models import Asset, MediaJob, NotAllowed, PublishedEdition, Rendition, Review, Variant
from bulletins.publication import corrections
from bulletins.reader_view import public_files
from lib import job_rows
from tests.lib.images.test_uploaded_images import mp4
from tests.support import builders
from tests.support.builders import NOON

LATER = NOON + timedelta(hours=1)
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> Any:
    """A folder of this test's own for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def bulletin(campaign: Any, roles: None) -> Any:
    """A complete draft with a text for Instagram in each language."""
    return builders.build_bulletin(campaign, variants=True)


def png(width: int = 400, height: int = 300, colour: str = "#0b5166") -> bytes:
    """Return a flat picture with a red spot of 20 × 20 at its left upper corner."""
    image = Image.new("RGB", (width, height), colour)
    image.paste("#ff0000", (0, 0, 20, 20))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def upload(data: bytes | None = None, name: str = "kuva.png") -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, png() if data is None else data)


def add(bulletin: Any, data: bytes | None = None, **fields: Any) -> Asset:
    """Store a picture with a text alternative in every language."""
    values = {"title": {"en": "Märket & bastu"}, "alt_text": builders.in_all(en="A red spot"), "rights": "CC BY 4.0"}
    return uploads.add(bulletin, upload(data), by=builders.editor(), at=NOON, **values | fields)


def work(bulletin: Any, kind: str = "renditions", *, at: Any = LATER) -> MediaJob:
    """Do the heavy work of a kind and return its row."""
    row = media_jobs.enqueue(bulletin, kind, by=None, at=at)
    makers.run(row.pk, clock=lambda: at)
    row.refresh_from_db()
    return row


def files(media: Any) -> set[str]:
    """Return the names of all stored files."""
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


# --- Storing ----------------------------------------------------------------------------------------


def test_a_picture_is_stored_under_our_name_with_what_is_known_of_it(bulletin):
    asset = add(bulletin)

    assert (asset.kind, asset.width, asset.height) == ("image", 400, 300)
    assert asset.file.name.startswith(f"assets/b{bulletin.pk}/") and "kuva" not in asset.file.name
    assert asset.size == default_storage.size(asset.file.name) and len(asset.sha256) == 64
    assert MediaJob.objects.get().kind == "renditions"
    assert AuditEntry.objects.get(verb="asset.added").digest == asset.sha256


def test_what_a_picture_shows_flows_on_to_channels_that_say_nothing_of_it(bulletin):
    bulletin.editions.get(language="fi").variants.update(alt_text="Oma")
    Variant.objects.filter(edition__bulletin=bulletin, edition__language__in=["sv", "en"]).update(alt_text="")
    asset = add(bulletin, alt_text={"fi": "Piste", "en": "A red spot"})

    def said():
        return dict(Variant.objects.filter(platform="instagram").values_list("edition__language", "alt_text"))

    assert said() == {"fi": "Oma", "sv": "", "en": "A red spot"}
    uploads.change(asset, by=builders.editor(), at=NOON, alt_text={"fi": "Piste", "sv": "En prick", "en": "A dot"})
    assert said() == {"fi": "Oma", "sv": "En prick", "en": "A red spot"}


def test_who_adds_a_file_is_an_editor_and_voids_a_review(campaign, roles, oskar):
    bulletin = builders.build_bulletin_in_review(campaign)

    uploads.add(bulletin, upload(), by=oskar, at=NOON, title={}, alt_text=builders.in_all(en="Spot"))

    bulletin.refresh_from_db()
    assert bulletin.state == "draft" and oskar.pk in eligibility.of_one(bulletin).editor_ids
    assert bulletin.reviews.filter(decision=Review.Decision.VOIDED).exists()


@pytest.mark.parametrize(
    ("data", "fields", "says"),
    [
        (b"<svg onload=alert(1)/>", {}, "in code"),
        (png() + b"<script>x</script>", {}, "hidden"),
        (b"hello", {}, "not a JPEG"),
        (None, {"alt_text": {"sv": "En fläck"}}, "alt text is missing"),
        (None, {"alt_text": {"fi": "Täplä"}, "language": "sv"}, "alt text is missing"),
        (VTT, {}, "which video"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nOne\n", {"language": "fi", "subtitles_of": "video"}, "Line 3"),
    ],
)
def test_a_refused_file_leaves_nothing_behind(bulletin, media, data, fields, says):
    if "subtitles_of" in fields:
        fields = fields | {"subtitles_of": add(bulletin, mp4())}
    before, kept, digest = files(media), Asset.objects.count(), bulletin.content_digest()

    with pytest.raises(NotAllowed, match=says):
        add(bulletin, data, **fields)

    assert files(media) == before and Asset.objects.count() == kept and bulletin.content_digest() == digest


def test_a_file_that_is_too_large_is_refused_in_words(bulletin, settings, media):
    settings.ASSET_MAX_MB = 1

    with pytest.raises(NotAllowed, match=r"2\.0.MB, and the limit is 1\.0.MB"):
        add(bulletin, mp4() + bytes(2_100_000))

    assert files(media) == set()


def test_nothing_is_stored_for_a_published_version(campaign, roles, media):
    bulletin = builders.build_published_version(campaign).bulletin

    with pytest.raises(NotAllowed, match="published"):
        add(bulletin)

    assert files(media) == set() and not Asset.objects.exists()


def test_a_video_loses_what_it_says_of_phone_and_place_and_no_byte_moves(bulletin):
    data = mp4(b"qt  ", extra=b"\0\0\0\x18udta\0\0\0\x10\xa9xyz+60.1+24.9")

    asset = add(bulletin, data)

    stored = asset.file.read()
    assert (asset.kind, asset.seconds, asset.width) == ("video", 25, 1920)
    assert len(stored) == len(data) and b"udta" not in stored and b"+60.1" not in stored


def test_subtitles_come_out_in_both_formats_and_replace_older_ones(bulletin, media, django_capture_on_commit_callbacks):
    video = add(bulletin, mp4())
    first = add(bulletin, VTT, language="sv", subtitles_of=video)
    with django_capture_on_commit_callbacks(execute=True):
        second = add(bulletin, VTT.replace(b"One", b"Two"), language="sv", subtitles_of=video)

    assert list(video.subtitles.all()) == [second]
    assert {name for name in files(media) if name.endswith((".vtt", ".srt"))} == set(uploads.files_of(second))
    assert not default_storage.exists(first.file.name)
    with default_storage.open(storage.beside(second.file.name, ".srt")) as srt:
        assert srt.read() == b"1\n00:00:01,000 --> 00:00:02,000\nTwo\n"


def test_a_text_alternative_stops_approval_in_each_language_it_lacks(bulletin):
    asset = add(bulletin, alt_text={"fi": "Täplä"})

    assert uploads.lacks_alt_text(asset, ["fi", "sv", "en"]) == ["sv", "en"]
    with pytest.raises(NotAllowed, match="Not submitted"):
        approval_workflow.submit(bulletin, by=builders.editor(), at=NOON)
    with pytest.raises(NotAllowed, match="alt text is missing"):
        uploads.change(asset, by=builders.editor(), at=NOON, alt_text={"sv": "Fläck"})
    asset.refresh_from_db()
    assert asset.alt_text == {"fi": "Täplä"}
    uploads.change(asset, by=builders.editor(), at=NOON, alt_text=builders.in_all(en="Spot"))
    assert builders.submitted(bulletin).state == "in_review"


def test_files_change_places(bulletin):
    first, second = add(bulletin), add(bulletin)

    uploads.move(second, -1, by=builders.editor(), at=NOON)
    assert list(bulletin.assets.all()) == [second, first]
    uploads.move(second, -1, by=builders.editor(), at=NOON)
    assert list(bulletin.assets.all()) == [second, first]


# --- Renditions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("focal", "box"),
    [
        ((0.5, 0.5), (656.25, 0, 1343.75, 1000 * 1.0)),
        ((0.0, 0.5), (0, 0, 562.5, 1000)),
        ((0.4, 0.1), (518.75, 0, 1081.25, 1000)),
        ((1.0, 1.0), (1437.5, 0, 2000, 1000)),
    ],
)
def test_a_cut_is_the_largest_around_the_focal_point(focal, box):
    found = renditions.crop_box(2000, 1000, (1080, 1920), focal)
    if focal == (0.5, 0.5):
        box = (718.75, 0, 1281.25, 1000)
    assert found == pytest.approx(box)


def test_every_format_is_made_exactly_and_keeps_the_focal_point(bulletin):
    asset = add(bulletin)
    uploads.change(asset, by=builders.editor(), at=NOON, focal_x=0.0, focal_y=0.0)

    row = work(bulletin)

    assert (row.state, row.done, row.total) == ("done", 3, 3)
    sizes = {}
    for rendition in Rendition.objects.all():
        with Image.open(rendition.file) as image:
            sizes[rendition.ratio] = image.size
            red, _green, blue = image.convert("RGB").getpixel((10, 10))
            assert red > 200 and blue < 60, "the focal point is in view"
    assert sizes == {"9x16": (1080, 1920), "4x5": (1080, 1350), "1x1": (1080, 1080)}


def test_another_focal_point_makes_them_anew_and_old_files_go(bulletin, media, django_capture_on_commit_callbacks):
    asset = add(bulletin)
    work(bulletin)
    old = {rendition.file.name for rendition in Rendition.objects.all()}

    with django_capture_on_commit_callbacks(execute=True):
        uploads.change(asset, by=builders.editor(), at=NOON, focal_x=0.9)
    work(bulletin)

    assert Rendition.objects.count() == 3
    assert not old & files(media)


def test_a_rendition_of_what_has_changed_meanwhile_is_not_kept(bulletin, media):
    asset = add(bulletin)
    pieces = renditions.make_renditions(bulletin, NOON)
    assert next(pieces) == (0, 3)
    uploads.change(asset, by=builders.editor(), at=NOON, focal_x=0.9)
    list(pieces)

    assert not Rendition.objects.exists()
    assert files(media) == {asset.file.name}


# --- The queue ------------------------------------------------------------------------------------------


def test_asking_twice_queues_once_and_asking_while_it_runs_runs_it_again(bulletin, monkeypatch):
    first = media_jobs.enqueue(bulletin, "renditions", by=None, at=NOON)
    assert media_jobs.enqueue(bulletin, "renditions", by=None, at=NOON).pk == first.pk
    runs = []

    def maker(found: Any, at: Any) -> Any:
        runs.append(at)
        if len(runs) == 1:
            media_jobs.enqueue(found, "renditions", by=None, at=NOON)
        yield (1, 1)

    monkeypatch.setitem(makers.MAKERS, "renditions", maker)
    makers.run(first.pk, clock=lambda: NOON)
    first.refresh_from_db()
    assert first.state == "queued"
    makers.run(first.pk, clock=lambda: NOON)
    first.refresh_from_db()
    assert (first.state, len(runs)) == ("done", 2)


def test_who_asks_in_the_same_moment_as_another_asks_for_the_same_row_and_goes_on(bulletin, monkeypatch):
    first = media_jobs.enqueue(bulletin, "renditions", by=None, at=NOON)
    looks, look = [], QuerySet.first

    def too_early(rows: Any) -> Any:  # the other's row is there a moment after the first look
        looks.append(rows)
        return look(rows) if len(looks) > 1 else None

    monkeypatch.setattr(QuerySet, "first", too_early)
    second = media_jobs.enqueue(bulletin, "renditions", by=None, at=LATER)
    monkeypatch.undo()

    row = MediaJob.objects.get(
        kind="renditions"
    )  # on PostgreSQL nothing could be asked after a fault without a savepoint
    assert (row.pk, row.pk, row.asked_at) == (first.pk, second.pk, LATER)


def test_a_worker_that_died_is_followed_by_another_when_its_lease_ends(bulletin):
    add(bulletin)
    row = MediaJob.objects.get()
    taken = media_jobs.take(row.pk, at=NOON)
    assert taken is not None
    job_rows.renew(taken, done=1, total=3, at=NOON)

    assert media_jobs.take(row.pk, at=NOON + timedelta(minutes=1)) is None
    later = NOON + timedelta(minutes=3)
    makers.run(row.pk, clock=lambda: later)

    row.refresh_from_db()
    assert (row.state, row.attempts, Rendition.objects.count()) == ("done", 2, 3)
    with pytest.raises(job_rows.Lost):
        job_rows.renew(taken, done=2, total=3, at=later)


def test_after_three_tries_it_says_that_it_gave_up(bulletin, monkeypatch):
    def breaks(found: Any, at: Any) -> Any:
        yield (0, 1)
        raise RuntimeError("disk on fire")

    monkeypatch.setitem(makers.MAKERS, "renditions", breaks)
    row = media_jobs.enqueue(bulletin, "renditions", by=None, at=NOON)
    for _attempt in range(3):
        makers.run(row.pk, clock=lambda: NOON)

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", 3)
    assert "failed three times" in row.error and "fire" not in row.error
    assert media_jobs.enqueue(bulletin, "renditions", by=None, at=NOON).pk != row.pk


def test_a_tick_wakes_what_waits_and_what_nobody_works_on(bulletin, monkeypatch):
    woken: list[int] = []
    monkeypatch.setattr(media_jobs, "wake", woken.append)
    row = media_jobs.enqueue(bulletin, "renditions", by=None, at=NOON)

    assert media_jobs.wake_waiting(at=NOON) == 1
    media_jobs.take(row.pk, at=NOON)
    assert media_jobs.wake_waiting(at=NOON) == 0
    assert media_jobs.wake_waiting(at=NOON + timedelta(minutes=3)) == 1
    assert woken == [row.pk, row.pk]


# --- Packages ---------------------------------------------------------------------------------------------


def read_zip(package: Any) -> dict[str, bytes]:
    """Return {name: content} of a package."""
    with zipfile.ZipFile(package.file) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def test_a_package_holds_everything_for_one_platform_in_one_language(bulletin):
    add(bulletin)
    video = add(bulletin, mp4(), title={"fi": "Video"})
    add(bulletin, VTT, language="fi", subtitles_of=video, title={})
    work(bulletin)
    work(bulletin, "packages")

    inside = read_zip(bulletin.packages.get(platform="instagram", language="fi"))

    assert sorted(inside) == [
        "README.txt", "alt.txt", "captions.txt", "key-messages.txt", "pictures/01-market-bastu-1x1.png",
        "pictures/01-market-bastu-4x5.png", "pictures/01-market-bastu-9x16.png", "rights.txt",
        "subtitles/03-video-fi.srt", "subtitles/03-video-fi.vtt", "videos/02-video.mp4",
    ]  # fmt: skip
    assert builders.TEXTS["fi"]["caption"] in inside["captions.txt"].decode("utf-8-sig")
    assert builders.TEXTS["fi"]["key_message"] in inside["key-messages.txt"].decode("utf-8-sig")
    assert "https://ministry.example.org/decision" in inside["key-messages.txt"].decode()
    assert "A red spot (fi)" in inside["alt.txt"].decode()
    assert "CC BY 4.0" in inside["rights.txt"].decode()


def test_a_package_without_pictures_and_videos_speaks_of_none(bulletin):
    bulletin.editions.get(language="fi").variants.update(alt_text="A red bench")
    work(bulletin, "packages")

    inside = read_zip(bulletin.packages.get(platform="instagram", language="fi"))

    assert "A red bench" not in inside["captions.txt"].decode()
    with override("fi"):
        readme = inside["README.txt"].decode()
        assert gettext("Say it in your own words.") in readme
        assert "alt.txt" not in readme and gettext("Add subtitles to videos.") not in readme


def test_the_same_content_gives_the_same_bytes_and_is_packed_once(bulletin):
    add(bulletin)
    work(bulletin, "packages")
    first = {package.pk: package.file.name for package in bulletin.packages.all()}
    assert len(first) == 3
    work(bulletin, "packages", at=LATER + timedelta(hours=1))
    assert {package.pk: package.file.name for package in bulletin.packages.all()} == first
    content = packages.contents_of(bulletin, at=LATER)[0]
    one, two = io.BytesIO(), io.BytesIO()
    packages.write(one, content)
    packages.write(two, content)
    assert one.getvalue() == two.getvalue()


def test_packages_of_older_words_are_removed(bulletin, media, django_capture_on_commit_callbacks):
    work(bulletin, "packages")
    old = {package.file.name for package in bulletin.packages.all()}
    edition = bulletin.editions.get(language="fi")
    edition.variants.update(caption="Uusi teksti.")

    with django_capture_on_commit_callbacks(execute=True):
        work(bulletin, "packages")

    assert bulletin.packages.count() == 3
    assert len(old & files(media)) == 2


def test_the_number_of_queries_does_not_grow_with_the_files(bulletin, django_assert_max_num_queries):
    for _number in range(5):
        add(bulletin)
    work(bulletin)
    with django_assert_max_num_queries(20):
        packages.contents_of(bulletin, at=NOON)


# --- Published, and not --------------------------------------------------------------------------------------


def get(name: str) -> Any:
    """Ask for a stored file as anyone."""
    return Client().get(f"/media/{name}")


def test_what_is_not_published_is_not_there_and_what_is_comes_as_a_download(bulletin, monkeypatch):
    asset = add(bulletin)
    video = add(bulletin, mp4())
    subtitles = [add(bulletin, VTT, language=code, subtitles_of=video) for code in ("fi", "sv", "en")]
    work(bulletin)
    work(bulletin, "packages")
    draft_zip = bulletin.packages.first().file.name
    names = [asset.file.name, Rendition.objects.first().file.name, *uploads.files_of(subtitles[0])]

    assert [get(name).status_code for name in [*names, draft_zip]] == [404] * 5

    version = builders.published(bulletin)
    assert not public_files.asset_is_public(draft_zip, at=LATER), "the draft's package is not the published one's"
    work(bulletin, "packages")
    package = bulletin.packages.get(language="sv").file.name
    assert [public_files.asset_is_public(name, at=version.published_at - timedelta(seconds=1)) for name in names] == [
        False
    ] * 4
    assert all(public_files.asset_is_public(name, at=LATER) for name in [*names, package])
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    answer = get(package)
    assert answer.status_code == 200 and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    readme = read_zip(bulletin.packages.get(language="sv"))["README.txt"].decode("utf-8-sig")
    assert "Biblioteken öppnar på måndag" in readme

    with_words = {edition.language: edition.content["assets"][0] for edition in PublishedEdition.objects.all()}
    assert {code: item["alt_text"] for code, item in with_words.items()} == builders.in_all(en="A red spot")
    assert len(with_words["fi"]["renditions"]) == 3


def test_a_clip_gets_a_poster_and_formats_and_influencers_play_and_share_it(
    real_ffmpeg, bulletin, campaign, media, client, django_capture_on_commit_callbacks
):
    clip = media / "clip.mp4"
    lights = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=5:duration=2", "-metadata", "location=+60.1+24.9/"]
    subprocess.run(["ffmpeg", "-v", "error", *lights, "-pix_fmt", "yuv420p", str(clip)], check=True)
    video = add(bulletin, clip.read_bytes(), title=builders.in_all(en="Harbour"))
    gone = add(bulletin, clip.read_bytes(), title=builders.in_all(en="Other"))
    for code in ("fi", "sv", "en"):
        add(bulletin, VTT, language=code, subtitles_of=video)
    clip.unlink()

    assert work(bulletin).state == MediaJob.State.DONE

    poster = storage.poster_of(video.file.name)
    with default_storage.open(poster) as file, Image.open(file) as picture:
        assert (picture.format, picture.size) == ("WEBP", (480, 270))
    assert video.renditions.count() == 3
    cut = video.renditions.get(ratio="9x16").file.read()
    assert b"+60.1" not in cut and b"+60.1" not in video.file.read() and cut.index(b"moov") < cut.index(b"mdat")
    with django_capture_on_commit_callbacks(execute=True):
        uploads.remove(gone, by=builders.editor(), at=LATER)
    assert {name for name in files(media) if name.endswith(".webp")} == {poster}, "its poster goes with a clip"

    assert not public_files.asset_is_public(poster, at=LATER)
    builders.published(bulletin)
    assert public_files.asset_is_public(poster, at=LATER)
    assert get(poster).status_code == 200 and get(video.file.name)["Accept-Ranges"] == "bytes"
    client.force_login(builders.build_influencer(campaign, "elli", language="en").user)
    page = client.get(f"/en/portal/bulletins/{bulletin.number}/").content.decode()
    assert (
        default_storage.url(poster) in page
        and 'alt="Play: Harbour"' in page
        and 'data-share-file="/media/assets/' in page
    )
    assert "<video" not in re.sub("(?s)<template.*?</template>", "", page) and "<track" in page


def test_a_clip_that_cannot_be_read_is_said_and_stays_as_it_is(real_ffmpeg, bulletin):
    video = add(bulletin, mp4())

    job = work(bulletin)

    assert (job.state, job.error) == (MediaJob.State.FAILED, renditions.VIDEO_NOT_CUT)
    assert video.renditions.count() == 0 and not default_storage.exists(storage.poster_of(video.file.name))


def test_whoever_has_a_file_asks_before_showing_it_again_and_is_told_when_it_is_withdrawn(bulletin, monkeypatch):
    name = add(bulletin).file.name
    builders.published(bulletin)
    later = LATER + timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)

    first = get(name)
    again = Client().get(f"/media/{name}", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304) and not again.content
    assert first["Cache-Control"] == again["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert Client().get(f"/media/{name}", headers={"If-None-Match": '"other"'}).status_code == 200

    corrections.retract(bulletin, by=builders.editor(), at=LATER, what_changed=builders.in_all(en="It was wrong."))
    bulletin.refresh_from_db()
    builders.published(bulletin, at=LATER)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert Client().get(f"/media/{name}", headers={"If-None-Match": first["ETag"]}).status_code == 404


def test_a_draft_s_file_is_for_the_editor_alone_to_keep(bulletin, client):
    name = add(bulletin).file.name
    client.force_login(builders.editor())
    assert client.get(f"/media/{name}")["Cache-Control"] == "private, no-store"


def test_a_withdrawn_bulletin_has_no_files(bulletin):
    asset = add(bulletin)
    version = builders.published(bulletin)
    work(bulletin, "packages")
    package = bulletin.packages.first()
    why = builders.in_all(en="It was wrong.")
    corrections.retract(bulletin, by=builders.editor(), at=LATER, what_changed=why)
    bulletin.refresh_from_db()
    builders.published(bulletin, at=LATER)

    later = LATER + timedelta(hours=1)
    assert version.number == 1
    assert not public_files.asset_is_public(asset.file.name, at=later)
    assert not public_files.asset_is_public(package.file.name, at=later)


def test_published_files_stay_when_a_correction_removes_them_and_others_go(
    bulletin, media, django_capture_on_commit_callbacks
):
    asset = add(bulletin)
    work(bulletin)
    published = set(uploads.files_of(asset))
    builders.published(bulletin)
    why = builders.in_all(en="The picture was wrong.")
    corrections.start_correction(bulletin, by=builders.editor(), at=LATER, what_changed=why, share_text=why)
    bulletin.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        fresh = add(bulletin)
        uploads.remove(asset, by=builders.editor(), at=LATER)
        uploads.remove(fresh, by=builders.editor(), at=LATER)

    assert files(media) == published
    assert all(public_files.asset_is_public(name, at=LATER) for name in published)


def test_a_file_is_not_forgotten_when_the_change_is_refused(bulletin, media):
    asset = add(bulletin)

    with pytest.raises(NotAllowed, match="another kind"):
        uploads.replace(asset, upload(mp4()), by=builders.editor(), at=NOON)

    assert files(media) == {asset.file.name}
    drafts.lock(bulletin)


def test_a_new_file_takes_the_place_and_keeps_the_words(bulletin, media, django_capture_on_commit_callbacks):
    asset = add(bulletin)
    work(bulletin)
    with django_capture_on_commit_callbacks(execute=True):
        uploads.replace(asset, upload(png(800, 600)), by=builders.editor(), at=NOON)

    asset.refresh_from_db()
    assert (asset.width, asset.alt_text) == (800, builders.in_all(en="A red spot"))
    assert files(media) == {asset.file.name} and not asset.renditions.exists()
