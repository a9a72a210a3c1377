"""What providers report is kept once and applied to the ledger by the rules."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from delivery.feedback import receipts
from delivery.feedback.receipts import Report
from delivery.holds import circuit_breaker
from delivery.models import Consent, Delivery, Membership, ProviderEvent, Recipient, Send, Suppression
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing, build_recipients, join

pytestmark = pytest.mark.django_db

Kind = ProviderEvent.Kind
State = Delivery.State
Receipt = Delivery.Receipt
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def row(campaign: Any) -> Delivery:
    """A row of a send to three people, handed over and accepted, that a provider calls "abc"."""
    build_fanned_out_send(build_audience(campaign, size=3))
    Delivery.objects.update(state=State.ACCEPTED, attempts=1, handed_off_at=NOON, finished_at=NOON)
    row = Delivery.objects.order_by("pk")[1]
    Delivery.objects.filter(pk=row.pk).update(provider_id="abc")
    row.refresh_from_db()
    return row


def report(kind: str, row: Delivery | None = None, **fields: Any) -> Report:
    """Return a report on a row, by our own mark, one second after noon."""
    values: dict[str, Any] = {
        "provider": "mailgun",
        "event_id": f"{kind}-{fields.get('message_id', '')}",
        "kind": Kind(kind),
        "happened_at": NOON + timedelta(seconds=1),
        "delivery_id": row.pk if row else None,
    }
    return Report(**values | fields)


def told(*reports: Report, at: Any = LATER) -> int:
    """Take reports and let the tick apply them."""
    receipts.take(reports, at=at)
    return receipts.apply(at=at)


def test_a_delivered_message_is_delivered_and_nobody_elses(row):
    assert told(report("delivered", row)) == 1

    row.refresh_from_db()
    assert (row.receipt, row.state) == (Receipt.DELIVERED, State.ACCEPTED)
    assert Delivery.objects.exclude(pk=row.pk).filter(receipt=Receipt.NONE).count() == 2
    event = ProviderEvent.objects.get()
    assert (event.processed_at, event.delivery_id) == (LATER, row.pk)


def test_it_is_found_by_the_providers_own_name_for_the_message(row):
    told(report("delivered", message_id="abc"))

    row.refresh_from_db()
    assert row.receipt == Receipt.DELIVERED
    assert ProviderEvent.objects.get().delivery_id == row.pk


def test_a_name_that_two_rows_share_says_nothing_about_either(row):
    Delivery.objects.update(provider_id="abc")

    assert told(report("bounced", message_id="abc", code="550 5.1.1")) == 0

    assert not Delivery.objects.exclude(receipt=Receipt.NONE).exists()
    assert not Suppression.objects.exists()


def test_the_same_report_twice_is_one_row(row):
    told(report("delivered", row), report("delivered", row))
    assert told(report("delivered", row)) == 0
    assert ProviderEvent.objects.count() == 1


def test_a_report_without_an_event_for_the_tick_costs_one_statement(row, django_assert_num_queries):
    reports = [report("delivered", row, event_id=str(n)) for n in range(50)]
    with django_assert_num_queries(1):
        receipts.take(reports, at=LATER)


def test_the_cost_of_applying_does_not_grow_with_the_number_of_events(campaign, django_assert_max_num_queries):
    build_fanned_out_send(build_audience(campaign, size=300))
    Delivery.objects.update(state=State.ACCEPTED, attempts=1)
    receipts.take([report("delivered", row, event_id=str(row.pk)) for row in Delivery.objects.all()], at=LATER)

    with django_assert_max_num_queries(12):
        assert receipts.apply(at=LATER) == 300


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [
        ("bounced", "delivered", Receipt.BOUNCED),
        ("complained", "delivered", Receipt.COMPLAINED),
        ("complained", "bounced", Receipt.COMPLAINED),
        ("delivered", "bounced", Receipt.BOUNCED),
        ("delivered", "deferred", Receipt.DELIVERED),
    ],
)
def test_a_receipt_never_moves_backwards(row, first, then, stays):
    told(report(first, row))
    told(report(then, row, happened_at=NOON + timedelta(hours=1)))

    row.refresh_from_db()
    assert row.receipt == stays


@pytest.mark.parametrize("state", [State.CLAIMED, State.HANDING_OFF, State.QUEUED])
def test_an_event_about_a_row_that_is_not_recorded_yet_waits_and_is_applied_later(row, state):
    Delivery.objects.update(state=state, lease=7, attempts=0)

    assert told(report("delivered", row)) == 0
    row.refresh_from_db()
    assert (row.state, row.lease, row.receipt) == (state, 7, Receipt.NONE)
    assert ProviderEvent.objects.get().processed_at is None

    Delivery.objects.update(state=State.ACCEPTED, lease=None)
    assert receipts.apply(at=LATER + timedelta(seconds=30)) == 1
    row.refresh_from_db()
    assert row.receipt == Receipt.DELIVERED


def test_a_row_that_is_handed_over_again_between_the_look_and_the_lock_is_left_alone(row):
    receipts.take([report("delivered", row)], at=LATER)
    Delivery.objects.update(state=State.HANDING_OFF, lease=7)

    assert receipts.apply_some([ProviderEvent.objects.get().pk], at=LATER) == (0, [])

    row.refresh_from_db()
    assert (row.state, row.lease, row.receipt) == (State.HANDING_OFF, 7, Receipt.NONE)
    assert ProviderEvent.objects.get().processed_at is None


def test_an_event_that_fits_nothing_waits_seven_days(row):
    told(report("delivered", message_id="somebody-elses"))

    receipts.apply(at=LATER + timedelta(days=6, hours=23))
    assert ProviderEvent.objects.get().processed_at is None

    receipts.apply(at=LATER + timedelta(days=7, seconds=1))
    event = ProviderEvent.objects.get()
    assert event.processed_at is not None and event.delivery is None


@pytest.mark.parametrize("kind", ["delivered", "bounced", "complained"])
@pytest.mark.parametrize("state", [State.UNKNOWN, State.DEFERRED, State.QUEUED])
def test_a_row_in_doubt_of_which_the_provider_reports_is_accepted_and_not_sent_again(row, state, kind):
    Delivery.objects.filter(pk=row.pk).update(state=state, finished_at=None, next_attempt_at=LATER, detail="Lost.")

    told(report(kind, row))

    row.refresh_from_db()
    assert (row.state, row.receipt) == (State.ACCEPTED, Receipt[kind.upper()])
    assert (row.next_attempt_at, row.finished_at) == (None, LATER)
    assert row.detail == receipts.PROVED


@pytest.mark.parametrize("state", [State.FAILED, State.SUPPRESSED, State.EXPIRED, State.SUPERSEDED])
def test_a_row_that_ended_otherwise_keeps_its_state(row, state):
    Delivery.objects.filter(pk=row.pk).update(state=state)
    told(report("delivered", row))
    row.refresh_from_db()
    assert (row.state, row.receipt) == (state, Receipt.DELIVERED)


@pytest.mark.parametrize(
    ("code", "suppressed"),
    [
        ("550 5.1.1", True),
        ("5.1.10", True),
        ("550 5.7.1", False),
        ("552 5.2.2", False),
        ("451 4.1.1", False),
        ("550", False),
        ("", False),
    ],
)
def test_only_an_address_that_does_not_exist_is_suppressed(row, code, suppressed):
    receipts.take([report("bounced", row, code=code)], at=LATER)  # at once, not with the tick

    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED
    assert Suppression.objects.filter(address_hash=row.recipient.address_hash).exists() == suppressed
    assert Suppression.objects.count() == suppressed


def test_a_complaint_ends_everything_for_that_person_at_once(row, campaign):
    digest = build_audience(campaign, "digest", kind="digest")
    join(digest, [row.recipient])

    receipts.take([report("complained", row)], at=LATER)

    assert Suppression.objects.get().reason == Suppression.Reason.COMPLAINT
    assert set(Membership.objects.filter(recipient=row.recipient).values_list("left_at", flat=True)) == {LATER}
    yes = Consent.objects.filter(recipient=row.recipient).values_list("purpose", "withdrawn_at")
    assert set(yes) == {("bulletins", LATER), ("digest", LATER)}
    assert not Recipient.objects.filter(pk=row.recipient_id).deliverable().exists()
    assert Membership.objects.filter(left_at=None).count() == 2


def test_an_unsubscribe_at_the_provider_takes_off_what_the_mail_was_one_of_and_no_more(row, campaign):
    digest = build_audience(campaign, "digest", kind="digest")
    join(digest, [row.recipient])

    receipts.take([report("unsubscribed", row)], at=LATER)

    left = Membership.objects.filter(recipient=row.recipient).exclude(left_at=None)
    assert [membership.audience.kind for membership in left] == ["influencers"]
    assert not Suppression.objects.exists()
    row.refresh_from_db()
    assert row.receipt == Receipt.NONE


def test_an_old_event_does_not_undo_what_staff_decided_since(row):
    told(report("bounced", row, code="550 5.1.1"))
    Suppression.objects.all().delete()

    told(report("bounced", row, code="550 5.1.1"))

    assert not Suppression.objects.exists()


def test_events_hold_no_address(row):
    told(report("bounced", row, code="550 5.1.1"))
    values = ProviderEvent.objects.values_list("event_id", "message_id", "code", "provider")
    assert "@" not in "".join(values.get())


def test_the_oldest_events_that_can_be_applied_come_first_and_the_rest_next_time(row, monkeypatch):
    monkeypatch.setattr(receipts, "AT_MOST", 2)
    receipts.take([report("delivered", event_id=f"x{n}", message_id="nobody") for n in range(5)], at=LATER)
    receipts.take([report("delivered", row, event_id=str(n)) for n in range(3)], at=LATER)

    assert [receipts.apply(at=LATER) for _tick in range(3)] == [2, 1, 0]


def test_an_event_about_a_row_that_is_gone_makes_no_trouble(row):
    assert told(report("bounced", delivery_id=10**9, code="550 5.1.1")) == 0
    assert ProviderEvent.objects.get().processed_at is None
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist", "550 5.1.1"),
        ("550-5.1.1 The email account", "550 5.1.1"),
        ("smtp; 550 #5.1.10 RESOLVER.ADR.RecipientNotFound", "550 5.1.10"),
        ("host mx.example.net[192.0.2.5] said: 554 5.7.1 listed, see 5.1.1", "554 5.7.1"),
        ("421 try later", "421"),
        ("550 blocked: 5.1.1.4 is on a list", "550"),
        ("5.1.1", "5.1.1"),
        ("mailbox full", ""),
        ("", ""),
    ],
)
def test_the_status_code_is_read_from_a_servers_words(words, code):
    assert receipts.status_in(words) == code


def test_a_late_bounce_of_an_accepted_message_leaves_the_send_as_it_was(campaign):
    mailing = build_mailing(campaign, "m")
    audience = build_audience(campaign)
    join(audience, build_recipients(1))
    send = build_fanned_out_send(audience, mailing=mailing)
    Delivery.objects.update(state=State.ACCEPTED, attempts=F("attempts") + 1)

    told(report("bounced", Delivery.objects.get(), code="550 5.7.1"))

    assert Delivery.objects.get().state == State.ACCEPTED
    send.refresh_from_db()
    assert send.candidates == 1


def test_late_bounces_for_policy_hold_the_send_at_the_fifth(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=8))
    Delivery.objects.update(state=State.ACCEPTED, attempts=1, handed_off_at=NOON, finished_at=NOON)
    rows = list(Delivery.objects.order_by("pk"))

    for row in rows[:4]:
        told(report("bounced", row, event_id=f"b{row.pk}", code="550 5.7.1"))
    told(report("bounced", rows[4], event_id="missing", code="550 5.1.1"))
    send.refresh_from_db()
    assert send.state == Send.State.SENDING

    told(report("bounced", rows[5], event_id="fifth", code="5.7.26"))
    send.refresh_from_db()
    assert send.state == Send.State.HELD and send.reason == circuit_breaker.REFUSED
