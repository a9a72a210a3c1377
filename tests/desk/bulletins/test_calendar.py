"""A bulletin is moved on the calendar with the rules that choosing its times has, by a form that works without JavaScript."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from bulletins.editing.audience_choices import Choice, choose, token_of
from bulletins.models import Bulletin, KeyMessage, Target
from tests.support import builders

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def planned(campaign: Any, alma: Any, noon: datetime) -> Bulletin:
    """A draft for two audiences with a slot a day, both at noon tomorrow."""
    audiences = [builders.build_audience(campaign, name, cadence="day") for name in ("near", "wide")]
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=audiences)
    plan(bulletin, noon + DAY, by=alma, at=noon)
    return bulletin


def plan(bulletin: Bulletin, moment: datetime, *, by: Any, at: datetime) -> None:
    """Have all audiences get it at a moment."""
    targets = list(bulletin.targets.all())
    wanted = {one.audience_id: Choice(Target.Timing.AT_TIME, moment) for one in targets}
    choose(bulletin, wanted, seen=token_of(targets), by=by, at=at)


def move_url(bulletin: Bulletin, since: datetime, **more: str) -> str:
    return reverse("admin:bulletins_bulletin_move", args=[bulletin.pk], query={"since": since.isoformat(), **more})


def times(bulletin: Bulletin) -> set[tuple[str, datetime | None]]:
    """Return when the audiences get it."""
    return set(bulletin.targets.values_list("timing", "at"))


def test_a_bulletin_moves_to_a_slot_with_all_that_get_it_then(planned, alma, noon, signed_in):
    client = signed_in(alma)
    page = client.get(move_url(planned, noon + DAY))
    assert {says.partition(": ")[2] for _value, says in page.context["slots"]} == {"Near, Wide"}
    value, _says = page.context["slots"][2]

    answer = client.post(move_url(planned, noon + DAY), {"when": value})

    to = datetime.fromisoformat(value.removeprefix("slot:"))
    assert times(planned) == {("at_time", to)}
    assert answer["Location"] == reverse("admin:bulletins_bulletin_month", args=[to.year, to.month])
    assert "Moved: bulletin 1 is sent on" in str(next(iter(get_messages(answer.wsgi_request))))
    assert AuditEntry.objects.filter(verb="bulletin.audiences_chosen", actor=alma).count() == 2


def test_a_slot_is_the_cadences_own_and_later_tiers_do_not_miss_it(planned, campaign, alma, noon, signed_in):
    campaign.audiences.filter(slug="wide").update(stagger_minutes=30)
    value, _says = signed_in(alma).get(move_url(planned, noon + DAY)).context["slots"][0]

    signed_in(alma).post(move_url(planned, noon + DAY), {"when": value})

    to = datetime.fromisoformat(value.removeprefix("slot:"))
    assert times(planned) == {("at_time", to), ("at_time", to - timedelta(minutes=30))}


def test_a_slot_of_other_audiences_is_refused(planned, campaign, alma, noon, signed_in):
    other = builders.build_audience(campaign, "other", cadence="day")
    other.cadences.update(local_time="15:15")
    slot = other.cadences.get().next_slot(after=noon + 3 * DAY)

    answer = signed_in(alma).post(move_url(planned, noon + DAY), {"when": f"slot:{slot.isoformat()}"})

    assert answer.status_code == 422 and "this slot is for others" in answer.content.decode()
    assert times(planned) == {("at_time", noon + DAY)}


def test_only_the_audiences_that_get_it_then_are_moved(planned, alma, noon, signed_in):
    later = planned.targets.get(audience__slug="wide")
    Target.objects.filter(pk=later.pk).update(at=noon + 3 * DAY)

    signed_in(alma).post(move_url(planned, noon + DAY), {"when": "", "at": "2026-04-09T18:30"})

    later.refresh_from_db()
    assert later.at == noon + 3 * DAY
    assert planned.targets.get(audience__slug="near").at != noon + DAY


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"at": "2019-01-01T10:00"}, "has passed"),
        ({"at": ""}, "enter the time"),
        ({"at": "soon"}, "enter the time"),
        ({"when": "slot:never"}, "enter the time"),
    ],
)
def test_a_time_that_cannot_be_is_refused_where_it_was_chosen(sent, says, planned, alma, noon, signed_in):
    answer = signed_in(alma).post(move_url(planned, noon + DAY), {"when": "", "at": "", **sent})

    assert answer.status_code == 422 and says in answer.content.decode()
    assert times(planned) == {("at_time", noon + DAY)}


def test_nothing_moves_before_its_embargo_ends(planned, alma, noon, signed_in):
    Bulletin.objects.update(embargo_until=noon + 2 * DAY)
    soon = planned.campaign.local(noon + DAY + timedelta(hours=1))

    answer = signed_in(alma).post(move_url(planned, noon + DAY), {"at": f"{soon:%Y-%m-%dT%H:%M}"})

    assert "before the embargo ends" in answer.content.decode()
    client = signed_in(alma)
    dropped = client.get(move_url(planned, noon + DAY, to=f"{soon:%Y-%m-%d}")).content.decode()
    assert "cannot be sent on that day" in dropped and "Planned for" in dropped
    late = client.get(move_url(planned, noon + DAY, to="2026-04-20")).content.decode()
    assert "cannot be sent on that day" not in late and "is not sent before" in late
    assert times(planned) == {("at_time", noon + DAY)}


def test_moving_what_is_in_review_says_so_and_cancels_the_review(planned, alma, noon, signed_in):
    builders.submitted(planned, by=alma)
    moment = planned.targets.first().slot_at
    client = signed_in(alma)
    page = client.get(move_url(planned, moment))
    assert "Moving it cancels its review" in page.content.decode()

    client.post(move_url(planned, moment), {"when": page.context["slots"][3][0]})

    planned.refresh_from_db()
    assert planned.state == Bulletin.State.DRAFT


def test_what_was_moved_in_the_meantime_is_not_moved_again(planned, alma, noon, signed_in):
    plan(planned, noon + 2 * DAY, by=alma, at=noon)

    answer = signed_in(alma).post(move_url(planned, noon + DAY), {"at": "2026-04-20T10:00"})

    assert answer["Location"] == reverse("admin:bulletins_bulletin_calendar")
    assert "no longer sent at that time" in str(next(iter(get_messages(answer.wsgi_request))))
    assert times(planned) == {("at_time", noon + 2 * DAY)}


def test_what_it_was_dropped_on_is_filled_in(planned, alma, noon, signed_in):
    client = signed_in(alma)
    slot = client.get(move_url(planned, noon + DAY)).context["slots"][1][0].removeprefix("slot:")

    assert client.get(move_url(planned, noon + DAY, to=slot)).context["when"] == f"slot:{slot}"
    local = planned.campaign.local(noon + DAY)
    typed = client.get(move_url(planned, noon + DAY, to="2026-04-20")).context["typed"]
    assert typed == f"2026-04-20T{local:%H:%M}"
    assert client.get(move_url(planned, noon + DAY, to="2026-13-40")).status_code == 200


def test_the_calendar_offers_the_move_to_who_may_write_and_only_of_what_can_move(planned, alma, oskar, noon, signed_in):
    local = planned.campaign.local(noon + DAY)
    month = reverse("admin:bulletins_bulletin_month", args=[local.year, local.month])
    page = signed_in(alma).get(month).content.decode()
    assert page.count("data-move=") == 1 and "data-draft" in page and "data-slot=" in page

    assert "data-move=" not in signed_in(oskar).get(month).content.decode()
    assert signed_in(oskar).get(move_url(planned, noon + DAY)).status_code == 403
    Bulletin.objects.update(version=2)
    assert "data-move=" not in signed_in(alma).get(month).content.decode()


def test_what_has_no_time_yet_stands_beside_the_calendar_and_moves_to_a_slot(
    planned, campaign, alma, oskar, noon, signed_in
):
    near = campaign.audiences.get(slug="near")
    planned.targets.filter(audience=near).update(timing="next_slot", at=None)
    empty = builders.build_bulletin(campaign, by=alma)
    empty.targets.all().delete()
    calendar = reverse("admin:bulletins_bulletin_calendar")

    def beside(user):
        return {
            one.url.partition("#")[0].split("/")[-3]: one for one in signed_in(user).get(calendar).context["unplanned"]
        }

    found = beside(alma)
    assert set(found) == {str(planned.pk), str(empty.pk)}
    assert found[str(empty.pk)].when == "no recipients yet" and not found[str(empty.pk)].move
    one = found[str(planned.pk)]
    assert (
        one.when == "in the next slot" and one.says.endswith("→ Near") and one.audiences == [near.pk] and one.is_draft
    )
    assert all(not one.move for one in beside(oskar).values())

    page = signed_in(alma).get(one.move + "&to=2026-04-20")
    assert (
        page.context["typed"] == "2026-04-20T09:00" and "It has no time yet. It goes to Near." in page.content.decode()
    )
    value, _says = page.context["slots"][1]
    signed_in(alma).post(one.move, {"when": value})
    to = datetime.fromisoformat(value.removeprefix("slot:"))
    assert times(planned) == {("at_time", to), ("at_time", noon + DAY)}
    assert set(beside(alma)) == {str(empty.pk)}

    assert signed_in(alma).get(one.move)["Location"] == calendar, "it has a time by now"
    assert signed_in(alma).get(one.move + "never")["Location"] == calendar


def test_the_calendar_costs_the_same_however_many_drafts_have_no_time(planned, campaign, alma, signed_in):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            page = signed_in(alma).get(reverse("admin:bulletins_bulletin_calendar"))
        return len(asked), len(page.context["unplanned"])

    planned.targets.update(timing="next_slot", at=None)
    cost()
    few = cost()
    for _number in range(5):
        builders.build_bulletin(campaign, by=alma, audiences=list(campaign.audiences.all()))
    many = cost()
    assert many == (few[0], 6)


@pytest.mark.parametrize("today", [datetime(2026, 3, 30, 12, tzinfo=UTC), datetime(2026, 3, 25, 12, tzinfo=UTC)])
def test_it_opens_at_today_with_the_weeks_to_come_also_at_the_end_of_a_month(
    today, planned, campaign, alma, signed_in, monkeypatch
):
    monkeypatch.setattr("django.utils.timezone.now", lambda: today)
    KeyMessage.objects.filter(bulletin=planned).update(text={"en": "A long word. " * 20}, valid_until=today + 9 * DAY)

    page = signed_in(alma).get(reverse("admin:bulletins_bulletin_calendar"))

    days = [day for week in page.context["weeks"] for day in week]
    here = next(at for at, day in enumerate(days) if day.is_today)
    assert here < 7 and len(days) - here > 28 and days[0].day.weekday() == 0
    assert [day.is_around for day in days] == [True] * here + [False] * (len(days) - here)
    assert any(entry.kind == "slot" for entry in days[here + 1].entries), "tomorrow is there"
    (ends,) = [entry for day in days for entry in day.entries if entry.kind == "expires"]
    assert len(ends.says) < 110 and "…" in ends.says
    text = page.content.decode()
    assert '<h1 id="h-month">Calendar</h1>' in text
    assert reverse("admin:bulletins_bulletin_month", args=[2026, 3]) in text, "the days before are one press away"
    assert reverse("admin:bulletins_bulletin_month", args=[2026, 4]) in text
