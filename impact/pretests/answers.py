"""Taking an answer to a pretest."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from impact.models import Pretest, PretestAnswer, PretestSeat

from . import pretest_steps

Share = PretestAnswer.Share
COUNTED = {Share.YES: "would_share", Share.NO: "would_not"}


class NotTaken(Exception):
    """An answer that was not taken; nothing changed."""


class AlreadyUsed(NotTaken):
    """The link was used before, or as often as it may be."""


class Over(NotTaken):
    """The draft is not shown any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person says: what it asks of them, what was unclear (also by the places of sentences), and whether they would share it."""

    asks: str
    unclear: str
    sentences: list[int]
    share: str
    why: str


@transaction.atomic
def take(pretest: Pretest, seat: PretestSeat | None, answer: Answer, *, language: str, at: datetime) -> None:
    """Take an answer about the text in a language. Raise AlreadyUsed, or Over."""
    held = Pretest.objects.select_for_update(of=("self",)).select_related("bulletin__campaign").get(pk=pretest.pk)
    if not pretest_steps.is_open(held, at=at):
        raise Over
    if is_used(held, seat):
        raise AlreadyUsed
    PretestAnswer.objects.create(
        pretest=held,
        seat=seat,
        number=seat.number if seat else held.answered + 1,
        language=language,
        asks=answer.asks,
        unclear=answer.unclear,
        sentences=sorted(set(answer.sentences)),
        share=answer.share,
        why=answer.why,
        at=at,
    )
    name = COUNTED.get(Share(answer.share))
    more = {name: F(name) + 1} if name else {}
    Pretest.objects.filter(pk=held.pk).update(answered=F("answered") + 1, **more)


def is_used(pretest: Pretest, seat: PretestSeat | None) -> bool:
    """Return whether a link takes no answer any more: an influencer's after one, one for all after as many as were wanted."""
    return PretestAnswer.objects.filter(seat=seat).exists() if seat else pretest.answered >= pretest.size
