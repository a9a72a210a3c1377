"""
Counting in the memory of a web process. Nothing of who looked is kept: of a place only how often it counted in this hour, under a
number that nobody can turn back, and that is thrown away with the hour.
"""

import secrets
import threading
from collections.abc import Iterable
from typing import NamedTuple

HOUR = 3600
MOST_OF_A_PLACE = 240  # views in an hour that count from one place, so that nobody makes a number alone
PLACES_OF_A_NETWORK = 8  # whose worth counts from a whole /48
MOST_PLACES = 100_000  # remembered in an hour
MOST_KEYS = 5_000  # counted apart between two writings; published pages are far fewer


class Key(NamedTuple):
    """What was shown: a kind of page of a campaign, by its key; `subject` is the answer's or the story's, 0 for all other pages."""

    campaign: int
    kind: str
    subject: int


type Views = dict[Key, int]


class Counter:
    """The views of a process that are not written yet. Its threads share it."""

    def __init__(self) -> None:
        self._views: Views = {}
        self._places: dict[int, int] = {}
        self._salt, self._hour = 0, -1
        self._lock = threading.Lock()

    def count(self, key: Key, places: Iterable[tuple[str, int]], *, now: float) -> bool:
        """
        Count a view, unless a place that it comes from has counted often enough in this hour; return whether it counts. `places` are
        (address or network, the worth of how many places it may count), `now` is in seconds.
        """
        with self._lock:
            self._begin_hour(int(now // HOUR))
            marks = [(hash((self._salt, place)), most * MOST_OF_A_PLACE) for place, most in places if place]
            if any(self._places.get(mark, 0) >= most for mark, most in marks):
                return False
            if key not in self._views and len(self._views) >= MOST_KEYS:
                return False
            for mark, _most in marks:
                if mark in self._places or len(self._places) < MOST_PLACES:
                    self._places[mark] = self._places.get(mark, 0) + 1
            self._views[key] = self._views.get(key, 0) + 1
            return True

    def take(self) -> Views:
        """Return the views that are not written yet, and begin anew."""
        with self._lock:
            views, self._views = self._views, {}
            return views

    def give_back(self, views: Views) -> None:
        """Take views back that could not be written."""
        with self._lock:
            for key, number in views.items():
                if key in self._views or len(self._views) < MOST_KEYS:
                    self._views[key] = self._views.get(key, 0) + number

    def _begin_hour(self, hour: int) -> None:
        if hour != self._hour:
            self._places, self._salt, self._hour = {}, secrets.randbits(64), hour


counter = Counter()
