"""Through a provider's API: many in one call, everyone's own values, and no outcome but what is known."""

import json
from datetime import timedelta
from typing import Any, cast

import pytest
import requests
from anymail.exceptions import AnymailAPIError
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import mailers

from campaigns.models import Campaign
from delivery.message.addresses import Unaddressable
from delivery.message.mime import Compiled, Envelope, Person
from delivery.message.personal_fields import field
from delivery.message.verp import delivery_of_mark
from delivery.models import Delivery, Mailing, Message, Recipient
from delivery.reports import ledger
from delivery.sending import worker
from delivery.transports.mail import esp, esp_faults
from delivery.transports.mail.providers import PROVIDERS, provider_of
from delivery.transports.transport import Outcome, transport_for
from operations import doctor
from operations.doctor import CheckFailed
from tests.support.builders import NOON, build_audience, build_campaign, build_fanned_out_send, build_mailing, states_of
from tests.support.providers.esp_server import FakeESP
from tests.support.system_parts import free_port

pytestmark = pytest.mark.django_db

State = Delivery.State

TEXT = f"Hei {field('name')}! {field('read_url')}\nEi enää: {field('unsubscribe_url')}\n"
HTML = f"<p>Hei {field('name')}!</p><a href='{field('read_url')}'>.</a><a href='{field('unsubscribe_url')}'>.</a>"
KEYS = {
    "API_KEY": "key",
    "API_TOKEN": "key",
    "SECRET_KEY": "key",
    "SERVER_TOKEN": "key",
    "PROJECT_ID": "project",
}


def use(settings: Any, name: str, url: str) -> None:
    """Let the first mailer be a provider whose API is at `url`."""
    settings.MAILERS = {
        **settings.MAILERS,
        "default": {"BACKEND": f"anymail.backends.{name}.EmailBackend"},
    }
    settings.TRANSPORTS = {**settings.TRANSPORTS, "default": "esp"}
    settings.MAIL = {"esp": name, "host": name, "port": 443}
    settings.PREFLIGHT = False
    prefix = name.upper()
    settings.ANYMAIL = {f"{prefix}_API_URL": url, "REQUESTS_TIMEOUT": (3, 3)} | {
        f"{prefix}_{key}": value for key, value in KEYS.items()
    }


@pytest.fixture
def provider(settings):
    """Mailgun, as it were, as the first mailer."""
    with FakeESP() as fake:
        use(settings, "mailgun", fake.url)
        yield fake


@pytest.fixture
def live(db):
    """A live campaign: an exercise never leaves by a provider."""
    return build_campaign("live", mode=Campaign.Mode.LIVE, sender_email="bulletins@crisis.test")


@pytest.fixture
def make_transport():
    """The transport, as a worker has it."""
    transports = []

    def make() -> esp.ESPTransport:
        transports.append(cast(esp.ESPTransport, transport_for("default")))
        return transports[-1]

    yield make
    for transport in transports:
        transport.close()


def message_of(campaign: Campaign, language: str = "fi", **fields: Any) -> Message:
    """Return a frozen message with personal fields."""
    mailing = build_mailing(campaign, **{"text": TEXT, "html": HTML} | fields)
    return mailing.messages.select_related("mailing__campaign").get(language=language)


def person(number: int, **fields: Any) -> Person:
    """Return one of many."""
    values: dict[str, Any] = {
        "delivery_id": number,
        "recipient_id": number,
        "email": f"reader{number}@example.net",
        "name": f"Lukija {number}",
        "unsubscribe_url": f"https://bulletins.test/leave/{number}/",
        "read_url": f"https://bulletins.test/read/{number}/",
    }
    return Person(**values | fields)


def prepared(transport: esp.ESPTransport, message: Message, *people: Person) -> list[Envelope]:
    """Return the window that the loop would hand over."""
    compiled = Compiled(message, at=NOON)
    return [transport.prepare(compiled, one) for one in people]


