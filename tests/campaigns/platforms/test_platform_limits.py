"""Which limits of platforms apply, and which of them a text breaks."""

from datetime import date

import pytest

from bulletins.models import Variant
from campaigns.models import PlatformLimit
from campaigns.platforms import platform_limits
from tests.support import builders


def limit(platform: str, field: str, number: int, counted_in: str = "code_points", seen: date = date(2026, 1, 1)):
    return PlatformLimit.objects.create(
        platform=platform, field=field, limit=number, counted_in=counted_in, seen_on=seen, source="its help"
    )


@pytest.mark.django_db
def test_the_newest_limit_holds_from_the_day_it_was_seen():
    limit("x", "post", 140, seen=date(2026, 1, 1))
    limit("x", "post", 280, seen=date(2026, 3, 1))
    limit("x", "post", 999, seen=date(2026, 12, 1))
    assert platform_limits.current_limits(on=date(2026, 2, 1))["x", "post"].limit == 140
    assert platform_limits.current_limits(on=date(2026, 3, 25))["x", "post"].limit == 280


@pytest.mark.django_db
def test_links_and_tags_have_limits_too_and_spotlight_stops_nothing(campaign):
    limit("threads", "links", 1, "items")
    limit("youtube", "tags", 10)
    limit("snapchat", "spotlight", 5)
    edition = builders.build_bulletin(campaign).editions.first()
    limits = platform_limits.current_limits(on=builders.NOON.date())
    threads = Variant(edition=edition, platform="threads", caption="https://a.fi https://b.fi")
    youtube = Variant(edition=edition, platform="youtube", tags=["one two", "three"])
    snapchat = Variant(edition=edition, platform="snapchat", caption="longer than five")
    assert [(one.field, used) for one, used in platform_limits.over_limit(threads, limits)] == [("links", 2)]
    assert [(one.field, used) for one, used in platform_limits.over_limit(youtube, limits)] == [("tags", 15)]
    assert platform_limits.over_limit(snapchat, limits) == []
    assert [one.field for one in platform_limits.limits_of("snapchat", "caption", limits)[1]] == ["spotlight"]
