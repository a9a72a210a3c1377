"""
Drawing some of many by lot, so that anybody who has the seed can draw again and comes to the same.

Each gets a mark from the seed and its own key; the lowest marks are drawn. So the order of the list, the database and the version
of Python make no difference, and one person can be checked without a list of the others: drawn is whose mark is at most the last
one drawn (`Draw.last_mark`).
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Draw[Key: (int, str)]:
    """Who was drawn of how many, lowest mark first, and the mark of the last; "" where nobody was."""

    drawn: list[Key]
    among: int
    last_mark: str


def new_seed() -> str:
    """Return a seed that nobody chose (128 bits, hex)."""
    return secrets.token_hex(16)


def mark(seed: str, key: int | str) -> str:
    """Return the mark of one key: HMAC-SHA256 (hex) under the seed."""
    return hmac.digest(seed.encode(), str(key).encode(), "sha256").hex()


def draw[Key: (int, str)](keys: Iterable[Key], *, size: int, seed: str) -> Draw[Key]:
    """Draw `size` of the keys, all where there are fewer; a key that comes twice counts once."""
    marked = sorted((mark(seed, key), key) for key in set(keys))
    drawn = marked[:size]
    return Draw([key for _mark, key in drawn], len(marked), drawn[-1][0] if drawn else "")
