"""The way of a commission: its steps, who may take them, and what happens when two people or two moments meet."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from notifications.models import Notice
from stories.commissions import applications, briefs, drafts, extensions, payments
from stories.commissions.commission_states import STEPS, NotDone, State
from stories.models import Commission, CommissionApplication, CommissionPart
from tests.support import builders
from tests.support.builders import editor, second_person

from . import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def saga(campaign, noon, roles):
    return scene.build_creator(campaign, at=noon)


def told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("person__email", flat=True))


def test_from_brief_to_paid_by_three_people_with_every_step_written_down(campaign, noon, saga):
    payer = scene.payer()
    commission = scene.build_published(campaign, saga, at=noon)
    scene.pay(commission, "1000.00", "V-1", at=noon)
    assert scene.fresh(commission).state == State.PUBLISHED
    scene.pay(commission, "800.00", "V-2", at=noon)
    done = scene.fresh(commission)
    assert (done.state, done.paid, done.settled_at) == (State.PAID, Decimal("1800.00"), noon)
    assert len({done.asked_by_id, done.accepted_by_id, done.paid_by_id, saga.user_id}) == 4
    verbs = AuditEntry.objects.filter(verb__startswith="commission.").order_by("pk").values_list("verb", flat=True)
    assert [verb.partition(".")[2] for verb in verbs] == [
        *(
            "written",
            "submitted",
            "opened",
            "applied",
            "chosen",
            "signed_by_creator",
            "signed",
            "delivered",
            "accepted",
            "published",
        ),
        *("paid", "paid"),
    ]
    for kind in ("chosen", "agreed", "accepted", "published"):
        assert told(f"commission_{kind}") == ["saga@example.org"]
    assert told("commission_to_pay") == [payer.email]
    assert told("commission_paid") == ["saga@example.org"] * 2


def test_a_step_is_taken_from_its_states_only(campaign, noon, saga):
    """Every step of the table from every state: the ones that are not there change nothing."""
    commission = scene.build_delivered(campaign, saga, at=noon)
    row, alma, at = commission.applications.get(), editor(), noon
    deeds = {
        "changed": lambda: briefs.change(commission, scene.content(at=at), read=commission.revision, by=alma, at=at),
        "submitted": lambda: briefs.submit(commission, read=commission.revision, by=alma, at=at),
        "opened": lambda: briefs.open_to_creators(commission, read=3, part="accepts", by=second_person(), at=at),
        "applied": lambda: applications.apply(commission, saga, sentence="Me", link="", at=at),
        "declined": lambda: applications.decline(commission, saga, at=at),
        "chosen": lambda: applications.choose(commission, row, by=alma, at=at),
        "signed_by_creator": lambda: scene.sign(commission, saga, at=at),
        "signed": lambda: applications.sign(commission, digest=scene.digest_of(commission), by=alma, at=at),
        "delivered": lambda: scene.deliver(commission, saga, link="https://saga.example.org/1", at=at),
        "sent_back": lambda: drafts.send_back(commission, number=1, feedback="More", part="asks", by=alma, at=at),
        "accepted": lambda: drafts.accept(commission, number=1, by=second_person(), at=at),
        "taken_down": lambda: drafts.take_down(commission, by=alma, at=at),
        "published": lambda: drafts.publish(commission, by=alma, at=at),
        "paid": lambda: scene.pay(commission, at=at),
        "extension_asked": lambda: extensions.ask(commission, term="year", by=alma, at=at),
        "extension_withdrawn": lambda: extensions.withdraw(commission, by=alma, at=at),
        "extension_agreed": lambda: extensions.agree(commission, saga, digest="", at=at),
        "extension_declined": lambda: extensions.decline(commission, saga, at=at),
        "cancelled": lambda: drafts.cancel(commission, reason="No need", by=alma, at=at),
        "expired": lambda: briefs.expire(commission, at=at),
        "reopened": lambda: briefs.reopen(commission, by=alma, at=at),
    }
    assert deeds.keys() == STEPS.keys() - {"payment_taken_back", "rights_over"}
    owed = {State.ACCEPTED: 1800, State.PUBLISHED: 1800, State.PAID: 1800}
    for state in State:
        paid = {"paid": 1800, "paid_by": scene.payer()} if state == State.PAID else {"paid": 0, "paid_by": None}
        accepted = {"accepted_by": second_person(), "accepted_at": noon} if owed.get(state) else {"accepted_by": None}
        Commission.objects.filter(pk=commission.pk).update(state=state, owed=owed.get(state, 0), **paid, **accepted)
        before = Commission.objects.values().get(pk=commission.pk)
        for step, deed in deeds.items():
            if state not in STEPS[step].from_states:
                with pytest.raises(NotDone):
                    deed()
                assert Commission.objects.values().get(pk=commission.pk) == before, (state, step)


# --- Three roles ------------------------------------------------------------------------------------------


def test_nobody_has_two_of_the_three_roles(campaign, noon, saga):
    commission = scene.build_delivered(campaign, saga, at=noon)
    both = builders.build_user("both", "approver")
    drafts.send_back(commission, number=1, feedback="Less", part="asks", by=both, at=noon)  # as one who asks
    scene.deliver(commission, saga, at=noon)
    for person in (editor(), both):
        with pytest.raises(NotDone, match="three roles"):
            drafts.accept(commission, number=2, by=person, at=noon)
    assert scene.fresh(commission).state == State.DELIVERED
    drafts.accept(commission, number=2, by=second_person(), at=noon)
    for person in (second_person(), editor(), both):
        with pytest.raises(NotDone, match="three roles"):
            scene.pay(commission, by=person, at=noon)
    assert scene.fresh(commission).paid == 0
    with pytest.raises(NotDone, match="You do this work"):
        scene.pay(commission, by=saga.user, at=noon)


def test_nobody_takes_a_part_that_leaves_another_to_nobody(campaign, noon, saga):
    commission = scene.build_delivered(campaign, saga, at=noon)
    with pytest.raises(NotDone, match="Nobody but you can pay"):
        drafts.accept(commission, number=1, by=scene.payer(), at=noon)
    assert not commission.parts.filter(user=scene.payer()).exists()
    builders.build_user("another", "admin")
    drafts.accept(commission, number=1, by=scene.payer(), at=noon)


def test_the_database_keeps_the_hands_apart_and_the_sums_exact(campaign, noon, saga):
    commission = scene.build_accepted(campaign, saga, at=noon)
    row = Commission.objects.filter(pk=commission.pk)
    for wrong in (
        {"accepted_by": editor()},
        {"paid_by": editor()},
        {"paid_by": second_person()},
        {"fee": 0},
        {"fee": Decimal("-1")},
        {"kill_fee": Decimal("1800.01")},
        {"paid": Decimal("1800.01"), "paid_by": scene.payer()},
        {"state": State.PAID},
        {"accepted_by": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionPart.objects.create(commission=commission, user=editor(), part="pays", since=noon)
    assert scene.fresh(commission).paid == 0


def test_who_works_at_the_desk_does_no_paid_work_for_it(campaign, noon, saga):
    commission = scene.build_open(campaign, at=noon)
    own = briefs.creator_of(editor(), campaign, at=noon)
    with pytest.raises(NotDone, match="no paid work"):
        applications.apply(commission, own, sentence="Me", link="", at=noon)
    with pytest.raises(NotDone, match="colleague"):
        briefs.invite(campaign, email="editor@example.org", name="E", language="en", by=editor(), at=noon)
    assert not commission.applications.exists()


# --- Choosing and signing ---------------------------------------------------------------------------------


def test_others_are_told_kindly_and_come_back_when_the_chosen_one_declines(campaign, noon, saga):
    other = scene.build_creator(campaign, "otto", at=noon)
    commission = scene.build_open(campaign, at=noon)
    for each in (saga, other):
        applications.apply(commission, each, sentence="With ink.", link="", at=noon)
    rows = {row.creator_id: row for row in commission.applications.all()}
    applications.choose(commission, rows[saga.pk], by=editor(), at=noon)
    assert told("commission_passed") == ["otto@example.org"]
    with pytest.raises(NotDone):  # of two who choose at once one is told so
        applications.choose(commission, rows[other.pk], by=editor(), at=noon)
    applications.decline(commission, saga, at=noon)
    assert scene.fresh(commission).state == State.OPEN
    applications.choose(commission, rows[other.pk], by=editor(), at=noon)
    agreement = applications.agreement_of(commission)
    assert agreement is not None and agreement.application.creator == other


def test_a_commission_that_only_some_were_asked_for_is_declined_by_the_last_of_them(campaign, noon, saga):
    commission = scene.build_brief(campaign, at=noon, is_open=False)
    with pytest.raises(NotDone, match="at least one creator"):
        briefs.submit(commission, read=1, by=editor(), at=noon)
    scene.submit_and_open(commission, asked=[saga], at=noon)
    stranger = scene.build_creator(campaign, "otto", at=noon)
    with pytest.raises(NotDone, match="no more applications"):
        applications.apply(commission, stranger, sentence="Me", link="", at=noon)
    applications.decline(commission, saga, at=noon)
    assert scene.fresh(commission).state == State.DECLINED
    briefs.reopen(commission, by=editor(), at=noon)
    assert scene.fresh(commission).state == State.DRAFT


def test_both_sides_sign_exactly_the_same_words(campaign, noon, saga):
    commission = scene.build_chosen(campaign, saga, at=noon)
    first = scene.digest_of(commission)
    with pytest.raises(NotDone, match="creator signs first"):
        applications.sign(commission, digest=first, by=editor(), at=noon)
    with pytest.raises(NotDone, match="has changed"):
        applications.sign_as_creator(commission, saga, digest="0" * 64, credit="", in_ledger=False, at=noon)
    scene.sign(commission, saga, at=noon)
    with pytest.raises(NotDone, match="has changed"):  # how the creator is named is part of it
        applications.sign(commission, digest=first, by=editor(), at=noon)
    agreement = applications.agreement_of(commission)
    assert agreement is not None
    agreement.content = {**agreement.content, "fee": "18.00"}
    agreement.save()
    with pytest.raises(NotDone, match="has changed"):
        applications.sign(commission, digest=agreement.digest, by=editor(), at=noon)
    assert scene.fresh(commission).state == State.CHOSEN


def test_a_brief_is_changed_by_one_at_a_time_and_published_as_it_was_read(campaign, noon, saga):
    commission, _accepts = scene.build_brief(campaign, at=noon), second_person()
    briefs.change(commission, scene.content(at=noon, fee=Decimal("2000")), read=1, by=editor(), at=noon)
    with pytest.raises(NotDone, match="somebody else"):
        briefs.change(commission, scene.content(at=noon, fee=Decimal("1")), read=1, by=editor(), at=noon)
    with pytest.raises(NotDone, match="has changed"):
        briefs.submit(commission, read=1, by=editor(), at=noon)
    briefs.submit(commission, read=2, by=editor(), at=noon)
    for part in ("accepts", "asks"):
        with pytest.raises(NotDone):  # who asks does not agree to it too
            briefs.open_to_creators(commission, read=3, part=part, by=editor(), at=noon)
    with pytest.raises(NotDone, match="has changed"):
        briefs.open_to_creators(commission, read=2, part="pays", by=scene.payer(), at=noon)
    assert (scene.fresh(commission).state, scene.fresh(commission).fee) == (State.SUBMITTED, 2000)


# --- Work -------------------------------------------------------------------------------------------------


def test_feedback_has_as_many_rounds_as_were_agreed(campaign, noon, saga):
    commission = scene.build_delivered(campaign, saga, at=noon, rounds=1)
    drafts.send_back(commission, number=1, feedback="Blue", part="accepts", by=second_person(), at=noon)
    assert told("commission_feedback") == ["saga@example.org"]
    scene.deliver(commission, saga, at=noon)
    with pytest.raises(NotDone, match="newer draft"):
        drafts.accept(commission, number=1, by=second_person(), at=noon)
    with pytest.raises(NotDone, match="used up"):
        drafts.send_back(commission, number=2, feedback="Red", part="accepts", by=second_person(), at=noon)
    assert scene.fresh(commission).state == State.DELIVERED


def test_what_is_paid_when_a_commission_is_cancelled(campaign, noon, saga):
    before = scene.build_chosen(campaign, saga, at=noon)
    drafts.cancel(before, reason="No need", by=editor(), at=noon)
    working = scene.build_agreed(campaign, saga, at=noon)
    drafts.cancel(working, reason="No need", by=editor(), at=noon)
    late = scene.build_agreed(campaign, saga, at=noon)
    drafts.cancel(late, reason="Nothing came", by=editor(), at=noon + timedelta(days=11))
    assert [scene.fresh(one).owed for one in (before, working, late)] == [0, 900, 0]
    scene.pay(working, "900", at=noon)
    settled = scene.fresh(working)
    assert (settled.state, settled.paid, settled.settled_at) == (State.CANCELLED, 900, noon)
    with pytest.raises(NotDone, match="nothing is owed"):
        scene.pay(late, "1", at=noon)


def test_what_nobody_took_expires(campaign, noon, saga):
    quiet = scene.build_open(campaign, at=noon, apply_until=noon + timedelta(days=2))
    wanted = scene.build_open(campaign, at=noon, apply_until=noon + timedelta(days=2))
    applications.apply(wanted, saga, sentence="With ink.", link="", at=noon)
    assert briefs.expire_due(at=noon + timedelta(days=1)) == 0
    assert briefs.expire_due(at=noon + timedelta(days=3)) == 1
    assert [scene.fresh(one).state for one in (quiet, wanted)] == [State.EXPIRED, State.OPEN]
    assert briefs.expire_due(at=noon + timedelta(days=10)) == 1  # nobody was chosen by the deadline
    assert told("commission_expired") == ["editor@example.org"] * 2


# --- Money ------------------------------------------------------------------------------------------------


def test_no_payment_is_more_than_is_owed_or_written_down_twice(campaign, noon, saga):
    commission = scene.build_accepted(campaign, saga, at=noon)
    scene.pay(commission, "0.10", "V-1", at=noon)
    scene.pay(commission, "0.20", "V-2", at=noon)
    assert scene.fresh(commission).paid == Decimal("0.30")
    for wrong, says in (
        ({"amount": "1799.71", "reference": "V-3"}, "left to pay"),
        ({"amount": "1.00", "reference": "V-1"}, "already"),
        ({"amount": "0.00", "reference": "V-3"}, "more than nothing"),
        ({"amount": "1.00", "reference": " "}, "reference is missing"),
    ):
        with pytest.raises(NotDone, match=says):
            scene.pay(commission, **wrong, at=noon)
    with pytest.raises(NotDone, match="paid in EUR"):
        payments.record(
            commission,
            amount=Decimal(1),
            currency="SEK",
            reference="V-3",
            paid_on=noon.date(),
            by=scene.payer(),
            at=noon,
        )
    assert scene.fresh(commission).paid == Decimal("0.30")


def test_a_payment_by_mistake_is_taken_back_and_stays(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon)
    scene.pay(commission, at=noon)
    payments.take_back(commission.payments.get(), by=scene.payer(), at=noon)
    with pytest.raises(NotDone):
        payments.take_back(commission.payments.get(), by=scene.payer(), at=noon)
    back = scene.fresh(commission)
    assert (back.state, back.paid, commission.payments.count()) == (State.PUBLISHED, 0, 1)
    scene.pay(commission, at=noon)  # the reference is free again
    assert scene.fresh(commission).state == State.PAID


def test_asking_anew_forgets_the_applications_of_the_round_that_came_to_nothing(campaign, noon, saga):
    commission = scene.build_brief(campaign, at=noon, is_open=False)
    scene.submit_and_open(commission, asked=[saga], at=noon)
    applications.decline(commission, saga, at=noon)
    briefs.reopen(commission, by=editor(), at=noon)
    scene.submit_and_open(commission, asked=[saga], at=noon)
    assert [row.state for row in CommissionApplication.objects.all()] == ["asked"]
