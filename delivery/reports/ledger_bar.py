"""The bar of a ledger: a coloured part for each state that has rows."""

from typing import NamedTuple

from .ledger import Row


class Part(NamedTuple):
    """One part of a ledger's bar, in per cent as SVG wants them (a point, two decimals)."""

    name: str
    start: str
    width: str


def strip_parts(row: Row) -> list[Part]:
    """Return the parts of a ledger's bar in the order of its equation; what is to go stays empty."""
    parts, start = [], 0.0
    for name in ("accepted", "failed", "suppressed", "unknown"):
        count = getattr(row, name)
        if count:
            width = 100 * count / row.candidates
            parts.append(Part(name, f"{start:.2f}", f"{width:.2f}"))
            start += width
    return parts
