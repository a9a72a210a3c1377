"""A reader that does everything wrong, so that `test_budget.py` sees what the budget tells of it."""

import os
import re

from .measure import MEGABYTE, Reader

CASES = (
    "nothing", "refuses", "a pattern that never comes back", "memory at once", "memory little by little, its refusal swallowed",
    "a fault", "ends the process", "nothing again",
)  # fmt: skip


def eat(data: bytes) -> None:
    """Do what the case says."""
    match data.decode():
        case "refuses":
            raise ValueError("no")
        case "a pattern that never comes back":
            re.match("(a+)+$", "a" * 40 + "b")
        case "memory at once":
            bytes(200 * MEGABYTE)
        case "memory little by little, its refusal swallowed":
            eaten = []
            try:
                while True:
                    eaten.append(b"a" * MEGABYTE)
            except MemoryError:
                return
        case "a fault":
            _number = 1 / 0
        case "ends the process":
            os._exit(7)


READERS = (Reader("glutton", eat, lambda: ((name, name.encode()) for name in CASES), (ValueError,), 0.5, 32, 0),)
