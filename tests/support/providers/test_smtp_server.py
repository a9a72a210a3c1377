"""The sink itself: what it counts and how it misbehaves, seen with Python's own client."""

import smtplib
from collections.abc import Iterator

import pytest

from tests.faults.support.counting_server import counter

from .smtp_server import SmtpSink

MAIL = "From: a@example.org\r\nSubject: Hei\r\n\r\nMoi.\r\n"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """A sink without Django."""
    with SmtpSink() as sink:
        yield sink


def hand_over(sink: SmtpSink, to: str = "b@example.org") -> None:
    """Send one mail."""
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as client:
        client.sendmail("a@example.org", [to], MAIL)


def test_it_counts_what_each_address_got(sink: SmtpSink) -> None:
    hand_over(sink)
    hand_over(sink)
    hand_over(sink, "c@example.org")

    assert sink.count == {"b@example.org": 2, "c@example.org": 1}
    assert sink.duplicates == {"b@example.org": 2}
    assert sink.to("c@example.org")[0]["Subject"] == "Hei"


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_it_refuses_in_the_phase_it_is_told(sink: SmtpSink, phase: str) -> None:
    sink.reply(phase, "451 4.3.0 Later", times=1)  # type: ignore[arg-type]

    with pytest.raises(smtplib.SMTPException):
        hand_over(sink)
    assert not sink.caught
    hand_over(sink)
    assert len(sink.caught) == 1


@pytest.mark.parametrize(("phase", "kept"), [("connect", 0), ("mail", 0), ("rcpt", 0), ("data", 0), ("dot", 1)])
def test_it_drops_the_connection_in_the_phase_it_is_told(sink: SmtpSink, phase: str, kept: int) -> None:
    sink.drop(phase, times=1)  # type: ignore[arg-type]

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        hand_over(sink)
    assert len(sink.caught) == kept


def test_a_rule_can_be_about_one_address(sink: SmtpSink) -> None:
    sink.reply("rcpt", "550 5.1.1 No such user", to="gone@")

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        hand_over(sink, "gone@example.org")
    hand_over(sink, "here@example.org")
    assert set(sink.count) == {"here@example.org"}


def test_the_one_that_only_counts_tells_a_notice_from_a_delivery_that_came_twice() -> None:
    with counter() as counting, smtplib.SMTP("127.0.0.1", counting.port, timeout=5) as client:
        for sender in ("b+7.mark@example.org", "b+7.mark@example.org", "b+8.mark@example.org", "desk@example.org"):
            client.sendmail(sender, ["editor@example.org"], MAIL)
        seen = counting.counted()

    assert seen.came == {7: 2, 8: 1}
    assert seen.others == ["editor@example.org"]