def by_id(outcomes: Any) -> dict[int, Outcome]:
    """Return outcomes by their delivery; each has exactly one."""
    found = list(outcomes)
    assert len({one.delivery_id for one in found}) == len(found)
    return {one.delivery_id: one for one in found}


class TestManyInOneCall:
    """Batches by merge_data."""

    def test_everybody_gets_their_own_values_in_one_call(self, provider, live, make_transport):
        transport = make_transport()
        window = prepared(transport, message_of(live), *map(person, range(1, 1001)))

        found = by_id(transport.send(window))

        assert {one.state for one in found.values()} == {State.ACCEPTED} and len(found) == 1000
        assert provider.calls == [1000] and len(provider.count) == 1000 and not provider.duplicates
        one = provider.to("reader7@example.net")
        assert one.to == "Lukija 7 <reader7@example.net>"
        assert one.text == "Hei Lukija 7! https://bulletins.test/read/7/\nEi enää: https://bulletins.test/leave/7/\n"
        assert "<p>Hei Lukija 7!</p><a href='https://bulletins.test/read/7/'>" in one.html
        assert found[7].provider_id == "<1@mailgun.test>"

    def test_the_headers_of_bulk_mail_are_there(self, provider, live, make_transport):
        transport = make_transport()
        list(transport.send(prepared(transport, message_of(live), person(1), person(2))))

        headers = {name.lower(): value for name, value in provider.to("reader2@example.net").headers.items()}
        assert headers["list-unsubscribe"].startswith("<https://bulletins.test/leave/2/>, <mailto:bounces+")
        assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert headers["message-id"].startswith("<2.") and headers["message-id"].endswith("@crisis.test>")
        assert headers["reply-to"] == "liaison@example.org"
        assert headers["precedence"] == "bulk" and headers["content-language"] == "fi"
        assert "date" not in headers and "subject" not in headers and "from" not in headers

    def test_the_mark_comes_back_with_receipts(self, provider, live, make_transport):
        transport = make_transport()
        list(transport.send(prepared(transport, message_of(live), person(1), person(2))))

        marks = {one.recipient: one.metadata["delivery"] for one in provider.caught}
        assert delivery_of_mark(marks["reader2@example.net"]) == 2

    def test_a_name_is_escaped_in_html_only(self, provider, live, make_transport):
        transport = make_transport()
        name = 'Åsa "Ö" <b>O\'Hara</b> & 50 % off, {{x}} %recipient.read_url'
        list(transport.send(prepared(transport, message_of(live), person(1, name=name), person(2))))

        one = provider.to("reader1@example.net")
        assert one.text.startswith(f"Hei {name}! https:")
        assert "<b>" not in one.html and "&lt;b&gt;O&#x27;Hara" in one.html
        assert provider.calls == [2]

    def test_what_looks_like_a_placeholder_is_none(self, provider, live, make_transport):
        transport = make_transport()
        text = f"{TEXT}Write %recipient.email% or {{{{name}}}}.\n"
        list(transport.send(prepared(transport, message_of(live, text=text), person(1), person(2))))

        assert "%\u2060recipient.email% or {{name}}" in provider.to("reader1@example.net").text

    def test_languages_and_corrections_go_in_calls_of_their_own(self, provider, live, make_transport):
        transport = make_transport()
        mailing = build_mailing(live, text=TEXT, html=HTML)
        finnish, swedish = (
            mailing.messages.select_related("mailing__campaign").get(language=code) for code in ("fi", "sv")
        )
        window = [
            *prepared(transport, finnish, person(1), person(2, earlier_id=77)),
            *prepared(transport, swedish, person(3), person(4)),
        ]

        assert {one.state for one in by_id(transport.send(window)).values()} == {State.ACCEPTED}

        assert sorted(provider.calls) == [1, 1, 2]
        headers = {one.recipient: {name.lower() for name in one.headers} for one in provider.caught}
        assert {address for address, names in headers.items() if "in-reply-to" in names} == {"reader2@example.net"}
        subjects = {one.recipient: one.subject for one in provider.caught}
        assert subjects["reader1@example.net"] == finnish.subject
        assert subjects["reader3@example.net"] == swedish.subject

    def test_no_reader_is_watched(self, provider, live, make_transport, bodies):
        transport = make_transport()
        list(transport.send(prepared(transport, message_of(live), person(1))))

        assert 'name="o:tracking-opens"\r\n\r\nno\r\n' in bodies[0]
        assert 'name="o:tracking-clicks"\r\n\r\nno\r\n' in bodies[0]

    def test_one_session_lasts(self, provider, live, make_transport):
        transport = make_transport()
        message = message_of(live)
        for number in range(5):
            list(transport.send(prepared(transport, message, person(number + 1))))

        assert len(provider.calls) == 5 and provider.connections == 1

    def test_urgent_windows_are_small_and_the_others_as_large_as_the_provider_takes(
        self, settings, provider, make_transport
    ):
        transport = make_transport()
        assert (transport.batch(urgent=True), transport.batch(urgent=False)) == (50, 1000)
        use(settings, "mailjet", provider.url)
        assert (make_transport().batch(urgent=True), make_transport().batch(urgent=False)) == (50, 50)
        use(settings, "resend", provider.url)
        assert (make_transport().batch(urgent=True), make_transport().batch(urgent=False)) == (1, 1)


