"""
Moving cards: the key messages of a language one after the other as a video of 6 to 15 seconds, in each of the campaign's themes.
Those of the first theme are made first; the others come a few at a time, so that no bulletin holds up another one's cards.

As cards are, they are found by the digest of what is on them: whoever knows what a bulletin says, or what a version said when it
was published, knows which belong to it. What takes more time than one has goes on in a second one; there is no third. A message has
its short words where the editor wrote some.
"""

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from pathlib import Path
from secrets import token_hex

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from bulletins.models import Bulletin, MediaJob, MovingCard, Ratio, Tone
from campaigns.cards import check_codes
from lib.images import ffmpeg
from lib.images.card import Spec, TooLong, thumbnail
from lib.images.themes import films, renderer
from lib.images.themes.films import Film, digest_of
from lib.text import subtitles

from . import card_themes, media_jobs, message_cards, storage
from .renditions import Piece

log = logging.getLogger(__name__)

MOST = 4_000_000  # bytes of a video: what is larger is packed once more, for less quality
QUALITIES = (20, 27, 33)
OTHERS_AT_ONCE = 2  # of the other themes: then whatever else waits has its turn
FILMS = 2  # of a language: nobody looks through more, and the editor's first messages come first
SUFFIXES = (".mp4", ".vtt", ".webp")

__all__ = ["Film", "digest_of", "films_of", "make_moving_cards"]


# --- What is on them -----------------------------------------------------------------------------------------------


def films_of(specs: Iterable[Spec], theme: str = "") -> list[Film]:
    """
    Return the moving cards that come of a bulletin's messages (message_cards.specs_of) in a theme, the campaign's first one
    unless said otherwise, language by language, FILMS at most. A message that cannot be read in the time, or has no room on a
    card, is in none.
    """
    by_language: dict[str, list[Spec]] = {}
    for spec in specs:
        scene = scene_of(spec, theme)
        if card_themes.fits(scene, Ratio.STORY):
            by_language.setdefault(spec.language, []).append(scene)
    return [
        Film(group, card_themes.words_of_proof(language))
        for language, scenes in by_language.items()
        for group in films.parted(scenes)[:FILMS]
    ]


def in_themes(specs: Sequence[Spec]) -> dict[str, list[Film]]:
    """Return {theme: moving cards} of all the themes that every message has, the first one first."""
    if not specs:
        return {}
    first = card_themes.first_theme(specs[0])
    offered = [set(card_themes.themes_of(spec)) for spec in specs]
    others = [
        theme for theme in card_themes.themes_of(specs[0]) if theme != first and all(theme in one for one in offered)
    ]
    return {first: films_of(specs)} | {theme: films_of(specs, theme) for theme in others}


def scene_of(spec: Spec, theme: str = "") -> Spec:
    """Return what is on the card of a message in a moving card: its short words where there are some."""
    words = dict(spec.tones).get(Tone.SHORT, spec.words)
    tone = Tone.SHORT if words != spec.words else Tone.PLAIN
    return replace(spec, theme=theme or card_themes.first_theme(spec), words=words, tone=tone)


def left_out(specs: Iterable[Spec]) -> list[Spec]:
    """Return the messages that no moving card has: they cannot be read in the time, or come after the first two."""
    specs = list(specs)
    said = {(spec.language, spec.key) for film in films_of(specs) for spec in film.scenes}
    return [spec for spec in specs if (spec.language, spec.key) not in said]


def alt_text(film: Film) -> str:
    """Return all that is read in a moving card."""
    return " ".join(message_cards.alt_text(spec) for spec in film.scenes)


def captions(film: Film) -> str:
    """Return the captions (WebVTT): what can be read, when it can be."""
    cues, at = [], 0
    for scene in films.timeline(film):
        end = at + round(1000 * scene.frames / films.PER_SECOND)
        cues.append(subtitles.Cue(at, end, escape(" ".join(scene.words.split()), quote=False)))
        at = end
    return subtitles.to_vtt(cues)


# --- Making them ---------------------------------------------------------------------------------------------------


def make_moving_cards(bulletin: Bulletin, at: datetime) -> Iterator[Piece]:
    """
    Make the moving cards of a bulletin that are not there yet, telling how far it is; none without FFmpeg. Those that neither the
    working copy nor a version shows any more are removed at the end. Safe to run twice at once. Raise ffmpeg.Failed.
    """
    sets = message_cards.sets_of(bulletin)
    if ffmpeg.is_installed():
        there = set(bulletin.moving_cards.values_list("digest", flat=True))
        first, others = ([film for mark, film in part.items() if mark not in there] for part in wanted_of(sets))
        todo = first + others[:OTHERS_AT_ONCE]
        said = (spec.statement for film in todo for spec in film.scenes)
        check_codes.give(bulletin.campaign, check_codes.Kind.BULLETIN, bulletin.pk, said, at=at)
        yield Piece(0, len(todo))
        for done, film in enumerate(todo):
            for _sign in make_moving_card(bulletin, film, code_of(bulletin, film, at=at), at=at):
                yield Piece(done, len(todo))
            yield Piece(done + 1, len(todo))
        if others[OTHERS_AT_ONCE:] and bulletin.moving_cards.exclude(digest__in=there).exists():
            media_jobs.enqueue(bulletin, MediaJob.Kind.MOVING, by=None, at=at)
    kept = {digest_of(film) for specs in sets for films in in_themes(specs).values() for film in films}
    remove(bulletin, bulletin.moving_cards.exclude(digest__in=kept))


