"""Snapshots are dated and never overwritten; what cannot be is refused in words, and by the database."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from campaigns.models import Campaign
from impact.measures import snapshots, standard_measures
from impact.measures.snapshots import NotTaken, Reading
from impact.models import Measure, Snapshot, Source, Unit
from tests.support import builders

pytestmark = pytest.mark.django_db

AT = builders.NOON
DAY = AT.date()


def build(campaign: Campaign, **fields: Any) -> Measure:
    """Store a measure."""
    unit = fields.pop("unit", Unit.CALLS)
    return Measure.objects.create(
        campaign=campaign, key=fields.pop("key", "calls"), name={"en": "Calls"}, unit=unit, **fields
    )


def take(measure: Measure, value: str, on: date = DAY, **more: Any) -> snapshots.Taken:
    """Take a value by hand."""
    return snapshots.take(Reading(measure, on, Decimal(value), **more), source=Source.HAND, by=None, at=AT)


def test_a_correction_replaces_a_snapshot_and_both_are_kept(campaign: Campaign, alma: Any) -> None:
    measure = build(campaign)
    first = take(measure, "2310")
    assert first.is_new and not take(measure, "2310.000").is_new
    second = snapshots.take(
        Reading(measure, DAY, Decimal(2410), note="two lines were missing"), source=Source.HAND, by=alma, at=AT
    )
    assert second.replaced == first.snapshot and second.snapshot.replaces == first.snapshot
    assert list(Snapshot.objects.standing().values_list("value", flat=True)) == [Decimal(2410)]
    first.snapshot.refresh_from_db()
    assert first.snapshot.value == 2310 and first.snapshot.replaced_at == AT
    assert [one.verb for one in AuditEntry.objects.order_by("pk")][-2:] == ["snapshot.taken", "snapshot.replaced"]


def test_what_is_taken_back_leaves_what_it_replaced_or_a_gap(campaign: Campaign, alma: Any) -> None:
    measure = build(campaign)
    first, second = take(measure, "2310").snapshot, take(measure, "5000").snapshot
    snapshots.take_back(second, by=alma, at=AT)
    assert list(Snapshot.objects.standing()) == [first]
    third = take(measure, "2320").snapshot
    assert third.replaces == first and Snapshot.objects.count() == 3
    with pytest.raises(NotTaken, match="does not stand"):
        snapshots.take_back(second, by=alma, at=AT)
    for one in (third, first):
        snapshots.take_back(one, by=alma, at=AT)
    assert not Snapshot.objects.standing().exists() and Snapshot.objects.count() == 3
    counted = snapshots.take(Reading(measure, DAY, Decimal(7)), source=Source.OWN, by=None, at=AT).snapshot
    with pytest.raises(NotTaken, match="by itself"):
        snapshots.take_back(counted, by=alma, at=AT)
    assert AuditEntry.objects.filter(verb="snapshot.taken_back", actor=alma).count() == 3


@pytest.mark.parametrize(
    ("unit", "value", "more", "says"),
    [
        (Unit.CALLS, "-1", {}, "Fewer than none"),
        (Unit.CALLS, "0.5", {}, "whole numbers"),
        (Unit.CALLS, "5", {"on": DAY + timedelta(1)}, "has not come yet"),
        (Unit.CALLS, "5", {"on": date(1800, 1, 1)}, "ten years before"),
        (Unit.PERCENT, "100.5", {}, "at most 100"),
        (Unit.ARTICLES, "71", {"of_all": Decimal(70)}, "more than all"),
        (Unit.CALLS, "1e12", {}, "too large"),
        (Unit.CALLS, "Infinity", {}, "too large"),
        (Unit.PERCENT, "1.2345", {}, "after the point"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_kept(
    campaign: Campaign, unit: Unit, value: str, more: dict[str, Any], says: str
) -> None:
    measure = build(campaign, unit=unit)
    with pytest.raises(NotTaken, match=says):
        take(measure, value, **more)
    assert not Snapshot.objects.exists()


def test_a_balance_of_opinions_can_be_below_zero(campaign: Campaign) -> None:
    assert take(build(campaign, unit=Unit.POINTS), "-12.5").snapshot.value == Decimal("-12.5")


@pytest.mark.both
@pytest.mark.parametrize(
    "wrong",
    [
        {"value": -1},
        {"on": DAY + timedelta(1)},
        {"unit": Unit.PERCENT, "value": 101},
        {"of_all": 4},
    ],
)
def test_the_database_refuses_it_as_well(campaign: Campaign, wrong: dict[str, Any]) -> None:
    fields = {"on": DAY, "value": 5, "unit": Unit.CALLS, "source": Source.HAND, "taken_at": AT, "taken_on": DAY}
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.create(measure=build(campaign), **{**fields, **wrong})


def test_only_one_snapshot_of_a_day_stands(campaign: Campaign) -> None:
    one = take(build(campaign), "5").snapshot
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.create(
            measure=one.measure, on=one.on, value=6, unit=one.unit, source=one.source, taken_at=AT, taken_on=DAY
        )


def test_the_latest_values_are_found_without_the_others(campaign: Campaign, django_assert_num_queries: Any) -> None:
    measure = build(campaign)
    for days in range(5):
        take(measure, str(100 - days), DAY - timedelta(days))
    take(measure, "7")
    with django_assert_num_queries(1):
        found = Measure.objects.with_latest(until=DAY).get()
    assert Snapshot.objects.get(pk=found.latest_pk).value == 7
    found = Measure.objects.with_latest(until=DAY - timedelta(1)).get()
    assert Snapshot.objects.get(pk=found.latest_pk).value == 99


def test_a_new_campaign_gets_the_standard_measures_once(campaign: Campaign) -> None:
    standard_measures.give_due(at=AT)
    standard_measures.give_due(at=AT)
    standard_measures.give(campaign)
    keys = list(Measure.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == len(standard_measures.rows()) >= 13
    for row in standard_measures.rows():
        assert set(row["name"]) == {"en", "fi", "sv"} and row["every"] in {1, 7, 14, 31}


def test_a_measure_is_overdue_a_day_after_it_should_be_there(campaign: Campaign) -> None:
    weekly, daily = build(campaign), build(campaign, key="daily", every=1)
    assert weekly.is_overdue(latest=None, on=DAY)
    assert not weekly.is_overdue(latest=DAY - timedelta(9), on=DAY)
    assert weekly.is_overdue(latest=DAY - timedelta(10), on=DAY)
    assert not daily.is_overdue(latest=DAY - timedelta(2), on=DAY)
    assert daily.is_overdue(latest=DAY - timedelta(3), on=DAY)
    weekly.stopped_at = AT
    assert not weekly.is_overdue(latest=None, on=DAY)