class TestAddresses:
    """One address never costs the others their mail."""

    @pytest.mark.parametrize(
        "address", ["åsa@example.org", "two words@example.org", "nobody", "a@b@", "x@exa mple.org"]
    )
    def test_one_that_is_none_is_refused_before_anything_is_sent(self, provider, live, make_transport, address):
        transport = make_transport()
        with pytest.raises(Unaddressable):
            prepared(transport, message_of(live), person(1, email=address))

    @pytest.mark.parametrize(
        ("address", "wire"),
        [
            ("O'Hara+news@Example.NET", "O'Hara+news@Example.NET"),
            ("asta@jyväskylä.example", "asta@xn--jyvskyl-7wae.example"),
            ('"two words"@example.org', '"two words"@example.org'),
            ("'@example.org", "'@example.org"),
        ],
    )
    def test_an_unusual_one_is_written_to(self, provider, live, make_transport, address, wire):
        transport = make_transport()
        found = by_id(transport.send(prepared(transport, message_of(live), person(1, email=address), person(2))))

        assert {one.state for one in found.values()} == {State.ACCEPTED}
        assert set(provider.count) == {wire, "reader2@example.net"}

    def test_one_that_the_provider_refuses_fails_alone(self, provider, live, make_transport):
        transport = make_transport()
        provider.reply(400, "'to' parameter is not a valid address: reader33@example.net", to="reader33@")

        found = by_id(transport.send(prepared(transport, message_of(live), *map(person, range(1, 101)))))

        assert {pk for pk, one in found.items() if one.state == State.FAILED} == {33}
        assert {one.state for pk, one in found.items() if pk != 33} == {State.ACCEPTED}
        assert found[33].code == "400" and "reader33" not in found[33].detail
        assert len(provider.count) == 99 and not provider.duplicates

    def test_a_message_that_the_provider_refuses_fails_without_a_call_for_each(self, provider, live, make_transport):
        transport = make_transport()
        provider.reply(422, "the message is too bad")

        found = by_id(transport.send(prepared(transport, message_of(live), *map(person, range(1, 1001)))))

        assert {one.state for one in found.values()} == {State.FAILED} and len(found) == 1000
        assert found[500].code == "422" and "too bad" in found[500].detail
        assert len(provider.calls) < 40 and not provider.caught

    def test_one_message_that_is_refused_costs_no_other_message(self, provider, live, make_transport):
        transport = make_transport()
        mailing = build_mailing(live, text=TEXT, html=HTML)
        finnish, swedish = (
            mailing.messages.select_related("mailing__campaign").get(language=code) for code in ("fi", "sv")
        )
        provider.reply(422, "the message is too bad", to="finn")
        provider.reply(400, "not an address", to="svensk1@")
        window = [
            *prepared(transport, finnish, *(person(n, email=f"finn{n}@example.net") for n in range(1, 21))),
            *prepared(transport, swedish, *(person(n, email=f"svensk{n - 20}@example.net") for n in range(21, 41))),
        ]

        found = by_id(transport.send(window))

        assert {pk for pk, one in found.items() if one.state == State.FAILED} == set(range(1, 22))
        assert len(provider.count) == 19 and not provider.duplicates


