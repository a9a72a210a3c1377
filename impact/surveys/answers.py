"""Taking an answer, and mixing all of them when a survey closes."""

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.audit import trail
from accounts.crypto.encryption import Locked
from accounts.models import User
from impact.models import FreeText, SealedBox, Survey, Tally, Ticket
from lib.statistics.small_groups import FEWEST, merged

from . import sealed_boxes, tickets

log = logging.getLogger(__name__)

SCALE, TEXT = "scale", "text"
AGREES = (0, 1)  # places on the scale that count as agreeing
# Answers by an open link, of a survey that somebody ends before its time: whoever chooses the moment may know those before, having given
# them, and then the last one is anybody's. One network gives a few an hour (impact/answer_pages.py).
FEWEST_ENDED_EARLY = 50
OPTIONS = 5  # agree, rather agree, rather disagree, disagree, can't say

Answer = Sequence[int | str]  # to each question: a place on the scale, or a text


class NotTaken(Exception):
    """An answer that was not taken; nothing changed."""


class AlreadyUsed(NotTaken):
    """The link was used before."""


class Closed(NotTaken):
    """The survey takes no answers any more."""


@transaction.atomic
def take(survey: Survey, answer: Answer, *, language: str, token: str = "", at: datetime) -> None:
    """
    Take an answer to each question, for the ticket of `token` where people were drawn. Raise AlreadyUsed, or Closed.

    Only the language is kept beside it. `at` decides whether it may still be taken, and is not kept.
    """
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if not held.takes_answers(at=at):
        raise Closed
    if not held.is_public and not tickets.use(token):
        raise AlreadyUsed
    sealed_boxes.put(held, SealedBox.Kind.BOX, json.dumps([language, *answer], ensure_ascii=False))


def close_due(*, at: datetime) -> int:
    """Close the surveys whose time is over, and return how many."""
    return sum(close(survey, at=at) for survey in Survey.objects.to_close(at=at))


@transaction.atomic
def close(survey: Survey, *, at: datetime, by: User | None = None) -> bool:
    """
    Close a survey, when its time is over or because somebody stops it (`by`): count its answers, all of them at once, and let go of tickets, tokens and boxes. Return whether it was open.

    Of fewer than `fewest_kept` answers nothing is kept. Small groups of a language are counted together, so that no later sum gives
    them away; whatever was written loses its language, and is kept only where FEWEST wrote something.
    """
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if held.state != Survey.State.OPEN:
        return False
    given = answers_in_boxes(held)
    held.answers = len(given) if len(given) >= fewest_kept(held, at=at) else 0
    if held.answers:
        count(held, given)
    held.state, held.closed_at = Survey.State.CLOSED, at
    held.save(update_fields=["state", "closed_at", "answers"])
    Ticket.objects.filter(survey=held).delete()
    SealedBox.objects.filter(survey=held).delete()
    trail.note("survey.closed", held, by=by, at=at, answers=held.answers)
    return True


def fewest_kept(survey: Survey, *, at: datetime) -> int:
    """Return of how many answers a survey keeps something when it ends at `at`."""
    is_early = survey.closes_at is not None and at < survey.closes_at
    return FEWEST_ENDED_EARLY if survey.is_public and is_early else FEWEST


def answers_in_boxes(survey: Survey) -> list[list[int | str]]:
    """Return all answers, each after its language, in no order. A box under a seal whose key is lost is left out, and logged."""
    given = []
    for box in SealedBox.objects.filter(survey=survey, kind=SealedBox.Kind.BOX):
        try:
            given += [json.loads(part) for part in sealed_boxes.opened(box)]
        except Locked:
            log.error("Answers of survey %s cannot be opened: their SECRET_KEY is gone.", survey.pk)
    sealed_boxes.chance.shuffle(given)
    return given


def count(survey: Survey, given: list[list[int | str]]) -> None:
    """Write how many gave each answer, by language, and what was written."""
    alone, _together = merged(Counter(str(each[0]) for each in given))
    counts: dict[tuple[int, str, int], int] = defaultdict(int)
    texts: dict[int, list[str]] = defaultdict(list)
    for language, *places in given:
        group = str(language) if language in alone else ""
        for number, (question, said) in enumerate(zip(survey.questions, places, strict=True)):
            if question["kind"] == SCALE:
                counts[number, group, int(said)] += 1
            elif said:
                texts[number].append(str(said))
    Tally.objects.bulk_create(
        Tally(survey=survey, question=question, language=language, option=option, count=people)
        for (question, language, option), people in sorted(counts.items())
    )
    kept = [
        FreeText(survey=survey, question=number, text=text)
        for number, written in texts.items()
        if len(written) >= FEWEST
        for text in written
    ]
    FreeText.objects.bulk_create(sorted(kept, key=lambda row: row.key))  # their keys are chance, so is the order
