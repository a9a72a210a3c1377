"""
A provider of email over real HTTP, which puts mails together as its dialect does, keeps them, and misbehaves on demand.

Dialects are those of Mailgun (a form, one call for many), SendGrid (JSON, one call for many) and Resend (JSON, a
call for each mail, Idempotency-Key).
"""

import email
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.policy import HTTP
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Caught:
    """One mail as its recipient would see it. `call` counts calls from 1; `key` is the Idempotency-Key."""

    recipient: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    metadata: dict[str, str]
    call: int
    key: str = ""


@dataclass
class Rule:
    """What to do with a call instead of the usual. `kept` says whether its mails are kept before that."""

    status: int = 200
    words: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    stall: float = 0.0
    kept: bool = False
    to: str = ""
    times: int | None = None

    def fits(self, mails: list[Caught]) -> bool:
        """Return whether it is about this call."""
        return self.times != 0 and (not self.to or any(self.to in one.recipient for one in mails))


@dataclass
class FakeESP:
    """
    The provider. `caught` holds every mail of every call that was taken, `calls` the size of every call that came.

    A call that is refused is not kept. One whose connection is dropped is kept or not, as the rule says: nobody on
    the other end can know.
    """

    dialect: str = "mailgun"
    caught: list[Caught] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._keys: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="esp", daemon=True)

    # --- What it is told --------------------------------------------------------------------------------

    def reply(self, status: int, words: str = "No.", *, to: str = "", times: int | None = None, **headers: str) -> Rule:
        """Refuse calls that hold an address with `to` in it; Retry-After is given as Retry_After."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._add(Rule(status, words, named, to=to, times=times))

    def drop(self, *, kept: bool, to: str = "", times: int | None = None) -> Rule:
        """Cut the connection without a reply, after keeping the mails or not."""
        return self._add(Rule(drop=True, kept=kept, to=to, times=times))

    def stall(self, seconds: float, *, kept: bool = True, to: str = "", times: int | None = None) -> Rule:
        """Say nothing for `seconds`, then go on as usual; the mails are kept at once."""
        return self._add(Rule(stall=seconds, kept=kept, to=to, times=times))

    def garble(self, words: str = "<html>Welcome!", *, times: int | None = None) -> Rule:
        """Keep the mails and answer 200 with something that makes no sense."""
        return self._add(Rule(words=words, kept=True, times=times))

    def behave(self) -> None:
        """Forget every rule."""
        with self._lock:
            self._rules.clear()

    # --- What it tells ------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def count(self) -> Counter[str]:
        """How many mails each address got."""
        with self._lock:
            return Counter(one.recipient for one in self.caught)

    @property
    def duplicates(self) -> dict[str, int]:
        """The addresses that got more than one mail, and how many."""
        return {address: times for address, times in self.count.items() if times > 1}

    def to(self, address: str) -> Caught:
        """Return the one mail that `address` got."""
        with self._lock:
            [one] = [one for one in self.caught if one.recipient == address]
        return one

    # --- How it works ---------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _add(self, rule: Rule) -> Rule:
        with self._lock:
            self._rules.append(rule)
        return rule

    def take(self, request: "_Request") -> tuple[Rule | None, dict[str, Any]]:
        """Take a call: return the rule that is about it, if any, and the usual answer."""
        with self._lock:
            number = len(self.calls) + 1
            mails = list(READERS[self.dialect](request, number))
            self.calls.append(len(mails))
            rule = next((rule for rule in self._rules if rule.fits(mails)), None)
            if rule is not None and rule.times is not None:
                rule.times -= 1
            if (rule is None or rule.kept) and not (mails[0].key and mails[0].key in self._keys):
                self.caught += mails
            answer = ANSWERS[self.dialect](mails, number)
            if mails[0].key:
                answer = self._keys.setdefault(mails[0].key, answer)
        return rule, answer


@dataclass(frozen=True)
class _Request:
    path: str
    headers: Any
    body: bytes


def _handler(esp: FakeESP) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            esp.connections += 1
            super().setup()

        def do_HEAD(self) -> None:
            self._answer(404, b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            rule, answer = esp.take(_Request(self.path, self.headers, body))
            if rule is not None and rule.stall:
                time.sleep(rule.stall)
            if rule is not None and rule.drop:
                self.close_connection = True
            elif rule is None or rule.stall:
                self._answer(answer.get("status", 200), json.dumps(answer).encode())
            else:
                self._answer(rule.status, rule.words.encode(), rule.headers)

        def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            try:
                self.send_response_only(status)
                for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the other end waits no longer
                self.close_connection = True

        def log_message(self, *unused: object) -> None:
            pass

    return Handler


# --- Dialects -----------------------------------------------------------------------------------------------


def form_fields(request: _Request) -> Iterator[tuple[str, str]]:
    """Yield the fields of a form in parts (RFC 7578)."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    for part in email.message_from_bytes(head + request.body, policy=HTTP).iter_parts():  # type: ignore[attr-defined]
        yield part.get_param("name", header="content-disposition"), bytes(part.get_payload(decode=True)).decode()


