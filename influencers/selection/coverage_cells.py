"""
A campaign's targets cut into cells: one for each age group, language, region and topic that it wants to reach.

A cell weighs the product of its four shares, as if age, language, region and topic had nothing to do with each other: an
assumption, since only the four shares are known. A dimension without targets is left out of every cell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from influencers.models import CoverageTarget

DIMENSIONS = ("age", "language", "region", "topic")
ANY = ""  # the key of a dimension that has no targets
ROUNDING = 0.5  # how far from 100 the shares of a dimension may be, in percentage points
REAL_SHARE = 15  # per cent of someone's followers from which on an age group or a language counts as reached
DEPTH = (1.0, 0.5)  # what the first and the second person in a cell are worth; further ones add nothing

Cell = tuple[str, str, str, str]


class CannotChoose(Exception):
    """Nobody was chosen; the message says why, and what to do."""


@dataclass(frozen=True)
class Grid:
    """The shares of each dimension as parts of one, and the cells that they make, each with its weight."""

    shares: Mapping[str, Mapping[str, float]]

    @cached_property
    def cells(self) -> list[Cell]:
        """Return every cell, in a fixed order."""
        a, b, c, d = (self.shares[name] or {ANY: 1.0} for name in DIMENSIONS)
        return list(product(a, b, c, d))

    @cached_property
    def number(self) -> dict[Cell, int]:
        """Return the number of each cell."""
        return {cell: number for number, cell in enumerate(self.cells)}

    @cached_property
    def weights(self) -> list[float]:
        """Return the weight of each cell; together they make 1."""
        parts = [self.shares[name] or {ANY: 1.0} for name in DIMENSIONS]
        return [a * b * c * d for a, b, c, d in product(*(part.values() for part in parts))]

    def covered_by(
        self, ages: Iterable[str], languages: Iterable[str], region: str, topics: Iterable[str]
    ) -> tuple[int, ...]:
        """Return the numbers of the cells that someone of whom this is known covers."""
        parts = [
            values if self.shares[name] else (ANY,)
            for name, values in zip(DIMENSIONS, (ages, languages, (region,), topics), strict=True)
        ]
        return tuple(sorted({self.number[cell] for cell in product(*parts) if cell in self.number}))  # type: ignore[index]


def grid_of(rows: Iterable[Mapping[str, Any]]) -> Grid:
    """
    Return the grid of targets given as rows of `dimension`, `key` and `share` (per cent).

    Raise CannotChoose when there are none, or when the shares of a dimension do not add up to 100.
    """
    found: dict[str, dict[str, float]] = {name: {} for name in DIMENSIONS}
    for row in rows:
        if float(row["share"]) > 0:
            found[row["dimension"]][row["key"]] = float(row["share"])
    if not any(found.values()):
        raise CannotChoose(
            _(
                "Nobody was chosen: this campaign has not yet said whom it wants to reach. First enter "
                "the shares of ages, languages, regions and topics as coverage targets."
            )
        )
    names = dict(CoverageTarget.Dimension.choices)
    for name, shares in found.items():
        total = sum(shares.values())
        if shares and abs(total - 100) > ROUNDING:
            raise CannotChoose(
                _(
                    "Nobody was chosen: the shares for “%(dimension)s” add up to %(total)s per cent, "
                    "not 100. Correct the coverage targets first."
                )
                % {"dimension": names[name], "total": f"{total:.4g}"}
            )
    return Grid(
        {
            name: {key: found[name][key] / sum(found[name].values()) for key in sorted(found[name])}
            for name in DIMENSIONS
        }
    )


def targets_of(campaign: Any) -> list[dict[str, Any]]:
    """Return a campaign's targets as plain rows, in a fixed order, to keep with a selection; one query."""
    rows = CoverageTarget.objects.filter(campaign=campaign).order_by("dimension", "key")
    return [{"dimension": row.dimension, "key": row.key, "share": float(row.share)} for row in rows]
