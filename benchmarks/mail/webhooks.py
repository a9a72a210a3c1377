"""Providers' reports at a steady rate, over real HTTP, on the web server that `./run serve` starts."""

import base64
import http.client
import json
import math
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks import environment
from operations import process_supervisor

from . import send

SECRET = f"bench:{secrets.token_urlsafe(24)}"
CONNECTIONS = 24
ROWS = 2000
REPEATED = 10  # every tenth report comes twice
BOUNCED = 50  # every fiftieth is a bounce, which is applied at once

Ask = Callable[[http.client.HTTPConnection, int], int]


def webhook(rate: int = 200, seconds: int = 15) -> dict[str, Any]:
    """
    Post `rate` reports a second for `seconds`, each at its own moment whether or not the ones before are answered.

    A time counts from the moment at which the report was due. Beside it, a request that touches nothing, at the same
    rate; then how fast what was kept is applied to the ledger, and whether all of it arrived.
    """
    from django.conf import settings
    from django.utils import timezone

    from delivery.feedback import receipts
    from delivery.models import Delivery, ProviderEvent

    marks = build()
    asked = rate * seconds
    bodies = [report(marks, n) for n in range(asked)]
    port = process_supervisor.free_port(8800)
    with environment.web_server(port, settings.WEB_PROCESSES, WEBHOOK_SECRETS=SECRET):
        idle, _seconds, _wrong = steadily(port, live, rate=rate, number=rate * 3)
        times, took, wrong = steadily(port, lambda connection, n: post(connection, bodies[n]), rate=rate, number=asked)
    began = time.monotonic()
    applied = receipts.apply(at=timezone.now())
    apply_seconds = time.monotonic() - began
    kept = ProviderEvent.objects.count()
    return {
        "rate": rate,
        "seconds": seconds,
        "per_second": round(asked / took, 1),
        **{f"p{share}_ms": percentile(times, share) for share in (50, 95, 99)},
        "limit_p95_ms": percentile(idle, 95),
        "answers_other_than_200": wrong,
        "posted": asked,
        "kept": kept,
        "lost": asked - asked // REPEATED - kept,
        "applied_per_second": round(applied / apply_seconds) if applied else 0,
        "receipts": Delivery.objects.exclude(receipt=Delivery.Receipt.NONE).count(),
        "waiting": ProviderEvent.objects.filter(processed_at=None).count(),
    }


def build() -> list[str]:
    """Write a send whose rows have all been accepted; return their marks."""
    from django.utils import timezone

    from delivery.fanout import fanout
    from delivery.message import verp
    from delivery.models import Delivery

    fanout.fan_out(send.build(ROWS, key="webhook"), at=timezone.now())
    Delivery.objects.update(state=Delivery.State.ACCEPTED, attempts=1, handed_off_at=timezone.now())
    return [verp.delivery_mark(pk) for pk in Delivery.objects.values_list("pk", flat=True)]


def report(marks: list[str], n: int) -> bytes:
    """Return the n-th report, as Postmark posts it."""
    named = n - 1 if n % REPEATED == REPEATED - 1 else n
    fields: dict[str, Any] = {
        "MessageID": f"{named:08}-6105-42a2-a16a-77a8eac79483",
        "Recipient": "reader@example.net",
        "DeliveredAt": "2026-03-25T10:00:07Z",
        "Metadata": {"delivery": marks[named % len(marks)]},
        "Details": "smtp;250 2.0.0 OK",
    }
    if named % BOUNCED == 0:
        return json.dumps(
            fields | {"RecordType": "Bounce", "Type": "HardBounce", "Details": "smtp;550 5.1.1 unknown"}
        ).encode()
    return json.dumps(fields | {"RecordType": "Delivery"}).encode()


def post(connection: http.client.HTTPConnection, body: bytes) -> int:
    """Post a report; return the status."""
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}",
    }
    connection.request("POST", "/webhooks/postmark/", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def live(connection: http.client.HTTPConnection, n: int) -> int:
    """Ask whether the web server lives, which costs it nothing."""
    connection.request("GET", "/health/live")
    answer = connection.getresponse()
    answer.read()
    return answer.status


def steadily(port: int, ask: Ask, *, rate: int, number: int) -> tuple[list[float], float, int]:
    """Ask `number` times at `rate` a second; return each time in seconds, how long it all took, and how many failed."""
    times: list[float] = []
    wrong: list[int] = []
    lock = threading.Lock()
    turns = iter(range(number))
    began = time.monotonic() + 0.5

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                n = next(turns, None)
            if n is None:
                break
            due = began + n / rate
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                status = ask(connection, n)
            except (OSError, http.client.HTTPException):
                connection.close()
                status = 0
            times.append(time.monotonic() - due)
            if status != http.client.OK:
                wrong.append(status)
        connection.close()

    threads = [threading.Thread(target=work) for _n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, time.monotonic() - began, len(wrong)


def percentile(times: list[float], share: int) -> float:
    """Return the time that `share` per cent stay within, in milliseconds."""
    return round(sorted(times)[math.ceil(len(times) * share / 100) - 1] * 1000, 1)
