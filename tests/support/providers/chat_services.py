"""The services of chat rooms as their references have them, on this machine: what was said in which room, and what they answer."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

MATRIX = re.compile(r"/_matrix/client/v3/rooms/([^/]+)/send/m\.room\.message/([^/]+)\Z")
TOKEN = "syt_made_up"

# What each answers when it takes a message, by the first part of the path; a webhook's path names its service.
TAKES: dict[str, tuple[int, Any]] = {
    "slack": (200, "ok"),
    "mattermost": (200, "ok"),
    "teams": (202, ""),
    "hookshot": (200, {"ok": True}),
}


class ChatServices:
    """
    The server. `said` are (path, body) of what was taken or refused, in the order in which it came; `answers` those to come, by path
    or for any ("*"): (status, object or text, headers), None for a lost reply. Matrix says the same of one transaction once.
    """

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, list[Any]] = {}
        self.transactions: dict[str, str] = {}
        services = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                services.said.append((self.path, body))
                ready = services.answers.get(self.path) or services.answers.get("*")
                answer = ready.pop(0) if ready else services.usual(self.path, self.headers.get("Authorization", ""))
                if answer is None:
                    self.close_connection = True
                    return
                status, said, *more = answer
                content = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_PUT = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"

    def usual(self, path: str, authorization: str) -> tuple[int, Any]:
        """Return the answer where nothing else is to come."""
        if found := MATRIX.match(path):
            if authorization != f"Bearer {TOKEN}":
                return 401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid access token passed."}
            return 200, {"event_id": self.transactions.setdefault(found[2], f"$event{len(self.transactions)}")}
        return TAKES.get(path.split("/")[1], (404, "no_service"))

    def url(self, service: str, name: str = "one") -> str:
        """Return the address of a room of a service, as people paste it."""
        return f"http://{self.place}" if service == "matrix" else f"http://{self.place}/{service}/{name}"

    def texts(self) -> str:
        """Return all that was said, as it was sent."""
        return json.dumps([body for _path, body in self.said], ensure_ascii=False)

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()
