"""Telegram's interface for bots as its reference has it, on this machine: what it was asked, and what it answers."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN = "1234:made-up"


class TelegramApi:
    """The server. `asked` are (method, parameters); `answers` those to come, (status, object or text), None for a lost reply."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[tuple[int, Any] | None] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                token, method = self.path.removeprefix("/bot").split("/")
                api.asked.append((method, json.loads(body)))
                answer = api.answers.pop(0) if api.answers else api.usual(token)
                if answer is None:
                    self.close_connection = True
                    return
                status, said = answer
                content = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"

    def usual(self, token: str) -> tuple[int, Any]:
        """Return the answer where nothing else is to come."""
        if token != TOKEN:
            return 401, refusal(401, "Unauthorized")
        return 200, {"ok": True, "result": {"message_id": len(self.asked)}}

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def refusal(code: int, description: str, **parameters: Any) -> dict[str, Any]:
    """Return how the interface refuses."""
    more = {"parameters": parameters} if parameters else {}
    return {"ok": False, "error_code": code, "description": description, **more}
