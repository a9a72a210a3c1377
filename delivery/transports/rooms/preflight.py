"""What the doctor tries of chat rooms: that each service in use can be reached, and that their secrets can be read."""

import contextlib
import time

from accounts.crypto.encryption import Locked
from delivery.models import Room
from lib.http.safe_fetch import FetchFault, checked, connected

from . import places

ANSWER_SECONDS = 5.0
AT_MOST = 20  # places


def faults() -> tuple[list[str], list[str]]:
    """
    Connect to where rooms are, each place once; return what is wrong, by organisation, and the hosts that answered. Nothing is sent.
    """
    wrong: list[str] = []
    reached: list[str] = []
    seen: set[tuple[str, int, str]] = set()
    for room in Room.objects.filter(ended_at=None).order_by("pk"):
        try:
            where = checked(places.place_in(room).url)
            if where in seen or len(seen) >= AT_MOST:
                continue
            seen.add(where)
            with contextlib.closing(connected(*where, time.monotonic() + ANSWER_SECONDS)):
                reached.append(where[0])
        except Locked:
            wrong.append(f"{room.organisation}: its address was locked with another SECRET_KEY")
        except FetchFault as fault:
            wrong.append(f"{room.organisation}: {room.host} did not answer ({fault.code})")
    return wrong, reached
