"""Hosts that others chose and that are away: for a while this process asks none of them again, so that they keep nobody else waiting."""

import time


class RestingHosts:
    """Until when, in time.monotonic(), nothing goes to a place, and with which status it said so; for all threads of this process."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, str]] = {}

    def rest(self, place: str, seconds: float, status: str = "") -> None:
        """Ask a place nothing more for some seconds."""
        self._until[place] = time.monotonic() + seconds, status

    def left(self, place: str) -> tuple[float, str]:
        """Return for how many seconds more a place is not asked, 0 when it is, and the status with which it said so."""
        until, status = self._until.get(place, (0.0, ""))
        return max(0.0, until - time.monotonic()), status

    def forget(self) -> None:
        """Forget all of them."""
        self._until.clear()
