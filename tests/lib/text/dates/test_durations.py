"""How long something took, in words."""

import pytest

from lib.text.dates.durations import duration


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (7_530, "2 h 5 min"), (86_400, "24 h 0 min")],
)
def test_a_time_is_told_in_its_two_largest_units(seconds: int, says: str) -> None:
    assert duration(seconds) == says
