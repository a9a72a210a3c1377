"""
How sure a share is that some people's answers show: the interval in which the share of all probably lies, and whether it changed.

Sources: Wilson, J. Am. Stat. Assoc. 22 (1927) 209; Newcombe, Statist. Med. 17 (1998) 857 (his method 3) and 873 (his method 10).
"""

from dataclasses import dataclass
from math import hypot, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """Where a share, or a difference of two, probably lies: from `low` to `high`, around the one that was `seen`; each of 1."""

    seen: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Return whether a difference is one: no difference at all lies outside."""
        return self.low > 0 or self.high < 0


def share(agreed: int, of: int, *, confidence: float = CONFIDENCE) -> Interval:
    """Return the share of `agreed` among `of` answers with its Wilson interval. Raise ValueError for counts that cannot be."""
    if not 0 <= agreed <= of or of == 0:
        raise ValueError(f"{agreed} of {of} answers is no share.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    seen = agreed / of
    middle = seen + z * z / (2 * of)
    reach = z * sqrt(seen * (1 - seen) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    low = 0.0 if agreed == 0 else (middle - reach) / scale  # as it is, without what rounding leaves
    high = 1.0 if agreed == of else (middle + reach) / scale
    return Interval(seen, low, high)


def difference(later: Interval, earlier: Interval) -> Interval:
    """
    Return by how much a share changed, with Newcombe's interval: from the Wilson intervals of both, of answers that different
    people gave or that are not known to be the same people's.
    """
    seen = later.seen - earlier.seen
    return Interval(
        seen,
        seen - hypot(later.seen - later.low, earlier.high - earlier.seen),
        seen + hypot(later.high - later.seen, earlier.seen - earlier.low),
    )
