"""Providers report by HTTP: believed when they prove who they are, kept once, answered at once."""

import base64
import hashlib
import hmac
import json
import logging
import resource
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from delivery.feedback import return_path_mails, sns, webhooks
from delivery.message import verp
from delivery.models import Delivery, Membership, ProviderEvent, Recipient, Suppression
from tests.support.inbound_mail import as_read, read_at_once  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db

KEY = "key-from-mailgun"
SECRET = "provider:long-and-random-secret"
BASIC = {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}
State = Delivery.State


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.WEBHOOK_SECRETS = ["older:secret-that-is-going-away", SECRET]
    settings.WEBHOOK_KEYS = {"mailgun": KEY, "mandrill": KEY, "mailersend": KEY, "unisender_go": KEY}


def at(provider: str) -> str:
    """Return where a provider reports."""
    return reverse("webhooks:report", args=[provider])


def post(provider: str, payload: object, *, headers: dict[str, str] | None = BASIC) -> Any:
    """Post a report as JSON (or as it is, when it is bytes)."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Client().post(at(provider), body, content_type="application/json", headers=headers or {})


def mailgun(
    row: Delivery | None = None,
    event: str = "delivered",
    *,
    key: str = KEY,
    age: float = 0,
    token: str = "t" * 50,
    **data: Any,
) -> dict[str, Any]:
    """Return what Mailgun posts, signed."""
    timestamp = str(int(datetime.now(UTC).timestamp() - age))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    variables = {"delivery": verp.delivery_mark(row.pk)} if row else {}
    told = {
        "event": event,
        "id": "Ase7i2zsRYeDXztHGENqRA",
        "timestamp": 1774433000.5,
        "recipient": "reader@example.net",
        "message": {"headers": {"message-id": "abc@mailgun.example"}},
        "user-variables": variables,
    }
    return {
        "signature": {"timestamp": timestamp, "token": token, "signature": signature},
        "event-data": told | data,
    }


def postmark(row: Delivery, kind: str = "Delivery", **fields: Any) -> dict[str, Any]:
    """Return what Postmark posts; it does not sign."""
    return {
        "RecordType": kind,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Recipient": "reader@example.net",
        "DeliveredAt": "2026-03-25T10:00:07Z",
        "Metadata": {"delivery": verp.delivery_mark(row.pk)},
    } | fields


# --- Kept and applied ---------------------------------------------------------------------------------------


def test_a_signed_report_is_kept_with_its_row_and_without_an_address(row):
    assert post("mailgun", mailgun(row), headers=None).status_code == 200

    event = ProviderEvent.objects.get()
    assert (event.provider, event.kind, event.delivery_id) == ("mailgun", "delivered", row.pk)
    assert (event.event_id, event.message_id) == ("t" * 50, "<abc@mailgun.example>")
    assert event.happened_at == datetime(2026, 3, 25, 10, 3, 20, 500000, tzinfo=UTC)
    assert "reader@example.net" not in str(ProviderEvent.objects.values().get())


def test_a_bounce_of_an_address_that_does_not_exist_suppresses_it_at_once(row):
    failed = mailgun(row, "failed", severity="permanent")
    failed["event-data"]["delivery-status"] = {"message": "550 5.1.1 unknown user"}

    assert post("mailgun", failed, headers=None).status_code == 200

    row.refresh_from_db()
    assert row.receipt == Delivery.Receipt.BOUNCED
    assert Suppression.objects.get().address_hash == row.recipient.address_hash


def test_a_provider_that_does_not_sign_is_believed_by_the_secret(row):
    payload = postmark(row, "Bounce", Type="HardBounce", ID=42, Email="r@example.net", Details="smtp;550 5.1.1 unknown")
    assert post("postmark", payload).status_code == 200

    event = ProviderEvent.objects.get()
    assert (event.kind, event.event_id, event.code, event.delivery_id) == ("bounced", "42", "550 5.1.1", row.pk)


def test_an_event_without_a_name_is_still_one_row(row):
    for _time in range(3):
        assert post("postmark", postmark(row)).status_code == 200
    assert post("postmark", postmark(row, DeliveredAt="2026-03-25T10:00:09Z")).status_code == 200
    assert ProviderEvent.objects.count() == 2


def test_a_complaint_and_an_unsubscribe_take_off_at_once(row):
    other = Delivery.objects.exclude(pk=row.pk).get()
    post("mailgun", mailgun(row, "complained", token="a"), headers=None)
    post("mailgun", mailgun(other, "unsubscribed", token="b"), headers=None)

    assert not Membership.objects.filter(left_at=None).exists()
    assert Suppression.objects.get().address_hash == row.recipient.address_hash


def test_openings_and_clicks_are_not_kept(row):
    for n, event in enumerate(("opened", "clicked", "accepted", "something-new")):
        assert post("mailgun", mailgun(row, event, token=str(n)), headers=None).status_code == 200
    assert not ProviderEvent.objects.exists()


def test_many_events_in_one_report_cost_one_statement(row, django_assert_max_num_queries):
    payload = [
        {"event": "delivered", "sg_event_id": f"e{n}", "email": "r@example.net", "timestamp": 1774433000,
         "delivery": verp.delivery_mark(row.pk)}
        for n in range(50)
    ]  # fmt: skip
    events = [
        {"msys": {"message_event": {"type": "delivery", "event_id": event["sg_event_id"], "timestamp": "1774433000",
                                    "rcpt_meta": {"delivery": event["delivery"]}}}}
        for event in payload
    ]  # fmt: skip
    with django_assert_max_num_queries(2):  # which campaign the site shows, and the events
        assert post("sparkpost", events).status_code == 200
    assert ProviderEvent.objects.filter(delivery=row).count() == 50


def test_a_notification_about_several_recipients_is_several_events(row):
    bounced = [{"emailAddress": f"r{n}@example.net", "diagnosticCode": "smtp; 550 5.7.1 no"} for n in range(2)]
    view_events = [
        AnymailTrackingEvent(event_type="bounced", event_id="one", message_id="m", recipient=one["emailAddress"])
        for one in bounced
    ]
    names = [report.event_id for report in webhooks.reports_of("amazon-ses", view_events, at=datetime.now(UTC))]
    assert names == ["one", "one/2"]


# --- Not believed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [None, {"Authorization": "Basic " + base64.b64encode(b"provider:wrong").decode()}, {"Authorization": "Basic ÿ"},
     {"Authorization": "Bearer long-and-random-secret"}, {"Authorization": "Basic"}],
)  # fmt: skip
def test_without_the_secret_nothing_is_written(row, headers, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):  # which campaign the site shows
        assert post("postmark", postmark(row), headers=headers).status_code == 400
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "payload",
    [
        lambda row: mailgun(row, key="another key"),
        lambda row: mailgun(row, age=3600),
        lambda row: mailgun(row, age=-3600),
        lambda row: mailgun(row, age=601),
        lambda row: {**mailgun(row), "signature": {"timestamp": "nan", "token": "t", "signature": ""}},
        lambda row: {**mailgun(row), "signature": None},
        lambda row: {"event-data": mailgun(row)["event-data"]},
    ],
    ids=["another key", "an hour old", "from the future", "601 s old", "no time", "null", "missing"],
)
def test_a_forged_or_old_signature_writes_nothing(row, payload):
    assert post("mailgun", payload(row), headers=BASIC).status_code == 400
    assert not ProviderEvent.objects.exists()


def test_a_signature_used_again_for_another_story_writes_nothing(row):
    """Mailgun's signature does not cover the body, so whoever saw one could tell anything with it."""
    seen = mailgun(row, "delivered")
    post("mailgun", seen, headers=None)
    post("mailgun", seen | {"event-data": mailgun(row, "complained")["event-data"]}, headers=None)

    assert ProviderEvent.objects.get().kind == "delivered"
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("provider", sorted(webhooks.PROVIDERS))
def test_a_provider_for_which_nothing_is_set_is_never_believed(row, settings, provider):
    settings.WEBHOOK_SECRETS, settings.WEBHOOK_KEYS = [], {}
    response = post(provider, postmark(row) if provider == "postmark" else mailgun(row))
    assert response.status_code == 400
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("provider", sorted(webhooks.PROVIDERS))
@pytest.mark.parametrize("payload", [{}, [], None, 7, b"", b"\xff", b"[" * 100_000], ids=repr)
def test_what_cannot_be_read_is_refused_by_every_provider(row, provider, payload):
    response = post(provider, payload)
    assert response.status_code in {200, 400}
    assert not ProviderEvent.objects.exists()


