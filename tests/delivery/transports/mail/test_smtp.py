"""
Our SMTP client, octet by octet, against a server that does whatever a script says.

What must hold whatever the server does: one outcome per mail; accepted means delivered; deferred or failed means
not delivered; nothing is delivered twice.
"""

import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as so_many
from hypothesis import strategies as st

from delivery.message.mime import Envelope
from delivery.models import Delivery
from delivery.sending import worker
from delivery.transports.mail import smtp
from delivery.transports.mail.smtp import SMTPTransport
from delivery.transports.transport import Outcome
from tests.support.builders import NOON, build_audience, build_fanned_out_send, states_of
from tests.support.providers.smtp_server import Act, ScriptedServer

State = Delivery.State
ACCEPTED, DEFERRED, FAILED, UNKNOWN = State.ACCEPTED, State.DEFERRED, State.FAILED, State.UNKNOWN
TEXT = b"Subject: Moi\r\n\r\nHei.\r\n"
STEP = 0.3  # seconds, instead of 15
AFTER_DOT = 0.9  # instead of 600
ONE_BY_ONE = ("8BITMIME", "SMTPUTF8")  # no PIPELINING
INTRODUCTION = ["mail", "rcpt", "data"]
PLACES = pytest.mark.parametrize("place", [1, 3, 5], ids=["first", "middle", "last"])
FIVE = range(1, 6)


def mail(number: int, data: bytes = TEXT) -> Envelope:
    """Return a mail to reader `number`."""
    return Envelope(number, f"bounces+{number}@sender.example", f"reader{number}@example.org", data)


def mails(numbers: range) -> list[Envelope]:
    """Return mails to several readers."""
    return [mail(number) for number in numbers]


def foreign(number: int) -> Envelope:
    """Return a mail to an address outside ASCII."""
    return Envelope(
        number, f"bounces+{number}@sender.example", f"lukijä{number}@example.org", "Moi ä\r\n".encode(), smtputf8=True
    )


class Client(SMTPTransport):
    """The transport, to a server of this machine, with a note of when it said that it waits."""

    def __init__(self, server: ScriptedServer, **options: Any) -> None:
        usual = {"host": "127.0.0.1", "port": server.port, "username": None, "password": None}
        usual |= {"use_tls": False, "use_ssl": False}
        with override_settings(MAILERS={"exercise": {"OPTIONS": usual | options}}):
            super().__init__("exercise")
        self.signs_of_life = [time.monotonic()]
        self.waiting = lambda: self.signs_of_life.append(time.monotonic())

    def outcomes(self, window: list[Envelope]) -> dict[int, Outcome]:
        """Hand a window over; return {number: outcome}, each with exactly one."""
        found = list(self.send(window))
        assert Counter(outcome.delivery_id for outcome in found) == Counter(one.delivery_id for one in window)
        return {outcome.delivery_id: outcome for outcome in found}

    @property
    def is_encrypted(self) -> bool:
        """Return whether the connection is."""
        return self._smtp is not None and isinstance(self._smtp.sock, ssl.SSLSocket)

    def longest_silence(self) -> float:
        """Return for how many seconds it gave no sign of life."""
        times = [*self.signs_of_life, time.monotonic()]
        return max(later - earlier for earlier, later in pairwise(times))


def states(outcomes: dict[int, Outcome]) -> dict[int, State]:
    """Return {number: state}."""
    return {number: outcome.state for number, outcome in outcomes.items()}


