"""Subtitles at the desk: taken in, changed beside the video by two at once, drafted by models, confirmed by a person."""

import itertools
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lib.text import machine_translation, speech
from lib.text.subtitles import Cue
from stories.models import StoryJob, StorySubtitles
from stories.story_media import files
from stories.subtitles import subtitle_drafts, subtitle_steps
from stories.subtitles.subtitle_steps import Changed, NotDone
from tests.stories.story_media.scene import VTT, build_film, build_story, build_subtitles, film, publish, work
from tests.support.builders import NOON


@pytest.fixture(autouse=True)
def stored(settings, tmp_path):
    """What is stored goes with the test."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def story(campaign):
    return build_story(campaign)


@pytest.fixture
def desk(client, alma):
    client.force_login(alma)
    return client


def editor(story, language="fi"):
    return reverse("admin:stories_story_subtitles_edit", args=[story.pk, language])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (VTT.replace("Naapuri", "<script>alert(1)</script>"), "Line 4: there is code"),
        (VTT.replace("Naapuri", "<img src=x onerror=alert(1)>"), "Line 4: there is code"),
        (VTT.replace("00:00:00.800", "00:00:00.600"), "Line 6: the subtitle begins before the previous one has ended"),
        (VTT.replace("00:00:01.400", "00:00:00.800"), "Line 6: the subtitle ends before it begins"),
        (VTT.replace("00:00:00.800", "00:99:00.800"), "Line 6: these are not valid times"),
        ("WEBVTT\n", "There are no subtitles"),
    ],
)
def test_what_players_cannot_show_or_must_not_is_refused_with_its_line(story, desk, text, says):
    answer = desk.post(editor(story), {"vtt": text, "seen": 0, "save": "yes"})

    assert answer.status_code == 422 and says in answer.content.decode()
    assert not StorySubtitles.objects.exists()
    assert "kaivo" not in text and answer.context["text"] == text, "what was typed is still there"


def test_of_two_who_change_the_same_nobody_loses_a_word(story, alma, oskar):
    first = subtitle_steps.save(story, "fi", VTT, origin="written", seen=0, by=alma, at=NOON)
    hers = VTT.replace("Naapuri", "Ystävä")
    subtitle_steps.save(story, "fi", hers, origin="written", seen=first.revision, by=alma, at=NOON)

    with pytest.raises(Changed) as refused:
        subtitle_steps.save(
            story, "fi", VTT.replace("Kiitos", "Hei"), origin="written", seen=first.revision, by=oskar, at=NOON
        )
    assert "Ystävä" in refused.value.now.draft and StorySubtitles.objects.get().revision == 2
    with pytest.raises(Changed):
        subtitle_steps.confirm(story, "fi", seen=first.revision, by=oskar, at=NOON)
    with pytest.raises(Changed):
        subtitle_steps.save(story, "fi", VTT, origin="written", seen=0, by=oskar, at=NOON)
    assert StorySubtitles.objects.get().vtt == ""


def test_the_editor_shows_what_the_other_saved_and_keeps_what_was_typed(story, desk, oskar):
    subtitle_steps.save(story, "fi", VTT, origin="written", seen=0, by=oskar, at=NOON)
    mine = VTT.replace("Naapuri", "Minun")

    answer = desk.post(editor(story), {"vtt": mine, "seen": 0, "save": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Minun toi" in page and "Naapuri toi" in page
    seen = answer.context["seen"]
    assert desk.post(editor(story), {"vtt": mine, "seen": seen, "save": "yes"}).status_code == 302
    assert "Minun" in StorySubtitles.objects.get().draft


def test_readers_have_what_a_person_confirmed_and_its_cut_follows(story, desk, alma):
    publish(story)
    asks = {"vtt": VTT, "seen": 0, "confirm": "yes"}
    desk.post(editor(story), asks)
    row = StorySubtitles.objects.get()
    assert row.confirmed_at is None, "nobody said that they had watched it"

    desk.post(editor(story), {**asks, "seen": row.revision, "watched": "yes"})
    row.refresh_from_db()
    assert (row.vtt, row.confirmed_by) == (row.draft, alma)
    assert StoryJob.objects.get().label == "fi"
    desk.post(editor(story), {"vtt": VTT.replace("Naapuri", "Joku"), "seen": row.revision, "save": "yes"})
    assert "Naapuri" in desk.get(reverse("story_subtitles:vtt", args=[story.key, "fi"])).content.decode()
    row.refresh_from_db()
    desk.post(editor(story), {"seen": row.revision, "remove": "yes"})
    assert desk.get(reverse("story_subtitles:vtt", args=[story.key, "fi"])).status_code == 404


def test_subtitles_of_a_longer_video_are_not_confirmed(story, desk, alma):
    files.keep(story, "web", "90", ContentFile(b"x"), ".mp4", at=NOON, seconds=0.8)
    row = subtitle_steps.save(story, "fi", VTT, origin="uploaded", seen=0, by=alma, at=NOON)
    answer = desk.post(editor(story), {"vtt": VTT, "seen": row.revision, "confirm": "yes", "watched": "yes"})
    assert answer.status_code == 422 and "begins after the video has ended" in answer.text
    row.refresh_from_db()
    assert row.confirmed_at is None
    story.files.update(seconds=1.0)
    late = subtitle_steps.save(
        story, "sv", VTT.replace("01.400", "09.000"), origin="uploaded", seen=0, by=alma, at=NOON
    )
    with pytest.raises(subtitle_steps.NotDone, match="ends long after"):
        subtitle_steps.confirm(story, "sv", seen=late.revision, by=alma, at=NOON)
    subtitle_steps.confirm(story, "fi", seen=row.revision, by=alma, at=NOON)


def test_a_file_is_a_draft_and_what_is_due_is_said(story, desk):
    publish(story)
    story.captions_due = (NOON + timedelta(days=1)).date()
    story.save()
    page = reverse("admin:stories_story_subtitles", args=[story.pk])
    said = desk.get(page)
    assert said.context["due"] in {"waiting", "overdue"} and "14 days" in said.content.decode()
    assert list(subtitle_steps.due_soon(story.campaign, at=NOON)) == [story]

    srt = SimpleUploadedFile("a.srt", "1\n00:00:00,000 --> 00:00:01,000\nÄiti\n".encode("cp1252"))
    desk.post(page, {"step": "upload", "language": "fi", "seen": 0, "file": srt})
    row = StorySubtitles.objects.get()
    assert (row.origin, row.confirmed_at, "Äiti" in row.draft) == ("uploaded", None, True)
    row.vtt, row.confirmed_at = row.draft, NOON
    row.save()
    assert not subtitle_steps.due_soon(story.campaign, at=NOON).exists()
    assert desk.get(page).context["due"] == "there"


def test_a_model_drafts_what_nobody_has_written_and_a_person_confirms_it(
    story, settings, tmp_path, monkeypatch, real_ffmpeg
):
    """The model is a program of ours here that stands in for pywhispercpp; all around it is real."""
    (tmp_path / "any.bin").write_bytes(b"x")
    (tmp_path / "pywhispercpp").mkdir()
    (tmp_path / "pywhispercpp" / "__init__.py").touch()
    (tmp_path / "pywhispercpp" / "model.py").write_text(
        "import wave\n"
        "class Said:\n"
        "    def __init__(self, t0, t1, text): self.t0, self.t1, self.text = t0, t1, text\n"
        "class Model:\n"
        "    def __init__(self, path, **words): self.language = words['language']\n"
        "    def transcribe(self, sound):\n"
        "        heard = wave.open(sound)\n"
        "        assert (heard.getframerate(), heard.getnchannels()) == (16000, 1)\n"
        "        return [Said(0, 90, ' Hei ' + self.language), Said(80, 120, '[musiikkia]'), Said(80, 140, 'a <b & c')]\n"
    )
    settings.SPEECH_MODELS = str(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    build_film(story, film())
    assert (subtitle_drafts.ways(story, "fi"), subtitle_drafts.ways(story, "sv")) == ("speech", "")

    assert work(story, "speech", "fi").error == ""
    row = StorySubtitles.objects.get()
    assert (row.origin, row.confirmed_at, row.edited_by) == ("speech", None, None)
    assert [(one.start, one.text) for one in subtitle_steps.read(row.draft)] == [
        (0, "Hei fi"),
        (900, "a &lt;b &amp; c"),
    ]
    assert work(story, "speech", "fi").error == subtitle_drafts.WRITTEN, "nothing takes the place of what is there"
    assert work(story, "speech", "sv").error == subtitle_drafts.NO_MODEL


def test_other_languages_are_drafted_from_what_was_confirmed(story, monkeypatch):
    monkeypatch.setattr(machine_translation, "folder_of", lambda source, target: Path("/models"))
    monkeypatch.setattr(
        machine_translation, "translator", lambda source, target, until: lambda text: f"{target}: {text}"
    )
    assert work(story, "speech", "sv").error == subtitle_drafts.NOTHING_CONFIRMED
    build_subtitles(story)

    assert work(story, "speech", "sv").state == "done"
    row = StorySubtitles.objects.get(language="sv")
    assert (row.origin, row.confirmed_at) == ("translated", None)
    assert subtitle_steps.read(row.draft)[0] == Cue(0, 700, "sv: Naapuri toi vettä.")


def test_what_a_model_says_becomes_lines_that_fit_and_never_meet():
    long = json.dumps([0, 4000, "sana " * 40])
    cues = speech.cues_of(f"{long}\n{json.dumps([3000, 3100, 'loppu'])}\n")

    assert all(len(cue.text) <= speech.LONGEST for cue in cues) and cues[-1].text == "loppu"
    assert all(one.end <= other.start for one, other in itertools.pairwise(cues))
    with pytest.raises(speech.Unusable):
        speech.cues_of("rikki")


def test_whoever_may_not_write_reads_and_a_draft_of_a_story_is_its_writers(story, client, oskar):
    build_subtitles(story)
    client.force_login(oskar)
    page = reverse("admin:stories_story_subtitles", args=[story.pk])
    if client.get(page).status_code == 200:
        assert client.post(editor(story), {"vtt": VTT, "seen": 1, "save": "yes"}).status_code == 403
    story.state = "draft"
    story.save()
    assert client.get(page).status_code in {403, 404}
    with pytest.raises(NotDone):
        subtitle_steps.remove(story, "sv", seen=0, by=oskar, at=NOON)
