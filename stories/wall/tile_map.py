"""
A map of one square a region, for any country: where a square stands is said with the region. Without that they follow each other in
rows, so that there is always a map.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from campaigns.models import Region

ACROSS = 5  # squares in a row, where nobody said where they stand


@dataclass(frozen=True, slots=True)
class Tile:
    """The square of a region: its place from 1, its name, how many stories, and where it leads ("" for a region without any)."""

    column: int
    row: int
    name: str
    count: int
    url: str
    is_chosen: bool


def tiles(regions: Iterable[tuple[Region, int]], *, chosen: str, url: Callable[[str], str]) -> list[Tile]:
    """Return the squares from north to south, those without a place below the others; `regions` are given with their numbers. No query."""
    given = list(regions)
    placed = {
        (one.tile_column, one.tile_row): (one, count)
        for one, count in given
        if one.tile_column is not None and one.tile_row is not None
    }
    here = {one.pk for one, _count in placed.values()}
    below = max((row for _column, row in placed), default=0)
    for number, pair in enumerate(pair for pair in given if pair[0].pk not in here):
        placed[number % ACROSS + 1, below + 1 + number // ACROSS] = pair
    return [
        Tile(column, row, str(one), count, url(one.code) if count or one.code == chosen else "", one.code == chosen)
        for (column, row), (one, count) in sorted(placed.items(), key=lambda item: (item[0][1], item[0][0]))
    ]