def all_but(numbers: range, other: dict[int, State]) -> dict[int, State]:
    """Return what becomes of a window that is accepted, but for some."""
    return dict.fromkeys(numbers, ACCEPTED) | other


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(params=[("PIPELINING", *ONE_BY_ONE), ONE_BY_ONE], ids=["pipelined", "one-by-one"])
def any_server(request: pytest.FixtureRequest) -> Iterator[ScriptedServer]:
    """A server with PIPELINING, and one without."""
    with ScriptedServer(extensions=request.param) as server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a fraction of a second only."""
    monkeypatch.setattr(smtp, "STEP_SECONDS", STEP)
    monkeypatch.setattr(smtp, "AFTER_DOT_SECONDS", AFTER_DOT)


# --- A window without trouble --------------------------------------------------------------------------


def test_one_round_trip_is_enough_for_a_mail(monkeypatch):
    monkeypatch.setattr(smtp, "STEP_SECONDS", 3)  # a client that waits for less than the whole group waits for ever
    monkeypatch.setattr(smtp, "AFTER_DOT_SECONDS", 3)
    with ScriptedServer(grouped=30) as server:
        client = Client(server)
        client._connection()
        before = server.flushes
        outcomes = client.outcomes(mails(range(1, 31)))

        assert states(outcomes) == all_but(range(1, 31), {})
        assert server.flushes - before == 31
        assert server.connections == 1
        assert server.counts == dict.fromkeys(range(1, 31), 1)


def test_a_server_without_pipelining_is_asked_line_by_line():
    with ScriptedServer(extensions=()) as server:
        client = Client(server)
        client._connection()
        before = server.flushes
        outcomes = client.outcomes(mails(FIVE))

        assert states(outcomes) == all_but(FIVE, {})
        assert server.flushes - before == 5 * 4
        assert server.connections == 1


def test_each_mail_arrives_as_it_is(any_server):
    texts = {
        1: TEXT,
        2: b".\r\n..\r\n.hidden\r\nat the end\r\n.\r\n",
        3: b"no line end",
        4: "Moi, räkä \u2603\r\n".encode(),
        5: b"",
        6: b"a\r.\rb\r\nc\r\r\n",
        7: b"\r",
        8: b"x" * 300_000 + b"\r\n.\r\n",
        9: b".alone\r\n",
        10: TEXT,
    }
    outcomes = Client(any_server).outcomes([mail(number, text) for number, text in texts.items()])

    assert states(outcomes) == dict.fromkeys(texts, ACCEPTED)
    arrived = dict(any_server.delivered)
    assert len(any_server.delivered) == len(texts)
    for number, text in texts.items():
        assert arrived[number] == (text if text.endswith(b"\r\n") else text + b"\r\n"), number


def test_a_bare_line_feed_hides_no_second_mail(server):
    """Servers that take a bare line feed for a line end would otherwise see the mail end there."""
    Client(server).outcomes([mail(1, b"a\n.\nMAIL FROM:<x2@y>\r\n")])

    assert server.delivered == [(1, b"a\n.\nMAIL FROM:<x2@y>\r\n")]


def test_the_codes_are_read(any_server):
    any_server.on("dot", Act(b"250 2.6.0 <id@host> queued\r\n"), mail=1)
    any_server.on("rcpt", Act(b"550-5.1.1 No reader2@example.org\r\n550 5.1.1 here\r\n"), mail=2)
    any_server.on("dot", Act(b"451 Later\x00\x1b\xff\r\n"), mail=3)

    outcomes = Client(any_server).outcomes(mails(range(1, 4)))

    assert outcomes[1] == Outcome(1, ACCEPTED, "250 2.6.0")
    assert outcomes[2] == Outcome(2, FAILED, "550 5.1.1", "5.1.1 No … 5.1.1 here")
    assert outcomes[3] == Outcome(3, DEFERRED, "451", "Later \ufffd")  # no NUL: PostgreSQL would refuse the row


def test_replies_may_come_octet_by_octet(impatient):
    with ScriptedServer(pieces=True) as server:
        server.on("rcpt", Act(b"250-Multi\r\n250-line\r\n250 reply\r\n"), mail=2)
        server.on("dot", Act(b"451-4.7.1 Later,\r\n451 4.7.1 please\r\n"), mail=3)
        outcomes = Client(server).outcomes(mails(FIVE))

        assert states(outcomes) == all_but(FIVE, {3: DEFERRED})
        assert outcomes[3].detail == "4.7.1 Later, 4.7.1 please"
        assert server.counts == dict.fromkeys({1, 2, 4, 5}, 1)


def test_line_ends_may_lack_their_carriage_return(server):
    server.on("dot", Act(b"250-2.0.0 All\n250 2.0.0 well\n"), mail=1)

    assert states(Client(server).outcomes(mails(range(1, 3)))) == {1: ACCEPTED, 2: ACCEPTED}


# --- Refused mails --------------------------------------------------------------------------------------


@PLACES
@pytest.mark.parametrize(("reply", "state"), [("451 4.3.0 Later", DEFERRED), ("550 5.7.1 Never", FAILED)])
@pytest.mark.parametrize("step", [*INTRODUCTION, "dot"])
def test_a_refused_mail_harms_no_neighbour(any_server, step, reply, state, place):
    any_server.on(step, Act(f"{reply}\r\n".encode()), mail=place)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {place: state})
    assert outcomes[place].code == reply[:9]
    assert any_server.counts == dict.fromkeys(set(FIVE) - {place}, 1)
    assert any_server.connections == 1
    assert not outcomes[place].about_mailer


@pytest.mark.parametrize("step", [*INTRODUCTION, "dot"])
def test_a_window_of_refusals_takes_one_connection(any_server, step):
    for number in FIVE:
        any_server.on(step, Act(b"550 5.1.1 No\r\n"), mail=number)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == dict.fromkeys(FIVE, FAILED)
    assert any_server.connections == 1 and not any_server.delivered


@PLACES
@pytest.mark.parametrize("recipient", [b"250 2.1.5 Well\r\n", b"550 5.1.1 No\r\n"], ids=["taken", "refused"])
@pytest.mark.parametrize("sender", [b"250 2.1.0 Well\r\n", b"550 5.7.1 No\r\n"], ids=["taken", "refused"])
def test_nobody_gets_an_empty_message(server, sender, recipient, place):
    if (sender, recipient) == (b"250 2.1.0 Well\r\n", b"250 2.1.5 Well\r\n"):
        recipient = b"450 4.2.1 Busy\r\n"
    server.on("mail", Act(sender), mail=place)
    server.on("rcpt", Act(recipient), mail=place)
    server.on("data", Act(b"354 Go on\r\n"), mail=place)

    outcomes = Client(server).outcomes(mails(FIVE))

    state = DEFERRED if recipient.startswith(b"4") else FAILED
    assert states(outcomes) == all_but(FIVE, {place: state})
    assert server.counts == dict.fromkeys(set(FIVE) - {place}, 1)
    assert all(raw == TEXT for _number, raw in server.delivered)


@pytest.mark.parametrize("place", [1, 3])
@pytest.mark.parametrize("reply", [b"500 5.5.1 What?\r\n", b"421 4.3.2 Bye\r\n", b"", b"nonsense\r\n"])
def test_a_server_that_cannot_clear_a_refused_mail_away_is_left(any_server, impatient, reply, place):
    any_server.on("rcpt", Act(b"550 5.1.1 No\r\n"), mail=place)
    any_server.on("rset", Act(reply, end="" if reply else "close"))

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {place: FAILED})
    assert any_server.counts == dict.fromkeys(set(FIVE) - {place}, 1)
    assert any_server.connections == 2


def test_a_refusal_counts_even_when_the_server_hangs_up_after_it(any_server):
    any_server.on("rcpt", Act(b"554 5.7.1 Go away\r\n", end="close"), mail=3)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {3: FAILED})
    assert outcomes[3].code == "554 5.7.1"
    assert any_server.connections == 2


@pytest.mark.parametrize("recipient", [b"354 Hm\r\n", b"150 Hm\r\n"])
def test_a_message_is_not_ended_when_nobody_knows_who_would_get_it(server, recipient):
    server.on("rcpt", Act(recipient), mail=2)
    server.on("data", Act(b"354 Go on\r\n"), mail=2)

    assert states(Client(server).outcomes(mails(FIVE))) == all_but(FIVE, {2: DEFERRED})
    assert server.connections == 2


def test_a_go_ahead_that_is_none_sends_no_text(any_server):
    any_server.on("data", Act(b"250 2.0.0 Fine\r\n"), mail=2)

    assert states(Client(any_server).outcomes(mails(FIVE))) == all_but(FIVE, {2: DEFERRED})
    assert any_server.counts == dict.fromkeys(set(FIVE) - {2}, 1)


def test_one_reply_too_many_is_not_taken_for_that_to_the_text(server):
    """The server would be believed to have accepted what it then refuses."""
    server.on("data", Act(b"354 Go on\r\n250 2.0.0 Kept\r\n"), mail=2)
    server.on("dot", Act(b"550 5.7.1 No\r\n"), mail=2)

    outcomes = Client(server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {2: DEFERRED})
    assert server.counts == dict.fromkeys(set(FIVE) - {2}, 1)


# --- 421, lost connections, silence ---------------------------------------------------------------------


@PLACES
@pytest.mark.parametrize("end", ["close", ""], ids=["closed", "left open"])
@pytest.mark.parametrize("step", ["rcpt", "data", "dot"])
def test_421_ends_the_connection_and_defers_the_mail(any_server, step, end, place):
    any_server.on(step, Act(b"421 4.7.0 Slow down\r\n", end=end), mail=place)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {place: DEFERRED})
    assert outcomes[place].code == "421 4.7.0"
    assert any_server.counts == dict.fromkeys(set(FIVE) - {place}, 1)
    assert any_server.connections == (2 if place < 5 else 1)


def test_421_to_the_first_mail_of_a_connection_defers_it(any_server):
    any_server.on("mail", Act(b"421 4.7.0 Slow down\r\n", end="close"), mail=1)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {1: DEFERRED})
    assert outcomes[1].code == "421 4.7.0"


@pytest.mark.parametrize(
    "act", [Act(b"421 4.7.0 Enough\r\n", end="close"), Act(b"", end="close"), Act(b"", end="reset")]
)
@pytest.mark.parametrize("place", [3, 5])
def test_a_server_that_has_had_enough_mails_gets_the_next_on_a_new_connection(any_server, act, place):
    any_server.on("mail", act, mail=place)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {})
    assert any_server.counts == dict.fromkeys(FIVE, 1)
    assert any_server.connections == 2


def test_a_mail_that_ends_two_connections_is_deferred(any_server):
    any_server.on("mail", Act(b"", end="close"), Act(b"", end="close"), mail=3)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {3: DEFERRED})
    assert any_server.connections == 3


@PLACES
@pytest.mark.parametrize("end", ["close", "reset", "half"])
@pytest.mark.parametrize("step", INTRODUCTION)
def test_a_connection_lost_before_the_text_defers_that_mail_at_most(any_server, step, end, place):
    any_server.on(step, Act(b"", end=end), Act(b"", end=end), mail=place)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {place: DEFERRED})
    assert outcomes[place].detail.startswith("Not sent: ") and not outcomes[place].code
    assert any_server.counts == dict.fromkeys(set(FIVE) - {place}, 1)


@PLACES
@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize("end", ["close", "reset", "half"])
def test_a_connection_lost_after_the_dot_leaves_that_mail_in_doubt_and_no_other(any_server, end, keep, place):
    any_server.on("dot", Act(b"", end=end, keep=keep), mail=place)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {place: UNKNOWN})
    assert outcomes[place].detail.startswith("No reply after the message was handed over: ")
    assert any_server.counts == dict.fromkeys(set(FIVE) - (set() if keep else {place}), 1)
    assert any_server.connections == (2 if place < 5 else 1)


@PLACES
def test_a_connection_lost_in_the_middle_of_the_text_defers_the_mail(any_server, place):
    window = [
        mail(number, b"x" * 70 + b"\r\n" + b"y" * 12_000_000) if number == place else mail(number) for number in FIVE
    ]
    any_server.on("text", Act(end="reset"), mail=place)

    outcomes = Client(any_server).outcomes(window)

    assert states(outcomes) == all_but(FIVE, {place: DEFERRED})
    assert any_server.counts == dict.fromkeys(set(FIVE) - {place}, 1)


def test_a_text_that_gets_stuck_defers_the_mail(any_server, impatient):
    window = [mail(1), mail(2, b"x\r\n" + b"y" * 12_000_000), mail(3)]
    any_server.on("text", Act(wait=3 * STEP, end="close"), mail=2)

    assert states(Client(any_server).outcomes(window)) == {1: ACCEPTED, 2: DEFERRED, 3: ACCEPTED}
    assert any_server.counts == {1: 1, 3: 1}


def test_a_short_text_that_nobody_answers_to_leaves_the_mail_in_doubt(any_server):
    any_server.on("text", Act(end="close"), mail=2)

    assert states(Client(any_server).outcomes(mails(range(1, 4)))) == {1: ACCEPTED, 2: UNKNOWN, 3: ACCEPTED}
    assert any_server.counts == {1: 1, 3: 1}


@pytest.mark.slow
@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize("step", INTRODUCTION)
def test_silence_before_the_text_defers_that_mail_at_most(any_server, impatient, step, place, held_up):
    any_server.on(step, Act(wait=3 * STEP), Act(wait=3 * STEP), mail=place)
    client = Client(any_server)

    assert states(client.outcomes(mails(range(1, 4)))) == all_but(range(1, 4), {place: DEFERRED})
    assert client.longest_silence() < 2 * STEP + held_up()
    client.close()
    any_server.wait()
    assert any_server.counts == dict.fromkeys({1, 2, 3} - {place}, 1)


@pytest.mark.slow
@pytest.mark.parametrize("place", [1, 2, 3])
def test_silence_after_the_dot_leaves_that_mail_in_doubt_and_no_other(any_server, impatient, place, held_up):
    any_server.on("dot", Act(wait=AFTER_DOT + 3 * STEP), mail=place)
    client = Client(any_server)

    outcomes = client.outcomes(mails(range(1, 4)))

    assert states(outcomes) == all_but(range(1, 4), {place: UNKNOWN})
    assert client.longest_silence() < 2 * STEP + held_up()
    client.close()
    any_server.wait()
    assert any_server.counts == dict.fromkeys(range(1, 4), 1)
    assert any_server.connections == (2 if place < 3 else 1)


def test_after_a_long_wait_the_rest_of_the_window_is_put_off(any_server, impatient, monkeypatch):
    """Ten more minutes for each of the others would be more than a task of a worker may take."""
    monkeypatch.setattr(smtp, "WINDOW_SECONDS", AFTER_DOT / 2)
    any_server.on("dot", Act(wait=AFTER_DOT + 3 * STEP), mail=2)
    client = Client(any_server)

    outcomes = client.outcomes(mails(FIVE))

    assert states(outcomes) == {1: ACCEPTED, 2: UNKNOWN, 3: DEFERRED, 4: DEFERRED, 5: DEFERRED}
    assert not any(outcome.about_mailer for outcome in outcomes.values())
    assert states(client.outcomes(mails(range(6, 11)))) == all_but(range(6, 11), {})
    any_server.close_all()
    assert any_server.counts == dict.fromkeys([1, 2, *range(6, 11)], 1)


def test_a_slow_server_is_waited_for(any_server, impatient, held_up):
    any_server.on("dot", Act(wait=2.2 * STEP), mail=1)
    client = Client(any_server)

    assert states(client.outcomes(mails(range(1, 3)))) == {1: ACCEPTED, 2: ACCEPTED}
    assert client.longest_silence() < 2 * STEP + held_up()


@pytest.mark.slow
def test_a_server_that_is_slow_at_every_step_hears_of_no_silence(any_server, impatient, held_up):
    for number in range(1, 4):
        for step in [*INTRODUCTION, "dot"]:
            any_server.on(step, Act(wait=0.6 * STEP), mail=number)
    client = Client(any_server)

    assert states(client.outcomes(mails(range(1, 4)))) == all_but(range(1, 4), {})
    assert client.longest_silence() < 2 * STEP + held_up()


@pytest.mark.parametrize("word", [b"2", b"250-Go on\r\n"], ids=["octets", "lines"])
@pytest.mark.parametrize(("step", "state"), [("rcpt", DEFERRED), ("dot", UNKNOWN)])
def test_a_reply_that_drips_is_not_waited_for_longer_than_any(any_server, impatient, step, state, word, held_up):
    any_server.on(step, Act(drip=word, wait=0.1), mail=1)
    client = Client(any_server)
    started = time.monotonic()

    outcomes = client.outcomes(mails(range(1, 2)))

    assert outcomes[1].state == state
    assert time.monotonic() - started < (AFTER_DOT if step == "dot" else STEP) + 3 * STEP + held_up()
    assert client.longest_silence() < 2 * STEP + held_up()


@pytest.mark.parametrize("words", [b"250", b"250-" + b"x" * 1000 + b"\r\n"], ids=["a line", "lines"])
@pytest.mark.parametrize(("step", "state"), [("data", DEFERRED), ("dot", UNKNOWN)])
def test_a_reply_without_end_ends_the_connection(any_server, step, state, words):
    any_server.on(step, Act(words * (200_000 // len(words))), mail=2)

    outcomes = Client(any_server).outcomes(mails(range(1, 4)))

    assert states(outcomes) == {1: ACCEPTED, 2: state, 3: ACCEPTED}
    assert "had no end" in outcomes[2].detail
    assert any_server.connections == 2


@PLACES
@pytest.mark.parametrize(
    "words",
    [b"Hello\r\n", b"\r\n", b"25\r\n", b"2500 Kept\r\n", b"25O 2.0.0 Kept\r\n", b"250-2.0.0 Kept\r\n550 5.7.1 No\r\n"],
)
@pytest.mark.parametrize(("step", "state"), [("rcpt", DEFERRED), ("dot", UNKNOWN)])
def test_nonsense_is_no_reply(any_server, step, state, words, place):
    any_server.on(step, Act(words), mail=place)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {place: state})
    assert any_server.counts == dict.fromkeys(set(FIVE) - ({place} if step == "rcpt" else set()), 1)


@pytest.mark.parametrize("words", [b"354 More\r\n", b"100 Hm\r\n", b"650 Hm\r\n", b"000 Hm\r\n"])
@pytest.mark.parametrize(("step", "state"), [("mail", DEFERRED), ("rcpt", DEFERRED), ("dot", UNKNOWN)])
def test_a_reply_of_another_kind_is_none(any_server, impatient, step, state, words):
    any_server.on(step, Act(words), mail=2)

    outcomes = Client(any_server).outcomes(mails(FIVE))

    assert states(outcomes) == all_but(FIVE, {2: state})
    assert any_server.counts == dict.fromkeys(set(FIVE) - ({2} if step != "dot" else set()), 1)
    if step == "dot":  # who speaks nonsense there may do so again
        assert any_server.connections == 2


# --- Getting in -----------------------------------------------------------------------------------------


def test_a_server_that_is_away_defers_the_window_after_two_tries():
    with ScriptedServer() as server:
        pass
    outcomes = Client(server).outcomes(mails(FIVE))

    assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED)
    assert all(outcome.about_mailer for outcome in outcomes.values())
    assert all("refused" in outcome.detail for outcome in outcomes.values())


@pytest.mark.parametrize("greeting", ["554 5.3.2 No service", "421 4.3.2 Not now"])
def test_a_greeting_that_is_none_defers_the_window(server, greeting):
    server.on("connect", *[Act(f"{greeting}\r\n".encode(), end="close")] * 5)

    outcomes = Client(server).outcomes(mails(FIVE))

    assert {(outcome.state, outcome.code) for outcome in outcomes.values()} == {(DEFERRED, greeting[:9])}
    assert outcomes[1].about_mailer and outcomes[2].about_mailer
    assert server.connections == 2 and not server.delivered


@pytest.mark.parametrize(("said", "about_mailer"), [("452 4.3.1 Full", True), ("452 4.2.2 Over quota", False)])
def test_a_relay_in_trouble_is_told_from_a_mail_that_it_does_not_take_now(server, said, about_mailer):
    server.on("rcpt", Act(f"{said}\r\n".encode()), mail=1)

    outcome = Client(server).outcomes(mails([1]))[1]

    assert (outcome.state, outcome.about_mailer) == (DEFERRED, about_mailer)


def test_a_server_that_was_away_once_costs_one_mail_a_minute(server):
    server.on("connect", Act(b"421 4.3.2 Not now\r\n", end="close"))

    assert states(Client(server).outcomes(mails(FIVE))) == all_but(FIVE, {1: DEFERRED})


def test_tries_that_are_not_in_a_row_do_not_add_up(server):
    server.on("connect", Act(b"421 4.3.2 Not now\r\n", end="close"), Act(), Act(b"", end="close"))
    server.on("dot", Act(b"", end="close"), mail=3)

    expected = {1: DEFERRED, 3: UNKNOWN, 4: DEFERRED}
    assert states(Client(server).outcomes(mails(FIVE))) == all_but(FIVE, expected)


def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way(server):
    server.on("ehlo", Act(b"502 5.5.1 What?\r\n"))

    assert states(Client(server).outcomes(mails(FIVE))) == all_but(FIVE, {})
    assert server.lines[0][1].lower().startswith(b"helo ")


def test_a_server_that_wants_no_greeting_defers_the_window(server):
    server.on("ehlo", *[Act(b"550 5.7.1 No\r\n")] * 2)
    server.on("helo", *[Act(b"550 5.7.1 No\r\n")] * 2)

    outcomes = Client(server).outcomes(mails(FIVE))

    assert {(outcome.state, outcome.code) for outcome in outcomes.values()} == {(DEFERRED, "550 5.7.1")}
    assert outcomes[1].about_mailer


def test_421_to_the_greeting_is_understood(server):
    server.on("ehlo", *[Act(b"421 4.3.2 Not now\r\n", end="close")] * 2)

    outcomes = Client(server).outcomes(mails(FIVE))

    assert {(outcome.state, outcome.code) for outcome in outcomes.values()} == {(DEFERRED, "421 4.3.2")}
    assert outcomes[1].about_mailer


@pytest.mark.parametrize("step", ["connect", "ehlo"])
@pytest.mark.parametrize("end", ["close", "reset", "half"])
def test_a_connection_lost_at_the_door_defers_the_window(server, step, end):
    server.on(step, *[Act(b"", end=end)] * 2)

    outcomes = Client(server).outcomes(mails(FIVE))

    assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED)
    assert outcomes[1].about_mailer and outcomes[2].about_mailer


def test_silence_at_the_door_defers_the_window(server, impatient, held_up):
    server.on("connect", *[Act(wait=2 * STEP)] * 2)
    client = Client(server)

    outcomes = client.outcomes(mails(FIVE))

    assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED)
    assert outcomes[1].about_mailer
    assert client.longest_silence() < 2 * STEP + held_up()


def test_a_slow_door_hears_of_no_silence(impatient, held_up):
    with ScriptedServer(extensions=("AUTH LOGIN",), login=("pete", "secret")) as server:
        for step in ["connect", "ehlo", "auth"]:
            server.on(step, Act(wait=0.7 * STEP))
        client = Client(server, username="pete", password="secret")

        assert states(client.outcomes(mails(FIVE))) == all_but(FIVE, {})
        assert client.longest_silence() < 1.9 * STEP + held_up()


def test_each_address_of_the_server_is_tried_with_a_sign_of_life(server, monkeypatch):
    usual = socket.getaddrinfo

    def several(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "relay.example":
            return usual(host, port, *rest, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (4, 3, 2, 1)]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    client = Client(server, host="relay.example")

    assert states(client.outcomes(mails(FIVE))) == all_but(FIVE, {})
    with_one_address = Client(server)
    with_one_address.outcomes(mails(range(6, 11)))
    assert len(client.signs_of_life) == len(with_one_address.signs_of_life) + 3


def test_a_server_without_an_address_defers_the_window(server, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_all, **_more: [])

    assert states(Client(server, host="relay.example").outcomes(mails(FIVE))) == dict.fromkeys(FIVE, DEFERRED)


# --- Logging in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", ["AUTH PLAIN LOGIN", "AUTH PLAIN", "AUTH LOGIN", "AUTH=LOGIN"])
def test_it_logs_in(kinds):
    with ScriptedServer(extensions=("PIPELINING", kinds), login=("pete", "secret")) as server:
        client = Client(server, username="pete", password="secret")

        assert states(client.outcomes(mails(FIVE))) == all_but(FIVE, {})


@pytest.mark.parametrize("kinds", ["AUTH PLAIN", "AUTH LOGIN"])
def test_a_refused_login_defers_the_window(kinds):
    with ScriptedServer(extensions=("PIPELINING", kinds), login=("pete", "secret")) as server:
        outcomes = Client(server, username="pete", password="guess").outcomes(mails(FIVE))

        assert {(outcome.state, outcome.code) for outcome in outcomes.values()} == {(DEFERRED, "535 5.7.8")}
        assert outcomes[1].about_mailer and outcomes[2].about_mailer
        assert not server.delivered and not any(b"MAIL" in line for lines in server.lines for line in lines)


@pytest.mark.parametrize("kinds", ["8BITMIME", "AUTH GSSAPI"])
def test_a_server_that_takes_no_such_login_gets_nothing(kinds):
    with ScriptedServer(extensions=("PIPELINING", kinds)) as server:
        outcomes = Client(server, username="pete", password="secret").outcomes(mails(FIVE))

        assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED) and outcomes[1].about_mailer
        assert not server.delivered


def test_a_password_that_cannot_be_written_defers_the_window_and_is_not_told():
    with ScriptedServer(extensions=("PIPELINING", "AUTH PLAIN"), login=("pete", "secret")) as server:
        outcomes = Client(server, username="pete", password="sala\u1234na").outcomes(mails(FIVE))

        assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED) and outcomes[1].about_mailer
        assert all("1234" not in outcome.detail and "sala" not in outcome.detail for outcome in outcomes.values())


# --- TLS ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scripted.test")])
    now = datetime.now(UTC)
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("relay.example")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """What a server encrypts with."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


