"""
The ledger's sum of each send of a list. What the tick counted (ledger_counts.py) or keeps (kept_counts.py) is taken; rows are
walked for the rest only, so few that no page waits for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from delivery.models import Send

from . import ledger_counts, send_progress
from .ledger import Row
from .ledger_totals import people_by, totals_of

WALKED = 20_000  # rows, in one list


def sums_of(sends: Iterable[Send], *, at: datetime) -> dict[int, Row]:
    """
    Return {key of a send: its numbers}; of one that has not begun none, and none of one that nobody has counted yet where
    that would take long. Three queries, however many sends.
    """
    begun = [send for send in sends if send.candidates is not None and send.fanned_out_at is not None]
    found: dict[int, Row] = defaultdict(Row)
    for pk, state, people in totals_of([send for send in begun if send.summed_at is not None], "state"):
        found[pk].add(state, people)
    uncounted = []
    for send in begun:
        if send.summed_at is None:
            numbers = ledger_counts.numbers_of(send, at=at)
            if numbers is None:
                uncounted.append(send)
            else:
                for state, people in numbers.items():
                    found[send.pk].add(state, people)
    for pk, state, people in kept_or_walked(uncounted, at=at):
        found[pk].add(state, people)
    return dict(found)


def kept_or_walked(sends: list[Send], *, at: datetime) -> Iterator[tuple[int, str, int]]:
    """Yield (key of a send, state, how many people) of sends that the tick did not count."""
    kept = send_progress.kept_of(sends, at=at)
    for pk, one in kept.items():
        for _language, state, _code, _receipt, people, *_rest in one.figures:
            yield pk, state, people
    chosen, left = [], WALKED
    for send in sends:
        size = send.candidates or 0
        if send.pk not in kept and size <= left:
            chosen.append(send)
            left -= size
    if chosen:
        yield from people_by(chosen, "state")
