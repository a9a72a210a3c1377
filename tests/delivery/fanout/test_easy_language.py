"""Who prefers easy language gets the message in it where there is one, and the other one where there is none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.models import Delivery, Recipient
from delivery.sending import worker
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing

pytestmark = pytest.mark.django_db


def in_easy(mailing, *languages):
    """Freeze a message in easy language beside that of each of these languages."""
    for message in list(mailing.messages.filter(language__in=languages)):
        message.pk, message.reading_level, message.subject = None, "easy", f"Easy {message.language}"
        message.save(force_insert=True)


def prefer_easy(*places):
    for place in places:
        Recipient.objects.filter(email=f"network-{place}@example.net").update(prefers_easy=True)


def levels_of(send):
    rows = (
        Delivery.objects.filter(send=send).order_by("recipient").values_list("recipient__email", "language", "is_easy")
    )
    return {email.removesuffix("@example.net"): (language, is_easy) for email, language, is_easy in rows}


def test_each_gets_the_one_that_they_prefer_and_nobody_is_left_out(campaign, smtp_sink):
    audience = build_audience(campaign, size=4, language=["fi", "sv", "fi", "de"])
    mailing = build_mailing(campaign)
    in_easy(mailing, "fi")
    prefer_easy(1, 2, 4)

    send = build_fanned_out_send(audience, mailing=mailing)
    worker.work(send.pk, clock=lambda: NOON)

    assert levels_of(send) == {
        "network-1": ("fi", True),
        "network-2": ("sv", False),  # nothing is in easy Swedish
        "network-3": ("fi", False),
        "network-4": ("fi", True),  # nothing is in German: they get the first language, as they prefer it
    }
    got = {one.recipient: one.message for one in smtp_sink.caught}
    assert {to: mail["Content-Language"] for to, mail in got.items()} == {
        "network-1@example.net": "fi-simple",
        "network-2@example.net": "sv",
        "network-3@example.net": "fi",
        "network-4@example.net": "fi-simple",
    }
    assert (
        "Easy fi" in got["network-1@example.net"]["Subject"] and "Easy" not in got["network-3@example.net"]["Subject"]
    )


def test_who_prefers_it_is_one_group_more_however_many_they_are(campaign, smtp_sink):
    audience = build_audience(campaign, size=30, language="fi")
    mailing = build_mailing(campaign)
    in_easy(mailing, "fi")
    prefer_easy(*range(1, 11))
    send = build_fanned_out_send(audience, mailing=mailing)

    with CaptureQueriesContext(connection) as queries:
        worker.work(send.pk, clock=lambda: NOON, seconds=120)

    messages = [one for one in queries.captured_queries if 'FROM "delivery_message"' in one["sql"]]
    assert len(messages) == 2  # the one and the other, each once
    assert sum(level for _language, level in levels_of(send).values()) == 10 and len(smtp_sink.caught) == 30
