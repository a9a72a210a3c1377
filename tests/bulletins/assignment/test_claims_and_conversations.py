"""Claims and conversations are somebody's too, and go along when a shift is handed over."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from bulletins.assignment import assignments, shifts
from bulletins.models import Handover, NotAllowed
from factcheck.verdicts import verdict_workflow
from influencers.inbox import thread_messages
from influencers.models import Thread
from notifications import notice_list
from notifications.models import Notice
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(campaign: Any, liisa: Any) -> Thread:
    """A conversation that waits, of an influencer whose contact person is Liisa."""
    influencer = builders.build_influencer(campaign, liaison=liisa)
    return Thread.objects.create(influencer=influencer, waiting_since=NOON, last_from_them_at=NOON)


@pytest.fixture
def claim(campaign: Any, fiona: Any) -> Any:
    row = builders.build_claim(campaign, published=False)
    type(row).objects.filter(pk=row.pk).update(status="open", verdict="", proposed_by=None, confirmed_by=None)
    row.refresh_from_db()
    return row


def held(user: Any, campaign: Any) -> list[Any]:
    """Return what somebody has."""
    return [one.row for one in assignments.held_by(user, campaign)]


def test_whoever_starts_to_check_a_claim_has_it_and_can_hand_it_over(campaign, claim, fiona):
    other = builders.build_user("faisal", "fact-checker")
    verdict_workflow.start_check(claim, by=fiona, at=NOON)
    assert held(fiona, campaign) == [claim]

    shifts.hand_over(campaign, other, note="Ring the institute.", by=fiona, at=NOON)

    claim.refresh_from_db()
    assert (claim.taken_by, held(fiona, campaign), held(other, campaign)) == (other, [], [claim])
    assert AuditEntry.objects.get(verb="claim.assigned").detail["before"] == fiona.pk
    # Set aside and taken up again, it stays whose it is.
    verdict_workflow.set_aside(claim, reason="No.", by=fiona, at=NOON)
    assert held(other, campaign) == []
    verdict_workflow.start_check(claim, by=fiona, at=NOON)
    assert held(other, campaign) == [claim]


def test_a_conversation_is_its_contact_persons_until_a_colleague_has_it_and_again_after_the_answer(
    campaign, thread, liisa, smtp_sink
):
    night = builders.build_user("noora", "liaison")
    assert held(liisa, campaign) == [thread]

    shifts.hand_over(campaign, night, note="", by=liisa, at=NOON)

    thread.refresh_from_db()
    assert (held(liisa, campaign), held(night, campaign)) == ([], [thread])
    assert thread.influencer.liaison == liisa
    thread_messages.answer(thread, "Yes, the library is open.", by=night, at=NOON, seen=None)
    thread.refresh_from_db()
    assert (thread.taken_by, held(night, campaign)) == (None, [])
    thread_messages.arrived(thread, at=NOON)
    assert held(liisa, campaign) == [thread]


def test_what_waits_for_whoever_is_next_is_taken_over(campaign, thread, claim, liisa, fiona):
    type(claim).objects.update(taken_by=fiona)
    given = [shifts.hand_over(campaign, None, note="", by=one, at=NOON) for one in (liisa, fiona)]
    assert [[kind for kind, _pk in one.things] for one in given] == [["conversation"], ["claim"]]

    night = builders.build_user("noora", "liaison")
    assert [shifts.take_over(one, by=night, at=NOON) for one in given] == [1, 0]  # a claim is no liaison's
    thread.refresh_from_db()
    claim.refresh_from_db()
    assert (thread.taken_by, claim.taken_by) == (night, None)


def test_one_colleague_has_to_be_able_to_do_all_of_it(campaign, thread, claim, liisa):
    both = builders.build_user("both", is_superuser=True)
    for row in (thread, claim):
        assignments.assign(row, both, had=None, by=liisa, at=NOON)

    with pytest.raises(NotAllowed, match="Liisa has no role for"):
        shifts.hand_over(campaign, liisa, note="", by=both, at=NOON)

    assert held(both, campaign) == [claim, thread]
    assert not Handover.objects.exists()


def test_who_is_given_one_is_told_where_it_is(campaign, thread, claim, fiona, liisa):
    assignments.assign(claim, fiona, had=None, by=liisa, at=NOON)
    night = builders.build_user("noora", "liaison")
    assignments.assign(thread, night, had=None, by=liisa, at=NOON)

    told = {
        one.person: notice_list.path_of(one)
        for one in Notice.objects.filter(kind__in=["claim_assigned", "conversation_given"])
    }
    assert told == {
        fiona: reverse("admin:factcheck_claim_change", args=[claim.pk]),
        night: reverse("admin:influencers_thread_change", args=[thread.pk]),
    }


def test_their_pages_and_lists_say_who_has_them(campaign, thread, claim, fiona, liisa, signed_in):
    type(claim).objects.update(taken_by=fiona)
    page = signed_in(fiona).get(reverse("admin:factcheck_claim_change", args=[claim.pk])).content.decode()
    assert "Assigned to you." in page and "Hand over my shift" in signed_in(fiona).get("/desk/").content.decode()
    inbox = reverse("admin:influencers_thread_changelist")
    desk = signed_in(liisa)
    assert "Assigned to you." in desk.get(reverse("admin:influencers_thread_change", args=[thread.pk])).content.decode()
    assert desk.get(inbox, {"whose": "mine"}).context["page"].paginator.count == 1

    Thread.objects.update(taken_by=builders.build_user("noora", "liaison"))
    assert desk.get(inbox, {"whose": "mine"}).context["page"].paginator.count == 0
    assert "Noora" in desk.get(reverse("admin:influencers_thread_change", args=[thread.pk])).content.decode()


def test_a_draft_of_the_note_ends_with_the_hand_over(campaign, alma, veikko, signed_in):
    desk = signed_in(alma)
    before = desk.get(reverse("admin:shift")).content.decode()
    shifts.hand_over(campaign, veikko, note="All quiet.", by=alma, at=NOON)
    after = desk.get(reverse("admin:shift")).content.decode()

    assert f'data-keeps="{alma.pk} shift {campaign.pk} 0"' in before
    assert f'data-keeps="{alma.pk} shift {campaign.pk} {Handover.objects.get().pk}"' in after
