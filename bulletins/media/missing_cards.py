"""What the tick asks for: cards and moving cards that bulletins on their way, or published lately, lack."""

from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef

from bulletins.models import Bulletin, Card, MediaJob
from lib.images import ffmpeg

from . import media_jobs, message_cards, moving_cards

FRESH = timedelta(days=7)  # for so long after publishing, cards that are missing are made without being asked for
RETRY = timedelta(hours=1)
OLDER_AT_ONCE = 3  # bulletins whose cards are from before an upgrade and get their codes in one round


def queue_missing(*, at: datetime) -> list[MediaJob]:
    """
    Ask for what bulletins lack, so that publishing never waits for a picture; return the rows. Moving cards come after all others,
    and are asked for once an hour: those that failed are tried again, and all are made when FFmpeg is installed later.
    """
    tried = set(
        MediaJob.objects.filter(kind=MediaJob.Kind.MOVING, asked_at__gte=at - RETRY).values_list("bulletin", flat=True)
    )
    may_move = ffmpeg.is_installed()
    lacking = [
        (bulletin, kind)
        for bulletin in on_their_way(at=at)
        for kind in kinds_missing(bulletin, may_move=may_move and bulletin.pk not in tried)
    ]
    lacking.sort(key=lambda one: one[1] == MediaJob.Kind.MOVING)  # minutes each: no picture waits for one
    asked = [media_jobs.enqueue(bulletin, kind, by=None, at=at) for bulletin, kind in lacking]
    return asked + [media_jobs.enqueue(one, MediaJob.Kind.CARDS, by=None, at=at) for one in without_codes(at=at)]


def kinds_missing(bulletin: Bulletin, *, may_move: bool) -> list[str]:
    """Return the kinds of cards that a bulletin lacks; what is on them is read once for all kinds."""
    sets = message_cards.sets_of(bulletin)
    cards = [MediaJob.Kind.CARDS.value] if message_cards.is_missing(bulletin, sets) else []
    moving = [MediaJob.Kind.MOVING.value] if may_move and moving_cards.is_missing(bulletin, sets) else []
    return cards + moving


def on_their_way(*, at: datetime) -> list[Bulletin]:
    """
    Return the bulletins that are approved, in review, or were published lately, what everybody opens next first: those about to be
    published, then the newest; two queries.
    """
    states = Bulletin.State
    rows = Bulletin.objects.select_related("campaign")
    coming = rows.filter(state__in=[states.APPROVED, states.IN_REVIEW]).order_by("-pk")
    fresh = rows.filter(state=states.PUBLISHED).annotate(out=Max("versions__published_at")).filter(out__gte=at - FRESH)
    first = sorted(coming, key=lambda bulletin: bulletin.state != states.APPROVED)
    return list(dict.fromkeys([*first, *fresh.order_by("-out", "-pk")]))


def without_codes(*, at: datetime) -> list[Bulletin]:
    """Return a few published bulletins whose cards are from before there were codes, the latest first, each once an hour."""
    bare = Card.objects.filter(bulletin=OuterRef("pk"), code="")
    tried = MediaJob.objects.filter(bulletin=OuterRef("pk"), kind=MediaJob.Kind.CARDS, asked_at__gte=at - RETRY)
    older = Bulletin.objects.filter(Exists(bare), ~Exists(tried), state=Bulletin.State.PUBLISHED)
    return list(older.select_related("campaign").order_by("-pk")[:OLDER_AT_ONCE])
