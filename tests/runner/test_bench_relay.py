"""The relay of `./run bench crisis` answers as real ones do, and each address's fate is known beforehand."""

import smtplib
from collections.abc import Iterator

import pytest

from benchmarks.crisis import relay
from benchmarks.crisis.picture import draw

READERS = (f"reader{number}" for number in range(1000))
PRESENT = next(name for name in READERS if not any(relay.is_missing(f"{name}@{one}") for one in relay.SHARES))
MISSING = next(address for number in range(1000) if relay.is_missing(address := f"reader{number}@{relay.USUAL}"))


@pytest.fixture(scope="module")
def inbox() -> Iterator[relay.Inbox]:
    """A running relay."""
    with relay.relay() as running:
        yield running


def send(inbox: relay.Inbox, *recipients: str) -> None:
    """Send a mail to each of some addresses over one connection."""
    with smtplib.SMTP("127.0.0.1", inbox.port, timeout=10) as connection:
        for recipient in recipients:
            connection.sendmail("bounces@example.org", [recipient], b"Subject: Hello\r\n\r\nHello.\r\n")


def test_what_it_takes_is_written_down_before_it_says_so(inbox):
    address = f"{PRESENT}@slow.example.net"
    before = inbox.messages()

    send(inbox, address, address)

    assert inbox.messages() == before + 2
    assert [recipient for _at, _sender, recipient in inbox.arrived()][-2:] == [address, address]


@pytest.mark.parametrize(
    ("address", "reply"),
    [
        (MISSING, b"5.1.1 "),
        (f"{PRESENT}@grey.example.net", b"4.7.1 Greylisted"),
        (f"{PRESENT}@full.example.net", b"4.2.2 "),
    ],
)
def test_what_it_does_not_take_does_not_arrive(inbox, address, reply):
    before = inbox.messages()

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(inbox, address)

    assert refused.value.recipients[address][1].startswith(reply)
    assert inbox.messages() == before


def test_who_was_greylisted_is_taken_later(monkeypatch):
    memory = relay.Memory()
    address = f"{PRESENT}@grey.example.net"
    assert memory.answer(address) == relay.LATER

    monkeypatch.setattr(relay, "GREY_SECONDS", 0)

    assert memory.answer(address) == relay.TAKEN


def test_a_provider_with_a_rate_takes_so_many_a_second(monkeypatch):
    monkeypatch.setattr(relay.time, "monotonic", lambda: 7.5)
    memory = relay.Memory()

    answers = [memory.answer(f"{PRESENT}@rated.example.net") for _mail in range(relay.RATED_PER_SECOND + 1)]

    assert answers == [relay.TAKEN] * relay.RATED_PER_SECOND + [relay.FAST]


def test_a_share_of_all_addresses_is_missing_always_the_same():
    addresses = [f"reader{number}@{relay.USUAL}" for number in range(10_000)]

    missing = [address for address in addresses if relay.is_missing(address)]

    assert 0.04 < len(missing) / len(addresses) < 0.06
    assert missing == [address for address in addresses if relay.is_missing(address)]


def test_the_picture_has_a_line_for_each_kind_and_each_event():
    times = {"bulletin": [(100.0, 1.0), (160.0, 60.0)], "recall": [(150.0, 2.0)]}

    drawn = draw(times, [(99.0, "bulletin approved"), (140.0, "recall <approved>"), (200.0, "all is done")])

    assert drawn.count("<circle") == 3
    assert drawn.count("stroke-dasharray") == 3
    assert "recall &lt;approved&gt;" in drawn
