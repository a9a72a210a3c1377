"""
Drafts of subtitles by models on this machine: what is spoken by a speech model, other languages by a translation model from what a
person confirmed. A draft is one until a person confirms it, and none is put in the place of a person's words.
"""

import html
import logging
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import gettext_noop

from lib.images import ffmpeg
from lib.text import machine_translation, speech, subtitles
from lib.text.subtitles import Cue
from stories.models import Story, StorySubtitles
from stories.story_media.bench import NOT_READ, Piece, Unmakeable, on_bench

from . import subtitle_steps, transcripts

log = logging.getLogger(__name__)

Origin = StorySubtitles.Origin
MOST_SECONDS = 3000
SECONDS_OF_TRANSLATION = 240

WRITTEN = gettext_noop("Somebody has written subtitles here in the meantime, so no draft was put in.")
NO_MODEL = gettext_noop("There is no model for this language here.")
BROKEN = gettext_noop("The model could not be used. Tell the site administrator: ./run doctor says why.")
SLOW = gettext_noop("It took too long. Write the subtitles by hand, or tell the site administrator.")
NO_SOUND = gettext_noop("The video has no sound.")
NO_WORDS = gettext_noop("The model heard no words.")
NOTHING_CONFIRMED = gettext_noop(
    "Confirm the subtitles in the language that is spoken; then others can be drafted from them."
)


def ways(story: Story, language: str) -> str:
    """Return the origin that a draft in a language would have, "" where no model here makes one."""
    if language == story.original_language:
        return Origin.SPEECH if speech.model_for(language) else ""
    return Origin.TRANSLATED if machine_translation.folder_of(story.original_language, language) else ""


def make_draft(story: Story, label: str, at: datetime) -> Iterator[Piece]:
    """Draft the subtitles of a story in a language, where nobody has written any. Raise Unmakeable."""
    yield Piece(0, 1)
    if story.subtitles.filter(language=label).exists():
        raise Unmakeable(WRITTEN)
    origin = ways(story, label)
    if not origin:
        raise Unmakeable(NO_MODEL)
    cues: list[Cue] = []
    for found in heard(story, label) if origin == Origin.SPEECH else translated(story, label):
        cues = found
        yield Piece(0, 1)
    if not cues:
        raise Unmakeable(NO_WORDS)
    try:
        subtitle_steps.save(story, label, subtitles.to_vtt(cues), origin=origin, seen=0, by=None, at=at)
    except subtitle_steps.Changed as fault:
        raise Unmakeable(WRITTEN) from fault
    except subtitle_steps.NotDone as fault:
        log.warning("The draft for story %s cannot be read: %s", story.pk, fault)
        raise Unmakeable(BROKEN) from fault
    yield Piece(1, 1)


def heard(story: Story, language: str) -> Iterator[list[Cue]]:
    """Yield nothing now and then, and at the end what the speech model heard. Raise Unmakeable."""
    model = speech.model_for(language)
    assert model is not None
    with TemporaryDirectory(prefix="story-") as name:
        bench, sound = on_bench(story, Path(name)), Path(name) / "sound.wav"
        if not bench.film.sound:
            raise Unmakeable(NO_SOUND)
        words = [*ffmpeg.FOREIGN, "-format_whitelist", "mov,matroska,webm", "-i", str(bench.source), "-map", "0:a:0"]
        words += [
            "-vn",
            "-ar",
            "16000",
            "-ac",
            "1",
            "-c:a",
            "pcm_s16le",
            "-map_metadata",
            "-1",
            "-f",
            "wav",
            str(sound),
        ]
        try:
            for _sign in ffmpeg.run(words, seconds=300):
                yield []
            most = min(MOST_SECONDS, 120 + 20 * (bench.film.seconds or 60))
            yield from speech.listen(model, sound, language, seconds=most)
        except ffmpeg.Failed as fault:
            log.warning("The sound of story %s cannot be read: %s", story.pk, fault)
            raise Unmakeable(NOT_READ) from fault
        except speech.TooSlow as fault:
            raise Unmakeable(SLOW) from fault
        except speech.Unusable as fault:
            log.warning("The speech model cannot be used: %s", fault)
            raise Unmakeable(BROKEN) from fault


def translated(story: Story, language: str) -> Iterator[list[Cue]]:
    """Yield the subtitles that a person confirmed in the language that is spoken, in another one. Raise Unmakeable."""
    row = story.subtitles.filter(language=story.original_language, confirmed_at__isnull=False).first()
    if row is None:
        raise Unmakeable(NOTHING_CONFIRMED)
    cues = subtitles.parse(row.vtt)
    yield []
    try:
        translate = machine_translation.translator(
            story.original_language, language, until=time.monotonic() + SECONDS_OF_TRANSLATION
        )
        lines = [translate(transcripts.plain(cue.text)) for cue in cues]
    except machine_translation.TooSlow as fault:
        raise Unmakeable(SLOW) from fault
    except machine_translation.Unusable as fault:
        log.warning("The translation model cannot be used: %s", fault)
        raise Unmakeable(BROKEN) from fault
    yield [
        Cue(cue.start, cue.end, html.escape(" ".join(line.split()), quote=False) or "…")
        for cue, line in zip(cues, lines, strict=True)
    ]
