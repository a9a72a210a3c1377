"""
The other side of each channel but mail, for faults: one server that takes, puts off, refuses, loses and stalls messages, and for each
channel the few words in which it does so, as that side's own reference has them.
"""

import hmac
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self

from django.urls import reverse
from django.utils import timezone

from delivery.message import verp
from delivery.models import (
    Audience,
    Channel,
    ChannelChoice,
    Delivery,
    Recipient,
    Room,
    Wanted,
    WhatsAppTemplate,
    WhatsAppWindow,
)
from delivery.recipients import channel_addresses
from delivery.rooms import room_steps
from delivery.rooms.room_steps import NotDone
from delivery.transports.push import transport as push_transport
from delivery.transports.rooms import transport as rooms_transport
from delivery.transports.rooms.places import place_of
from delivery.transports.telegram import receipts
from tests.support.builders import LANGUAGES, NOON, agree, build_recipients, editor
from tests.support.providers import telegram_api, whatsapp_api
from tests.support.providers.push_service import Browser

# What a side may do with a message; "lost" and "stall" take it, and do not say so.
TAKES, LATER, GONE, REFUSED, LOST, STALL = "takes", "later", "gone", "refused", "lost", "stall"
LATER_SECONDS = 30
SECRET = "s3cret-s3cret-s3cret"
VAPID_KEY = "A" * 42 + "E"

Answer = tuple[int, dict[str, str], Any]
Report = tuple[str, bytes, dict[str, str]]  # where it is posted to, the body, and headers
SMS_KEY = "a key of more than twenty characters"


class Words:
    """
    What is a channel's own. `answers` are those to what is not taken, one after the other; `tells_later` says that there are reports.
    """

    channel: Channel
    answers: Mapping[str, Sequence[Answer]]
    has_second = False
    tells_later = False

    def env(self, port: int) -> dict[str, str]:
        """Return what the environment says of a side at a port of this machine."""
        raise NotImplementedError

    def settings(self, port: int, second: int = 0) -> dict[str, Any]:
        """Return the settings of the same, in this process."""
        raise NotImplementedError

    def address(self, number: int, port: int) -> str:
        """Return the address of a person."""
        return str(number)

    def name(self, number: int) -> str:
        """Return by what the side calls that person."""
        return str(number)

    def audience(self, people: Audience) -> Audience:
        """Return what a send by this channel goes to beside one of mail to these people."""
        return people

    def join(self, people: Audience, *, size: int, wants: str, port: int) -> None:
        """Let as many people join who chose the channel for something."""
        rows = [
            Recipient.objects.create(
                channel=self.channel, address=self.address(n, port), person=one, name=self.name(n), language="fi"
            )
            for n, one in enumerate(build_recipients(size, people, language="fi"))
        ]
        agree(rows)
        ChannelChoice.objects.bulk_create(ChannelChoice(recipient=one, wants=wants) for one in rows)

    def leave(self, address: Recipient) -> bool:
        """Let somebody leave the channel as they do; return whether they were there."""
        assert address.person is not None
        return channel_addresses.leave(address.person, address.pk, at=timezone.now())

    def named(self, path: str, body: bytes) -> str:
        """Return whom a request is for."""
        raise NotImplementedError

    def asks_otherwise(self, body: bytes) -> Answer | None:
        """Return the answer where a message cannot be taken like this and is to come at once in another form, else None."""
        return None

    def taken(self, number: int) -> Answer:
        """Return the answer to a message that was taken."""
        raise NotImplementedError

    def reports(self, row: Delivery, *, key: str = "") -> list[Report]:
        """Return what the side tells later of a message, signed with its key or another; nothing where it tells nothing."""
        return []

    def heeded(self, row: Delivery) -> bool:
        """Tell whether the worst that it told is what the ledger knows."""
        raise NotImplementedError

    def forget(self) -> None:
        """Let time have passed for what this process remembers of the side."""


