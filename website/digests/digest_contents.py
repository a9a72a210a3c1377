"""
What a digest says to whom. No database: publications in their order and a kind of reader in, items out.

Whoever has been served up to a number gets what has higher numbers. Of a thing with several versions among these only
the latest is said. What corrects or withdraws something that they were told comes first, whatever their topics are now;
what was withdrawn before they heard of it is not said at all. That something is paused or shown again is news for those
only who were told of it, and a pause that has ended before they heard of it is none.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from website.models import Publication

KEY_MESSAGES = 3  # of each bulletin; its page has all

Change = Publication.Change
MEANWHILE = frozenset({Change.PAUSED, Change.RESUMED})  # these say nothing new of the thing itself
WORDS = frozenset({Change.NEW, Change.CORRECTED})


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A publication, as far as choosing asks: its key and number, what it is about, its topics (empty: for everyone).
    `is_over` says that it holds no more.
    """

    pk: int
    number: int
    about: str
    change: str
    topics: frozenset[int] = frozenset()
    is_urgent: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """
    Readers to whom the same is said: their topics and those that they ever had (empty: everything), the number up to
    which they have been served, and the one at which they came. With `only_urgent`, of what is new only what is urgent.
    """

    topics: frozenset[int]
    told_topics: frozenset[int]
    cursor: int
    since: int
    only_urgent: bool = False


class Item(NamedTuple):
    """A publication in a digest, by its key, and whether it corrects or withdraws what its readers were told."""

    publication: int
    is_correction: bool


class Order:
    """Publications by number, with all earlier ones about the same things."""

    def __init__(self, news: Iterable[Candidate]) -> None:
        self.news = sorted(news, key=lambda one: one.number)
        self.numbers = [one.number for one in self.news]
        self.by_thing: dict[str, list[Candidate]] = {}
        for one in self.news:
            self.by_thing.setdefault(one.about, []).append(one)

    def choose(self, kind: Kind) -> tuple[Item, ...]:
        """Return what readers of a kind are to be told now, in the order in which they read it."""
        since: dict[str, list[Candidate]] = {}
        for one in self.news[bisect_right(self.numbers, kind.cursor) :]:
            since.setdefault(one.about, []).append(one)
        corrections, others = [], []
        for said in map(latest_to_send, since.values()):
            if said is None:
                continue
            if self.was_notified(said.about, kind):
                if said.change not in MEANWHILE or not said.is_over:
                    corrections.append(said)
            elif said.change in WORDS and not said.is_over and self.is_news(said, kind):
                others.append(said)
        corrections.sort(key=lambda one: one.number)
        others.sort(key=lambda one: (not one.is_urgent, one.number))
        return (*(Item(one.pk, True) for one in corrections), *(Item(one.pk, False) for one in others))

    @staticmethod
    def is_news(said: Candidate, kind: Kind) -> bool:
        """Return whether something new is for readers of a kind."""
        return meets(said.topics, kind.topics) and (said.is_urgent or not kind.only_urgent)

    def was_notified(self, about: str, kind: Kind) -> bool:
        """Return whether readers of a kind were notified of a thing, or may have been."""
        return any(
            kind.since < one.number <= kind.cursor and one.change in WORDS and meets(one.topics, kind.told_topics)
            for one in self.by_thing[about]
        )

    def turning_points(self, cursor: int) -> list[int]:
        """
        Return the numbers at which it matters whether a reader came before or after, for readers served up to `cursor`
        or further: those of what has been published anew since.
        """
        since = {one.about for one in self.news[bisect_right(self.numbers, cursor) :]}
        anew = [things for about in since if len(things := self.by_thing[about]) > 1]
        return sorted(one.number for things in anew for one in things)


def latest_to_send(those: Sequence[Candidate]) -> Candidate | None:
    """
    Return which of the publications about a thing since readers were served is said: the latest. When it is shown again, the
    words that came meanwhile; without any, that it is, but for a pause that they have not heard of.
    """
    if those[-1].change != Change.RESUMED:
        return those[-1]
    words = [one for one in those if one.change not in MEANWHILE]
    if words:
        return words[-1]
    return those[-1] if those[0].change == Change.RESUMED else None


def meets(topics: frozenset[int], chosen: frozenset[int]) -> bool:
    """Return whether what has these topics is for someone who chose those: empty on either side is all."""
    return not topics or not chosen or not topics.isdisjoint(chosen)
