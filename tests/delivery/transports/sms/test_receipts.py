"""What providers of text messages report and hand over: believed when signed, kept once, applied in any order; and STOP."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEntry
from delivery.feedback import receipts
from delivery.message import verp
from delivery.models import Channel, ChannelChoice, Consent, Delivery, ProviderEvent, Recipient, Suppression, Wanted
from delivery.recipients import channel_addresses
from delivery.transports.sms import receipts as sms
from tests.support.builders import NOON, agree, build_audience, build_delivery, build_send

State, Receipt = Delivery.State, Delivery.Receipt
NUMBER = "+358401234567"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ways(settings):
    """Two providers, at noon."""
    one = {"url": "https://gateway.test", "user": "AC1", "secret": "token", "sender": "Nokia"}
    settings.SMS = {"sms": {"provider": "twilio", **one}, "sms-backup": {"provider": "json", **one}}
    settings.SMS_KEY = "key"
    settings.PUBLIC_URL = "https://crisis.test"
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def row(campaign):
    """A message to a number that the provider has taken."""
    audience = build_audience(campaign, size=1, language="fi", kind="influencers")
    person = Recipient.objects.get()
    phone = Recipient.objects.create(channel="sms", address=NUMBER, person=person, language="fi")
    agree([phone])
    ChannelChoice.objects.create(recipient=phone, wants=Wanted.URGENT)
    send = build_send(audience, channel=Channel.SMS)
    return build_delivery(send, phone, state=State.ACCEPTED, provider_id="SM1", attempts=1)


def by_twilio(client, what, *, key="token", query="", **fields):
    """Post as Twilio does; return the status."""
    path = f"/webhooks/sms/sms/{what}/{query}"
    text = f"https://crisis.test{path}" + "".join(name + fields[name] for name in sorted(fields))
    signed = b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()
    form = "application/x-www-form-urlencoded"
    return client.post(path, urlencode(fields), form, headers={"X-Twilio-Signature": signed}).status_code


def by_json(client, what, *, key="key", at=NOON, at_=None, **fields):
    """Post as our own form says, what happened `at_`; return the status."""
    if at_:
        fields["at"] = at_.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body, stamp = json.dumps(fields), str(int(at.timestamp()))
    signed = hmac.new(key.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-Signature": signed, "X-Timestamp": stamp}
    return client.post(f"/webhooks/sms/sms-backup/{what}/", body, "application/json", headers=headers).status_code


def applied(row):
    receipts.apply(at=NOON)
    row.refresh_from_db()
    return row.receipt


def test_reports_count_once_in_any_order(client, row):
    for status in ("delivered", "sent", "delivered", "queued"):
        assert by_twilio(client, "report", MessageSid="SM1", MessageStatus=status, To=NUMBER) == 200

    assert applied(row) == Receipt.DELIVERED
    assert ProviderEvent.objects.count() == 1


def test_a_number_that_does_not_exist_is_suppressed_and_a_phone_that_is_off_is_not(client, row):
    by_twilio(client, "report", MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30003")
    assert applied(row) == Receipt.BOUNCED and not Suppression.objects.exists()

    by_json(client, "report", id="other", status="failed", error="invalid_number", reference=verp.delivery_mark(row.pk))
    assert Suppression.objects.get().address_hash == row.recipient.address_hash


def test_a_report_with_our_mark_tells_that_a_lost_reply_was_taken(client, row):
    Delivery.objects.filter(pk=row.pk).update(state=State.UNKNOWN, provider_id="")
    query = f"?delivery={verp.delivery_mark(row.pk)}"

    assert by_twilio(client, "report", query=query, MessageSid="SM9", MessageStatus="delivered") == 200

    assert applied(row) == Receipt.DELIVERED and row.state == State.ACCEPTED


def test_what_nobody_vouches_for_changes_nothing(client, row, settings):
    delivered = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert by_twilio(client, "report", key="another", **delivered) == 400
    signed = hmac.new(b"token", b"https://crisis.test/webhooks/sms/sms/report/MessageSidSM1", hashlib.sha1).digest()
    altered = client.post("/webhooks/sms/sms/report/", delivered, headers={"X-Twilio-Signature": b64encode(signed)})
    assert altered.status_code == 400
    assert by_json(client, "report", key="another", id="SM1", status="delivered") == 400
    assert by_json(client, "report", at=NOON.replace(year=2025), id="SM1", status="delivered") == 400
    assert by_json(client, "report", id="SM1", status="no such") == 400
    assert by_json(client, "report", id=["SM1"], status={}) == 400
    assert by_twilio(client, "message", key="another", From=NUMBER, Body="STOP") == 400
    settings.SMS_KEY = ""
    assert by_json(client, "report", key="", id="SM1", status="delivered") == 400
    settings.SMS = {}
    assert by_twilio(client, "report", **delivered) == 404

    assert applied(row) == Receipt.NONE and Consent.objects.filter(recipient=row.recipient, withdrawn_at=None).exists()


@pytest.mark.parametrize("words", ["STOP", " stop. ", "Lopeta!", "STOPP tack", "\uff33\uff34\uff2f\uff30"])
def test_stop_ends_what_comes_to_the_number_and_start_begins_nothing(client, row, words):
    assert by_twilio(client, "message", From=NUMBER, Body=words) == 200
    assert by_twilio(client, "message", From=NUMBER, Body="START") == 200

    assert not Consent.objects.filter(recipient=row.recipient, withdrawn_at=None).exists()
    assert not ChannelChoice.objects.filter(recipient=row.recipient).exists()
    assert AuditEntry.objects.filter(verb="channel.stopped").count() == 1


def proven_anew(row):
    """Return the address of the number's person after they came back, a while later."""
    return channel_addresses.take(row.recipient.person, "sms", NUMBER, wants=["urgent"], at=timezone.now())