def test_a_provider_that_nobody_knows_is_not_found(row):
    assert post("pigeon", postmark(row)).status_code == 404


@pytest.mark.parametrize("provider", sorted(webhooks.PROVIDERS))
@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_only_a_post_reports(row, provider, method, django_assert_max_num_queries):
    probe = webhooks.PROVIDERS[provider].probe.lower()
    with django_assert_max_num_queries(1):
        response = getattr(Client(), method)(at(provider), headers=BASIC)
    assert response.status_code == (200 if method == probe else 405)
    assert not ProviderEvent.objects.exists()


def test_a_report_needs_no_csrf_token(row):
    response = Client(enforce_csrf_checks=True).post(
        at("postmark"), json.dumps(postmark(row)), content_type="application/json", headers=BASIC
    )
    assert response.status_code == 200


def test_ten_megabytes_are_refused_unread(row):
    def unread(*args: Any) -> bytes:
        raise AssertionError("It was read.")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    request = RequestFactory().post(at("postmark"), b"x", content_type="application/json", headers=BASIC)
    request.META["CONTENT_LENGTH"] = "10000000"
    request._stream = type("Stream", (), {"read": unread, "readline": unread})()  # type: ignore[attr-defined]
    assert webhooks.report(request, "postmark").status_code == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5_000  # kB


