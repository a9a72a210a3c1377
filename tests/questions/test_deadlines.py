"""Authorities are reminded once before the deadline, and staff are told once when it has passed."""

from datetime import timedelta

from notifications.models import Notice
from questions import authority_requests, deadlines
from questions.answers import answer_workflow
from tests.influencers.portal import questions_scene
from tests.support import builders


def notices(person=None):
    found = Notice.objects.filter(kind="question_waits")
    return found.filter(person=person) if person else found


def test_the_deadline_is_so_many_days_later_at_the_same_time_also_over_a_change_of_clocks(campaign, noon, settings):
    settings.VOID_DAYS = 5  # the clocks change on the 29th
    until = deadlines.default_deadline(campaign, at=noon)
    assert until.timestamp() - noon.timestamp() == timedelta(days=5, hours=-1).total_seconds()
    assert campaign.local(until).strftime("%d.%m. %H:%M") == "30.03. 12:00"


def test_whoever_has_handed_its_answer_over_is_not_reminded_but_the_desk_is(
    campaign, authority, minna, noon, liisa, alma
):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    answer_workflow.hand_in(questions_scene.written(found, by=minna, at=noon), by=minna, at=noon + timedelta(hours=1))
    before = notices(minna).count(), notices(alma).count()
    late = noon + timedelta(days=2, hours=1)
    assert [deadlines.remind(at=late), deadlines.remind(at=late)] == [1, 0]
    assert (notices(minna).count(), notices(alma).count()) == (before[0], before[1] + 1)
    assert not notices(liisa).exists(), "a liaison writes no answers"
    # The next time it is asked, it is reminded as before.
    builders.decline_group(found, why=questions_scene.CHANGED, by=liisa, at=late)
    authority_requests.reopen(found, by=liisa, at=late)
    authority_requests.send(found, authority, answer_by=late + timedelta(days=3), by=liisa, at=late)
    before = notices(minna).count()
    assert deadlines.remind(at=late + timedelta(days=2, hours=1)) == 1
    assert notices(minna).count() == before + 1


def test_the_authority_is_reminded_once_a_day_before_the_deadline(campaign, authority, minna, noon, liisa):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    assert deadlines.remind(at=noon + timedelta(days=1)) == 0
    late = noon + timedelta(days=2, hours=1)
    assert deadlines.remind(at=late) == 1
    assert deadlines.remind(at=late) == 0
    assert notices(minna).count() == 2
    found.refresh_from_db()
    assert found.reminded_at == late


def test_nobody_is_reminded_right_after_being_asked(campaign, authority, minna, noon, liisa):
    found = questions_scene.group(campaign, at=noon, staff=liisa)
    authority_requests.send(found, authority, answer_by=noon + timedelta(hours=8), by=liisa, at=noon)
    assert deadlines.remind(at=noon + timedelta(hours=1)) == 0
    assert deadlines.remind(at=noon + timedelta(hours=5)) == 1


def test_staff_are_told_once_that_a_deadline_has_passed_and_again_when_a_new_one_has(
    campaign, authority, minna, noon, liisa, alma
):
    found = questions_scene.asked(campaign, authority, at=noon, staff=liisa)
    late = noon + timedelta(days=4)
    assert deadlines.is_late(found, at=late)
    deadlines.remind(at=late)
    deadlines.remind(at=late)
    assert notices(liisa).count() == notices(alma).count() == 1
    authority_requests.send(found, authority, answer_by=late + timedelta(days=1), by=liisa, at=late)
    deadlines.remind(at=late + timedelta(days=2))
    assert notices(liisa).count() == 2