ENCRYPTED = pytest.mark.parametrize("kind", ["use_tls", "use_ssl"])


@ENCRYPTED
def test_a_valid_certificate_is_taken(context, trusted, kind):
    with ScriptedServer(context=context, encrypted=kind == "use_ssl") as server:
        client = Client(server, **{kind: True})

        assert states(client.outcomes([*mails(FIVE), mail(6, b"x" * 500_000)])) == all_but(range(1, 7), {})
        assert client.is_encrypted
        client.close()
        assert server.counts == dict.fromkeys(range(1, 7), 1)


@ENCRYPTED
def test_a_certificate_that_nobody_trusts_gets_nothing(context, kind):
    with ScriptedServer(context=context, encrypted=kind == "use_ssl") as server:
        outcomes = Client(server, **{kind: True}).outcomes(mails(FIVE))

        assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED)
        assert outcomes[1].about_mailer and "CERTIFICATE_VERIFY_FAILED" in outcomes[1].detail
        assert not server.delivered and not any(b"MAIL" in line for lines in server.lines for line in lines)


@ENCRYPTED
def test_a_certificate_of_another_name_gets_nothing(context, trusted, kind):
    with ScriptedServer(context=context, encrypted=kind == "use_ssl") as server:
        outcomes = Client(server, host="localhost", **{kind: True}).outcomes(mails(FIVE))

        assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED) and outcomes[1].about_mailer
        assert "CERTIFICATE_VERIFY_FAILED" in outcomes[1].detail and not server.delivered


