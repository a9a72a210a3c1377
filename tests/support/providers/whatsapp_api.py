"""Meta's Cloud API as its reference has it, on this machine: what it was asked, and what it answers."""

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN, PHONE, ACCOUNT, SECRET, VERIFY = "EAAmade-up", "106540352242922", "102290129340398", "app-secret", "v" * 24


class WhatsAppApi:
    """The server. `asked` are the messages; `answers` those to come, (status, object or text), None for a lost reply; `templates` what it knows."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answers: list[tuple[int, Any] | None] = []
        self.templates: list[dict[str, Any]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not self.path.endswith(f"/{PHONE}/messages"):
                    self.answer(404, refusal(33, "Unsupported post request"))
                    return
                api.asked.append(body)
                answer = api.answers.pop(0) if api.answers else api.usual(body)
                if not self.knows_us():
                    answer = 401, refusal(190, "Error validating access token")
                if answer is None:
                    self.close_connection = True
                    return
                self.answer(*answer)

            def do_GET(self) -> None:
                if not self.knows_us():
                    self.answer(401, refusal(190, "Error validating access token"))
                elif f"/{ACCOUNT}/message_templates" in self.path:
                    self.answer(200, {"data": api.templates, "paging": {"cursors": {"before": "a", "after": "b"}}})
                else:
                    said = {
                        "display_phone_number": "+358 50 1234567",
                        "verified_name": "Ministry",
                        "quality_rating": "GREEN",
                    }
                    self.answer(200, {**said, "id": PHONE})

            def knows_us(self) -> bool:
                return self.headers["Authorization"] == f"Bearer {TOKEN}"

            def answer(self, status: int, said: Any) -> None:
                content = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if status == 429:
                    self.send_header("Retry-After", "7")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"

    def usual(self, body: dict[str, Any]) -> tuple[int, Any]:
        """Return the answer where nothing else is to come."""
        number = body["to"]
        taken = {"id": f"wamid.{len(self.asked)}", "message_status": "accepted"}
        return 200, {
            "messaging_product": "whatsapp",
            "contacts": [{"input": number, "wa_id": number.lstrip("+")}],
            "messages": [taken],
        }

    def settings(self) -> dict[str, Any]:
        """Return the settings by which messages come here."""
        return {
            "WHATSAPP_TOKEN": TOKEN,
            "WHATSAPP_PHONE": PHONE,
            "WHATSAPP_ACCOUNT": ACCOUNT,
            "WHATSAPP_SECRET": SECRET,
            "WHATSAPP_VERIFY": VERIFY,
            "WHATSAPP_NAME": "Ministry",
            "WHATSAPP_URL": f"http://{self.place}",
            "FETCH_ALLOW": [self.place],
        }

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def refusal(code: int, words: str, details: str = "") -> dict[str, Any]:
    """Return how the interface refuses."""
    error: dict[str, Any] = {
        "message": f"(#{code}) {words}",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "Az8",
    }
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return {"error": error}


def change(field: str = "messages", **value: Any) -> bytes:
    """Return what Meta posts, as bytes."""
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": PHONE}, **value}
    entry = {"id": ACCOUNT, "changes": [{"field": field, "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    """Return the header by which a post is believed."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
