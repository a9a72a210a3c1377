"""
Who else has addresses of channels than those who get bulletins: apps above register them, so that a link that is pressed and a STOP that
is written there reach them too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Holders:
    """
    People of one kind. `link` takes the address from which a token came (channel, token, address, when) and returns the language of whose
    it is, None where the token is not one of theirs; `leave` lets an address go that was proven before its STOP was written (channel, address,
    when it was written, when) and returns whether it was one of theirs.
    `learn` keeps who has addresses (channel, code of the channel's id by address; Recipient.user_hash), and `addresses_of` returns which
    those are that somebody has (channel, code of their id).
    """

    link: Callable[[str, str, str, datetime], str | None]
    leave: Callable[[str, str, datetime, datetime], bool]
    learn: Callable[[str, Mapping[str, str]], None]
    addresses_of: Callable[[str, str], list[str]]


_holders: list[Holders] = []


def register(holders: Holders) -> None:
    """Add people of one more kind."""
    if holders not in _holders:
        _holders.append(holders)


def link(channel: str, token: str, address: str, *, at: datetime) -> str | None:
    """Take the address from which a token came; return the language of whose it is, None where nobody knows the token."""
    found = (one.link(channel, token, address, at) for one in _holders)
    return next((language for language in found if language is not None), None)


def leave(channel: str, address: str, *, wrote_at: datetime, at: datetime) -> bool:
    """Have nothing come any more to an address whose person wrote so; return whether anything did."""
    found = [one.leave(channel, address, wrote_at, at) for one in _holders]  # each of them is asked
    return any(found)


def learn(channel: str, users: Mapping[str, str]) -> None:
    """Keep of addresses of a channel the code of the id by which it knows who has them."""
    for one in _holders:
        one.learn(channel, users)


def addresses_of(channel: str, user_hash: str) -> list[str]:
    """Return the addresses that somebody has whom a channel names by its id alone."""
    return [address for one in _holders for address in one.addresses_of(channel, user_hash)]
