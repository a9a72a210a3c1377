"""
Connections that stay open, to addresses that someone wrote: many requests to a few hosts. They go through the door of
lib.http.safe_fetch: a name is looked up once for each connection, and only a public address is connected to.
"""

import http.client
import select
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from .safe_fetch import PORTS, FetchFault, PrivateAddress, checked, connected, hang_up, in_ascii, looks_private

MOST_BYTES = 16 * 1024
MOST_SECONDS = 10.0


class ReplyLost(FetchFault):
    """The request left, at least in part, and no answer came back whole: nobody knows what became of it."""

    code = "lost"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: HTTP status, headers (looked up in any case), and its first bytes."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes


class KeptConnections:
    """One connection to each host, used again as long as it is whole. For one thread."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str, int], http.client.HTTPConnection] = {}

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most_seconds: float = MOST_SECONDS) -> Answer:
        """Post `body` and return the answer, as `ask` does."""
        return self.ask("POST", url, body, headers, most_seconds=most_seconds)

    def ask(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        most_seconds: float = MOST_SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """
        Ask a public http or https address and return the answer, whatever its status. No redirect is followed.

        Raise ReplyLost when it may have arrived, another FetchFault when certainly nothing has left.
        """
        host, port, scheme = checked(url)
        if looks_private(url):
            raise PrivateAddress(host)
        until = time.monotonic() + most_seconds
        place = (scheme, host, port)
        connection = self._whole(place) or connected(host, port, scheme, until)
        connection.auto_open = 0  # it would look the name up again, without looking at what it finds
        try:
            answer = self._ask(connection, method, url, body, headers, until, most_bytes)
        except (OSError, http.client.HTTPException) as fault:
            connection.close()
            raise ReplyLost(host) from fault
        if connection.sock is not None:
            self._open[place] = connection
        return answer

    def close(self) -> None:
        """Let all of them go."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _whole(self, place: tuple[str, str, int]) -> http.client.HTTPConnection | None:
        """Return the open connection to a place. One that has something to say unasked is at its end."""
        connection = self._open.pop(place, None)
        if connection is None:
            return None
        look = select.poll()
        look.register(connection.sock, select.POLLIN)
        if look.poll(0):
            connection.close()
            return None
        return connection

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        until: float,
        most_bytes: int,
    ) -> Answer:
        """Send one request and read its answer; the connection is closed unless it was read to its end."""
        sock = connection.sock
        left = max(0.01, until - time.monotonic())
        sock.settimeout(left)
        # A time-out is for one wait; whoever sends a letter now and then is cut off by the watch.
        watch = threading.Timer(left, hang_up, [sock])
        watch.start()
        try:
            parts = urlsplit(url)
            path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            name = f"[{connection.host}]" if ":" in connection.host else connection.host
            connection.putrequest(method, in_ascii(path), skip_host=True, skip_accept_encoding=True)
            connection.putheader(
                "Host", name if connection.port == PORTS[parts.scheme] else f"{name}:{connection.port}"
            )
            for header, value in headers.items():
                connection.putheader(header, value)
            if body or method in {"POST", "PUT"}:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            content = response.read(most_bytes)
            if not response.isclosed() and response.read(1):
                connection.close()
            return Answer(response.status, response.headers, content)
        finally:
            watch.cancel()