def wanted_of(sets: Sequence[Sequence[Spec]]) -> tuple[dict[str, Film], dict[str, Film]]:
    """
    Return {digest: what is on it} of the working copy and of the newest version, in the first theme and in the others; `sets` as
    of message_cards.sets_of().
    """
    first: dict[str, Film] = {}
    others: dict[str, Film] = {}
    for specs in {0: sets[0], -1: sets[-1]}.values():
        for place, made in enumerate(in_themes(specs).values()):
            (others if place else first).update((digest_of(film), film) for film in made)
    return first, others


def code_of(bulletin: Bulletin, film: Film, *, at: datetime) -> str:
    """Return the code of a moving card, the same in every theme: whoever scans any of its scenes learns what became of all of it."""
    said = [spec.statement for spec in film.scenes]
    return check_codes.give_whole(bulletin.campaign, check_codes.Kind.BULLETIN, bulletin.pk, said, at=at)


def make_moving_card(bulletin: Bulletin, film: Film, code: str, *, at: datetime) -> Iterator[None]:
    """Make one and keep it, with a sign of life now and then. Nothing is made of a picture that is gone."""
    check = check_codes.address(code)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.mp4"
        try:
            first = renderer.draw(film.scenes[0], films.RATIO, check, card_themes.read)[0]
            for quality in QUALITIES:
                yield from ffmpeg.encode(
                    films.frames(film, check, card_themes.read),
                    made,
                    size=films.SIZE,
                    per_second=films.PER_SECOND,
                    quality=quality,
                    comment=" ".join(filter(None, (check, settings.PICTURE_LICENCE))),
                )
                if made.stat().st_size <= MOST:
                    break
        except (TooLong, FileNotFoundError) as fault:
            log.warning("A moving card of bulletin %s cannot be made: %r", bulletin.pk, fault)
            return
        store(bulletin, film, made, thumbnail(first), code=code, at=at)


def store(bulletin: Bulletin, film: Film, made: Path, poster: bytes, *, code: str, at: datetime) -> None:
    """Keep a video that was made with its captions and its poster, unless the same is there by now."""
    part = slugify(film.scenes[0].key) or "card"
    # People see this name when they download it; its end cannot be guessed.
    name = f"moving/b{bulletin.pk}/{bulletin.number}-{part}-{slugify(film.language)}-{token_hex(8)}.mp4"
    with made.open("rb") as file:
        card = MovingCard(
            bulletin=bulletin,
            digest=digest_of(film),
            language=film.language,
            theme=film.scenes[0].theme,
            code=code,
            file=default_storage.save(name, File(file)),
            seconds=film.seconds,
            size=made.stat().st_size,
            made_at=at,
        )
    default_storage.save(card.stored(".vtt"), ContentFile(captions(film).encode()))
    default_storage.save(card.stored(".webp"), ContentFile(poster))
    try:
        with transaction.atomic():
            card.save()
    except IntegrityError:  # someone else has just made the same one
        for name in names_of(card):
            default_storage.delete(name)


def names_of(card: MovingCard) -> list[str]:
    """Return the stored names of all files of a moving card."""
    return [card.stored(suffix) for suffix in SUFFIXES]


def remove(bulletin: Bulletin, cards: Iterable[MovingCard]) -> None:
    """Remove moving cards with their files."""
    stale = list(cards)
    with transaction.atomic():
        bulletin.moving_cards.filter(pk__in=[card.pk for card in stale]).delete()
        storage.forget(bulletin, [name for card in stale for name in names_of(card)])


def is_missing(bulletin: Bulletin, sets: Sequence[Sequence[Spec]]) -> bool:
    """Return whether a moving card is not made yet, of the working copy or of what is published; `sets` as for wanted_of()."""
    first, others = wanted_of(sets)
    wanted = first | others
    return bulletin.moving_cards.filter(digest__in=wanted).count() < len(wanted)


# --- What readers may have -----------------------------------------------------------------------------------------


def drawn(bulletin: Bulletin, films: Sequence[Film]) -> list[tuple[Film, MovingCard]]:
    """Return the moving cards that are made, in the order of `films`; one query, none without films."""
    marks = {digest_of(film): film for film in films}
    rows = {card.digest: card for card in bulletin.moving_cards.filter(digest__in=marks)} if marks else {}
    return [(film, rows[mark]) for mark, film in marks.items() if mark in rows]


def is_public(card: MovingCard, *, at: datetime) -> bool:
    """Return whether a moving card belongs to the newest published version of its bulletin, which is not withdrawn."""
    specs = [spec for spec in message_cards.public_specs(card.bulletin, at=at) if spec.language == card.language]
    return any(digest_of(film) == card.digest for film in films_of(specs, card.theme))
