"""What makes each kind of heavy work on stories, piece by piece: what is there already is not made again."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_noop, override
from PIL import Image

from campaigns.translated_fields import in_language
from lib import job_rows
from lib.images import ffmpeg, film_facts, uploaded_images
from lib.text import subtitles
from stories.models import Story, StoryFile, StoryJob
from stories.subtitles import subtitle_drafts

from . import burnt_words, files, jobs, share_pictures, transcoding
from .bench import GRACE, NOT_READ, REPLACED, SLOW, TOO_LONG, Bench, Piece, Unmakeable, on_bench, seconds_of_work

log = logging.getLogger(__name__)

Role = StoryFile.Role
Kind = StoryJob.Kind
Maker = Callable[[Story, str, datetime], Iterator[Piece]]

PER_CENT = 100  # pieces that a film counts as
POSTER_AT = 1.0  # seconds
POSTER_WIDTH = 1280  # pixels, at most
CUT_SECONDS = 60.0  # of an upright cut, at most
CUT_SHORT = gettext_noop("The video ends too early: it was cut off on its way, or is damaged. It has to be sent again.")
NO_SUBTITLES = gettext_noop("There are no confirmed subtitles in this language. Confirm them, and the cut is made.")
NOTHING_THERE = gettext_noop("The cut would begin after the end of the video. Choose where it begins.")
LETTERS = gettext_noop(
    "These subtitles have letters that cannot be drawn here. The subtitles beside the video work all the same."
)
GAVE_UP = gettext_noop("It failed three times. Try it once more; if it fails again, tell the site administrator.")


def made_since(story: Story, role: str, original: StoryFile) -> dict[str, StoryFile]:
    """Return by their labels the files of a role that were made of what was sent last."""
    rows = story.files.filter(role=role, made_at__gte=original.made_at)
    return {row.label: row for row in rows if default_storage.exists(row.file.name or "")}


# --- Web sizes, poster, pictures to share -----------------------------------------------------------------


def make_sizes(story: Story, label: str, at: datetime) -> Iterator[Piece]:
    """Make what is missing of a story's web sizes, its poster and its pictures to share, the smallest size first."""
    languages = list(titles(story))
    if story.kind != Story.Kind.VIDEO:
        yield from share_pieces(story, languages, 0, len(languages), at)
        return
    with tempfile.TemporaryDirectory(prefix="story-") as name:
        yield Piece(0, 1)
        bench = on_bench(story, Path(name))
        sizes = transcoding.web_sizes(bench.film)
        total = PER_CENT + 1 + len(languages)
        there = made_since(story, Role.WEB, bench.original)
        if missing := [size for size in sizes if str(size) not in there]:
            for share in web_sizes(story, bench, missing, at):
                yield Piece(int(PER_CENT * share), total)
        yield Piece(PER_CENT, total)
        files.remove(story.files.filter(role=Role.WEB).exclude(label__in=[str(size) for size in sizes]))
        if "" not in made_since(story, Role.POSTER, bench.original):
            poster(story, bench, at)
        yield Piece(PER_CENT + 1, total)
        yield from share_pieces(story, languages, PER_CENT + 1, total, at)


def web_sizes(story: Story, bench: Bench, sizes: list[int], at: datetime) -> Iterator[float]:
    """Make web sizes and store them, giving now and then which share of the film is done. Raise Unmakeable, Again."""
    targets = {size: bench.folder / f"{size}.mp4" for size in sizes}
    most = settings.STORY_MAX_SECONDS + GRACE
    limits = {"most_seconds": most + 1, "seconds_of_work": seconds_of_work(bench.film)}
    try:
        for seconds in transcoding.web(bench.source, targets, bench.film, **limits):
            yield min(1.0, seconds / (bench.film.seconds or most))
        made = {size: film_facts.read(target) for size, target in targets.items()}
    except (ffmpeg.Failed, film_facts.NoFilm) as fault:
        raise no_film(story, fault) from fault
    longest = max(film.seconds for film in made.values())
    if longest > most:  # its container said less
        raise Unmakeable(TOO_LONG)
    if longest < bench.film.seconds - max(2.0, 0.03 * bench.film.seconds):
        raise Unmakeable(CUT_SHORT)
    for size, film in made.items():
        with targets[size].open("rb") as stream:
            facts = {"width": film.width, "height": film.height, "seconds": film.seconds}
            files.keep(story, Role.WEB, str(size), File(stream), ".mp4", at=at, of=bench.original, **facts)


def no_film(story: Story, fault: Exception) -> Exception:
    """Return what a failure of FFmpeg is for people: a video that is damaged, or a machine that was too slow."""
    log.warning("Nothing was made of story %s: %s", story.pk, fault)
    return job_rows.Again(SLOW) if isinstance(fault, (ffmpeg.TooSlow, film_facts.TooSlow)) else Unmakeable(NOT_READ)


def largest(story: Story) -> StoryFile | None:
    """Return the largest web size that is there."""
    rows = [row for row in story.files.filter(role=Role.WEB) if row.label.isdigit()]
    return max(rows, key=lambda row: int(row.label), default=None)


def poster(story: Story, bench: Bench, at: datetime) -> None:
    """Make the still picture, of the largest web size, whose colours are a screen's."""
    source, target = bench.folder / "shown.mp4", bench.folder / "still.png"
    row = largest(story)
    if row is None:
        raise Unmakeable(NOT_READ)
    with row.file.open("rb") as stream, source.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    width = min(POSTER_WIDTH, row.width or POSTER_WIDTH)
    try:
        ffmpeg.still(source, target, at=min(POSTER_AT, (row.seconds or 0) / 2), width=width)
    except ffmpeg.Failed as fault:
        raise no_film(story, fault) from fault
    with Image.open(target, formats=("PNG",)) as image:
        drawn = uploaded_images.encode(image.convert("RGB"), ".jpg")
    facts = {"width": drawn.width, "height": drawn.height}
    files.keep(story, Role.POSTER, "", ContentFile(drawn.data), drawn.suffix, at=at, of=bench.original, **facts)


