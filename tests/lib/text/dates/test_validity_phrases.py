"""Until when something holds: the last minute of a day is the whole day, wherever it is printed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from lib.text.dates import validity_phrases

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 4, 19, 20, 59, tzinfo=UTC), "Voimassa 19.4.2026 asti"),
        (datetime(2026, 4, 19, 20, 59, 59, tzinfo=UTC), "Voimassa 19.4.2026 asti"),
        (datetime(2026, 4, 19, 20, 58, 59, tzinfo=UTC), "Voimassa 19.4.2026 klo 23.58 asti"),
        (
            datetime(2026, 4, 19, 23, 59, tzinfo=UTC),
            "Voimassa 20.4.2026 klo 2.59 asti",
        ),  # of the reader's day, not of UTC's
        (None, "Voimassa toistaiseksi"),
    ],
)
def test_the_last_minute_of_a_day_is_that_day(moment, words):
    with override("fi"):
        assert validity_phrases.valid_until(moment, HELSINKI) == words