class TestOutcomes:
    """What a call that goes wrong says about the mails in it."""

    @pytest.fixture
    def send(self, provider, live, make_transport):
        """Hand a window of three over, and return the outcomes, all alike."""

        def send() -> Outcome:
            transport = make_transport()
            outcomes = list(transport.send(prepared(transport, message_of(live), *map(person, (1, 2, 3)))))
            assert [one.delivery_id for one in outcomes] == [1, 2, 3]
            assert len({(one.state, one.code, one.detail, one.retry_after, one.about_mailer) for one in outcomes}) == 1
            return outcomes[0]

        return send

    def test_a_provider_that_is_not_there_was_sent_nothing(self, settings, send):
        use(settings, "mailgun", f"http://127.0.0.1:{free_port()}/")
        outcome = send()
        assert outcome.state == State.DEFERRED and outcome.about_mailer and "could not be reached" in outcome.detail

    def test_a_name_that_is_not_found_was_sent_nothing(self, settings, send):
        use(settings, "mailgun", "http://nowhere.invalid/")
        outcome = send()
        assert outcome.state == State.DEFERRED and outcome.about_mailer

    def test_a_certificate_that_is_not_trusted_was_sent_nothing(self, settings, send, tls_server):
        use(settings, "mailgun", tls_server)
        outcome = send()
        assert outcome.state == State.DEFERRED and outcome.about_mailer and "certificate" in outcome.detail.lower()

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry_After": "17"}, 17),
            ({"Retry_After": "Wed, 25 Mar 2026 10:02:00 GMT", "Date": "Wed, 25 Mar 2026 10:00:30 GMT"}, 90),
            ({"Retry_After": "soon"}, None),
            ({"Retry_After": "99999999"}, 86_400),
            ({}, None),
        ],
    )
    def test_429_waits_as_long_as_it_is_told(self, provider, send, headers, seconds):
        provider.reply(429, "Slow down", **headers)
        outcome = send()
        assert (outcome.state, outcome.code, outcome.retry_after) == (State.DEFERRED, "429", seconds)
        assert outcome.about_mailer and not provider.caught and provider.calls == [3]

    @pytest.mark.parametrize("status", [401, 402, 403, 404])
    def test_a_refused_key_is_about_the_way_out(self, provider, send, status):
        provider.reply(status, "Forbidden")
        outcome = send()
        assert (outcome.state, outcome.code, outcome.about_mailer) == (State.DEFERRED, str(status), True)
        assert provider.calls == [3]

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 301, 408, 409])
    def test_a_fault_of_the_server_leaves_it_unknown(self, provider, send, status):
        provider.reply(status, "Oh no")
        outcome = send()
        assert outcome.state == State.UNKNOWN and not outcome.about_mailer
        assert provider.calls == [3]

    @pytest.mark.parametrize("words", ["", "<html>Welcome!", "[]", "{}", '{"id": 1}', '{"id": "x", "message": "Hm"}'])
    def test_an_answer_that_makes_no_sense_leaves_it_unknown(self, provider, send, words):
        provider.garble(words)
        assert send().state == State.UNKNOWN

    @pytest.mark.parametrize("kept", [True, False])
    def test_a_reply_that_never_comes_leaves_it_unknown(self, provider, send, kept):
        provider.drop(kept=kept)
        outcome = send()
        assert outcome.state == State.UNKNOWN and "did not come" in outcome.detail
        assert provider.calls == [3]  # not tried again by itself

    def test_a_reply_that_comes_too_late_leaves_it_unknown(self, provider, send):
        provider.stall(4)
        assert send().state == State.UNKNOWN and len(provider.caught) == 3

    def test_the_lease_is_renewed_while_the_answer_is_waited_for(self, provider, live, make_transport, monkeypatch):
        monkeypatch.setattr(esp, "WAITING_SECONDS", 0.1)
        transport = make_transport()
        renewed: list[int] = []
        transport.waiting = lambda: renewed.append(1)
        provider.stall(0.6)

        found = by_id(transport.send(prepared(transport, message_of(live), person(1))))

        assert found[1].state == State.ACCEPTED and 4 <= len(renewed) <= 8

    def test_after_a_pause_is_asked_for_the_rest_of_the_window_is_not_tried(
        self, settings, provider, live, make_transport
    ):
        provider.dialect = "resend"
        use(settings, "resend", provider.url)
        transport = make_transport()
        provider.reply(429, "Two a second", to="reader3@", Retry_After="1")

        found = by_id(transport.send(prepared(transport, message_of(live), *map(person, range(1, 7)))))

        assert [found[pk].state for pk in range(1, 7)] == [State.ACCEPTED] * 2 + [State.DEFERRED] * 4
        assert {found[pk].retry_after for pk in range(3, 7)} == {1} and len(provider.calls) == 3

    def test_what_amazon_calls_by_names_of_its_own_is_understood(self):
        def says(status: int, name: str) -> esp_faults.Verdict:
            response = {"Error": {"Code": name, "Message": "a@b.fi"}, "ResponseMetadata": {"HTTPStatusCode": status}}
            return esp_faults.not_answered(AnymailAPIError(response=response))

        assert says(400, "TooManyRequestsException").code == "429"
        assert says(400, "MessageRejected").state == State.FAILED
        assert says(400, "SendingPausedException").about_mailer
        assert says(500, "InternalServiceError").state == State.UNKNOWN
        assert "a@b.fi" not in says(400, "MessageRejected").detail


