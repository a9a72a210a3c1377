"""A send of real size through a provider's API, by real Celery workers, against a provider of our own that only counts."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from benchmarks import environment

from .send import analyse, build, wait_for_end, warm_up

READY_SECONDS = 10
# Takes calls as Mailgun does and counts their recipients; a GET tells how many there were. A process of its own, and
# hardly any work: it must not be what is measured.
COUNTER = r"""
import asyncio, json, re

LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
counted = calls = 0

class Counter(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.parts, self.held, self.wanted = transport, [], 0, 0

    def data_received(self, data):
        global counted, calls
        self.parts.append(data)
        self.held += len(data)
        while self.held and self.held >= self.wanted:
            whole = b"".join(self.parts)
            self.parts = [whole]
            end = whole.find(b"\r\n\r\n")
            if end < 0:
                return
            length = LENGTH.search(whole, 0, end)
            self.wanted = end + 4 + (int(length[1]) if length else 0)
            if len(whole) < self.wanted:
                return
            if whole.startswith(b"GET"):
                answer = {"counted": counted, "calls": calls}
            else:
                counted += whole.count(b'name="to"\r\n', 0, self.wanted)
                calls += 1
                answer = {"id": "<%d@mailgun.test>" % calls, "message": "Queued. Thank you."}
            body = json.dumps(answer).encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            self.transport.write(head + body)
            self.parts, self.held, self.wanted = [whole[self.wanted:]], len(whole) - self.wanted, 0

async def main():
    server = await asyncio.get_running_loop().create_server(Counter, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        """What to set before the settings are read, so that mail leaves by it."""
        return {
            "MAIL_URL": "esp://mailgun",
            "ANYMAIL_MAILGUN_API_KEY": "key",
            "ANYMAIL_MAILGUN_API_URL": f"http://127.0.0.1:{self.port}/v3/",
            "PREFLIGHT": "false",
        }

    def counted(self) -> dict[str, int]:
        """Return how many recipients came, in how many calls."""
        with urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            found: dict[str, int] = json.load(answer)
        return found


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Start the provider on a free loopback port."""
    process = subprocess.Popen([sys.executable, "-c", COUNTER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Provider(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(READY_SECONDS)


def limit_per_second(port: int) -> float:
    """Return how many recipients a second the provider takes from someone who sends the same call over and over."""
    part = b'--x\r\nContent-Disposition: form-data; name="to"\r\n\r\nReader <reader@example.net>\r\n' + b" " * 500
    body = part * 1000
    call = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with socket.create_connection(("127.0.0.1", port)) as connection:
        began = time.monotonic()
        for _call in range(100):
            connection.sendall(call)
            connection.recv(4096)
    return 100_000 / (time.monotonic() - began)


def esp(recipients: int, connections: int, where: Provider) -> dict[str, Any]:
    """Time a live send with `connections` worker processes. `where.environment` must be in force."""
    from django.utils import timezone

    from campaigns.models import Campaign
    from delivery.fanout import fanout
    from delivery.reports import ledger
    from delivery.sending import dispatch

    limit = limit_per_second(where.port)
    planned = build(recipients)
    Campaign.objects.filter(pk=planned.mailing.campaign_id).update(mode=Campaign.Mode.LIVE)
    with environment.workers(bulletin=connections) as workers:
        warm_up(connections)
        analyse()
        before = where.counted()
        fanout.fan_out(planned, at=timezone.now())
        began = time.time()
        dispatch.wake_workers(at=timezone.now())
        seconds = wait_for_end(planned) - began
        memory = workers.rss_mb()
    after = where.counted()
    arrived = after["counted"] - before["counted"]
    total = ledger.ledger_of([planned]).total
    return {
        "connections": connections,
        "calls": after["calls"] - before["calls"],
        "seconds": round(seconds, 2),
        "per_second": round(recipients / seconds),
        "limit_per_second": round(limit),
        "ratio": round(recipients / seconds / limit, 2),
        "accepted": total.accepted,
        "arrived": arrived,
        "duplicates": max(0, arrived - total.accepted - total.unknown),
        "lost": max(0, total.accepted - arrived) + total.to_go + total.failed,
        "unknown": total.unknown,
        "rss_mb": round(memory),
    }
