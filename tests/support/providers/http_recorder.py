"""A real HTTP server that keeps what is posted to it and answers what it is told to: a hook, or a hub of WebSub."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

TO_ELSEWHERE = (302, 307)


class Hearer:
    """What was posted (headers and body), and the statuses of the answers to come; `otherwise` when there are none."""

    def __init__(self, path: str, *, otherwise: int) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        hearer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hearer.got.append((dict(self.headers), body))
                status = hearer.answers.pop(0) if hearer.answers else otherwise
                self.send_response(status)
                if status in TO_ELSEWHERE:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}{path}"


@contextmanager
def hearing(path: str, *, otherwise: int = 200) -> Iterator[Hearer]:
    """Have such a server listen while the block runs."""
    hearer = Hearer(path, otherwise=otherwise)
    threading.Thread(target=hearer.server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hearer
    finally:
        hearer.server.shutdown()
        hearer.server.server_close()