class SMS(Words):
    """A gateway of text messages that speaks JSON (docs/operating/channels/sms.md)."""

    channel = Channel.SMS
    has_second = True
    tells_later = True
    answers = {
        LATER: [(429, {"Retry-After": str(LATER_SECONDS)}, {"error": "too_fast"})],
        GONE: [(400, {}, {"error": "invalid_number"})],
        REFUSED: [(400, {}, {"error": "content"})],
    }

    def env(self, port: int) -> dict[str, str]:
        return {"SMS_URL": f"http://user:secret@127.0.0.1:{port}/send", "SMS_SENDER": "Nokia"}

    def settings(self, port: int, second: int = 0) -> dict[str, Any]:
        ways = {"sms": port, **({"sms-backup": second} if second else {})}
        one = {"provider": "json", "user": "u", "secret": "s", "sender": "Nokia"}
        return {
            "SMS_KEY": SMS_KEY,
            "SMS": {way: {**one, "url": f"http://127.0.0.1:{at}/send"} for way, at in ways.items()},
        }

    def address(self, number: int, port: int) -> str:
        return self.name(number)

    def name(self, number: int) -> str:
        return f"+3584012{number:05d}"

    def named(self, path: str, body: bytes) -> str:
        return str(json.loads(body)["to"])

    def taken(self, number: int) -> Answer:
        return 201, {}, {"id": f"m{number}"}

    def reports(self, row: Delivery, *, key: str = "") -> list[Report]:
        made, now = [], timezone.now()
        for status in ("delivered", "undelivered"):
            said = {
                "id": row.provider_id,
                "reference": verp.delivery_mark(row.pk),
                "status": status,
                "at": now.isoformat(),
            }
            body, stamp = json.dumps(said), str(int(now.timestamp()))
            signed = hmac.new((key or SMS_KEY).encode(), f"{stamp}.{body}".encode(), sha256).hexdigest()
            path = reverse("webhooks:sms_report", args=["sms"])
            made.append((path, body.encode(), {"X-Signature": signed, "X-Timestamp": stamp}))
        return made

    def heeded(self, row: Delivery) -> bool:
        return row.receipt == Delivery.Receipt.BOUNCED


class Push(Words):
    """A push service (RFC 8030), in which an address of its own stands for each browser. It reports nothing later (fault 12)."""

    channel = Channel.PUSH
    answers = {
        LATER: [(429, {"Retry-After": str(LATER_SECONDS)}, "")],
        GONE: [(410, {}, "")],
        REFUSED: [(413, {}, "")],
    }

    def __init__(self) -> None:
        self.browser = Browser()

    def env(self, port: int) -> dict[str, str]:
        return {"VAPID_PRIVATE_KEY": VAPID_KEY, "VAPID_CONTACT": "desk@example.org"}

    def settings(self, port: int, second: int = 0) -> dict[str, Any]:
        return {"VAPID_PRIVATE_KEY": VAPID_KEY, "VAPID_CONTACT": "mailto:desk@example.org"}

    def address(self, number: int, port: int) -> str:
        return self.browser.address(f"http://127.0.0.1:{port}{self.name(number)}")

    def name(self, number: int) -> str:
        return f"/push/{number}"

    def named(self, path: str, body: bytes) -> str:
        return path

    def taken(self, number: int) -> Answer:
        return 201, {"Location": f"/message/{number}"}, ""

    def forget(self) -> None:
        push_transport.forget()


class Telegram(Words):
    """Telegram's interface for bots (core.telegram.org/bots/api)."""

    channel = Channel.TELEGRAM
    tells_later = True
    answers = {
        LATER: [(429, {}, telegram_api.refusal(429, "Too Many Requests: retry later", retry_after=LATER_SECONDS))],
        GONE: [(403, {}, telegram_api.refusal(403, "Forbidden: bot was blocked by the user"))],
        REFUSED: [(400, {}, telegram_api.refusal(400, "Bad Request: message text is empty"))],
    }

    def env(self, port: int) -> dict[str, str]:
        named = {"TELEGRAM_TOKEN": telegram_api.TOKEN, "TELEGRAM_BOT": "ministry_bot", "TELEGRAM_SECRET": SECRET}
        return {**named, "TELEGRAM_URL": f"http://127.0.0.1:{port}"}

    def settings(self, port: int, second: int = 0) -> dict[str, Any]:
        return self.env(port)

    def name(self, number: int) -> str:
        return str(4700000 + number)

    def address(self, number: int, port: int) -> str:
        return self.name(number)

    def named(self, path: str, body: bytes) -> str:
        return str(json.loads(body)["chat_id"])

    def taken(self, number: int) -> Answer:
        return 200, {}, {"ok": True, "result": {"message_id": number}}

    def reports(self, row: Delivery, *, key: str = "") -> list[Report]:
        assert row.recipient is not None
        left = {"chat": {"id": int(row.recipient.name), "type": "private"}, "new_chat_member": {"status": "kicked"}}
        body = json.dumps({"update_id": 1, "my_chat_member": left}).encode()
        return [(reverse("webhooks:telegram"), body, {receipts.HEADER: key or SECRET})]

    def heeded(self, row: Delivery) -> bool:
        return row.recipient is not None and row.recipient.state == Recipient.State.LEFT


