"""The pages of measures: the list, a measure's chart, a value by hand, by CSV, and a week as CSV."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from impact.measures import csv_import, snapshots, standard_measures
from impact.measures.snapshots import Reading
from impact.models import ChartNote, Measure, Snapshot, Source

pytestmark = pytest.mark.django_db

LIST, TAKE = "admin:impact_measure_changelist", "admin:impact_measure_take"


def fill(campaign: Campaign, weeks: int) -> None:
    """Give a campaign its measures, with values of some weeks."""
    standard_measures.give(campaign)
    now = timezone.now()
    for measure in Measure.objects.filter(campaign=campaign).select_related("campaign"):
        for back in range(weeks):
            on = campaign.local(now).date() - timedelta(weeks=back)
            snapshots.take(Reading(measure, on, Decimal(1000 - back)), source=Source.HAND, by=None, at=now)


def test_the_list_shows_the_latest_values_and_the_families_side_by_side(
    campaign: Campaign, alma: Any, signed_in: Any
) -> None:
    fill(campaign, 3)
    for back, words in ((14, "bots removed"), (7, "schools closed")):
        ChartNote.objects.create(campaign=campaign, on=timezone.localdate() - timedelta(back), words={"en": words})
    html = signed_in(alma).get(reverse(LIST)).content.decode()
    assert html.count("wk__told") == 1  # two notes are told once, below all charts of the family
    assert "Calls to the helpline" in html and "Followers of government channels" in html
    assert "TikTok: 999" in html and "bots removed" in html
    assert html.count("wk__zero") == 6 and " style=" not in html.split('class="cb"')[1].split("<footer")[0]


def test_what_the_pages_cost_does_not_grow(campaign: Campaign, alma: Any, signed_in: Any) -> None:
    client = signed_in(alma)
    fill(campaign, 1)
    page = reverse("admin:impact_measure_chart", args=[Measure.objects.first().pk])

    def cost(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len([one for one in queries if "impact_" in one["sql"]])

    client.get(reverse(LIST))
    before = cost(reverse(LIST)), cost(page)
    fill(campaign, 12)
    Measure.objects.bulk_create(
        Measure(campaign=campaign, key=f"m{n}", name={"en": f"M{n}"}, unit="people", family="others", platform=f"P{n}")
        for n in range(30)
    )
    assert (cost(reverse(LIST)), cost(page)) == before


def test_a_value_is_taken_by_hand_and_a_correction_keeps_both(campaign: Campaign, alma: Any, signed_in: Any) -> None:
    standard_measures.give(campaign)
    measure, client = Measure.objects.get(key="media-coverage"), signed_in(alma)
    today = campaign.local(timezone.now()).date()
    assert 'type="date"' in client.get(f"{reverse(TAKE)}?measure={measure.key}").content.decode()
    given = {"measure": measure.pk, "value": "71 / 112", "on": today.isoformat()}
    answer = client.post(reverse(TAKE), given, follow=True)
    assert "71 / 112" in answer.content.decode()
    client.post(reverse(TAKE), {**given, "value": "72/112", "note": "one was counted late"})
    rows = Snapshot.objects.order_by("pk")
    assert [(one.value, one.of_all, one.taken_by) for one in rows] == [(71, 112, alma), (72, 112, alma)]
    assert rows[0].replaced_at is not None and rows[1].note == "one was counted late"
    chart = reverse("admin:impact_measure_chart", args=[measure.pk])
    assert "replaced" in client.get(chart).content.decode()
    back = reverse("admin:impact_measure_take_back", args=[measure.pk])
    assert client.post(back, {"snapshot": "9" * 30}).status_code == 404
    assert "Taken back" in client.post(back, {"snapshot": rows[1].pk}, follow=True).content.decode()
    assert Snapshot.objects.standing().get() == rows[0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"value": "-1"}, "Fewer than none"),
        ({"value": "many"}, "is not a number"),
        ({"on": "2099-01-01"}, "has not come yet"),
        ({"value": "4 / 5"}, "write the number alone"),
        ({"measure": "0"}, "Select a valid choice"),
    ],
)
def test_a_value_that_cannot_be_is_refused_beside_its_field(
    campaign: Campaign, alma: Any, signed_in: Any, wrong: dict[str, str], says: str
) -> None:
    standard_measures.give(campaign)
    given = {
        "measure": Measure.objects.get(key="helpline-calls").pk,
        "value": "5",
        "on": campaign.local(timezone.now()).date(),
    }
    answer = signed_in(alma).post(reverse(TAKE), {**given, **wrong})
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_a_file_is_tried_kept_and_a_week_comes_back_as_it_was(campaign: Campaign, alma: Any, signed_in: Any) -> None:
    standard_measures.give(campaign)
    client, day = signed_in(alma), campaign.local(timezone.now()).date()
    data = f"measure;day;value;of_all\nhelpline-calls;{day};2310;\nmedia-coverage;{day};71;112\n".encode()

    def send(button: str, content: bytes = data) -> Any:
        return client.post(
            reverse("admin:impact_measure_csv"), {"file": SimpleUploadedFile("a.csv", content), button: "1"}
        )

    assert "All 2 rows can be kept" in send("try").content.decode() and not Snapshot.objects.exists()
    wrong = send("keep", data.replace(b"71", b"-71"))
    assert wrong.status_code == 422 and "Fewer than none" in wrong.content.decode() and not Snapshot.objects.exists()
    assert "2 new" in send("keep").content.decode() and Snapshot.objects.count() == 2
    assert client.post(reverse("admin:impact_measure_csv")).status_code == 422
    week = client.get(reverse("admin:impact_measure_week"))
    assert not csv_import.read(week.content, campaign, at=timezone.now()).faults
    assert "2 that were there already" in send("keep", week.content).content.decode()


def test_who_may_only_look_takes_nothing(campaign: Campaign, oskar: Any, signed_in: Any) -> None:
    standard_measures.give(campaign)
    client = signed_in(oskar)
    assert (
        client.get(reverse(LIST)).status_code == 200 and reverse(TAKE) not in client.get(reverse(LIST)).content.decode()
    )
    assert client.get(reverse(TAKE)).status_code == 403
    assert client.post(reverse("admin:impact_measure_csv")).status_code == 403
    first = reverse("admin:impact_measure_change", args=[Measure.objects.first().pk])
    assert client.get(first).status_code == 200 and 'name="key"' not in client.get(first).content.decode()


def test_a_key_that_another_measure_has_is_refused_with_what_was_typed(
    campaign: Campaign, alma: Any, signed_in: Any
) -> None:
    standard_measures.give(campaign)
    given = {
        "name__en": "Calls at night",
        "key": "helpline-calls",
        "unit": "calls",
        "source": "hand",
        "every": "7",
        "position": "5",
    }
    one = Measure.objects.get(key="subscribers")
    for page in (reverse("admin:impact_measure_add"), reverse("admin:impact_measure_change", args=[one.pk])):
        html = signed_in(alma).post(page, given).content.decode()
        assert "Another measure of this campaign has this key" in html and "Calls at night" in html
    assert Measure.objects.filter(key="helpline-calls").count() == 1 and Measure.objects.count() == 13
    answer = signed_in(alma).post(
        reverse("admin:impact_measure_add"), {**given, "key": "night", "source": "feed"}, follow=True
    )
    new = Measure.objects.get(key="night")
    assert "no address of a feed" in answer.content.decode()
    assert new.added_on == (today := campaign.local(timezone.now()).date())
    assert not new.is_overdue(latest=None, on=today) and new.is_overdue(latest=None, on=today + timedelta(10))


def test_a_measure_that_is_only_read_has_its_name_and_aim_in_words(
    campaign: Campaign, oskar: Any, signed_in: Any
) -> None:
    one = Measure.objects.create(
        campaign=campaign,
        key="calls",
        name={"en": "Calls", "sv": "Rådgivning"},
        unit="calls",
        target=Decimal("2400.000"),
    )
    html = signed_in(oskar).get(reverse("admin:impact_measure_change", args=[one.pk])).content.decode()
    assert "Rådgivning" in html and "{&quot;" not in html and "2,400" in html and "2400.000" not in html