class TestOtherDialects:
    """The same window through others."""

    def test_sendgrid_fills_in_and_answers_for_each(self, settings, provider, live, make_transport):
        provider.dialect = "sendgrid"
        use(settings, "sendgrid", provider.url)
        transport = make_transport()

        found = by_id(
            transport.send(prepared(transport, message_of(live), person(1, name="<i>"), *map(person, range(2, 60))))
        )

        assert provider.calls == [59] and {one.state for one in found.values()} == {State.ACCEPTED}
        assert len({one.provider_id for one in found.values()}) == 59
        one = provider.to("reader1@example.net")
        assert "Hei &lt;i&gt;!" in one.html and one.text.startswith("Hei <i>! https://bulletins.test/read/1/")
        assert delivery_of_mark(one.metadata["delivery"]) == 1
        assert one.headers["Message-ID"].startswith("<1.")

    def test_a_provider_without_placeholders_gets_each_mail_by_itself(self, settings, provider, live, make_transport):
        provider.dialect = "resend"
        use(settings, "resend", provider.url)
        transport = make_transport()
        people = person(1, name='Åsa "x", <b>'), person(2), person(3)

        found = by_id(transport.send(prepared(transport, message_of(live), *people)))

        assert provider.calls == [1, 1, 1] and {one.state for one in found.values()} == {State.ACCEPTED}
        assert [found[pk].provider_id for pk in (1, 2, 3)] == ["resend-1", "resend-2", "resend-3"]
        one = provider.to("reader1@example.net")
        assert one.text.startswith('Hei Åsa "x", <b>! https://bulletins.test/read/1/')
        assert "Hei Åsa &quot;x&quot;, &lt;b&gt;!" in one.html
        assert one.headers["List-Unsubscribe"].startswith("<https://bulletins.test/leave/1/>")
        assert delivery_of_mark(one.metadata["delivery"]) == 1

    def test_the_same_mail_has_the_same_key_at_every_attempt(self, settings, provider, live, make_transport):
        provider.dialect = "resend"
        use(settings, "resend", provider.url)
        transport = make_transport()
        window = prepared(transport, message_of(live), person(1), person(2))
        provider.drop(kept=True, to="reader1@", times=1)
        assert by_id(transport.send(window))[1].state == State.UNKNOWN

        again = by_id(transport.send(window))

        assert {one.state for one in again.values()} == {State.ACCEPTED}
        assert len(provider.calls) == 4 and not provider.duplicates  # the provider knew them by their keys
        assert provider.to("reader1@example.net").key != provider.to("reader2@example.net").key

    def test_brevo_is_told_by_a_header_of_its_own(self, settings, provider, live, make_transport, bodies):
        use(settings, "brevo", provider.url)
        transport = make_transport()
        window = prepared(transport, message_of(live), person(1), person(2))
        list(transport.send(window))
        list(transport.send(window))

        keys = [json.loads(body)["headers"]["idempotencyKey"] for body in bodies]
        assert keys[:2] == keys[2:] and len(set(keys)) == 2

    def test_where_escaping_is_in_doubt_a_name_that_it_would_change_goes_by_itself(
        self, settings, provider, live, make_transport, bodies
    ):
        use(settings, "mailjet", provider.url)
        transport = make_transport()
        window = prepared(transport, message_of(live), person(1), person(2, name="Tom & Co"), person(3))

        list(transport.send(window))

        calls = [json.loads(body) for body in bodies]
        assert sorted(len(call["Messages"]) for call in calls) == [1, 2]
        alone = next(call for call in calls if len(call["Messages"]) == 1)
        assert "Tom &amp; Co" in alone["Globals"]["HTMLPart"] and "Tom & Co" in alone["Globals"]["TextPart"]
        together = next(call for call in calls if len(call["Messages"]) == 2)
        assert "[[var:name]]" in together["Globals"]["HTMLPart"]
        first = together["Messages"][0]
        assert first["Variables"]["name"] == "Lukija 1"
        assert {"List-Unsubscribe", "Precedence"} <= first["Headers"].keys()
        assert not {"Message-ID", "List-Id"} & first["Headers"].keys()

    @pytest.mark.parametrize("name", sorted(PROVIDERS.keys() - {"amazon_ses"}))
    def test_every_provider_takes_a_bulletin(self, settings, provider, live, make_transport, bodies, name):
        use(settings, name, provider.url)
        transport = make_transport()
        window = prepared(transport, message_of(live), *map(person, (1, 2)))

        found = by_id(transport.send(window))

        assert {one.detail[:12] for one in found.values()}.isdisjoint({"It was not s"}), found
        assert len(bodies) == (1 if PROVIDERS[name].batch > 1 else 2)
        everything = "".join(bodies)
        for word in ("Lukija 2", "https://bulletins.test/leave/2/", "https://bulletins.test/read/2/"):
            assert word in everything
        assert "\\ue000" not in everything and "\ue000" not in everything

    @pytest.mark.parametrize("name", sorted(PROVIDERS))
    def test_every_provider_is_one_that_the_settings_know(self, name):
        from config.env import ESPS

        assert name in {provider_of(backend)[0] for backend in ESPS.values()}

    @pytest.mark.parametrize("name", sorted(PROVIDERS.keys() - {"amazon_ses"}))
    def test_no_address_is_taken_apart_twice(self, settings, name):
        use(settings, name, "http://127.0.0.1/")
        backend: Any = mailers["default"]
        assert esp.builder(backend) != backend.build_message_payload