def read_mailgun(request: _Request, call: int) -> Iterator[Caught]:
    """Yield the mails of a call, with %recipient.name% filled in."""
    to, data = [], {}
    for name, value in form_fields(request):
        if name == "to":
            to.append(value)
        else:
            data[name] = value
    variables = json.loads(data.get("recipient-variables", "{}"))
    assert len(to) == 1 or variables, "Everybody would see everybody's address."
    assert len(to) <= 1000, "Mailgun takes 1,000 recipients in a call."
    for one in to:
        address = parseaddr(one)[1]
        own = variables.get(address, {})

        def fill(text: str, own: dict[str, str] = own) -> str:
            return re.sub(r"%recipient\.([^%]+)%", lambda found: own[found[1]], text)

        yield Caught(
            recipient=address,
            to=one,
            subject=fill(data["subject"]),
            text=fill(data["text"]),
            html=fill(data.get("html", "")),
            headers={name[2:]: fill(value) for name, value in data.items() if name.startswith("h:")},
            metadata={name[2:]: fill(value) for name, value in data.items() if name.startswith("v:")},
            call=call,
        )


def read_sendgrid(request: _Request, call: int) -> Iterator[Caught]:
    """Yield the mails of a call, with its substitutions made."""
    data = json.loads(request.body)
    content = {part["type"]: part["value"] for part in data["content"]}
    for one in data["personalizations"]:
        [to] = one["to"]

        def fill(text: str, one: dict[str, Any] = one) -> str:
            for placeholder, value in one.get("substitutions", {}).items():
                text = text.replace(placeholder, value)
            return text

        yield Caught(
            recipient=to["email"],
            to=f"{to.get('name', '')} <{to['email']}>",
            subject=fill(data["subject"]),
            text=fill(content["text/plain"]),
            html=fill(content.get("text/html", "")),
            headers=data.get("headers", {}) | one.get("headers", {}),
            metadata=data.get("custom_args", {}) | one.get("custom_args", {}),
            call=call,
        )


def read_resend(request: _Request, call: int) -> Iterator[Caught]:
    """Yield the mail of a call."""
    data = json.loads(request.body)
    [to] = data["to"]
    headers = data["headers"]
    metadata = json.loads(headers.pop("X-Metadata", "{}"))
    key = request.headers.get("Idempotency-Key", "")
    address = parseaddr(to)[1]
    yield Caught(address, to, data["subject"], data["text"], data.get("html", ""), headers, metadata, call, key)


READERS: dict[str, Callable[[_Request, int], Iterator[Caught]]] = {
    "mailgun": read_mailgun,
    "sendgrid": read_sendgrid,
    "resend": read_resend,
}
ANSWERS: dict[str, Callable[[list[Caught], int], dict[str, Any]]] = {
    "mailgun": lambda mails, call: {"id": f"<{call}@mailgun.test>", "message": "Queued. Thank you."},
    "sendgrid": lambda mails, call: {"status": 202},
    "resend": lambda mails, call: {"id": f"resend-{call}"},
}