def test_asked_for_encryption_nothing_leaves_without(server):
    outcomes = Client(server, use_tls=True, username="pete", password="secret").outcomes(mails(FIVE))

    assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED) and outcomes[1].about_mailer
    said = [line.split()[0].upper() for lines in server.lines for line in lines]
    assert set(said) == {b"EHLO"}


@pytest.mark.parametrize("reply", [b"454 4.7.0 Not now\r\n", b"502 5.5.1 What?\r\n"])
def test_a_server_that_takes_its_offer_of_encryption_back_gets_nothing(context, trusted, reply):
    with ScriptedServer(context=context) as server:
        server.on("starttls", *[Act(reply)] * 2)
        outcomes = Client(server, use_tls=True).outcomes(mails(FIVE))

        assert states(outcomes) == dict.fromkeys(FIVE, DEFERRED)
        assert outcomes[1].about_mailer and outcomes[1].code == reply[:9].decode().strip()[: len(outcomes[1].code)]
        assert not server.delivered


def test_what_stood_in_clear_behind_the_go_ahead_is_not_heard(context, trusted):
    """Someone in between could otherwise put replies into the server's mouth."""
    with ScriptedServer(context=context) as server:
        server.on("starttls", Act(b"220 Go ahead\r\n250-forged\r\n250 PIPELINING\r\n"))
        client = Client(server, use_tls=True)

        outcomes = client.outcomes(mails(FIVE))

        assert set(states(outcomes).values()) <= {ACCEPTED, DEFERRED}
        assert server.counts == {number: 1 for number, state in states(outcomes).items() if state == ACCEPTED}