def test_a_refused_page_is_no_traceback_in_the_log(caplog, client, fiona):
    client.force_login(fiona)

    with caplog.at_level(logging.NOTSET, logger=""):
        assert client.get(reverse("admin:delivery_preflight_changelist")).status_code == 403

    assert not [record for record in caplog.records if record.name == "django.request"]


def test_signed_form_posts_are_believed(row):
    """Mandrill signs its address and form, and looks with HEAD whether anyone is there."""
    events = json.dumps([{"event": "hard_bounce", "_id": "m1", "ts": 1774433000, "msg": {
        "email": "r@example.net", "diag": "smtp;550 5.1.1 unknown", "metadata": {"delivery": verp.delivery_mark(row.pk)}}}])  # fmt: skip
    where = f"http://testserver{at('mandrill')}"
    signature = base64.b64encode(
        hmac.new(KEY.encode(), f"{where}mandrill_events{events}".encode(), hashlib.sha1).digest()
    ).decode()
    for headers, status in (
        (None, 400),
        ({"X-Mandrill-Signature": "x"}, 400),
        ({"X-Mandrill-Signature": signature}, 200),
    ):
        response = Client().post(at("mandrill"), {"mandrill_events": events}, headers=headers)
        assert response.status_code == status
    assert ProviderEvent.objects.get().kind == "bounced"


# --- Bad input of every shape ------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
FIELDS = st.dictionaries(
    st.sampled_from(["RecordType", "MessageID", "ID", "Type", "Details", "Metadata", "DeliveredAt", "Email", "Recipient"]),
    SCALARS
    | st.sampled_from(["Bounce", "Delivery", "SpamComplaint", "HardBounce", "a\x00b", "\ud800", "2026-03-25T10:00:07Z",
                       "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "x" * 500, 10**400])
    | st.dictionaries(st.just("delivery"), SCALARS),
)  # fmt: skip


@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(provider=st.sampled_from(["postmark", "brevo", "mailjet", "sparkpost", "resend"]), payload=FIELDS | JSON)
@example(
    provider="postmark",
    payload={"RecordType": "Delivery", "MessageID": "\x00\ud800", "Metadata": {"delivery": "1.\ud800"}},
)
@example(provider="postmark", payload={"RecordType": "Bounce", "ID": "\x00", "Details": "\x00 550 5.1.1"})
@example(provider="brevo", payload={"event": "delivered", "ts_epoch": 10**30, "message-id": "x"})
@example(provider="mailjet", payload=[{"event": "sent", "time": -(10**18)}])
def test_no_payload_breaks_it(row, provider, payload):
    response = post(provider, json.dumps(payload).encode())
    assert response.status_code in {200, 400}
    assert not ProviderEvent.objects.exclude(delivery=None).exists()


# --- Amazon ------------------------------------------------------------------------------------------------------

CERTIFICATE_URL = "https://sns.eu-north-1.amazonaws.com/SimpleNotificationService-abc.pem"


@pytest.fixture(scope="module")
def amazon() -> rsa.RSAPrivateKey:
    """The key that signs in these tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def fetched(amazon: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let Amazon's certificate be had; gives the addresses that were asked for."""
    cache.clear()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(amazon.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(amazon, hashes.SHA256())
    )
    asked: list[str] = []
    real = sns.fetch

    def fetch(url: str) -> bytes:
        if not url.startswith("https://sns.eu-north-1.amazonaws.com/"):
            return real(url)  # refuses by itself
        asked.append(url)
        return certificate.public_bytes(serialization.Encoding.PEM)

    monkeypatch.setattr(sns, "fetch", fetch)
    return asked


def notification(
    row: Delivery, key: rsa.RSAPrivateKey, *, kind: str = "Notification", **changed: Any
) -> dict[str, Any]:
    """Return what Amazon posts, signed; `changed` after signing."""
    event = {
        "eventType": "Bounce",
        "mail": {
            "messageId": "ses-1",
            "destination": ["r@example.net"],
            "headers": [{"name": "X-Metadata", "value": json.dumps({"delivery": verp.delivery_mark(row.pk)})}],
        },
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": "r@example.net", "diagnosticCode": "smtp; 550 5.1.1 unknown"}],
        },
    }
    message = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:eu-north-1:123456789012:bounces",
        "Message": json.dumps(event),
        "Timestamp": "2026-03-25T10:00:07.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
    }
    if kind != "Notification":
        message |= {"Token": "tok", "SubscribeURL": "https://sns.eu-north-1.amazonaws.com/?Action=ConfirmSubscription"}
    text = "".join(f"{name}\n{message[name]}\n" for name in sns.SIGNED[kind] if name in message)
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return message | {"Signature": base64.b64encode(signature).decode()} | changed


