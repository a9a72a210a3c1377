"""Nothing is handed over to an address without a standing consent of its owner, whatever else a desk, a shell or a bug wrote."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.links import unsubscribe
from delivery.models import Audience, Consent, Delivery, Lease, Membership, Recipient
from delivery.reports import ledger
from delivery.sending import handoff, worker
from tests.support.builders import (
    NOON,
    agree,
    build_audience,
    build_digest,
    build_fanned_out_send,
    build_mailing,
    build_recipients,
    states_of,
)

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=5)
State = Delivery.State


def unasked(consents):
    consents.delete()


def imported(consents):
    consents.update(confirmed_at=None, source="file")


def withdrawn(consents):
    consents.update(withdrawn_at=NOON)


def for_something_else(consents):
    consents.update(purpose=Consent.Purpose.OPEN_TRACKING)


@pytest.mark.parametrize("how", [unasked, imported, withdrawn, for_something_else])
@pytest.mark.parametrize("kind", Audience.Kind.values)
def test_whoever_has_no_standing_consent_is_refused_at_the_hand_over(campaign, smtp_sink, kind, how):
    send = build_fanned_out_send(build_audience(campaign, size=6, kind=kind))
    nobody = Recipient.objects.order_by("pk").first()
    how(Consent.objects.filter(recipient=nobody))

    worker.work(send.pk, clock=lambda: LATER)

    assert {caught.recipient for caught in smtp_sink.caught} == set(
        Recipient.objects.exclude(pk=nobody.pk).values_list("email", flat=True)
    )
    row = Delivery.objects.get(recipient=nobody)
    assert (row.state, row.detail, row.attempts) == (State.SUPPRESSED, handoff.NOT_ASKED, 0)
    total = ledger.ledger_of([send]).total
    assert (total.candidates, total.accepted, total.suppressed) == (6, 5, 1) and total.adds_up


def test_a_yes_to_bulletins_is_none_to_digests_and_the_other_way_round(campaign, smtp_sink):
    people = build_recipients(2)
    for audience, purpose in ((build_digest(campaign), "bulletins"), (build_audience(campaign), "digest")):
        Membership.objects.bulk_create(
            Membership(audience=audience, recipient=one, joined_at=NOON - timedelta(days=1)) for one in people
        )
        agree(people, purpose)
        Consent.objects.exclude(purpose=purpose).delete()
        send = build_fanned_out_send(audience, mailing=build_mailing(campaign, f"to-{audience.slug}"))
        worker.work(send.pk, clock=lambda: LATER)
        assert states_of(send) == {State.SUPPRESSED: 2}


def test_a_membership_that_was_opened_again_by_hand_brings_nobody_back(campaign, smtp_sink):
    audience = build_audience(campaign, size=2)
    back, _stays = Membership.objects.order_by("pk")
    unsubscribe.unsubscribe_recipient(back.recipient_id, build_mailing(campaign, "before"), at=NOON)
    Membership.objects.filter(pk=back.pk).update(left_at=None, left_because="")

    send = build_fanned_out_send(audience)
    worker.work(send.pk, clock=lambda: LATER)

    assert states_of(send) == {State.SUPPRESSED: 1, State.ACCEPTED: 1}
    assert len(smtp_sink.caught) == 1


def test_a_yes_given_for_another_address_does_not_stand(campaign, smtp_sink):
    audience = build_audience(campaign, size=2)
    moved, _stays = Recipient.objects.order_by("pk")
    moved.take_address("new@example.net", at=NOON)

    send = build_fanned_out_send(audience)
    worker.work(send.pk, clock=lambda: LATER)
    assert Delivery.objects.get(recipient=moved).detail == handoff.NOT_ASKED
    assert not Recipient.objects.wanting_bulletins().filter(pk=moved.pk).exists()

    Consent.objects.filter(recipient=moved).update(withdrawn_at=NOON)
    agree([moved], at=NOON)
    again = build_fanned_out_send(audience, mailing=build_mailing(campaign, "mailing-2"))
    worker.work(again.pk, clock=lambda: LATER)
    assert states_of(again) == {State.ACCEPTED: 2}


def test_an_address_does_not_change_by_storing_another_one(campaign):
    one, other = build_recipients(2)
    one.email = "taken@example.net"
    with pytest.raises(TypeError, match="when it is proven"):
        one.save()
    one.email = other.email
    with pytest.raises(TypeError, match="when it is proven"):
        one.save(update_fields=["email"])
    one.refresh_from_db()
    assert one.email == "reader-1@example.net" and one.address_since is None


def test_the_hand_over_asks_no_more_often_for_more_people(campaign):
    def queries(size):
        send = build_fanned_out_send(
            build_audience(campaign, f"a{size}", size=size), mailing=build_mailing(campaign, f"m{size}")
        )
        Consent.objects.filter(recipient__memberships__audience=send.audience_id).delete()
        lease = Lease.objects.create(send=send, until=LATER, worker="test").pk
        rows = worker.claim(send, lease=lease, at=NOON, size=size, mailer="exercise")
        ids = [row.delivery_id for row in rows]
        with CaptureQueriesContext(connection) as asked:
            assert handoff.take(send, ids, [], lease=lease, at=NOON) == set()
            assert handoff.close_ineligible(send, ids, lease=lease, at=NOON)
        assert states_of(send) == {State.SUPPRESSED: size}
        return len(asked)

    assert queries(2) == queries(30)