def test_a_server_elsewhere_is_encrypted_to_without_being_asked(context, monkeypatch):
    monkeypatch.setattr(smtp, "is_loopback", lambda host: False)
    with ScriptedServer(context=context) as server:
        client = Client(server)

        assert states(client.outcomes(mails(FIVE))) == all_but(FIVE, {})
        assert client.is_encrypted


def test_a_server_on_this_machine_is_not_encrypted_to_without_being_asked(context):
    with ScriptedServer(context=context) as server:
        client = Client(server)

        assert states(client.outcomes(mails(FIVE))) == all_but(FIVE, {})
        assert not any(b"STARTTLS" in line for line in server.lines[0])


@pytest.mark.parametrize(("step", "place", "state"), [("rcpt", 3, DEFERRED), ("dot", 3, UNKNOWN)])
def test_faults_are_told_apart_when_encrypted_too(context, trusted, impatient, step, place, state):
    with ScriptedServer(context=context) as server:
        server.on(step, Act(b"", end="reset"), mail=place)
        outcomes = Client(server, use_tls=True).outcomes(mails(FIVE))

        assert states(outcomes) == all_but(FIVE, {place: state if step == "dot" else ACCEPTED}) or step == "rcpt"
        assert_nothing_lost_or_doubled(outcomes, server.counts)


