"""
A provider of text messages on this machine, which answers as Twilio's reference says (Messages resource, 2010-04-01) and as our own
JSON form does. It keeps what came, and can be told to answer otherwise.
"""

import json
from collections import Counter, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs

TAKEN = {"status": "queued", "error_code": None, "error_message": None, "direction": "outbound-api"}


class FakeSMS:
    """The running provider. `came` are the messages, as (number, text, headers, fields)."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.refused: list[dict[str, str]] = []
        self._answers: deque[tuple[str, int, str, dict[str, str]]] = deque()
        self._changed = Lock()
        self._let_go = Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake._post(self, body)

            def log_message(self, *_words: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    @property
    def count(self) -> Counter[str]:
        """How many messages came to each number."""
        return Counter(number for number, *_rest in self.came)

    def way(self, provider: str, **fields: str) -> dict[str, str]:
        """Return what the settings say of a way that leads here."""
        path = "" if provider == "twilio" else "/send"
        url = f"http://127.0.0.1:{self.port}{path}"
        return {"provider": provider, "url": url, "user": "AC1", "secret": "s", "sender": "Nokia", **fields}

    def reply(self, status: int, content: str | dict[str, Any], *, times: int = 1, **headers: str) -> None:
        """Answer the next requests so, and take none of them."""
        text = content if isinstance(content, str) else json.dumps(content)
        self._answers.extend([("reply", status, text, headers)] * times)

    def error(self, code: int, message: str, status: int = 400, *, times: int = 1) -> None:
        """Answer the next requests with an error of Twilio."""
        more = f"https://www.twilio.com/docs/errors/{code}"
        self.reply(status, {"code": code, "message": message, "more_info": more, "status": status}, times=times)

    def drop(self, *, kept: bool, times: int = 1) -> None:
        """End the connection instead of answering the next requests; `kept` says that their messages were taken."""
        self._answers.extend([("keep" if kept else "drop", 0, "", {})] * times)

    def stall(self, *, times: int) -> None:
        """Take the next messages and say nothing until `let_go`, which ends their connections."""
        self._answers.extend([("stall", 0, "", {})] * times)

    def let_go(self) -> None:
        """End what was stalled, and answer as usual."""
        self._answers.clear()
        self._let_go.set()

    def _post(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = dict(handler.headers.items())
        if headers["Content-Type"].startswith("application/json"):
            fields = json.loads(body)
            number, text = fields["to"], fields["text"]
        else:
            fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            number, text = fields["To"], fields["Body"]
        with self._changed:
            how, status, content, more = self._answers.popleft() if self._answers else ("", 201, "", {})
            if how in {"", "keep", "stall"}:
                self.came.append((number, text, headers, fields))
            else:
                self.refused.append(fields)
            name = f"SM{len(self.came):032x}"
        if how == "stall":
            self._let_go.wait(60)
        if how in {"keep", "drop", "stall"}:
            handler.close_connection = True
            return
        if not how:
            content = json.dumps({"sid": name, "to": number, **TAKEN} if "To" in fields else {"id": name})
        octets = content.encode()
        handler.send_response(status)
        for header, value in {"Content-Type": "application/json", **more}.items():
            handler.send_header(header.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(octets)))
        handler.end_headers()
        handler.wfile.write(octets)
