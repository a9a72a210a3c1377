"""No number of the results tells of fewer than five people, alone or by subtraction."""

from itertools import product

import pytest

from lib.statistics.small_groups import FEWEST, merged, shown


@pytest.mark.parametrize(
    ("people", "tells"),
    [
        ([], []),
        ([40, 12, 5], [40, 12, 5]),
        ([40, 0], [40, 0]),
        ([40, 12, 3], [40, None, None]),  # one alone is the sum without the others
        ([40, 12, 2, 2], [40, None, None, None]),  # two small ones are a small group together
        ([40, 12, 3, 2], [40, 12, None, None]),
        ([3], [None]),
        ([3, 0], [None, None]),  # a zero would tell in which of them they are
    ],
)
def test_a_small_group_is_hidden_with_what_would_give_it_away(people, tells):
    assert shown(people) == tells


def test_nothing_small_can_be_worked_out_from_the_sum():
    for people in product([0, 1, 3, 4, 5, 9], repeat=4):
        cells = shown(people)
        hidden = [count for count, cell in zip(people, cells, strict=True) if cell is None]
        assert all(cell is None or cell == 0 or cell >= FEWEST for cell in cells)
        assert not hidden or sum(hidden) >= FEWEST or len(hidden) == len(people)
        assert len(hidden) != 1


def test_what_is_counted_together_is_never_told_from_what_stands_alone():
    for people in product([0, 1, 3, 4, 5, 9], repeat=4):
        groups = dict(zip("abcd", people, strict=True))
        alone, together = merged(groups)
        rest = sum(groups[name] for name in together)
        assert all(groups[name] >= FEWEST for name in alone)
        assert rest == 0 or rest >= FEWEST or (not alone and sum(people) < FEWEST)
        assert {name for name in groups if groups[name]} <= {*alone, *together}