def test_an_encrypted_text_that_gets_stuck_defers_the_mail(context, trusted, impatient):
    with ScriptedServer(context=context) as server:
        server.on("text", Act(wait=3 * STEP, end="close"), mail=2)
        outcomes = Client(server, use_tls=True).outcomes([mail(1), mail(2, b"x\r\n" + b"y" * 12_000_000), mail(3)])

        assert states(outcomes) == {1: ACCEPTED, 2: DEFERRED, 3: ACCEPTED}


# --- Addresses and texts outside ASCII ------------------------------------------------------------------


def test_an_address_outside_ascii_goes_where_it_is_taken(any_server):
    outcomes = Client(any_server).outcomes([mail(1), foreign(2), mail(3)])

    assert states(outcomes) == all_but(range(1, 4), {})
    said = next(line for line in any_server.lines[0] if b"+2@" in line)
    assert said == b"MAIL FROM:<bounces+2@sender.example> BODY=8BITMIME SMTPUTF8\r\n"
    assert any_server.counts == {1: 1, 2: 1, 3: 1}


@PLACES
@pytest.mark.parametrize(
    "extensions", [("PIPELINING",), ("PIPELINING", "SMTPUTF8"), ("PIPELINING", "8BITMIME"), ("8BITMIME",), ()]
)
def test_an_address_outside_ascii_fails_alone_where_it_is_not_taken(extensions, place):
    with ScriptedServer(extensions=extensions) as server:
        client = Client(server)
        outcomes = client.outcomes([foreign(n) if n == place else mail(n) for n in FIVE])
        client.close()
        server.wait()

        assert states(outcomes) == all_but(FIVE, {place: FAILED})
        assert outcomes[place].code == "553 5.6.7"
        assert server.counts == dict.fromkeys(set(FIVE) - {place}, 1)
        assert server.connections == 1
        assert not any(f"{place}@".encode() in line for line in server.lines[0])


