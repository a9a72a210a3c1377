"""The desk's page of a recall: numbers that add up, how long it took, and reminding."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from influencers.models import Influencer, Recall, RecallNotice
from influencers.recall import recall_mails, recall_plan, recall_progress
from notifications.models import Notice
from tests.influencers.recall.recall_scene import correct, does, person, posts, publish

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def recall(campaign: Any, roles: None) -> Recall:
    """A recall of a bulletin that two posted, one copied and seven read."""
    at = timezone.now()
    version = publish(campaign)
    for name, reach in (("anna", 10), ("bea", 900)):
        posts(person(campaign, name), version, reach=reach)
    does(person(campaign, "cia"), version, "copied", "message:opening")
    for number in range(7):
        does(person(campaign, f"reader{number}"), version)
    following = correct(version, at=at)
    recall_plan.plan_due(at=at)
    return Recall.objects.get(version=following)


def answers(recall: Recall, number: int, outcome: str = "not_posted", *, minutes: int = 1) -> None:
    """Have the first `number` people without an answer give one, a minute apart."""
    for turn, one in enumerate(recall.notices.filter(acknowledged_at=None)[:number]):
        one.acknowledged_at = recall.planned_at + timedelta(minutes=minutes + turn)
        one.seen_at, one.outcome = one.acknowledged_at, outcome
        one.save()


def page_of(recall: Recall) -> str:
    return reverse("admin:influencers_recall_change", args=[recall.pk])


def remind_url(recall: Recall) -> str:
    return reverse("admin:influencers_recall_remind", args=[recall.pk])


def reminders() -> list[str]:
    """Return who was reminded."""
    rows = Notice.objects.filter(kind__in=("recall", "recall_again"), text__startswith="Reminder: ")
    return [one.person.name for one in rows.order_by("pk") if one.person]


def test_the_numbers_add_up(recall):
    answers(recall, 1, "corrected")
    answers(recall, 1, "cannot")
    answers(recall, 3)
    Notice.objects.filter(kind="recall", person__name="Anna").update(sent_at=timezone.now())

    found = recall_progress.of(recall, at=timezone.now())

    assert [line.people for line in found.lines] == [2, 1, 7] and found.whole.people == 10
    assert found.whole.answered + found.whole.waiting == found.whole.people
    assert found.whole.outcomes == {"corrected": 1, "removed": 0, "not_posted": 3, "cannot": 1}
    for name, count in found.whole.outcomes.items():
        assert sum(line.outcomes[name] for line in found.lines) == count
    assert (found.whole.mailed, found.whole.seen, found.whole.percent) == (1, 5, 50)


def test_the_time_to_half_and_nine_in_ten(recall):
    answers(recall, 5)
    half, most = recall_progress.of(recall, at=timezone.now()).reached
    assert (half.percent, half.took, half.words) == (50, timedelta(minutes=5), "5 minutes")
    assert (most.percent, most.took, most.words) == (90, None, "not reached yet")

    answers(recall, 4, minutes=90)
    _half, most = recall_progress.of(recall, at=timezone.now() + HOUR).reached
    assert most.took == timedelta(minutes=93) and most.words == "1 h 33 min"


def test_an_empty_recall_has_a_page_and_no_times(campaign, roles, alma, signed_in):
    at = timezone.now()
    correct(publish(campaign), at=at)
    recall_plan.plan_due(at=at)
    recall = Recall.objects.get()

    assert all(one.took is None for one in recall_progress.of(recall, at=timezone.now()).reached)
    assert "nobody had to be notified" in signed_in(alma).get(page_of(recall)).content.decode()


def test_who_has_not_answered_is_listed_posters_first_with_their_contact_person(recall, liisa, signed_in):
    Influencer.objects.filter(name="Bea").update(liaison=liisa)
    answers(recall, 0)

    html = signed_in(liisa).get(page_of(recall)).content.decode()

    assert html.index(">Bea<") < html.index(">Anna<") < html.index(">Cia<") < html.index(">Reader0<")
    assert "Reach 900." in html and f"Contact person: {liisa}." in html and "<polyline" in html


def test_names_are_for_those_who_may_remind(recall, oskar, signed_in):
    client = signed_in(oskar)
    html = client.get(page_of(recall)).content.decode()

    assert "0 of 10 have answered" in html and ">Bea<" not in html
    one = recall.notices.first()
    assert client.post(remind_url(recall), {"notice": one.pk}).status_code == 403
    assert reminders() == []


@pytest.mark.parametrize("who", ["liisa", "alma"])
def test_a_person_is_reminded_once_a_day_and_it_is_written_down(recall, who, signed_in, request):
    user = request.getfixturevalue(who)
    client, one = signed_in(user), recall.notices.get(influencer__name="Bea")

    client.post(remind_url(recall), {"notice": one.pk})
    again = client.post(remind_url(recall), {"notice": one.pk}, follow=True)

    assert reminders() == ["Bea"]
    assert "less than a day ago" in again.content.decode()
    entry = AuditEntry.objects.get(verb="recall.reminded")
    assert entry.actor == user and entry.detail == {"notices": [one.pk]}
    recall_mails.remind(recall, [one.pk], by=user, at=timezone.now() + timedelta(days=1, minutes=1))
    assert reminders() == ["Bea", "Bea"]


def test_all_who_posted_are_reminded_but_for_those_who_answered(recall, liisa, signed_in):
    answers(recall, 1, "corrected")  # the first in order

    signed_in(liisa).post(remind_url(recall), {"notice": "posted"})

    assert reminders() == ["Anna"]


@pytest.mark.parametrize("chosen", ["", "x", "0", "99999999999999"])
def test_nobody_is_reminded_for_nonsense(recall, liisa, signed_in, chosen):
    answer = signed_in(liisa).post(remind_url(recall), {"notice": chosen}, follow=True)

    assert "Nobody was reminded" in answer.content.decode()
    assert reminders() == [] and not AuditEntry.objects.filter(verb="recall.reminded").exists()


def test_who_has_left_is_not_reminded(recall, liisa):
    one = recall.notices.get(influencer__name="Bea")
    Influencer.objects.filter(pk=one.influencer_id).update(state="left")

    with pytest.raises(recall_mails.NotReminded):
        recall_mails.remind(recall, [one.pk], by=liisa, at=timezone.now())
    assert reminders() == []


def test_nobody_is_reminded_of_what_has_changed_again(recall, liisa, signed_in):
    correct(recall.version, at=timezone.now() + HOUR)
    recall_plan.plan_due(at=timezone.now() + HOUR)

    with pytest.raises(recall_mails.NotReminded, match="changed again"):
        recall_mails.remind(recall, [recall.notices.first().pk], by=liisa, at=timezone.now())
    assert reminders() == []
    assert "It has changed again since." in signed_in(liisa).get(page_of(recall)).content.decode()


def test_another_campaigns_recall_is_not_there(recall, liisa, signed_in):
    from tests.support import builders

    other = builders.build_campaign("other", starts_on=date(2020, 1, 1), closed_at=timezone.now())
    Recall.objects.filter(pk=recall.pk).update(campaign=other)

    client = signed_in(liisa)
    assert client.post(remind_url(recall), {"notice": "posted"}).status_code == 404
    assert client.get(page_of(recall)).status_code in {302, 404}
    assert reminders() == []


def test_the_page_costs_the_same_however_many_were_told(campaign, recall, liisa, signed_in):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        client = signed_in(liisa)
        client.get(page_of(recall))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(recall))
        return len(queries)

    few = cost()
    for number in range(9):
        one = person(campaign, f"more{number}")
        RecallNotice.objects.create(recall=recall, influencer=one, rank=3, language="en")

    assert cost() == few


def test_today_says_how_far_it_is(recall, alma, signed_in):
    answers(recall, 4)

    assert (
        "Bulletin 1 has been corrected: 4 of 10 have confirmed."
        in signed_in(alma).get(reverse("admin:today")).content.decode()
    )
