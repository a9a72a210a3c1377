"""What is made of a story's video, what of one that is none, and who may have it."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from lib import job_rows
from lib.images import ffmpeg, film_facts
from stories import tasks
from stories.models import Story, StoryConsent, StoryFile, StoryJob
from stories.story_media import bench, burnt_words, files, jobs, makers, missing_media, personal_data, transcoding
from tests.support.builders import NOON

from .scene import VTT, build_film, build_story, build_subtitles, film, publish, work

pytestmark = pytest.mark.usefixtures("real_ffmpeg")


@pytest.fixture(autouse=True)
def stored(settings, tmp_path):
    """What is stored goes with the test."""
    settings.MEDIA_ROOT = tmp_path / "media"


TOLD = (
    "-metadata",
    "title=Kotikatu 1",
    "-metadata",
    "location=+60.1+024.9/",
    "-metadata:s:v",
    "handler_name=Kotikatu 1",
)


@pytest.fixture
def story(campaign):
    """A story with a video of a second, whose file tells of a place."""
    story = build_story(campaign)
    build_film(story, film("160x90", 1.0, *TOLD))
    return story


@pytest.fixture
def started(monkeypatch):
    """The programs that were started, and how nice each was."""
    words: list[list[str]] = []
    nice: list[int] = []
    real, limit = subprocess.Popen, ffmpeg.limit
    monkeypatch.setattr(
        subprocess, "Popen", lambda said, *rest, **more: words.append(said) or real(said, *rest, **more)
    )
    monkeypatch.setattr(ffmpeg, "limit", lambda pid: limit(pid) or nice.append(os.getpriority(os.PRIO_PROCESS, pid)))
    return words, nice


def half(data: bytes) -> bytes:
    """Return a video that was cut off on its way."""
    return data[: data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2]


def path_of(row: StoryFile) -> Path:
    return Path(default_storage.path(row.file.name or ""))


def test_sizes_still_and_pictures_are_made_of_what_was_sent_behind_everything_else(story, started):
    job = work(story, "sizes")

    assert (job.state, job.done, job.total, job.error) == ("done", 103, 103, "")
    web, still = story.files.get(role="web"), story.files.get(role="poster")
    assert (web.label, web.width, web.height, still.width) == ("90", 160, 90, 160), "no larger than what was sent"
    words, nice = started
    assert len(nice) == len(words) >= 4 and set(nice) == {ffmpeg.NICE} and jobs.QUEUE == "films"
    coding = [one for one in words if "libx264" in one]
    assert coding and all({one[n + 1] for n, word in enumerate(one) if word == "-threads"} == {"2"} for one in coding)
    made = film_facts.read(path_of(web))
    assert (made.pictures, made.sound, round(made.seconds)) == ("h264", "aac", 1)
    data = path_of(web).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "it plays before it has arrived"
    shared = story.files.get(role="share", label="en")
    assert shared.alt_text["en"].startswith("A neighbour brought us water. [Exercise] Kuusivaara, ")
    assert b"Kotikatu" in path_of(story.files.get(role="original")).read_bytes()
    for row in story.files.exclude(role="original"):
        data = path_of(row).read_bytes()
        assert b"Kotikatu" not in data and b"+60.1" not in data

    before = {row.pk: row.made_at for row in story.files.all()}
    story.title = {**story.title, "en": "Water from next door"}
    story.save()
    work(story, "sizes", at=NOON + timedelta(hours=1))
    changed = {row.label for row in story.files.all() if before[row.pk] != row.made_at}
    assert changed == {"en"}, "only the picture whose words are others is drawn anew"


def test_a_killed_worker_loses_the_piece_it_was_at(story, monkeypatch):
    def web_sizes(story, bench, sizes, at):
        files.keep(story, "web", str(sizes[0]), ContentFile(film("160x90", 1.0)), ".mp4", at=at, width=160, seconds=1.0)
        yield 1.0

    monkeypatch.setattr(makers, "web_sizes", web_sizes)
    job = jobs.enqueue(story, "sizes", at=NOON)
    taken = jobs.take(job.pk, makers.GAVE_UP, at=NOON)
    assert taken is not None
    pieces = makers.make_sizes(story, "", NOON)
    while next(pieces).done < 1:  # it dies after the first size
        pass
    pieces.close()
    first = story.files.get(role="web")

    assert jobs.take(job.pk, makers.GAVE_UP, at=NOON + timedelta(minutes=1)) is None, "somebody has it"
    makers.run(job.pk, clock=lambda: NOON + timedelta(minutes=3))

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)
    assert story.files.get(role="web").file.name == first.file.name and story.files.filter(role="poster").exists()
    with pytest.raises(job_rows.Lost):
        job_rows.renew(taken, done=1, total=4, at=NOON + timedelta(minutes=3))


def test_an_upright_cut_has_the_confirmed_words_from_where_somebody_chose(story, monkeypatch):
    row = build_subtitles(story, draft="WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nKesken\n")
    drawn: list[str] = []
    real = burnt_words.picture
    monkeypatch.setattr(
        burnt_words, "picture", lambda text, *rest, **more: drawn.append(text) or real(text, *rest, **more)
    )
    monkeypatch.setattr(transcoding, "upright_size", lambda film: (180, 320))
    story.cut_from = 0.0
    story.save()
    assert work(story, "cut", "fi").state == "done"

    cut = story.files.get(role="cut", label="fi")
    assert (cut.width, cut.height, round(cut.seconds or 0)) == (180, 320, 1)
    assert drawn == ["Naapuri toi vettä.", "", "Kiitos: 'ei' [v];%{x}\\N"], (
        "as they are, whatever filters would read in them"
    )

    story.cut_from = 5
    story.save()
    assert work(story, "cut", "fi").error == makers.NOTHING_THERE
    assert work(story, "cut", "sv").error == makers.NO_SUBTITLES
    row.vtt = VTT.replace("Naapuri", "邻居")
    row.save()
    story.cut_from = 0
    story.save()
    assert work(story, "cut", "fi").error == makers.LETTERS
    assert story.files.get(role="cut").file.name == cut.file.name, "the one before stays"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: b"\0\0\0\x18ftypmp42" + b"\0" * 4000, bench.NOT_READ),
        (lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n", bench.NOT_READ),
        (lambda: b"ffconcat version 1.0\nfile /etc/passwd\n", bench.NOT_READ),
        (lambda: film("160x90", 1.0)[:20_000], bench.NOT_READ),  # its index was at its end
        (lambda: half(film("64x64", 8.0, "-r", "5", "-movflags", "+faststart")), makers.CUT_SHORT),
        (lambda: film("16x16", 400.0, "-r", "1", sound=False), bench.TOO_LONG),
        (lambda: film("5000x2200", 0.1, sound=False), bench.TOO_LARGE),
        (lambda: film("64x64", 0.5, "-map", "1:a"), bench.NO_PICTURES),
        (lambda: film("64x64", 0.5, "-c:v", "ffv1", suffix=".mkv"), bench.CODEC),
        (lambda: film("64x64", 0.5, *("-map", "1:a") * 12, "-map", "0:v", suffix=".mkv"), bench.TOO_MANY),
    ],
)
def test_what_is_no_video_of_a_phone_ends_in_words(campaign, data, why):
    story = build_story(campaign)
    build_film(story, data())

    job = work(story, "sizes")

    assert (job.state, job.error, jobs.trouble(story)) == ("failed", why, why)
    assert not story.files.exclude(role="original").exists()


def test_a_container_that_says_less_than_it_has_is_not_worked_on_for_longer(story, settings, monkeypatch):
    settings.STORY_MAX_SECONDS = 2
    build_film(story, film("64x64", 12.0, "-r", "5", sound=False))
    monkeypatch.setattr(bench, "refuse_unfit", lambda film: None)

    assert work(story, "sizes").error == bench.TOO_LONG


def test_a_film_that_is_replaced_while_it_is_made_leaves_nothing_of_itself(story, monkeypatch):
    """What is looked at is what leaves: nothing that was made of another film stands beside it."""
    real, other = transcoding.web, film("320x180", 1.0)

    def replaced_meanwhile(*words, **limits):
        yield from real(*words, **limits)
        if not story.files.filter(role="original", seconds=77).exists():
            new = files.keep(Story.objects.get(), "original", "x", ContentFile(other), ".mp4", at=NOON, seconds=77)
            with transaction.atomic():
                StoryFile.objects.filter(story=story).exclude(pk=new.pk).delete()
                StoryFile.objects.filter(pk=new.pk).update(label="")

    monkeypatch.setattr(transcoding, "web", replaced_meanwhile)
    job = work(story, "sizes")
    assert (job.state, job.error) == ("queued", bench.REPLACED)
    assert not story.files.exclude(role="original").exists()

    makers.run(job.pk, clock=lambda: NOON)
    assert story.files.get(role="web").label == "180", "of the film that is there now"


def test_bytes_that_are_not_those_that_were_sent_are_not_worked_on(story):
    path_of(story.files.get(role="original")).write_bytes(film("320x180", 1.0))

    assert work(story, "sizes").error == bench.REPLACED
    assert not story.files.exclude(role="original").exists()


def test_a_slow_machine_is_not_called_a_damaged_video(story, monkeypatch):
    monkeypatch.setattr(makers, "seconds_of_work", lambda film: 0.01)
    job = work(story, "sizes")
    assert (job.state, job.error, job.attempts) == ("queued", bench.SLOW, 1)
    for _more in range(2):
        makers.run(job.pk, clock=lambda: NOON)
    assert jobs.trouble(story) == bench.SLOW and not story.files.exclude(role="original").exists()


@pytest.mark.parametrize(
    ("size", "per_second", "seconds", "fits"),
    [
        ((1080, 1920), 30, 240, True),
        ((3840, 2160), 29.97, 240, True),
        ((3840, 2160), 60, 240, True),
        ((1920, 1080), 240, 240, True),
        ((3840, 2160), 120, 240, False),
        ((3840, 2160), 120, 60, True),
    ],
)
def test_what_phones_record_for_four_minutes_fits_and_what_takes_hours_is_refused(size, per_second, seconds, fits):
    phone = film_facts.Film(seconds, *size, per_second, "hevc", "aac", 2, is_hdr=True)
    if fits:
        bench.refuse_unfit(phone)
    else:
        with pytest.raises(bench.Unmakeable, match="1080p"):
            bench.refuse_unfit(phone)


def test_a_phones_film_is_made_upright_at_thirty_a_second_in_a_screens_colours(campaign):
    colours = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:log-level=error"
    words = ("-c:v", "libx265", "-x265-params", colours, "-r", "60")
    story = build_story(campaign)
    build_film(story, film("720x1280", 1.0, *words))
    assert work(story, "sizes").state == "done"
    made = [film_facts.read(path_of(row)) for row in story.files.filter(role="web")]
    assert sorted(one.short_side for one in made) == [360, 720]
    assert {(one.per_second, one.is_hdr) for one in made} == {(30.0, False)}


def test_only_what_was_made_of_a_shown_story_is_for_everyone(story, client, settings):
    sent = story.files.get(role="original")
    web = files.keep(story, "web", "90", ContentFile(film("160x90", 1.0)), ".mp4", at=NOON)
    assert not files.is_public(web.file.name), "it has not been looked at"
    publish(story)
    assert files.is_public(web.file.name) and not files.is_public(sent.file.name)

    address = f"/media/{web.file.name}"
    piece = client.get(address, headers={"Range": "bytes=4-7"})
    assert (piece.status_code, b"".join(piece.streaming_content)) == (206, b"ftyp")
    assert client.get(f"/media/{sent.file.name}").status_code == 404

    person = StoryConsent.objects.create(
        municipality=story.municipality, name="Aino", asked_at=NOON, agreed_to="x", signed_at=NOON
    )
    story.people.add(person)
    assert client.get(address, headers={"Range": "bytes=4-7"}).status_code == 206
    StoryConsent.objects.filter(pk=person.pk).update(withdrawn_at=NOON)
    assert client.get(address).status_code == 410, "whoever is seen in it has changed their mind"


def test_the_desk_sees_what_was_sent_and_no_draft(story, client, alma):
    name = story.files.get(role="original").file.name
    client.force_login(alma)
    assert client.get(f"/media/{name}").status_code == 200
    story.state = "draft"
    story.save()
    assert client.get(f"/media/{name}").status_code == 404


def test_what_was_sent_is_taken_up_by_the_tick_once(campaign, django_assert_num_queries):
    story = build_story(campaign)
    build_story(campaign, "luonnos", state="draft")

    (asked,) = missing_media.queue_missing(at=NOON)
    assert (asked.story_id, asked.kind) == (story.pk, "sizes")
    with django_assert_num_queries(1):
        assert missing_media.queue_missing(at=NOON) == []
    publish(story, at=NOON + timedelta(hours=1))
    missing_media.queue_missing(at=NOON + timedelta(hours=1))
    assert StoryJob.objects.count() == 1 and connection.vendor, "what waits is asked for anew, not twice"


def test_one_film_at_a_time_holds_a_process_of_a_worker(story, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    job = jobs.enqueue(story, "sizes", at=NOON)
    with tasks.only_one_here() as is_free:
        assert is_free
        tasks.make(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("queued", 0), "it waits, and nothing was begun"
    tasks.make(job.pk)
    job.refresh_from_db()
    assert job.state == "done"


def test_of_what_waits_the_sizes_come_first(campaign, monkeypatch):
    older, newer = build_story(campaign), build_story(campaign, "kaivo2")
    cut = jobs.enqueue(older, "cut", "fi", at=NOON)
    sizes = jobs.enqueue(newer, "sizes", at=NOON + timedelta(minutes=5))
    woken: list[int] = []
    monkeypatch.setattr(jobs, "wake", woken.append)
    assert jobs.wake_waiting(at=NOON + timedelta(minutes=6)) == 2
    assert woken == [sizes.pk, cut.pk]


def test_what_is_taken_along_from_an_exercise_says_so(story):
    assert makers.credit_of(story, "fi")[0] == "[Harjoitus] Kuusivaara"
    story.campaign.mode = "live"
    assert makers.credit_of(story, "fi")[0] == "Kuusivaara"


def test_sizes_keep_the_shape_and_grow_nothing():
    phone = film_facts.Film(10, 1080, 1920, 30, "hevc", "aac", 2, is_hdr=True)

    assert transcoding.web_sizes(phone) == [360, 720]
    assert transcoding.upright_size(phone) == (1080, 1920) and "crop=1080:1920" in transcoding.framed(phone, 1080, 1920)


def test_what_was_taken_away_is_deleted_a_week_later_and_what_was_sent_when_the_operator_wants(
    story, settings, django_capture_on_commit_callbacks
):
    build_subtitles(story)
    files.keep(story, "web", "90", ContentFile(b"x"), ".mp4", at=NOON)
    publish(story)
    names = [row.file.name for row in story.files.all()]
    week = NOON + timedelta(days=8)
    assert personal_data.forget_files(week) == 0
    settings.STORY_ORIGINAL_DAYS = 7
    with django_capture_on_commit_callbacks(execute=True):
        assert personal_data.forget_files(week) == 1
    assert [row.role for row in story.files.all()] == ["web"]

    story.state, story.withdrawn_at = "withdrawn", NOON
    story.save()
    assert personal_data.forget_files(NOON + timedelta(days=6)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert personal_data.forget_files(week) == 1 and personal_data.words_over(week).count() == 1
    assert not any(map(default_storage.exists, names))
