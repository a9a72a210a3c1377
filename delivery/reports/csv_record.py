"""The record of a send as CSV: one line per person, for whoever asks later what happened."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import OuterRef, Subquery

from delivery.models import Delivery, ProviderEvent, Send
from lib.csv_rows import BOM, lines

ROWS_AT_A_TIME = 2000
# The same in every language, so that the records of two sends can be laid side by side.
COLUMNS = (
    "send",
    "mailing",
    "audience",
    "slot",
    "language",
    "delivery",
    "recipient",
    "state",
    "code",
    "server_said",
    "attempts",
    "handed_over_at",
    "ended_at",
    "possibly_sent_twice",
    "receipt",
    "receipt_at",
    "instead",
)
RECEIPTS = {
    Delivery.Receipt.DELIVERED: ProviderEvent.Kind.DELIVERED,
    Delivery.Receipt.BOUNCED: ProviderEvent.Kind.BOUNCED,
    Delivery.Receipt.COMPLAINED: ProviderEvent.Kind.COMPLAINED,
}


def file_name(send: Send, *, at: datetime) -> str:
    """Return what the record is called: the send's number and the day in the campaign's zone."""
    return f"send-{send.pk}-{at.astimezone(send.mailing.campaign.zone):%Y-%m-%d}.csv"


def record_of(send: Send, *, with_addresses: bool) -> Iterator[bytes]:
    """
    Give the record of a send in pieces: CSV as in RFC 4180, UTF-8 with a byte order mark.

    Moments are ISO 8601 in the campaign's zone. Without `with_addresses` a recipient is the first 12 characters of
    the address code; `instead` is the row by which its person was told after all. Cells that a spreadsheet would calculate begin with an apostrophe. Two queries per 2,000 rows,
    and no more than these in memory.
    """
    zone = send.mailing.campaign.zone
    about = (send.pk, send.mailing.key, send.audience.slug, stamp(send.slot_at, zone))
    yield BOM.encode() + lines([COLUMNS])
    last = 0
    while rows := rows_after(send, last):
        last = rows[-1][0]
        received = receipt_times(rows[0][0], last) if any(row[-1] for row in rows) else {}
        yield lines(line(about, row, received, zone, with_addresses=with_addresses) for row in rows)


def rows_after(send: Send, last: int) -> list[tuple[Any, ...]]:
    """Return the next rows of a send after the key `last`."""
    told = Delivery.objects.filter(
        mailing=send.mailing_id, recipient=OuterRef("recipient__person"), send__instead_of=send.pk
    )
    rows = Delivery.objects.of(send).filter(pk__gt=last).order_by("pk")
    return list(
        rows.annotate(instead=Subquery(told.values("pk")[:1])).values_list(
            "pk",
            "language",
            "recipient__email",
            "recipient__address_hash",
            "state",
            "code",
            "detail",
            "attempts",
            "handed_off_at",
            "finished_at",
            "possible_duplicate",
            "instead",
            "receipt",
        )[:ROWS_AT_A_TIME]
    )


def receipt_times(first: int, last: int) -> dict[tuple[int, str], datetime]:
    """Return {(delivery, kind): when the provider first reported it} of the rows from `first` to `last`; one query."""
    events = ProviderEvent.objects.filter(delivery__gte=first, delivery__lte=last, kind__in=RECEIPTS.values())
    latest_first = events.order_by("-happened_at").values_list("delivery", "kind", "happened_at")
    return {(pk, kind): when for pk, kind, when in latest_first}


def line(
    about: tuple[Any, ...],
    row: tuple[Any, ...],
    received: dict[tuple[int, str], datetime],
    zone: tzinfo,
    *,
    with_addresses: bool,
) -> tuple[Any, ...]:
    """Return the cells of one row."""
    (
        pk,
        language,
        email,
        code_of_address,
        state,
        code,
        detail,
        attempts,
        handed_off_at,
        ended_at,
        twice,
        instead,
        receipt,
    ) = row
    return (
        *about,
        language,
        pk,
        email if with_addresses and email else (code_of_address or "")[:12],
        state,
        code,
        detail,
        attempts,
        stamp(handed_off_at, zone),
        stamp(ended_at, zone),
        "yes" if twice else "no",
        Delivery.Receipt(receipt).name.lower(),
        stamp(received.get((pk, RECEIPTS[receipt])) if receipt else None, zone),
        instead or "",
    )


def stamp(moment: datetime | None, zone: tzinfo) -> str:
    """Return a moment as ISO 8601 with its offset, to the second; "" for none."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""