def test_a_refused_mail_before_an_address_outside_ascii_harms_neither():
    with ScriptedServer(extensions=("PIPELINING",)) as server:
        server.on("rcpt", Act(b"550 5.1.1 No\r\n"), mail=1)
        outcomes = Client(server).outcomes([mail(1), foreign(2), foreign(3), mail(4)])

        assert states(outcomes) == {1: FAILED, 2: FAILED, 3: FAILED, 4: ACCEPTED}
        assert outcomes[1].code == "550 5.1.1" and outcomes[2].code == outcomes[3].code == "553 5.6.7"
        assert server.connections == 1


@pytest.mark.parametrize(("offered", "said"), [(("8BITMIME",), b" BODY=8BITMIME"), ((), b"")])
def test_eight_bits_are_announced_where_that_is_offered(offered, said):
    with ScriptedServer(extensions=("PIPELINING", *offered)) as server:
        outcomes = Client(server).outcomes([mail(1, "ä\r\n".encode()), mail(2)])

        assert states(outcomes) == {1: ACCEPTED, 2: ACCEPTED}
        said_of_senders = [line for line in server.lines[0] if line.startswith(b"MAIL")]
        assert said_of_senders == [
            b"MAIL FROM:<bounces+1@sender.example>" + said + b"\r\n",
            b"MAIL FROM:<bounces+2@sender.example>\r\n",
        ]
        assert server.delivered[0] == (1, "ä\r\n".encode())


# --- Window after window --------------------------------------------------------------------------------


def test_the_connection_is_kept_for_the_next_window(any_server):
    client = Client(any_server)
    for first in (1, 6, 11):
        window = range(first, first + 5)
        assert states(client.outcomes(mails(window))) == all_but(window, {})

    assert client.outcomes([]) == {}
    assert any_server.connections == 1
    assert any_server.counts == dict.fromkeys(range(1, 16), 1)


@pytest.mark.parametrize("last", [b"250 2.0.0 Kept\r\n", b"550 5.7.1 No\r\n"], ids=["accepted", "refused"])
def test_a_connection_that_was_closed_between_two_windows_costs_no_mail_its_turn(any_server, last):
    any_server.on("dot", Act(last), mail=5)
    client = Client(any_server)
    client.outcomes(mails(FIVE))
    any_server.close_all()

    assert states(client.outcomes(mails(range(6, 11)))) == all_but(range(6, 11), {})
    assert any_server.connections == 2
    assert {number: any_server.counts[number] for number in range(6, 11)} == dict.fromkeys(range(6, 11), 1)


def test_a_connection_that_only_saw_refusals_is_as_good_as_any(any_server):
    any_server.on("rcpt", Act(b"550 5.1.1 No\r\n"), mail=1)
    client = Client(any_server)
    client.outcomes(mails(range(1, 2)))
    any_server.close_all()

    assert states(client.outcomes(mails(range(2, 5)))) == all_but(range(2, 5), {})
    assert any_server.connections == 2


def test_the_goodbye_of_a_server_that_was_idle_is_not_taken_for_a_reply(any_server):
    client = Client(any_server)
    any_server.on("dot", Act(b"250 2.0.0 Kept\r\n421 4.4.2 Idle\r\n", end="close"), mail=5)
    client.outcomes(mails(FIVE))

    assert states(client.outcomes(mails(range(6, 11)))) == all_but(range(6, 11), {})
    assert any_server.counts == dict.fromkeys(range(1, 11), 1)
    assert any_server.connections == 2


def test_a_connection_that_went_dead_in_silence_costs_no_mail_its_turn(any_server, impatient):
    client = Client(any_server)
    any_server.on("mail", Act(b"", wait=4 * STEP, end="close"), mail=6)
    client.outcomes(mails(FIVE))

    assert states(client.outcomes(mails(range(6, 11)))) == all_but(range(6, 11), {})
    assert any_server.counts == dict.fromkeys(range(1, 11), 1)


def test_a_server_that_is_gone_after_an_idle_time_defers_the_window(any_server):
    client = Client(any_server)
    client.outcomes(mails(FIVE))
    any_server.__exit__()

    outcomes = client.outcomes(mails(range(6, 11)))

    assert states(outcomes) == dict.fromkeys(range(6, 11), DEFERRED)
    assert outcomes[6].about_mailer


def test_a_connection_that_never_saw_a_mail_through_defers(any_server):
    any_server.on("mail", Act(b"", end="close"), mail=1)

    assert states(Client(any_server).outcomes(mails(FIVE))) == all_but(FIVE, {1: DEFERRED})


def test_it_says_goodbye(any_server):
    client = Client(any_server)
    client.outcomes(mails(FIVE))

    client.close()
    any_server.wait()

    assert any_server.lines[0][-1] == b"QUIT\r\n"
    client.close()
    assert any_server.connections == 1


@pytest.mark.parametrize("act", [Act(b"", wait=0.3, end="close"), Act(b"what\r\n"), Act(b"", end="reset")])
def test_a_goodbye_without_answer_is_one_too(any_server, impatient, act):
    any_server.on("quit", act)
    client = Client(any_server)
    client.outcomes(mails(FIVE))

    client.close()

    assert states(client.outcomes(mails(range(6, 11)))) == all_but(range(6, 11), {})


def test_a_window_that_was_left_in_the_middle_spoils_no_other(any_server):
    client = Client(any_server)
    half: Any = client.send(mails(FIVE))
    assert next(half).state == ACCEPTED  # and the second mail may be introduced by now
    half.close()

    assert states(client.outcomes(mails(range(6, 11)))) == all_but(range(6, 11), {})
    assert {number: any_server.counts[number] for number in range(6, 11)} == dict.fromkeys(range(6, 11), 1)


