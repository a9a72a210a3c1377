"""Provider events a thousand times, shuffled, forged, old, too early; and bodies that are far too long."""

import base64
import hashlib
import hmac
import json
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from delivery.feedback import receipts
from delivery.message import verp
from delivery.models import Delivery, ProviderEvent, Suppression
from tests.support.builders import build_audience, build_fanned_out_send

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
KEY = "key-from-mailgun"
SECRET = "provider:long-and-random-secret"
BASIC = {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}
State = Delivery.State
Receipt = Delivery.Receipt


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.WEBHOOK_SECRETS = [SECRET]
    settings.WEBHOOK_KEYS = {"mailgun": KEY}


@pytest.fixture
def row(campaign: Any) -> Delivery:
    """A row that was handed over and accepted."""
    build_fanned_out_send(build_audience(campaign, size=1), at=timezone.now())
    Delivery.objects.update(state=State.ACCEPTED, attempts=1)
    return Delivery.objects.get()


def signed(row: Delivery, event: str, *, token: str, key: str = KEY, age: float = 0, happened: float = 0) -> bytes:
    """Return what Mailgun posts: its signature is `age` seconds old, what it tells happened `happened` seconds ago."""
    now = datetime.now(UTC).timestamp()
    timestamp = str(int(now - age))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    data = {
        "event": event,
        "timestamp": now - happened,
        "severity": "permanent",
        "message": {"headers": {"message-id": f"{row.pk}@mailgun.example"}},
        "user-variables": {"delivery": verp.delivery_mark(row.pk)},
    }
    return json.dumps(
        {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": data}
    ).encode()


def post(body: bytes) -> tuple[int, float]:
    """Post a report; return the status and the seconds it took."""
    began = time.monotonic()
    response = Client().post(
        reverse("webhooks:report", args=["mailgun"]), body, content_type="application/json", headers=BASIC
    )
    return response.status_code, time.monotonic() - began


def in_threads(bodies: list[bytes], threads: int = 4) -> list[tuple[int, float]]:
    """Post reports side by side."""

    def one(body: bytes) -> tuple[int, float]:
        try:
            return post(body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, bodies))


@pytest.mark.fault(12)
def test_an_event_a_thousand_times_is_one_row_and_its_answer_is_quick(row):
    body = signed(row, "delivered", token="t")

    answers = in_threads([body] * 1000)

    assert {status for status, _seconds in answers} == {200}
    assert ProviderEvent.objects.count() == 1
    assert statistics.quantiles([seconds for _status, seconds in answers], n=20)[-1] < 0.2
    assert receipts.apply(at=timezone.now()) == 1
    row.refresh_from_db()
    assert row.receipt == Receipt.DELIVERED


@pytest.mark.fault(12)
def test_shuffled_old_and_forged_events_end_where_the_worst_true_one_says(row):
    """Whatever the order and however often, with ticks in between and two of them at once."""
    true = [
        signed(row, event, token=f"{event}{n}", happened=happened)
        for event in ("delivered", "failed")
        for n, happened in enumerate((0, 3600, 30 * 86400))
    ]
    forged = [signed(row, "complained", token=f"f{n}", key="another key") for n in range(20)]
    old = [signed(row, "complained", token=f"o{n}", age=3600) for n in range(20)]
    bodies = (true * 20) + forged + old
    seen: list[list[int]] = [[], []]
    done = threading.Event()

    def tick(seen: list[int]) -> None:
        while not done.is_set():
            receipts.apply(at=timezone.now())
            seen.append(Delivery.objects.values_list("receipt", flat=True).get())
        connections.close_all()

    random.Random(12).shuffle(bodies)
    ticks = [threading.Thread(target=tick, args=(mine,)) for mine in seen]
    for thread in ticks:
        thread.start()
    answers = in_threads(bodies)
    done.set()
    for thread in ticks:
        thread.join(30)
    receipts.apply(at=timezone.now())

    assert sorted(status for status, _seconds in answers) == [200] * 120 + [400] * 40
    assert ProviderEvent.objects.count() == len(true)
    assert not ProviderEvent.objects.filter(processed_at=None).exists()
    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED
    assert all(mine == sorted(mine) for mine in seen)  # never backwards
    assert not Suppression.objects.exists()


