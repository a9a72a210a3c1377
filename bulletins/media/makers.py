"""What makes each kind of file that takes long: cards, moving cards, renditions, packages."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bulletins.models import Bulletin, MediaJob
from lib import job_rows

from . import message_cards, moving_cards, packages, renditions
from .media_jobs import GAVE_UP, finish, take

Maker = Callable[[Bulletin, datetime], Iterator[Any]]


def make_cards(bulletin: Bulletin, at: datetime) -> Iterator[Any]:
    """Draw the message cards."""
    yield from message_cards.make_cards(bulletin, at=at)


# What makes each kind: it yields (done, total) before the first piece and after each.
MAKERS: dict[str, Maker] = {
    MediaJob.Kind.CARDS: make_cards,
    MediaJob.Kind.RENDITIONS: renditions.make_renditions,
    MediaJob.Kind.PACKAGES: packages.make_packages,
    MediaJob.Kind.MOVING: moving_cards.make_moving_cards,
}


def run(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Do the work of a row, piece by piece, as long as this worker holds it. `clock` tells the present moment."""
    began = clock()
    row = take(pk, at=began)
    if row is None:
        return
    pieces = MAKERS[row.kind](row.bulletin, began)
    if job_rows.work(row, pieces, clock=clock, refusals=(renditions.CutFailed,), gave_up=GAVE_UP):
        finish(row, at=clock())