class TestThroughTheLoop:
    """With the ledger."""

    def test_everything_arrives_once_and_is_accounted_for(self, provider, live):
        send = build_fanned_out_send(build_audience(live, size=120), mailing=build_mailing(live, text=TEXT, html=HTML))

        worker.work(send.pk, clock=lambda: NOON)

        assert states_of(send) == {State.ACCEPTED: 120}
        assert len(provider.count) == 120 and not provider.duplicates and len(provider.calls) == 3
        assert ledger.ledger_of([send]).total.adds_up

    def test_the_providers_names_are_kept(self, settings, provider, live):
        provider.dialect = "sendgrid"
        use(settings, "sendgrid", provider.url)
        send = build_fanned_out_send(build_audience(live, size=20, language="fi"))

        worker.work(send.pk, clock=lambda: NOON)

        names = set(Delivery.objects.filter(send=send, state=State.ACCEPTED).values_list("provider_id", flat=True))
        assert len(names) == 20 and "" not in names

    def test_a_lost_reply_leaves_one_urgent_window_in_doubt_and_no_more(self, provider, live):
        mailing = build_mailing(live, text=TEXT, html=HTML, queue=Mailing.Queue.URGENT)
        send = build_fanned_out_send(build_audience(live, size=120, language="fi"), mailing=mailing)
        provider.drop(kept=True, times=1)

        worker.work(send.pk, clock=lambda: NOON)
        in_doubt = Delivery.objects.filter(send=send, possible_duplicate=True)
        assert states_of(send)[State.QUEUED] >= 50 == in_doubt.count()

        worker.work(send.pk, clock=lambda: NOON + timedelta(minutes=10))  # once the provider has had its rest

        assert states_of(send) == {State.ACCEPTED: 120} and in_doubt.count() == 50
        assert len(provider.count) == 120 and len(provider.duplicates) == 50  # those, and nobody else

    def test_who_is_refused_fails_and_who_was_not_sent_waits(self, provider, live):
        send = build_fanned_out_send(build_audience(live, size=30, language="fi"))
        refused, broken = Recipient.objects.order_by("pk")[:2]
        Recipient.objects.filter(pk=broken.pk).update(email="not an address")
        provider.reply(400, "not a valid address", to=refused.email)

        worker.work(send.pk, clock=lambda: NOON)

        assert states_of(send) == {State.ACCEPTED: 28, State.FAILED: 2}

    def test_429_puts_the_rows_off(self, provider, live):
        send = build_fanned_out_send(build_audience(live, size=4, language="fi"))
        provider.reply(429, "Slow down", Retry_After="120")

        worker.work(send.pk, clock=lambda: NOON)

        assert states_of(send) == {State.DEFERRED: 4}
        times = set(Delivery.objects.filter(send=send).values_list("next_attempt_at", flat=True))
        assert times == {NOON + timedelta(seconds=120)}