def test_events_about_the_same_rows_in_opposite_order_do_not_block_each_other(campaign):
    build_fanned_out_send(build_audience(campaign, size=60), at=timezone.now())
    Delivery.objects.update(state=State.ACCEPTED, attempts=1)
    keys = list(Delivery.objects.values_list("pk", flat=True))
    for order, kind in ((1, "delivered"), (-1, "bounced"), (1, "complained")):
        receipts.take(
            [
                receipts.Report("p", f"{kind}{key}", ProviderEvent.Kind.DEFERRED, timezone.now(), delivery_id=key)
                for key in keys[::order]
            ],
            at=timezone.now(),
        )
        ProviderEvent.objects.filter(kind="deferred").update(kind=kind)
    faults: list[BaseException] = []

    def apply() -> None:
        try:
            receipts.apply(at=timezone.now())
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=apply) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    receipts.apply(at=timezone.now())

    assert faults == []
    assert not ProviderEvent.objects.filter(processed_at=None).exists()
    assert set(Delivery.objects.values_list("receipt", flat=True)) == {Receipt.COMPLAINED}


@pytest.mark.fault(13)
def test_an_event_that_comes_before_the_send_is_recorded_is_matched_within_a_minute(row):
    """By the provider's own name, which is recorded with the outcome."""
    Delivery.objects.update(state=State.HANDING_OFF, lease=1)
    now = timezone.now()
    early = receipts.Report("mailgun", "early", ProviderEvent.Kind.DELIVERED, now, message_id="<abc@mailgun.example>")

    receipts.take([early], at=now)
    assert receipts.apply(at=now) == 0

    Delivery.objects.update(state=State.ACCEPTED, lease=None, provider_id="<abc@mailgun.example>")
    assert receipts.apply(at=now + timedelta(seconds=30)) == 1  # the next tick
    row.refresh_from_db()
    assert row.receipt == Receipt.DELIVERED
    event = ProviderEvent.objects.get()
    assert event.processed_at is not None and event.processed_at - event.received_at <= timedelta(seconds=60)


def test_a_bounce_while_the_row_is_being_handed_over_does_not_touch_it(row):
    Delivery.objects.update(state=State.HANDING_OFF, lease=1)

    assert post(signed(row, "failed", token="t"))[0] == 200

    row.refresh_from_db()
    assert (row.state, row.lease, row.receipt) == (State.HANDING_OFF, 1, Receipt.NONE)
    Delivery.objects.update(state=State.UNKNOWN, lease=None)
    receipts.apply(at=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.receipt) == (State.ACCEPTED, Receipt.BOUNCED)


def test_ten_megabytes_over_a_real_connection_are_refused_before_they_are_sent(live_server, row):
    host, port = live_server.thread.host, live_server.thread.port
    for path, size in (("/webhooks/mailgun/", 10), ("/webhooks/mail/", 40), ("/webhooks/mailgun/inbound/", 40)):
        with socket.create_connection((host, port), 10) as connection:
            connection.sendall(
                f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
                f"Authorization: {BASIC['Authorization']}\r\nContent-Length: {size * 1024 * 1024}\r\n\r\n".encode()
            )
            assert connection.recv(100).split()[1] == b"413"
    assert not ProviderEvent.objects.exists()


def test_the_real_pipe_takes_a_bounce(row, process_env):
    address = row.recipient.email.encode()
    raw = (
        b"From: MAILER-DAEMON@mx.example.net\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        b"Final-Recipient: rfc822; " + address + b"\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    words = [sys.executable, "manage.py", "receive_bounce", verp.return_path(row.pk, "bounces@example.org")]

    ended = subprocess.run(words, cwd=ROOT, input=raw, env=process_env, capture_output=True)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    row.refresh_from_db()
    assert row.receipt == Receipt.BOUNCED
    assert ProviderEvent.objects.get().denies_address
    assert not Suppression.objects.exists(), "by mail it takes a second one"
