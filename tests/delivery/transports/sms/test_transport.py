"""Text messages by two providers: what leaves, and what each kind of answer says of a message."""

from datetime import timedelta

import pytest

from campaigns.models import Campaign
from delivery.fanout import fanout
from delivery.message import verp
from delivery.message.addresses import Unaddressable
from delivery.message.mime import Envelope, Person
from delivery.models import Channel, ChannelChoice, Delivery, Message, Recipient, Suppression, Wanted
from delivery.sending import worker
from delivery.transports.sms.transport import SMSTransport, TooManyParts
from tests.support.builders import NOON, agree, build_audience, build_campaign, build_mailing, build_send, states_of
from tests.support.providers.sms_provider import FakeSMS
from tests.support.system_parts import free_port

State = Delivery.State
HTML = "<html><body>502 Bad Gateway: +358 40 123 4567</body></html>"


@pytest.fixture(params=["twilio", "json"])
def provider(request, settings):
    """The fake as each kind of provider."""
    with FakeSMS() as fake:
        use(settings, fake, request.param)
        yield fake


@pytest.fixture
def twilio(settings):
    with FakeSMS() as fake:
        use(settings, fake, "twilio")
        yield fake


def use(settings, fake, kind):
    settings.SMS = {"sms": fake.way(kind)}
    settings.TRANSPORTS = {**settings.TRANSPORTS, "sms": "sms"}
    settings.FETCH_ALLOW = [f"127.0.0.1:{fake.port}"]
    settings.PUBLIC_URL = "https://crisis.test"


def sent(*numbers, transport=None):
    """Return the outcomes of messages to these numbers."""
    one = transport or SMSTransport("sms")
    window = [Envelope(key, "", number, "Keitä vesi. €".encode()) for key, number in enumerate(numbers, start=1)]
    found = list(one.send(window))
    one.close()
    return found


def test_a_message_leaves_and_the_providers_name_for_it_is_kept(provider):
    [first, second] = sent("+358401234567", "+358401234568")

    assert (first.state, first.code, first.delivery_id) == (State.ACCEPTED, "201", 1)
    assert first.provider_id != second.provider_id and first.provider_id.startswith("SM")
    number, text, headers, fields = provider.came[0]
    assert (number, text) == ("+358401234567", "Keitä vesi. €")
    assert headers["Authorization"] == "Basic QUMxOnM="
    if "To" in fields:
        assert fields["From"] == "Nokia"
        assert (
            fields["StatusCallback"] == f"https://crisis.test/webhooks/sms/sms/report/?delivery={verp.delivery_mark(1)}"
        )
    else:
        assert fields["from"] == "Nokia" and fields["reference"] == verp.delivery_mark(1)


def test_a_second_attempt_has_the_same_key(settings):
    with FakeSMS() as fake:
        use(settings, fake, "json")
        sent("+358401234567")
        sent("+358401234567")
        for code in ("123456", "654321"):  # in no ledger: the second is another message
            list(SMSTransport("sms").send([Envelope(0, "", "+358401234567", code.encode())]))
    first, second, third, fourth = (headers["Idempotency-Key"] for _number, _text, headers, _fields in fake.came)
    assert first == second and len({second, third, fourth}) == 3


def test_a_messaging_service_is_named_as_one(settings):
    with FakeSMS() as fake:
        use(settings, fake, "twilio")
        settings.SMS = {"sms": fake.way("twilio", sender=f"MG{'0' * 32}")}
        sent("+358401234567")
    assert fake.came[0][3]["MessagingServiceSid"] == f"MG{'0' * 32}" and "From" not in fake.came[0][3]


@pytest.mark.parametrize(
    ("code", "status", "state", "says", "about_mailer"),
    [
        (21211, 400, State.FAILED, "21211 5.1.1", False),
        (21614, 400, State.FAILED, "21614 5.1.1", False),
        (21610, 400, State.FAILED, "21610 5.1.0", False),
        (21617, 400, State.FAILED, "21617 5.6.0", False),
        (29999, 400, State.FAILED, "29999", False),
        (21606, 400, State.DEFERRED, "400", True),
        (20003, 401, State.DEFERRED, "401", True),
        (20404, 404, State.DEFERRED, "404", True),
        (20429, 429, State.DEFERRED, "429", True),
        (21611, 400, State.DEFERRED, "429", True),
        (20500, 500, State.UNKNOWN, "500", False),
    ],
)
def test_an_error_of_the_provider_says_what_became_of_it(twilio, code, status, state, says, about_mailer):
    twilio.error(code, "The 'To' number +358 40 1234567 is not a valid phone number.", status)

    [outcome] = sent("+358401234567")

    assert (outcome.state, outcome.code, outcome.about_mailer) == (state, says, about_mailer)
    assert "1234567" not in outcome.detail


