"""Reading what was logged, and what was reported."""

import contextlib
import gzip
import io
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from operations.logs.client_errors import AsWarning
from operations.logs.formatters import Clean, JsonLines


@contextlib.contextmanager
def lines_of(level: int = logging.INFO) -> Iterator[list[dict[str, Any]]]:
    """Yield a list that the lines come into when the block ends, written as in production by the root's handler."""
    written: list[dict[str, Any]] = []
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.addFilter(AsWarning())
    handler.addFilter(Clean())
    handler.setFormatter(JsonLines())
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        written += [json.loads(line) for line in stream.getvalue().splitlines()]


class Sentry:
    """A server that takes error reports as Sentry does, and keeps them. `stalls` makes it take a minute for each answer."""

    def __init__(self, *, stalls: bool = False) -> None:
        self.bodies: list[bytes] = []
        self.gone = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if stalls:
                    server.gone.wait(60)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *unused: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.dsn = f"http://publickey0@127.0.0.1:{self.server.server_port}/1"

    def __enter__(self) -> "Sentry":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused: Any) -> None:
        self.gone.set()
        self.server.shutdown()
        self.server.server_close()

    def events(self) -> list[dict[str, Any]]:
        """Return the events that came."""
        found = []
        for body in self.bodies:
            lines = body.split(b"\n")
            found += [
                json.loads(payload)
                for head, payload in zip(lines[1::2], lines[2::2], strict=False)
                if b'"event"' in head
            ]
        return found