class TestTheDoctor:
    """What is known of a provider without sending anything."""

    def test_it_says_that_the_provider_answers(self, settings, provider):
        settings.BACKUP_MAIL = None
        assert doctor.mail().startswith("mailgun is set up and answers")
        assert not provider.calls

    def test_a_provider_that_is_away_is_named(self, settings, provider):
        use(settings, "mailgun", f"http://127.0.0.1:{free_port()}/")
        with pytest.raises(CheckFailed, match=r"mailgun did not answer at 127\.0\.0\.1"):
            doctor.mail()

    def test_a_missing_key_is_named(self, settings, provider):
        settings.ANYMAIL = {}
        with pytest.raises(CheckFailed) as ill:
            doctor.mail()
        assert "Set ANYMAIL_MAILGUN_API_KEY" in ill.value.do
        with pytest.raises(ImproperlyConfigured):
            transport_for("default")


@pytest.fixture
def bodies(monkeypatch):
    """The bodies of calls, as they leave; each is answered 200 with nothing in it."""
    kept: list[str] = []

    def request(self, **call):
        data = call["data"]
        kept.append(data if isinstance(data, str) else data.decode())
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b"{}"
        return answer

    monkeypatch.setattr(requests.Session, "request", request)
    return kept


@pytest.fixture
def tls_server(tmp_path):
    """The address of an HTTPS server whose certificate nobody vouches for."""
    import socket
    import ssl
    import threading
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def shake_hands() -> None:
            try:
                with context.wrap_socket(listener.accept()[0], server_side=True):
                    pass
            except OSError:
                pass

        thread = threading.Thread(target=shake_hands)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(6)