def notify(message: dict[str, Any], *, headers: dict[str, str] | None = BASIC) -> Any:
    """Post a notification with the headers that Amazon gives it."""
    names = {"X-Amz-Sns-Message-Type": message["Type"], "X-Amz-Sns-Message-Id": message["MessageId"]}
    return post("amazon-ses", message, headers=names | (headers or {}))


def test_what_amazon_signed_is_believed_and_its_certificate_fetched_once(row, amazon, fetched):
    assert notify(notification(row, amazon)).status_code == 200
    assert notify(notification(row, amazon)).status_code == 200

    assert ProviderEvent.objects.get().delivery_id == row.pk
    assert Suppression.objects.count() == 1
    assert fetched == [CERTIFICATE_URL]


def test_amazon_shows_the_secret_only_when_it_is_asked(row, amazon, fetched):
    response = notify(notification(row, amazon), headers=None)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Basic")
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"Message": "{}"},
        {"Signature": "AAAA"},
        {"SignatureVersion": "3"},
        {"SigningCertURL": "https://sns.eu-north-1.amazonaws.com.example.com/a.pem"},
        {"SigningCertURL": "http://sns.eu-north-1.amazonaws.com/a.pem"},
        {"SigningCertURL": "https://sns.eu-north-1.amazonaws.com@example.com/a.pem"},
        {"SigningCertURL": "https://sns.eu-north-1.amazonaws.com/a.txt"},
        {"SigningCertURL": None},
    ],
    ids=str,
)
def test_what_amazon_did_not_sign_writes_nothing(row, amazon, fetched, changed):
    assert notify(notification(row, amazon, **changed)).status_code == 400
    assert not ProviderEvent.objects.exists()


def test_amazons_signature_without_our_secret_writes_nothing(row, amazon, fetched):
    """Anyone can have Amazon sign a topic of their own."""
    wrong = {"Authorization": "Basic " + base64.b64encode(b"provider:wrong").decode()}
    assert notify(notification(row, amazon), headers=wrong).status_code == 400
    assert not ProviderEvent.objects.exists()
    assert fetched == []


def test_while_amazons_certificate_cannot_be_had_the_report_should_come_again(row, amazon, fetched, monkeypatch):
    def away(url: str) -> bytes:
        raise ConnectionError("Amazon did not answer.")

    monkeypatch.setattr(sns, "fetch", away)
    assert notify(notification(row, amazon)).status_code == 503
    assert not ProviderEvent.objects.exists()


def test_a_subscription_is_confirmed_when_amazon_signed_it(row, amazon, fetched):
    assert notify(notification(row, amazon, kind="SubscriptionConfirmation")).status_code == 200
    assert fetched == [CERTIFICATE_URL, "https://sns.eu-north-1.amazonaws.com/?Action=ConfirmSubscription"]


