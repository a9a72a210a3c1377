"""The public status page and status.json: only where the campaign wants them, and what they say."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from campaigns.http import page_changes
from campaigns.models import Campaign
from delivery.models import SeedAddress, SeedArrival, Send
from tests.support.builders import NOON, build_audience, build_campaign, build_mailing
from website.models import Incident, IncidentUpdate, UptimeHour
from website.status import uptime
from website.status.site_status import State

pytestmark = [pytest.mark.django_db, pytest.mark.looks]

PAGE, DATA = "/en/status/", "/en/status/status.json"


@pytest.fixture
def live(time_machine: Any) -> Campaign:
    time_machine.move_to(NOON, tick=False)
    return build_campaign("live", mode="live", has_status_page=True)


def words(client: Any, path: str = PAGE) -> str:
    """Return the words of a page's main part on one line."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def break_something(campaign: Campaign, **fields: Any) -> Incident:
    """Return an incident with an update."""
    values = {
        "title": {"fi": "Sähköposti ei kulje", "en": "Email does not work"},
        "text": {"fi": "Lue tiedotteet täältä.", "en": "Read the bulletins here.\n\n<b>Soon</b> more."},
        "parts": ["email", "feeds"],
        "started_at": NOON - timedelta(hours=2),
    }
    incident = Incident.objects.create(campaign=campaign, **values | fields)
    IncidentUpdate.objects.create(incident=incident, at=NOON - timedelta(hours=1), text={"en": "We found the cause."})
    return incident


def measure(campaign: Campaign, name: str = "all") -> None:
    """Let an email of a send be measured."""
    mailing = build_mailing(campaign, name, languages=[])
    audience = build_audience(campaign, name)
    send = Send.objects.create(mailing=mailing, audience=audience, slot_key=name, slot_at=NOON, state="finished")
    seed = SeedAddress.objects.create(campaign=campaign, email=f"{name}@mail.example", language="fi")
    left = NOON - timedelta(hours=3)
    SeedArrival.objects.create(send=send, seed=seed, after_row=1, handed_over_at=left, arrived_at=NOON)


@pytest.mark.parametrize("path", [PAGE, DATA])
def test_without_the_switch_there_is_no_page_and_no_link(client: Any, live: Campaign, path: str) -> None:
    Campaign.objects.update(has_status_page=False)
    assert client.get(path).status_code == 404
    assert "/en/status/" not in client.get("/en/about/").content.decode()
    assert "/status/" not in client.get("/sitemap.xml").content.decode()


def test_with_the_switch_footer_and_sitemap_lead_to_it(client: Any, live: Campaign) -> None:
    assert 'href="/en/status/"' in client.get("/en/about/").content.decode()
    assert "/sv/status/" in client.get("/sitemap.xml").content.decode()
    assert 'href="/fi/status/"' in client.get(PAGE).content.decode()


def test_the_switch_is_off_at_first() -> None:
    assert build_campaign().has_status_page is False


def test_without_data_it_says_so(client: Any, live: Campaign) -> None:
    said = words(client)
    for line in (
        "Everything works.",
        "There are no open incidents.",
        "No email was measured in this time.",
        "Nothing has been recorded yet.",
        "Wed 25 March 2026, 12:00",
    ):
        assert line in said, said


def test_an_incident_is_told_with_its_updates_in_the_readers_language_or_another(client: Any, live: Campaign) -> None:
    break_something(live)
    said = words(client)
    assert said.index("Something does not work") < said.index("Email does not work") < said.index("Time to inbox")
    assert "Email, feeds and API." in said and "We found the cause." in said
    assert "&lt;b&gt;Soon" in said
    in_finnish = client.get("/fi/status/").content.decode()
    assert "Sähköposti ei kulje" in in_finnish
    assert '<div class="prose" lang="en"><p>We found the cause.</p></div>' in in_finnish


def test_an_incident_that_is_over_is_listed_last(client: Any, live: Campaign) -> None:
    break_something(live, ended_at=NOON - timedelta(minutes=5))
    said = words(client)
    assert "Everything works." in said and "There are no open incidents." in said
    assert said.index("Uptime") < said.index("Ended in the last 30 days") < said.index("Email does not work")


def test_an_exercise_says_that_it_is_one_and_measures_nothing(client: Any, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    build_campaign(has_status_page=True)
    page = client.get(PAGE).content.decode()
    assert "This is an exercise: no email goes to a real inbox" in page and 'class="exercise"' in page
    data = client.get(DATA)
    assert data.json()["exercise"] is True and data["X-Robots-Tag"] == "noindex"


def test_uptime_is_told_by_day(client: Any, live: Campaign) -> None:
    UptimeHour.objects.create(hour=NOON - timedelta(days=1), working=3000, not_working=600)
    UptimeHour.objects.create(hour=NOON, working=60)
    said = words(client)
    assert "83.60 % of the time since Tue 24 March 2026." in said
    assert "24 March 2026 83.33 % 10 min 0 s" in said and "25 March 2026 100 % –" in said


def test_the_page_costs_the_same_however_much_there_is_and_never_reads_the_ledger(client: Any, live: Campaign) -> None:
    def cost(path: str) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return [one["sql"] for one in asked.captured_queries]

    break_something(live)
    measure(live)
    uptime.record(works=True, at=NOON)
    little = {path: len(cost(path)) for path in (PAGE, DATA)}
    for number in range(5):
        break_something(live)
        measure(live, f"more-{number}")
        UptimeHour.objects.create(hour=NOON - timedelta(hours=number + 1), working=3600)
    for path, number in little.items():
        asked = cost(path)
        assert len(asked) == number == 9, "\n".join(asked)
        assert not [sql for sql in asked if "delivery_delivery" in sql]


def test_the_data_says_the_same_and_is_unchanged_until_something_changes(
    client: Any, live: Campaign, time_machine: Any
) -> None:
    incident = break_something(live)
    measure(live)
    UptimeHour.objects.create(hour=NOON - timedelta(hours=3), working=3600)
    first = client.get(DATA)
    found = first.json()
    assert found["state"] == "incident" and found["ended_incidents"] == []
    assert found["open_incidents"] == [
        {
            "id": incident.pk,
            "parts": ["email", "feeds"],
            "started_at": "2026-03-25T08:00:00+00:00",
            "ended_at": None,
            "title": {"fi": "Sähköposti ei kulje", "en": "Email does not work"},
            "text": {"fi": "Lue tiedotteet täältä.", "en": "Read the bulletins here.\n\n<b>Soon</b> more."},
            "updates": [{"at": "2026-03-25T09:00:00+00:00", "text": {"en": "We found the cause."}}],
        }
    ]
    assert found["time_to_inbox"]["24h"]["bulletin"]["measured"] == 1
    assert found["uptime"]["days"] == [{"date": "2026-03-25", "percent": 100.0, "seconds_not_working": 0}]
    assert "mail.example" not in first.content.decode()
    time_machine.move_to(NOON + timedelta(seconds=30), tick=False)
    again = client.get(DATA, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and first["Access-Control-Allow-Origin"] == "*"
    incident.updates.all().delete()
    assert client.get(DATA, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", [PAGE, DATA])
def test_it_is_kept_for_everyone_like_other_public_pages(client: Any, live: Campaign, path: str) -> None:
    answer = client.get(path)
    assert answer[page_changes.MARK] and not answer.cookies


def test_states_are_named_in_each_language() -> None:
    for language in ("fi", "sv"):
        with override(language):
            said = {str(state.label) for state in State}
        assert len(said) == len(State)
        with override("en"):
            assert not said & {str(state.label) for state in State}