def test_a_fault_of_whoever_is_told_of_the_wait_spoils_no_later_window(any_server):
    client = Client(any_server)
    client.outcomes(mails(range(1, 3)))

    def stop() -> None:
        raise KeyboardInterrupt

    client.waiting = stop
    with pytest.raises(KeyboardInterrupt):
        list(client.send(mails(range(3, 6))))
    client.waiting = lambda: None

    assert states(client.outcomes(mails(range(6, 11)))) == all_but(range(6, 11), {})
    assert max(any_server.counts.values()) == 1


# --- Whatever the server does ---------------------------------------------------------------------------


def assert_nothing_lost_or_doubled(outcomes: dict[int, Outcome], counts: Counter[int]) -> None:
    """Compare what is said of each mail with what arrived."""
    for number, outcome in outcomes.items():
        assert counts[number] <= 1, (number, outcome)
        if outcome.state == ACCEPTED:
            assert counts[number] == 1, (number, outcome)
        if outcome.state in {DEFERRED, FAILED}:
            assert counts[number] == 0, (number, outcome)


ENDS = st.sampled_from(["", "", "close", "reset", "half"])
NO_REPLIES = [
    b"451 4.3.0 Later\r\n",
    b"550 5.1.1 No\r\n",
    b"421 4.3.2 Bye\r\n",
    b"",
    b"what\r\n",
    b"250-x\r\n550 y\r\n",
]
WAITS = st.sampled_from([0, 0, 0, 0, 0, 0.15])


def acts(*more: bytes) -> st.SearchStrategy[Act]:
    """Return acts that say one of these, the usual, or nothing good."""
    replies = st.sampled_from([None, None, *more, *NO_REPLIES])
    return st.builds(Act, reply=replies, wait=WAITS, end=ENDS, keep=st.booleans()).map(sensible)


def sensible(act: Act) -> Act:
    """A server that agrees after the dot keeps the mail, and one that says nothing at all hangs up in the end."""
    if act.reply is None:
        act.keep = True
    elif act.reply == b"" and not act.end:
        act.end = "close"
    return act


STEPS = {
    "mail": acts(b"354 Go on\r\n"),
    "rcpt": acts(b"251 2.1.5 Elsewhere\r\n"),
    "data": acts(b"354 Go on\r\n", b"250 2.0.0 Fine\r\n"),
    "dot": acts(b"354 More\r\n", b"2500 x\r\n"),
}
OF_MAILS = st.dictionaries(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(1, 8)), st.integers(1, 2), max_size=6
).flatmap(
    lambda where: st.fixed_dictionaries(
        {key: st.lists(STEPS[key[0]], min_size=1, max_size=times) for key, times in where.items()}
    )
)
OF_CONNECTIONS = st.dictionaries(
    st.sampled_from(["connect", "ehlo", "helo", "rset", "quit"]), st.lists(acts(), min_size=1, max_size=2), max_size=2
)
WINDOWS = st.lists(st.integers(1, 4), min_size=1, max_size=2)


@pytest.mark.slow
@given(
    of_mails=OF_MAILS,
    of_connections=OF_CONNECTIONS,
    windows=WINDOWS,
    pipelining=st.booleans(),
    utf8=st.booleans(),
    outside_ascii=st.sets(st.integers(1, 8), max_size=2),
    pieces=st.booleans(),
)
@so_many(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_each_mail_has_one_outcome_and_it_is_true(
    of_mails: dict[tuple[str, int], list[Act]],
    of_connections: dict[str, list[Act]],
    windows: list[int],
    pipelining: bool,
    utf8: bool,
    outside_ascii: set[int],
    pieces: bool,
) -> None:
    extensions = ("PIPELINING",) * pipelining + ONE_BY_ONE * utf8
    with pytest.MonkeyPatch.context() as patch, ScriptedServer(extensions=extensions, pieces=pieces) as server:
        patch.setattr(smtp, "STEP_SECONDS", 0.1)
        patch.setattr(smtp, "AFTER_DOT_SECONDS", 0.3)
        for (step, number), those in of_mails.items():
            server.on(step, *those, mail=number)
        for step, those in of_connections.items():
            server.on(step, *those)
        client = Client(server)
        outcomes: dict[int, Outcome] = {}
        first = 1
        for size in windows:
            numbers = range(first, first + size)
            window = [foreign(n) if n in outside_ascii else mail(n) for n in numbers]
            outcomes |= client.outcomes(window)
            first += size
        client.close()
        server.wait()

        assert set(outcomes) == set(range(1, first))
        assert_nothing_lost_or_doubled(outcomes, server.counts)


# --- With the loop and the ledger -----------------------------------------------------------------------


def test_a_window_of_the_loop_goes_over_one_connection_and_leaves_one_in_doubt(campaign, smtp_sink, windows_of):
    windows_of(30)
    send = build_fanned_out_send(build_audience(campaign, size=30))
    victim = Delivery.objects.of(send).order_by("pk")[14]
    smtp_sink.drop("dot", to=victim.recipient.email, times=1)

    worker.work(send.pk, clock=lambda: NOON)

    assert states_of(send) == {ACCEPTED: 29, UNKNOWN: 1}
    victim.refresh_from_db()
    assert victim.state == UNKNOWN
    assert smtp_sink.connections == 2
    assert len(smtp_sink.count) == 30 and not smtp_sink.duplicates


def test_words_that_the_database_cannot_hold_do_not_stop_the_ledger(campaign, smtp_sink):
    send = build_fanned_out_send(build_audience(campaign, size=3))
    smtp_sink.reply("rcpt", "550 5.7.1 No\x00thing", times=1)

    worker.work(send.pk, clock=lambda: NOON)

    assert states_of(send) == {ACCEPTED: 2, FAILED: 1}


def test_a_password_that_cannot_be_written_leaves_every_row_deferred(campaign, smtp_sink, settings):
    mailers = settings.MAILERS
    mailers["exercise"]["OPTIONS"] |= {"username": "pete", "password": "s\u00e4lainen"}
    send = build_fanned_out_send(build_audience(campaign, size=3))

    worker.work(send.pk, clock=lambda: NOON)

    assert states_of(send) == {DEFERRED: 3}