def test_a_subscription_of_somebody_else_is_not_confirmed(row, amazon, fetched):
    message = notification(
        row, amazon, kind="SubscriptionConfirmation", SubscribeURL="https://example.com/?Action=ConfirmSubscription"
    )
    assert notify(message).status_code == 400
    assert fetched == [CERTIFICATE_URL]


# --- Mails that are posted ---------------------------------------------------------------------------------------


def send_mail(raw: bytes, *to: str, headers: dict[str, str] | None = BASIC) -> Any:
    """Post a mail."""
    where = reverse("webhooks:mail", query={"to": list(to)} if to else None)
    return as_read(Client().post(where, raw, content_type="message/rfc822", headers=headers or {}))


DELIVERY_REPORT = (
    b"From: MAILER-DAEMON@mx.example.net\nTo: bounces@example.org\nMIME-Version: 1.0\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
    b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
    b"Final-Recipient: rfc822; r@example.net\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
)


def test_a_bounce_that_is_posted_is_taken(row, read_at_once):  # noqa: F811
    response = send_mail(DELIVERY_REPORT, verp.return_path(row.pk, "bounces@example.org"))
    assert (response.status_code, response.content) == (200, b"report")
    row.refresh_from_db()
    assert row.receipt == Delivery.Receipt.BOUNCED
    assert Recipient.objects.filter(pk=row.recipient_id).deliverable().exists(), "nobody vouches for a mail"


def test_a_mail_without_the_secret_is_refused(row):
    mark = verp.return_path(row.pk, "bounces@example.org")
    assert send_mail(DELIVERY_REPORT, mark, headers=None).status_code == 400
    row.refresh_from_db()
    assert row.receipt == Delivery.Receipt.NONE


def test_what_is_no_mail_is_refused(row):
    assert send_mail(b"").status_code == 400


def test_a_look_at_the_address_for_mails_changes_nothing(row):
    assert Client().get(reverse("webhooks:mail"), headers=BASIC).status_code == 405


def test_a_request_and_a_mail_may_be_equally_long():
    from django.conf import settings

    assert webhooks.LARGEST == return_path_mails.LARGEST < settings.DATA_UPLOAD_MAX_MEMORY_SIZE


# --- Deployment -----------------------------------------------------------------------------------------------------


def codes() -> set[str]:
    """Return what the deployment check finds about webhooks."""
    from operations import deploy_checks

    return {code for code, _says, _hint in deploy_checks.webhooks()}


def test_a_provider_whose_reports_nobody_could_believe_is_refused_at_deployment(settings):
    settings.MAIL = {"esp": "mailgun", "host": "mailgun", "port": 443}
    settings.BACKUP_MAIL = {"esp": "postmark", "host": "postmark", "port": 443}
    assert codes() == set()

    settings.WEBHOOK_KEYS = {}
    assert codes() == {"E011"}

    settings.WEBHOOK_KEYS, settings.WEBHOOK_SECRETS = {"mailgun": KEY}, []
    assert codes() == {"E011"}


def test_a_secret_that_can_be_guessed_is_refused_at_deployment(settings):
    settings.WEBHOOK_SECRETS = ["provider:short"]
    assert codes() == {"E012"}


@pytest.mark.parametrize("value", ["no-colon", "a:b,c", ":", "a:"])
def test_a_secret_that_is_no_pair_stops_the_start(monkeypatch, value):
    from config import env

    monkeypatch.setenv("WEBHOOK_SECRETS", value)
    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_SECRETS should be user:password"):
        env.webhook_secrets("WEBHOOK_SECRETS")


@pytest.mark.parametrize("value", ["pigeon=key", "mailgun", "mailgun=", "mailgun=k,oops"])
def test_a_key_of_nobody_stops_the_start(monkeypatch, value):
    from config import env

    monkeypatch.setenv("WEBHOOK_KEYS", value)
    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_KEYS should be provider=key"):
        env.webhook_keys("WEBHOOK_KEYS")


def test_a_key_may_hold_what_base64_does(monkeypatch):
    from config import env

    monkeypatch.setenv("WEBHOOK_KEYS", "sendgrid=MFkwEw+/abc==, mailgun=k")
    assert env.webhook_keys("WEBHOOK_KEYS") == {"sendgrid": "MFkwEw+/abc==", "mailgun": "k"}
