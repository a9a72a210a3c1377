"""Notifications: encrypted for one device, signed with our key, and what a push service's answers mean."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from delivery.fanout import fanout
from delivery.message.addresses import Unaddressable
from delivery.message.mime import Person
from delivery.models import Channel, Delivery, Message, Suppression, Wanted
from delivery.sending import worker
from delivery.transports.push import subscriptions, transport, vapid
from delivery.transports.push.encryption import encrypted
from delivery.transports.push.notification import PAGE, payload_of
from delivery.transports.push.transport import PushTransport
from lib.http import safe_fetch
from tests.delivery.fanout.test_channels import address_of, people_of
from tests.support.builders import NOON, build_audience, build_campaign, build_mailing, build_send, states_of
from tests.support.providers.push_service import Browser, PushService, claims_of, to_octets

pytestmark = pytest.mark.django_db
State = Delivery.State
PRIVATE, PUBLIC = vapid.new_pair()


@pytest.fixture
def service(settings):
    settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = PRIVATE, "mailto:desk@example.org"
    settings.TRANSPORTS = {**settings.TRANSPORTS, "push": "push"}
    transport.forget()
    with PushService() as running:
        settings.FETCH_ALLOW = [running.place]
        yield running
    transport.forget()


@pytest.fixture
def live():
    return build_campaign("live", mode="live")


def said(campaign, *, text="Boil your water.", queue="urgent", **mailing):
    """Return a frozen notification."""
    made = build_mailing(campaign, mailing.pop("key", "m"), queue=queue, **mailing)
    message = Message(mailing=made, channel=Channel.PUSH, language="fi", subject="Vesi", text=text)
    message.headers = {PAGE: "https://x.test/fi/portal/bulletins/6/"}
    Message.objects.freeze([message])
    return message


def envelopes(push, message, *addresses):
    compiled = push.compiled(message, at=NOON)
    return [push.prepare(compiled, Person(n, n, one, "", "")) for n, one in enumerate(addresses, start=1)]


def test_the_example_of_rfc_8291_comes_out_octet_for_octet():
    own = ec.derive_private_key(
        int.from_bytes(to_octets("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        key=to_octets("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        secret=to_octets("BTBZMqHH6r4Tts7J_aSIgg"),
        own=own,
        salt=to_octets("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert body == to_octets(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_device_alone_reads_its_notification_and_the_service_knows_who_we_are(service, live):
    ann, ben = Browser(), Browser()
    push, first = PushTransport("push"), said(live)
    newer = said(live, key="m2", queue="bulletin", thread=first.mailing)

    window = envelopes(
        push, first, ann.address(service.endpoint("a"), PUBLIC), ben.address(service.endpoint("b"), PUBLIC)
    )
    outcomes = list(push.send([*window, *envelopes(push, newer, ann.address(service.endpoint("a"), PUBLIC))]))
    push.close()

    assert [one.state for one in outcomes] == [State.ACCEPTED] * 3 and outcomes[0].provider_id == "/message/1"
    assert service.connections == 1, "kept open"
    one, _other, correction = service.got
    shown = ann.opened(one.body)
    assert shown["web_push"] == 8030
    assert shown["notification"]["body"] == "Boil your water."
    assert shown["notification"]["navigate"] == "https://x.test/fi/portal/bulletins/6/"
    assert (one.headers["Urgency"], correction.headers["Urgency"]) == ("high", "normal")
    assert one.headers["Topic"] == correction.headers["Topic"] == ann.opened(correction.body)["notification"]["tag"]
    assert int(one.headers["TTL"]) == 24 * 3600 and one.headers["Content-Encoding"] == "aes128gcm"
    claims = claims_of(one.headers["Authorization"])
    assert claims["aud"] == f"http://{service.place}" and claims["sub"] == "mailto:desk@example.org"
    assert one.headers["Authorization"].endswith(f"k={PUBLIC}")


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        ((410, {}), State.FAILED, "410 5.1.1"),
        ((404, {}), State.FAILED, "404 5.1.1"),
        ((413, {}), State.FAILED, "413"),
        ((400, {}), State.FAILED, "400"),
        ((401, {}), State.FAILED, "401"),  # of a service that anybody may run
        ((429, {"Retry-After": "120"}), State.DEFERRED, "429"),
        ((503, {}), State.DEFERRED, "503"),
        ((502, {}), State.UNKNOWN, "502"),
        (None, State.UNKNOWN, ""),
    ],
)
def test_what_a_service_answers_is_an_outcome(service, live, answer, state, code):
    service.next.append(answer)
    push = PushTransport("push")
    here = Browser().address(service.endpoint("a"), PUBLIC)

    first, second = push.send(envelopes(push, said(live), here, here))

    assert (first.state, first.code, first.about_mailer) == (state, code, False)
    if state == State.DEFERRED:
        wait = 120 if code == "429" else transport.REST_SECONDS
        assert first.retry_after == wait and second.retry_after == pytest.approx(wait, abs=1)
        assert len(service.got) == 1, "nobody is asked during a pause"
    else:
        assert second.state == State.ACCEPTED


def test_nothing_goes_inside_whatever_the_name_says_later_nor_without_tls_nor_by_an_older_key(
    service, live, monkeypatch
):
    push, message = PushTransport("push"), said(live)
    rebound = Browser().address("https://push.example.test/a", PUBLIC)
    monkeypatch.setattr(safe_fetch.socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("10.0.0.5", 443))])
    for bad in (
        "http://push.example.test/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://10.0.0.5/",
        "ftp://a.test/",
    ):
        given = Browser().address(bad)
        with pytest.raises(subscriptions.BadSubscription):
            subscriptions.accepted(given, ours=PUBLIC)
    for broken in ("", "{}", "[]", '{"endpoint":1,"p256dh":"","auth":""}', '{"endpoint":"https://a.test/"}'):
        with pytest.raises(Unaddressable):
            envelopes(push, message, broken)

    inside = Browser().address("https://127.0.0.1:1/a", PUBLIC)
    other_key = Browser().address(service.endpoint("a"), vapid.new_pair()[1])
    outcomes = list(push.send(envelopes(push, message, rebound, inside, other_key)))

    assert [(one.state, one.code) for one in outcomes] == [(State.FAILED, "5.1.1")] * 3 and not service.got


def test_a_service_that_is_away_keeps_no_other_waiting(service, live):
    push = PushTransport("push")
    away = Browser().address("http://127.0.0.1:9/a", PUBLIC)
    safe_fetch.settings.FETCH_ALLOW.append("127.0.0.1:9")

    outcomes = list(
        push.send(envelopes(push, said(live), away, away, Browser().address(service.endpoint("a"), PUBLIC)))
    )

    assert [one.state for one in outcomes] == [State.DEFERRED, State.DEFERRED, State.ACCEPTED]


def test_a_long_text_is_cut_to_what_every_service_takes(live):
    octets = payload_of(said(live, text="Ä🙂" * 3000))
    assert 3000 < len(octets) <= 3993 and "…" in octets.decode()


def test_a_device_that_is_gone_is_suppressed_and_the_next_notification_passes_it_over(service, live):
    audience = build_audience(live, size=2, languages=["fi"], kind="influencers")
    ann, ben = people_of(audience)
    phone, tablet, gone = Browser(), Browser(), Browser()
    address_of(ann, phone.address(service.endpoint("phone"), PUBLIC), Wanted.URGENT, channel=Channel.PUSH)
    address_of(ann, tablet.address(service.endpoint("tablet"), PUBLIC), Wanted.URGENT, channel=Channel.PUSH)
    dead = address_of(ben, gone.address(service.endpoint("gone"), PUBLIC), Wanted.URGENT, channel=Channel.PUSH)
    service.next.extend([(201, {}), (201, {}), (410, {})])
    sends = []
    for key in ("one", "two"):
        send = build_send(audience, mailing=said(live, key=key).mailing, channel=Channel.PUSH, slot_key=key)
        fanout.fan_out(send, at=NOON)
        worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=1))
        sends.append(states_of(send))
        assert Suppression.objects.filter(address_hash=dead.address_hash).exists()

    assert sends == [{State.ACCEPTED: 2, State.FAILED: 1}, {State.ACCEPTED: 2, State.SUPPRESSED: 1}]
    assert [one.path for one in service.got[3:]] == ["/push/phone", "/push/tablet"]
