"""
Who else has addresses of channels than those who get bulletins: apps above register them, so that a link that is pressed and a STOP that
is written there reach them too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Holders:
    """
    People of one kind. `link` takes the address from which a token came (channel, token, address, when) and returns the language of whose
    it is, None where the token is not one of theirs; `leave` lets an address go (channel, address, when) and returns whether it was one of theirs.
    """

    link: Callable[[str, str, str, datetime], str | None]
    leave: Callable[[str, str, datetime], bool]


_holders: list[Holders] = []


def register(holders: Holders) -> None:
    """Add people of one more kind."""
    if holders not in _holders:
        _holders.append(holders)


def link(channel: str, token: str, address: str, *, at: datetime) -> str | None:
    """Take the address from which a token came; return the language of whose it is, None where nobody knows the token."""
    found = (one.link(channel, token, address, at) for one in _holders)
    return next((language for language in found if language is not None), None)


def leave(channel: str, address: str, *, at: datetime) -> bool:
    """Have nothing come to an address any more; return whether anything did."""
    found = [one.leave(channel, address, at) for one in _holders]  # each of them is asked
    return any(found)