class WhatsApp(Words):
    """
    Meta's Cloud API. Every second person wrote to us within a day, as we have it; Meta has it that this was longer ago, so that their
    words are refused (131047) and come as a template.
    """

    channel = Channel.WHATSAPP
    tells_later = True
    answers = {
        LATER: [
            (400, {}, whatsapp_api.refusal(131056, "(Business Account, Consumer Account) pair rate limit hit")),
            (429, {}, whatsapp_api.refusal(130429, "Rate limit hit")),
            (500, {}, whatsapp_api.refusal(131016, "Service unavailable")),
        ],
        GONE: [(400, {}, whatsapp_api.refusal(131026, "Message undeliverable"))],
        REFUSED: [
            (400, {}, whatsapp_api.refusal(131049, "Not delivered to maintain healthy ecosystem engagement")),
            (400, {}, whatsapp_api.refusal(131009, "Parameter value is not valid")),
        ],
    }

    def env(self, port: int) -> dict[str, str]:
        return {
            "WHATSAPP_TOKEN": whatsapp_api.TOKEN,
            "WHATSAPP_PHONE": whatsapp_api.PHONE,
            "WHATSAPP_ACCOUNT": whatsapp_api.ACCOUNT,
            "WHATSAPP_SECRET": whatsapp_api.SECRET,
            "WHATSAPP_VERIFY": whatsapp_api.VERIFY,
            "WHATSAPP_NAME": "Ministry",
            "WHATSAPP_URL": f"http://127.0.0.1:{port}",
        }

    def settings(self, port: int, second: int = 0) -> dict[str, Any]:
        return self.env(port)

    def address(self, number: int, port: int) -> str:
        return self.name(number)

    def name(self, number: int) -> str:
        return f"+3584012{number:05d}"

    def join(self, people: Audience, *, size: int, wants: str, port: int) -> None:
        super().join(people, size=size, wants=wants, port=port)
        WhatsAppTemplate.objects.bulk_create(
            WhatsAppTemplate(
                use=WhatsAppTemplate.Use.WORDS,
                language=code,
                name="words",
                code=code,
                places=["text"],
                status=WhatsAppTemplate.Status.APPROVED,
            )
            for code in LANGUAGES
        )
        wrote = Recipient.objects.filter(channel=self.channel, name__in=[self.name(n) for n in range(0, size, 2)])
        WhatsAppWindow.objects.bulk_create(WhatsAppWindow(recipient=one, wrote_at=timezone.now()) for one in wrote)

    def named(self, path: str, body: bytes) -> str:
        return str(json.loads(body)["to"])

    def asks_otherwise(self, body: bytes) -> Answer | None:
        over: Answer = 400, {}, whatsapp_api.refusal(131047, "Re-engagement message")
        return over if json.loads(body)["type"] != "template" else None

    def taken(self, number: int) -> Answer:
        return 200, {}, {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.{number}"}]}

    def reports(self, row: Delivery, *, key: str = "") -> list[Report]:
        at, made = str(int(timezone.now().timestamp())), []
        undeliverable = {"errors": [{"code": 131026, "title": "Message undeliverable"}]}
        for status, more in (("sent", {}), ("delivered", {}), ("read", {}), ("failed", undeliverable)):
            said = {"id": row.provider_id, "status": status, "timestamp": at, **more}
            body = whatsapp_api.change(statuses=[said | {"biz_opaque_callback_data": verp.delivery_mark(row.pk)}])
            signed = whatsapp_api.signature(body, key or whatsapp_api.SECRET)
            made.append((reverse("webhooks:whatsapp"), body, {"X-Hub-Signature-256": signed}))
        return made

    def heeded(self, row: Delivery) -> bool:
        return row.receipt == Delivery.Receipt.BOUNCED


class Rooms(Words):
    """
    Webhooks of Slack and of Mattermost, of every second room, as `answers` are in turn. A room is nobody's: it is in an audience of
    its own, and nobody gets by mail what it refuses (fault 4). Its service reports nothing later (fault 12), and there is no second
    way to it (fault 26).
    """

    channel = Channel.ROOM
    answers = {
        LATER: [
            (429, {"Retry-After": str(LATER_SECONDS)}, "rate_limited"),
            (501, {}, {"id": "web.incoming_webhook.disabled.app_error", "status_code": 501}),
            (503, {}, "service_unavailable"),
        ],
        GONE: [
            (404, {}, "no_service"),
            (400, {}, {"id": "web.incoming_webhook.invalid.app_error", "status_code": 400}),
            (410, {}, "channel_is_archived"),
        ],
        REFUSED: [
            (403, {}, "action_prohibited"),
            (400, {}, {"id": "web.incoming_webhook.parse.app_error", "status_code": 400}),
        ],
    }

    def env(self, port: int) -> dict[str, str]:
        return {"CHAT_ROOMS": "true"}

    def settings(self, port: int, second: int = 0) -> dict[str, Any]:
        return {"CHAT_ROOMS": True}

    def name(self, number: int) -> str:
        return f"/{self.service(number)}/{number}"

    def service(self, number: int) -> Room.Service:
        return Room.Service.MATTERMOST if number % 2 else Room.Service.SLACK

    def audience(self, people: Audience) -> Audience:
        return room_steps.audience_of(people.campaign)

    def join(self, people: Audience, *, size: int, wants: str, port: int) -> None:
        """Let rooms join as if each had been proven: the code comes by the way that is to break."""
        for number in range(size):
            room = room_steps.add(
                people.campaign,
                place_of(self.service(number), f"http://127.0.0.1:{port}{self.name(number)}"),
                organisation=self.name(number),
                service=self.service(number),
                language="fi",
                wants_bulletins=wants == Wanted.BULLETINS,
                by=editor(),
                at=NOON,
            )
            room.recipient, room.proven_at = room_steps.recipient_of(room, at=NOON), NOON
            room.save(update_fields=["recipient", "proven_at"])

    def leave(self, address: Recipient) -> bool:
        try:
            room_steps.leave(address.room, by=editor(), at=timezone.now())
        except NotDone:
            return False
        return True

    def named(self, path: str, body: bytes) -> str:
        return path

    def taken(self, number: int) -> Answer:
        return 200, {}, "ok"

    def forget(self) -> None:
        rooms_transport.forget()


# A further channel joins here.
SIDES: tuple[type[Words], ...] = (SMS, Push, Telegram, WhatsApp, Rooms)


@dataclass
class Rule:
    """What happens to the next `times` messages, to one person or to anybody; `answer` is None to what is taken."""

    what: str
    to: str
    times: int
    answer: Answer | None = None


@dataclass
class OtherSide:
    """The running server. `came` are the messages that it took, as (whom for, when in time.monotonic(), the request)."""

    words: Words
    came: list[tuple[str, float, bytes]] = field(default_factory=list)
    delay: float = 0.0
    rules: list[Rule] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._changed, self._let_go = Lock(), Event()
        self.port = 0
        self._open()
        return self

    def __exit__(self, *_fault: object) -> None:
        self.let_go()
        self._close()

    def _open(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler_of(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def _close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody answers at its port meanwhile."""
        self._close()
        try:
            yield
        finally:
            self._open()

    @property
    def count(self) -> Counter[str]:
        """How many messages it took for each person."""
        return Counter(name for name, *_rest in self.came)

    def does(self, what: str, *, to: int | None = None, times: int = 1) -> None:
        """Do so with the next messages, to one person or to anybody; of several answers, the next each time."""
        name = self.words.name(to) if to is not None else ""
        if (answers := self.words.answers.get(what)) is None:
            self.rules.append(Rule(what, name, times))
            return
        for _message in range(times):
            before = sum(one.what == what for one in self.rules)
            self.rules.append(Rule(what, name, 1, answers[before % len(answers)]))

    def let_go(self) -> None:
        """End what was stalled, and take what comes."""
        self.rules.clear()
        self._let_go.set()

    def env(self) -> dict[str, str]:
        """Return the environment of processes whose messages come here."""
        return {**self.words.env(self.port), "FETCH_ALLOW": f"127.0.0.1:{self.port}"}

    def use(self, settings: Any, second: "OtherSide | None" = None) -> None:
        """Let messages of this process come here, and to another such side while this one is away."""
        channel = self.words.channel.value
        ways = [channel, *([f"{channel}-backup"] if second else [])]
        settings.TRANSPORTS = {**settings.TRANSPORTS, **dict.fromkeys(ways, channel)}
        settings.FETCH_ALLOW = [f"127.0.0.1:{one.port}" for one in (self, second) if one]
        for name, value in self.words.settings(self.port, second.port if second else 0).items():
            setattr(settings, name, value)

    def answer(self, path: str, body: bytes) -> Answer | None:
        """Take a message or not, as it was told; return the answer, None for none at all."""
        if self.delay:
            time.sleep(self.delay)
        name = self.words.named(path, body)
        with self._changed:
            if otherwise := self.words.asks_otherwise(body):
                return otherwise
            rule = next((one for one in self.rules if one.times and one.to in ("", name)), Rule(TAKES, "", 1))
            rule.times -= 1
            if rule.answer is not None:
                return rule.answer
            self.came.append((name, time.monotonic(), body))
            number = len(self.came)
        if rule.what == STALL:
            self._let_go.wait(60)
        return self.words.taken(number) if rule.what == TAKES else None


def handler_of(side: OtherSide) -> type[BaseHTTPRequestHandler]:
    """Return what answers the requests to a side."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = side.answer(self.path, body)
            if answer is None:
                self.close_connection = True
                return
            status, headers, said = answer
            content = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: Any) -> None:
            pass

    return Handler