@pytest.mark.parametrize(("status", "state"), [(200, State.UNKNOWN), (400, State.UNKNOWN), (502, State.UNKNOWN)])
def test_a_page_instead_of_json_says_nothing(provider, status, state):
    provider.reply(status, HTML, Content_Type="text/html")

    [outcome] = sent("+358401234567")

    assert outcome.state == state and not outcome.about_mailer and not outcome.provider_id


@pytest.mark.parametrize("content", ["[]", "{", "[" * 9000, '{"sid": 7, "id": ["x"]}', '{"id": null}', ""])
def test_an_answer_without_a_name_says_nothing(settings, content):
    with FakeSMS() as fake:
        use(settings, fake, "json")
        fake.reply(202, content)
        [outcome] = sent("+358401234567")
    assert outcome.state == State.UNKNOWN


def test_a_lost_reply_is_unknown_and_what_never_left_is_not_sent(provider, settings):
    provider.drop(kept=True)
    [lost] = sent("+358401234567")
    settings.SMS = {"sms": {**settings.SMS["sms"], "url": f"http://127.0.0.1:{(port := free_port())}/"}}
    settings.FETCH_ALLOW = [f"127.0.0.1:{port}"]
    [away, rest] = sent("+358401234567", "+358401234568")
    settings.FETCH_ALLOW = []
    [private] = sent("+358401234567")

    assert lost.state == State.UNKNOWN and len(provider.came) == 1
    assert [one.state for one in (away, rest, private)] == [State.DEFERRED] * 3
    assert all(one.about_mailer for one in (away, rest, private))


def test_a_pause_is_kept_and_a_redirect_is_not_followed(provider):
    provider.reply(429, {"code": 20429, "error": "too_fast"}, Retry_After="7")
    [slow, rest] = sent("+358401234567", "+358401234568")
    provider.reply(307, "", Location="http://127.0.0.1:1/elsewhere")
    [moved] = sent("+358401234567")

    assert (slow.state, slow.retry_after, rest.retry_after) == (State.DEFERRED, 7.0, 7.0)
    assert moved.state == State.DEFERRED and moved.about_mailer and not provider.came


def test_what_is_no_number_and_what_is_too_long_is_not_sent(provider):
    one = SMSTransport("sms")
    with pytest.raises(Unaddressable):
        one.prepare("text", Person(1, 1, "040 123", "", ""))
    with pytest.raises(TooManyParts):
        one.compiled(Message(text="x" * 1600), at=NOON)


@pytest.mark.django_db
def test_a_send_goes_to_the_numbers_and_one_that_does_not_exist_is_suppressed(twilio):
    campaign = build_campaign("live", mode=Campaign.Mode.LIVE)
    audience = build_audience(campaign, size=3, language="fi", kind="influencers")
    for n, person in enumerate(Recipient.objects.filter(memberships__audience=audience).order_by("pk")):
        phone = Recipient.objects.create(channel="sms", address=f"+35840123456{n}", person=person, language="fi")
        agree([phone])
        ChannelChoice.objects.create(recipient=phone, wants=Wanted.URGENT)
    mailing = build_mailing(campaign, queue="urgent")
    Message.objects.freeze([Message(mailing=mailing, channel=Channel.SMS, language="fi", subject="t", text="Keitä.")])
    send = build_send(audience, mailing=mailing, channel=Channel.SMS)
    fanout.fan_out(send, at=NOON)
    twilio.error(21614, "'To' number is not a valid mobile number")

    worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=1))

    assert states_of(send) == {State.ACCEPTED: 2, State.FAILED: 1}
    assert len(twilio.came) == 2 and set(twilio.count.values()) == {1}
    gone = Recipient.objects.get(deliveries__send=send, deliveries__state=State.FAILED)
    assert Suppression.objects.get().address_hash == gone.address_hash
