"""Each notice is sent once, or tried again, and none stands in the way of the others."""

from datetime import timedelta

import pytest

from bulletins.notices import APPROVED
from influencers.notices import THANKS
from notifications import outbox, sending
from notifications.models import Notice
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
MINUTE = timedelta(minutes=1)


def test_a_mail_that_does_not_leave_is_tried_again_and_the_others_wait_untried(campaign, alma, veikko, smtp_sink):
    builders.build_input(campaign, urgency="urgent")
    smtp_sink.reply("mail", "451 4.3.0 Later", times=1)
    assert sending.deliver_notices(at=NOON) == 0
    assert sorted(Notice.objects.values_list("attempts", flat=True)) == [0, 1]
    assert sending.deliver_notices(at=NOON + MINUTE / 2) == 1  # the one that was not tried
    assert sending.deliver_notices(at=NOON + MINUTE) == 1
    assert sending.deliver_notices(at=NOON + timedelta(days=1)) == 0


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_hook_that_says_no_is_tried_again_after_longer_and_longer_waits(campaign, alma, hook, status):
    builders.build_input(campaign, urgency="elevated")
    hook.answers = [status] * 5
    at = NOON
    for minutes in (1, 5, 15, 30, 60):
        assert sending.deliver_notices(at=at) == 0
        assert sending.deliver_notices(at=at + MINUTE * minutes - timedelta(seconds=1)) == 0
        at += MINUTE * minutes
    assert len(hook.got) == 5
    assert sending.deliver_notices(at=at) == 1 and len(hook.got) == 6


def test_after_a_day_a_hook_is_given_up(campaign, alma, hook):
    builders.build_input(campaign, urgency="elevated")
    hook.answers = [500, 500]
    sending.deliver_notices(at=NOON)
    sending.deliver_notices(at=NOON + timedelta(hours=24))
    assert Notice.objects.get().given_up_at == NOON + timedelta(hours=24)
    assert sending.deliver_notices(at=NOON + timedelta(hours=48)) == 0 and len(hook.got) == 2


def test_of_what_is_gone_nobody_is_told(campaign, alma, smtp_sink):
    gone, kept = (builders.build_input(campaign, urgency="urgent") for _number in range(2))
    gone.delete()
    assert sending.deliver_notices(at=NOON) == 1
    assert Notice.objects.get().subject_id == kept.pk and len(smtp_sink.caught) == 1


def test_a_kind_that_only_a_newer_version_knows_waits_for_it_and_holds_up_nobody(campaign, alma, smtp_sink):
    outbox.write(THANKS, [alma], campaign=campaign, text="Thanks", path="/", at=NOON)
    Notice.objects.update(kind="of_tomorrow")
    outbox.write(THANKS, [alma], campaign=campaign, text="Thanks", path="/", at=NOON)
    assert sending.deliver_notices(at=NOON) == 1
    assert Notice.objects.waiting().get().kind == "of_tomorrow"


def test_the_cost_of_looking_does_not_grow(campaign, alma, django_assert_num_queries):
    with django_assert_num_queries(1):
        sending.deliver_notices(at=NOON)


def test_what_notices_are_about_is_read_once_for_each_kind(campaign, alma, django_assert_num_queries):
    for number in (1, 2, 3):
        outbox.write(APPROVED, [alma], about=builders.build_bulletin(campaign, by=alma, number=number), at=NOON)
    rows = list(Notice.objects.due(at=NOON))
    with django_assert_num_queries(2):  # and their titles
        assert [subject.number for _notice, subject in sending.with_subjects(rows)] == [3, 2, 1]
