"""Bounces that came by mail are believed when two of them agree."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.feedback import receipts, return_path_mails
from delivery.feedback.return_path_mails import Taken
from delivery.models import Delivery, Membership, ProviderEvent, Recipient, Suppression
from tests.delivery.feedback.report_scene import bounce, return_path
from tests.support.builders import NOON, build_fanned_out_send, build_mailing

pytestmark = pytest.mark.django_db
State = Delivery.State


def later_row(row: Delivery, key: str = "later") -> Delivery:
    """Return a row of another mail to the same person, which was accepted."""
    mailing = build_mailing(row.mailing.campaign, key)
    send = build_fanned_out_send(row.send.audience, mailing=mailing)
    Delivery.objects.filter(send=send).update(state=State.ACCEPTED, attempts=1)
    return Delivery.objects.get(send=send, recipient=row.recipient)


def denial(row: Delivery, *, after: timedelta = timedelta(0), **about: Any) -> None:
    """Take a bounce by mail that says that the address of a row's reader does not exist."""
    raw = bounce(**{"reader": row.recipient.email, **about})
    assert return_path_mails.take(raw, to=[return_path(row)], at=NOON + after) == Taken.REPORT
    receipts.apply(at=NOON + after)


def test_a_bounce_by_mail_suppresses_only_when_a_second_mail_bounced_a_day_later(row):
    second = later_row(row)
    denial(row)
    assert not Suppression.objects.exists(), "who got a bulletin as a file can write this"

    denial(second, after=timedelta(days=1, hours=1), reader=row.recipient.email.upper())

    suppression = Suppression.objects.get()
    assert (suppression.address_hash, suppression.reason) == (row.recipient.address_hash, "no_such_address")
    assert Recipient.objects.deliverable().count() == 1


@pytest.mark.parametrize(
    ("which", "after", "about"),
    [
        ("the same mail", timedelta(days=2), {"more": "X-Other: 1\n"}),
        ("another", timedelta(hours=23), {}),
        ("another", timedelta(days=31), {}),
        ("another", timedelta(days=2), {"reader": "somebody-else@example.net"}),
        ("another", timedelta(days=2), {"recipients": 2}),
        ("another", timedelta(days=2), {"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 mailbox full"}),
    ],
)
def test_two_bounces_by_mail_suppress_nobody_when_they_do_not_agree(row, which, after, about):
    second = later_row(row) if which == "another" else row
    before = list(Membership.objects.order_by("pk").values())
    denial(row)
    raw = bounce(**{"reader": row.recipient.email, **about}).replace(b"<report-1@", b"<report-2@")
    assert return_path_mails.take(raw, to=[return_path(second)], at=NOON + after) == Taken.REPORT
    receipts.apply(at=NOON + after)

    assert ProviderEvent.objects.count() == 2
    assert not Suppression.objects.exists()
    assert list(Membership.objects.order_by("pk").values()) == before


def test_two_bounces_by_mail_about_two_people_suppress_neither(row):
    other = Delivery.objects.exclude(pk=row.pk).get()
    denial(row)
    denial(other, after=timedelta(days=2))

    assert not Suppression.objects.exists()


def test_what_mails_say_of_several_people_is_weighed_by_as_many_queries_as_of_one(row, django_assert_max_num_queries):
    rows = list(Delivery.objects.all())
    others = [later_row(one, f"later-{one.pk}") for one in rows]
    reports = [
        receipts.Report(
            "mail", f"{one.pk}", "bounced", NOON, delivery_id=one.pk, code="5.1.1", denied=one.recipient.address_hash
        )
        for one in (*rows, *others)
    ]
    receipts.take(reports[:2], at=NOON)

    with django_assert_max_num_queries(20):
        receipts.take(reports[2:], at=NOON + timedelta(days=2))
    assert Suppression.objects.count() == 2
