"""The record of a send: every person on one line, harmless in a spreadsheet, and small in memory."""

import csv
import tracemalloc
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from delivery.models import Delivery, ProviderEvent, Recipient, Send
from delivery.reports import csv_record
from tests.support import builders
from tests.support.builders import NOON

State = Delivery.State


@pytest.fixture
def send(campaign: Any) -> Send:
    """A send to three people."""
    return builders.build_fanned_out_send(builders.build_audience(campaign, size=3))


def read(send: Send, *, with_addresses: bool = True) -> list[dict[str, str]]:
    """Return the lines of the record."""
    raw = b"".join(csv_record.record_of(send, with_addresses=with_addresses))
    return list(csv.DictReader(StringIO(raw.decode("utf-8-sig"), newline="")))


def test_every_person_is_a_line_and_every_moment_has_its_offset(send: Send) -> None:
    first = Delivery.objects.of(send).order_by("pk")[0]
    Delivery.objects.filter(pk=first.pk).update(
        state=State.ACCEPTED,
        code="250 2.0.0",
        detail="Queued as 4711",
        attempts=2,
        handed_off_at=datetime(2026, 3, 25, 10, 0, 1, tzinfo=UTC),
        finished_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        possible_duplicate=True,
        receipt=Delivery.Receipt.DELIVERED,
    )
    for number, minutes in enumerate((9, 4)):
        ProviderEvent.objects.create(
            provider="p",
            event_id=str(number),
            kind="delivered",
            delivery=first,
            happened_at=NOON + timedelta(minutes=minutes),
        )

    lines = read(send)

    assert len(lines) == 3 == send.candidates
    assert lines[0] == {
        "send": str(send.pk),
        "mailing": "mailing-1",
        "audience": "network",
        "slot": "2026-03-25T12:00:00+02:00",
        "language": first.language,
        "delivery": str(first.pk),
        "recipient": first.recipient.email,
        "state": "accepted",
        "code": "250 2.0.0",
        "server_said": "Queued as 4711",
        "attempts": "2",
        "handed_over_at": "2026-03-25T12:00:01+02:00",
        "ended_at": "2026-03-29T04:30:00+03:00",  # the clocks went forward at three
        "possibly_sent_twice": "yes",
        "receipt": "delivered",
        "receipt_at": "2026-03-25T12:04:00+02:00",
        "instead": "",
    }
    assert (lines[1]["state"], lines[1]["receipt"], lines[1]["receipt_at"], lines[1]["ended_at"]) == (
        "queued",
        "none",
        "",
        "",
    )


def test_it_is_what_the_standard_and_spreadsheets_ask_for(send: Send) -> None:
    raw = b"".join(csv_record.record_of(send, with_addresses=True))

    assert raw.startswith(b"\xef\xbb\xbfsend,mailing,")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 4
    assert csv_record.file_name(send, at=datetime(2026, 3, 25, 22, 30, tzinfo=UTC)) == f"send-{send.pk}-2026-03-26.csv"


def test_without_the_right_a_recipient_is_a_code(send: Send) -> None:
    raw = b"".join(csv_record.record_of(send, with_addresses=False)).decode()

    assert "@" not in raw
    hashes = Recipient.objects.values_list("address_hash", flat=True)
    assert {line["recipient"] for line in read(send, with_addresses=False)} == {value[:12] for value in hashes}


def test_of_an_erased_person_the_code_remains(send: Send) -> None:
    person = Recipient.objects.order_by("pk")[0]
    Recipient.objects.filter(pk=person.pk).update(email="", name="", state="erased")

    assert read(send)[0]["recipient"] == person.address_hash[:12]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_a_cell_that_a_spreadsheet_would_calculate_is_made_harmless(start: str, send: Send) -> None:
    said = f'{start}HYPERLINK("https://evil.example")'
    Delivery.objects.of(send).update(detail=said)

    assert {line["server_said"] for line in read(send)} == {f"'{said}"}


def test_a_send_that_has_not_started_has_a_heading_only(campaign: Any) -> None:
    assert read(builders.build_send(builders.build_audience(campaign))) == []


def test_other_sends_are_not_in_it(send: Send, campaign: Any) -> None:
    audience = builders.build_audience(campaign, "others", size=2)
    builders.build_fanned_out_send(audience, mailing=builders.build_mailing(campaign, "mailing-2"))

    assert {line["audience"] for line in read(send)} == {"network"}


def test_no_query_and_no_memory_per_row(
    campaign: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=4000))
    Delivery.objects.of(send).update(state=State.ACCEPTED, receipt=Delivery.Receipt.DELIVERED)
    send = Send.objects.select_related("mailing__campaign", "audience").get()
    monkeypatch.setattr(csv_record, "ROWS_AT_A_TIME", 500)

    with django_assert_num_queries(8 * 2 + 1):
        assert sum(piece.count(b"\n") for piece in csv_record.record_of(send, with_addresses=True)) == 4001

    def most(up_to: int) -> int:
        """Return the most memory that pieces up to this one take, in bytes."""
        tracemalloc.start()
        for number, _piece in enumerate(csv_record.record_of(send, with_addresses=True)):
            if number == up_to:
                break
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(1)
    assert most(8) < 1.5 * most(2)
