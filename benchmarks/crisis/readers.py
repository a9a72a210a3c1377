"""People who read the bulletin meanwhile, through nginx: fifty a second, then more, then as many as a load generator can be."""

import http.client
import itertools
import threading
from typing import Any, Self

from benchmarks.mail import webhooks
from benchmarks.pages import public_page

RATES = (50, 100, 200, 400, 800)
STEP_SECONDS, PAUSE_SECONDS = 5, 5


class Readers:
    """Read a page in a thread until the block ends; `steps` tells how that went."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.steps: list[dict[str, Any]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        for rate in itertools.chain(RATES, (0,), itertools.repeat(RATES[0])):
            if self._ended.wait(PAUSE_SECONDS):
                break
            self.steps.append(self.steadily(rate) if rate else self.as_many_as_possible())

    def steadily(self, rate: int) -> dict[str, Any]:
        """Read at a rate, each page at its own moment."""
        asked = rate * STEP_SECONDS
        times, took, wrong = webhooks.steadily(self.port, self.ask, rate=rate, number=asked)
        return {
            "asked_per_second": rate,
            "per_second": round(asked / took),
            "p95_ms": webhooks.percentile(times, 95),
            "wrong": round(wrong / asked, 4),
        }

    def as_many_as_possible(self) -> dict[str, Any]:
        """Read with 64 connections, without a pause."""
        try:
            found = public_page.wrk(f"http://127.0.0.1:{self.port}{self.path}", host=public_page.HOST)
        except SystemExit as refusal:
            return {"wrk": str(refusal)}
        return {"wrk_per_second": found["rps"], "p99_ms": found["p99_ms"]}

    def ask(self, connection: http.client.HTTPConnection, n: int) -> int:
        """Read the page once; return the status."""
        connection.request("GET", self.path, headers={"Host": public_page.HOST})
        answer = connection.getresponse()
        answer.read()
        return answer.status
