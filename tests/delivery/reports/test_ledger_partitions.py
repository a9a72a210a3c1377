"""How old rows of the ledger leave, and that their numbers stay."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from delivery import personal_data
from delivery.fanout import fanout
from delivery.models import Delivery, Mailing, Send, SendTotal
from delivery.reports import ledger_partitions, ledger_totals
from delivery.reports.ledger import ledger_of
from delivery.reports.send_progress import progress_of
from tests.support.builders import build_audience, build_mailing, build_send

pytestmark = pytest.mark.django_db

MAY = datetime(2026, 5, 20, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, 0, 0, 30, tzinfo=UTC)
LATER = MAY + timedelta(days=401)


@pytest.fixture
def own_block():
    """On PostgreSQL, keys of mailings from a block of its own: a sequence does not go back with its transaction."""
    if connection.vendor != "postgresql":
        yield
        return
    set_key = "SELECT setval(pg_get_serial_sequence('delivery_mailing', 'id'), %s)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('delivery_mailing', 'id'))")
        (key,) = cursor.fetchone()
        cursor.execute(set_key, [5 * ledger_partitions.BLOCK])
        yield
        cursor.execute(set_key, [key])


@pytest.fixture
def over(campaign, own_block):
    """A send of May to six people, with every kind of end."""
    send = build_send(build_audience(campaign, size=6), build_mailing(campaign, "bulletin-1"))
    Mailing.objects.update(created_at=MAY)
    fanout.fan_out(send, at=MAY)
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    ended = [("accepted", "250", 1, False), ("accepted", "250", 1, False), ("accepted", "250", 0, True),
             ("failed", "550 5.1.1", 0, False), ("suppressed", "", 0, False), ("unknown", "", 0, False)]  # fmt: skip
    for pk, (state, code, receipt, twice) in zip(ids, ended, strict=True):
        Delivery.objects.filter(pk=pk).update(state=state, code=code, receipt=receipt, possible_duplicate=twice)
    Send.objects.update(state=Send.State.FINISHED, finished_at=MAY)
    return Send.objects.get()


def partitions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'delivery_delivery'::regclass"
        )
        return sorted(name for (name,) in cursor.fetchall())


def numbers(send):
    """Return all that a page says of a send."""
    seen = progress_of([send], at=LATER)
    lines = [
        (line.language, line.accepted, line.failed, line.suppressed, line.unknown) for line in ledger_of([send]).rows
    ]
    problems = [(one.state, one.code, one.people) for one in seen.problems]
    return lines, seen.ledger.total, problems, seen.possibly_twice, dict(seen.receipts)


def forget_all():
    turns = 0
    while personal_data.unlink(LATER) or ledger_partitions.remove_old(at=LATER):
        turns += 1
        assert turns < 20
    return turns


def test_old_rows_leave_and_every_number_stays(over, campaign):
    before = numbers(over)
    ledger_partitions.start_month(at=JUNE)
    build_mailing(campaign, "bulletin-2")
    forget_all()

    over.refresh_from_db()
    assert not Delivery.objects.filter(mailing=over.mailing).exists()
    assert over.first_delivery is None and over.summed_at == LATER
    assert numbers(over) == before
    assert sum(SendTotal.objects.values_list("people", flat=True)) == 6


def test_rows_of_a_send_that_nobody_has_forgotten_stay_with_their_month(over, campaign):
    other = build_send(over.audience, build_mailing(campaign, "bulletin-2"))
    Mailing.objects.update(created_at=MAY)
    fanout.fan_out(other, at=MAY)
    ledger_partitions.start_month(at=JUNE)
    build_mailing(campaign, "bulletin-3")
    forget_all()

    assert Delivery.objects.filter(send=other).count() == 6
    assert Send.objects.get(pk=other.pk).summed_at is None


def test_totals_are_kept_once(over):
    ledger_totals.keep(over, at=LATER)
    kept = list(SendTotal.objects.values())
    ledger_totals.keep(over, at=LATER)
    assert list(SendTotal.objects.values()) == kept


def test_what_is_old_can_go_out_once_more(over, campaign):
    ledger_partitions.start_month(at=JUNE)
    build_mailing(campaign, "bulletin-2", created_at=JUNE)
    forget_all()

    again = build_send(build_audience(campaign, "others", size=2), over.mailing)
    assert fanout.fan_out(again, at=LATER) == 2
    assert ledger_of([again]).total.candidates == 2


@pytest.mark.postgresql
def test_a_months_first_mailing_begins_a_partition(over, campaign):
    block = over.mailing_id // ledger_partitions.BLOCK
    before = partitions()
    ledger_partitions.start_month(at=MAY)
    assert build_mailing(campaign, "still-may", created_at=MAY).pk // ledger_partitions.BLOCK == block

    for _twice in range(2):
        ledger_partitions.start_month(at=JUNE)
    june = build_mailing(campaign, "june", created_at=JUNE)
    assert june.pk // ledger_partitions.BLOCK == block + 1
    assert partitions() == sorted({*before, f"delivery_delivery_{block + 1}"})
    ledger_partitions.start_month(at=JUNE)
    assert build_mailing(campaign, "still-june", created_at=JUNE).pk // ledger_partitions.BLOCK == block + 1

    assert fanout.fan_out(build_send(over.audience, june), at=JUNE) == 6
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM delivery_delivery_{block + 1}")
        assert cursor.fetchone() == (6,)


@pytest.mark.postgresql
def test_nobody_waits_for_a_table_to_be_dropped(over, campaign, transactional_db):
    """Whoever reads the ledger for long, such as a back-up, keeps the table; others are kept waiting for a moment only."""
    ledger_partitions.start_month(at=JUNE)
    build_mailing(campaign, "bulletin-2", created_at=JUNE)
    Send.objects.filter(pk=over.pk).update(unlinked_at=LATER)
    assert ledger_partitions.remove_old(at=LATER) == 1
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT COUNT(*) FROM delivery_delivery")
            began = time.monotonic()
            assert ledger_partitions.remove_old(at=LATER) == 0
            assert time.monotonic() - began < 5
            cursor.execute("COMMIT")
    finally:
        reader.close()
    assert ledger_partitions.remove_old(at=LATER) == 1
    assert f"delivery_delivery_{over.mailing_id // ledger_partitions.BLOCK}" not in partitions()