def titles(story: Story) -> dict[str, str]:
    """Return the titles of a story by language: those that its campaign speaks, and the one that it is told in."""
    codes = {*story.campaign.language_codes(), story.original_language}
    return {code: text.strip() for code, text in story.title.items() if text.strip() and code in codes}


def credit_of(story: Story, language: str) -> tuple[str, str]:
    """Return whose a story is, and its campaign with the hashtag, in a language; with the mark of an exercise."""
    with override(language):
        campaign = story.campaign.named()
        whose = story.campaign.marked(in_language(story.municipality.name, language) or story.municipality.code)
    tags = {row.code: row.hashtag for row in story.campaign.languages.all()}
    tag = tags.get(language) or tags.get(story.campaign.default_language, "")
    return whose, " · ".join(filter(None, [campaign, tag and f"#{tag.lstrip('#')}"]))


def share_pieces(story: Story, languages: list[str], done: int, total: int, at: datetime) -> Iterator[Piece]:
    """Draw the pictures to share whose words or still picture have changed, and let those of other languages go."""
    yield Piece(done, total)
    there = {row.label: row for row in story.files.filter(role=Role.SHARE)}
    behind = story.files.filter(role__in=[Role.POSTER, Role.PICTURE]).order_by("-role", "label").first()
    for number, code in enumerate(languages, start=1):
        title, (credit, campaign) = titles(story)[code], credit_of(story, code)
        says = {code: f"{title}. {credit}, {campaign}"}
        row = there.get(code)
        if row is None or row.alt_text != says or (behind and row.made_at < behind.made_at):
            share(story, code, (title, credit, campaign), says, behind, at)
        yield Piece(done + number, total)
    files.remove(row for code, row in there.items() if code not in languages)


def share(
    story: Story, code: str, words: tuple[str, str, str], says: dict[str, str], behind: StoryFile | None, at: datetime
) -> None:
    """Draw one picture to share. Where the words cannot be drawn, there is none."""
    still = None
    if behind is not None:
        with behind.file.open("rb") as stream, Image.open(stream, formats=("PNG", "JPEG")) as image:
            still = image.convert("RGB")
    try:
        data = share_pictures.draw(*words, code, still)
    except share_pictures.Undrawable:
        files.remove(story.files.filter(role=Role.SHARE, label=code))
        return
    size = share_pictures.SIZE
    facts = {"width": size, "height": size, "alt_text": says}
    files.keep(story, Role.SHARE, code, ContentFile(data), ".jpg", at=at, of=behind, **facts)


# --- The upright cut --------------------------------------------------------------------------------------


def make_cut(story: Story, label: str, at: datetime) -> Iterator[Piece]:
    """Make the upright cut with the confirmed subtitles of a language burnt in, from where somebody chose."""
    row = story.subtitles.filter(language=label, confirmed_at__isnull=False).first()
    if row is None:
        raise Unmakeable(NO_SUBTITLES)
    with tempfile.TemporaryDirectory(prefix="story-") as name:
        yield Piece(0, 1)
        bench, target = on_bench(story, Path(name)), Path(name) / "cut.mp4"
        begins = story.cut_from
        length = bench.film.seconds or (largest(story).seconds if largest(story) else 0) or 0  # type: ignore[union-attr]
        seconds = min(CUT_SECONDS, length - begins)
        if seconds < 1:
            raise Unmakeable(NOTHING_THERE)
        size = transcoding.upright_size(bench.film)
        credit = " · ".join(credit_of(story, label))
        try:
            over = burnt_words.overlay(
                subtitles.parse(row.vtt),
                bench.folder,
                size,
                begins=begins,
                seconds=seconds,
                credit=credit,
                language=label,
            )
            cutting = transcoding.upright(bench.source, target, bench.film, over, begins=begins, seconds=seconds)
            for done in cutting:
                yield Piece(min(PER_CENT, int(PER_CENT * done / seconds)), PER_CENT)
            made = film_facts.read(target)
        except burnt_words.Undrawable as fault:
            raise Unmakeable(LETTERS) from fault
        except (ffmpeg.Failed, film_facts.NoFilm) as fault:
            raise no_film(story, fault) from fault
        with target.open("rb") as stream:
            facts = {"width": made.width, "height": made.height, "seconds": made.seconds}
            files.keep(story, Role.CUT, label, File(stream), ".mp4", at=at, of=bench.original, **facts)
        yield Piece(PER_CENT, PER_CENT)


# What makes each kind: it yields (done, total) before the first piece and after each.
MAKERS: dict[str, Maker] = {Kind.SIZES: make_sizes, Kind.CUT: make_cut, Kind.SPEECH: subtitle_drafts.make_draft}


def of_one_film(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Take the pieces of a maker. Raise Again when the video that it works on is replaced meanwhile."""
    try:
        yield from pieces
    except files.Replaced as fault:
        raise job_rows.Again(REPLACED) from fault


def run(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Do the work of a row, piece by piece, as long as this worker holds it. `clock` tells the present moment."""
    began = clock()
    row = jobs.take(pk, GAVE_UP, at=began)
    if row is None:
        return
    pieces = of_one_film(MAKERS[row.kind](row.story, row.label, began))
    is_done = job_rows.work(row, pieces, clock=clock, refusals=(Unmakeable,), gave_up=GAVE_UP)
    if is_done and job_rows.finish(row, at=clock()) is False:
        jobs.wake(row.pk)