def is_wanted(address):
    return Consent.objects.in_force("bulletins").filter(recipient=address).exists()


@pytest.mark.both
def test_a_stop_that_comes_again_does_not_take_a_number_off_that_was_proven_anew(client, row):
    first = {"From": NUMBER, "Body": "STOP", "MessageSid": "SM7"}
    assert by_twilio(client, "message", **first) == 200
    assert not is_wanted(row.recipient)
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        address = proven_anew(row)
        assert by_twilio(client, "message", **first) == 200
        assert is_wanted(address)
        assert by_twilio(client, "message", **first | {"MessageSid": "SM8"}) == 200

    assert not is_wanted(address)
    assert AuditEntry.objects.filter(verb="channel.stopped").count() == 2


@pytest.mark.both
@pytest.mark.parametrize("name", [{"id": "in-1"}, {}])
def test_a_stop_of_a_gateway_counts_once_with_and_without_a_name_of_its_own(client, row, name):
    first = {"from": NUMBER, "text": "STOP", **name}
    assert by_json(client, "message", **first) == 200
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        address = proven_anew(row)
        assert by_json(client, "message", **first) == 200
        if name:  # posted again, and signed anew
            assert by_json(client, "message", at=NOON + timedelta(minutes=1), **first) == 200
        assert is_wanted(address)
        assert by_json(client, "message", at=timezone.now(), **first | {"id": "in-2"}) == 200

    assert not is_wanted(address)


@pytest.mark.both
def test_a_stop_that_was_written_before_the_number_was_proven_counts_for_nothing(client, row):
    with time_machine.travel(NOON + timedelta(minutes=5, microseconds=7), tick=False):
        address = proven_anew(row)
        late = {"from": NUMBER, "text": "STOP"}
        assert by_json(client, "message", at=timezone.now(), id="in-1", at_=NOON, **late) == 200
        assert is_wanted(address)
        assert by_json(client, "message", at=timezone.now(), id="in-2", at_=timezone.now(), **late) == 200

    assert not is_wanted(address)


def test_a_stop_that_failed_on_its_way_counts_when_it_comes_again(client, row, monkeypatch):
    first = {"From": NUMBER, "Body": "STOP", "MessageSid": "SM7"}
    with monkeypatch.context() as broken:
        broken.setattr(channel_addresses, "free", lambda *_args, **_named: 1 / 0)
        assert by_twilio(client, "message", **first) == 400
    assert is_wanted(row.recipient) and not ProviderEvent.objects.exists()

    assert by_twilio(client, "message", **first) == 200
    assert not is_wanted(row.recipient)


@pytest.mark.parametrize("words", ["", "Stopping by the library at noon", "Kiitos!", "\u200b", "!"])
def test_other_words_change_nothing(words):
    assert not sms.is_stop(words)
