"""How large audiences were: noted once a day by what counts them, and drawn."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from delivery.models import AudienceSize
from delivery.recipients import size_history
from delivery.reports import kept_counts
from tests.support import builders
from tests.support.builders import NOON

DAY = timedelta(days=1)


def test_what_counts_audiences_notes_each_size_once_a_day(campaign: Any) -> None:
    audience = builders.build_audience(campaign, size=3)
    kept_counts.count_large(at=NOON)
    kept_counts.count_large(at=NOON + timedelta(hours=1))
    kept_counts.count_large(at=NOON + DAY)

    rows = AudienceSize.objects.values_list("audience", "date", "size", "basis")
    today = campaign.local(NOON).date()
    assert list(rows) == [(audience.pk, today, 3, "counted"), (audience.pk, today + DAY, 3, "counted")]


def test_a_day_is_that_of_the_campaign_and_what_was_written_down_stays(campaign: Any) -> None:
    audience = builders.build_audience(campaign, size=3)
    late = datetime(2026, 3, 25, 22, 30, tzinfo=UTC)  # half past midnight in Helsinki
    AudienceSize.objects.create(audience=audience, date=campaign.local(late).date(), size=9, basis="reported")

    kept_counts.count_large(at=late)

    assert campaign.local(late).date() == NOON.date() + DAY
    assert AudienceSize.objects.get().size == 9


def test_sizes_are_drawn_with_the_highest_as_high_as_the_chart(campaign: Any, django_assert_num_queries: Any) -> None:
    audiences = [builders.build_audience(campaign, slug) for slug in ("one", "two", "three")]
    for number, size in enumerate((50, 100, 75)):
        AudienceSize.objects.create(
            audience=audiences[0], date=NOON.date() - DAY * (2 - number), size=size, basis="counted"
        )
    AudienceSize.objects.create(audience=audiences[1], date=NOON.date() - DAY * 90, size=1, basis="counted")
    AudienceSize.objects.create(audience=audiences[2], date=NOON.date(), size=0, basis="counted")

    with django_assert_num_queries(1):
        sizes = size_history.of_audiences(audiences, at=NOON)

    first = sizes[audiences[0].pk]
    assert [(one.size, one.x, one.height) for one in first.columns] == [(50, 580, 20), (100, 590, 40), (75, 600, 30)]
    assert (first.change, first.moved, first.width) == (25, 25, 610)
    assert sizes[audiences[1].pk].columns == []
    assert [one.height for one in sizes[audiences[2].pk].columns] == [1]


@pytest.mark.parametrize("role", ["alma", "root"])
def test_the_list_and_the_page_show_them(role: str, campaign: Any, signed_in: Any, request: Any) -> None:
    audience = builders.build_audience(campaign, size=2)
    for day in (1, 0):
        kept_counts.count_large(at=timezone.now() - day * DAY)
    user = request.getfixturevalue(role)
    user.language = "en"
    user.save()

    for address in ("/desk/delivery/audience/", f"/desk/delivery/audience/{audience.pk}/change/"):
        page = signed_in(user).get(address).content.decode()
        assert 'class="sizes"' in page and 'role="img"' in page, address
