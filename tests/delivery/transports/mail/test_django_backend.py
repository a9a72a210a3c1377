"""Through Django's own backend, mail by mail."""

import pytest

from delivery.message.verp import delivery_of_return_path
from delivery.models import Delivery, Recipient
from delivery.sending import worker
from delivery.transports.mail.django_backend import MailerTransport
from delivery.transports.transport import transport_for
from tests.support.builders import NOON, build_audience, build_fanned_out_send, states_of
from tests.support.system_parts import free_port

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture(autouse=True)
def through_django(settings):
    settings.TRANSPORTS = dict.fromkeys(settings.TRANSPORTS, "mailer")


def test_it_delivers_with_every_header_and_our_return_path(campaign, smtp_sink):
    assert isinstance(transport_for("exercise"), MailerTransport)
    send = build_fanned_out_send(build_audience(campaign, size=3))

    worker.work(send.pk, clock=lambda: NOON)

    assert states_of(send) == {State.ACCEPTED: 3} and not smtp_sink.duplicates
    caught = smtp_sink.caught[0]
    row = Delivery.objects.select_related("recipient").get(pk=delivery_of_return_path(caught.sender))
    assert row.recipient.email == caught.recipient == caught.message["To"].addresses[0].addr_spec
    assert caught.message["From"].addresses[0].addr_spec == "bulletins@example.org"
    assert caught.message["Message-ID"].startswith(f"<{row.pk}.")
    assert caught.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in caught.message.iter_parts()] == ["text/plain", "text/html"]


def test_a_refusal_is_a_failure_and_a_silence_is_unknown(campaign, smtp_sink):
    send = build_fanned_out_send(build_audience(campaign, size=4))
    first, second, third, _fourth = Recipient.objects.order_by("pk")
    smtp_sink.reply("rcpt", "550 5.1.1 No such user", to=first.email)
    smtp_sink.reply("rcpt", "450 4.2.0 Later", to=second.email)
    smtp_sink.drop("dot", to=third.email)

    worker.work(send.pk, clock=lambda: NOON)

    assert states_of(send) == {State.ACCEPTED: 1, State.FAILED: 1, State.DEFERRED: 1, State.UNKNOWN: 1}


def test_a_server_that_is_away_was_sent_nothing_and_is_asked_once(campaign, smtp_sink, settings):
    settings.MAILERS["exercise"]["OPTIONS"]["port"] = free_port()
    send = build_fanned_out_send(build_audience(campaign, size=5))

    worker.work(send.pk, clock=lambda: NOON)

    states = states_of(send)
    assert states.pop(State.DEFERRED) >= 1 and set(states) <= {State.QUEUED}
    assert not smtp_sink.caught
