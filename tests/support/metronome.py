"""How busy this machine is: tests of a time add what it may have held up."""

import threading
import time
from itertools import pairwise
from typing import Self

TICK = 0.02  # seconds


class Metronome:
    """Ticks in a thread; how late its ticks come tells how late everything else comes."""

    def __init__(self) -> None:
        self._ticks = [time.monotonic()]
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._stopped.set()

    def _tick(self) -> None:
        while not self._stopped.wait(TICK):
            self._ticks.append(time.monotonic())

    def held_up(self) -> float:
        """Return for how many seconds a busy machine may have held up both ends so far: three times its latest tick."""
        late = (later - earlier - TICK for earlier, later in pairwise([*self._ticks, time.monotonic()]))
        return 3 * max(0.0, *late)
