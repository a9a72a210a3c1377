"""A send by another channel than mail, by real Celery workers, against a provider of our own that keeps to a limit and counts."""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.request import urlopen

from benchmarks import environment

from .send import analyse, build, wait_for_end
from .urgent import quantile

LIMIT = 250  # messages a second that the provider states
READY_SECONDS = 10
# Takes messages as Twilio, Meta, push services, Telegram and chat rooms do, so many a second; what comes faster it refuses (429). A GET tells what came. A process of its
# own, and hardly any work: it must not be what is measured.
PROVIDER = r"""
import asyncio, json, re, sys, time

LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
NUMBER = re.compile(rb'To=%2B(\d+)|^POST /(?:push|room)/(\d+)|"chat_id": (\d+)|"to": "\+(\d+)"')
SLOWER = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}}
limit = float(sys.argv[1])
came, refused, tokens, at = {}, 0, limit, time.monotonic()

class Provider(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.held = transport, b""

    def data_received(self, data):
        global refused, tokens, at
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self.held, 0, end)
            wanted = end + 4 + (int(length[1]) if length else 0)
            if len(self.held) < wanted:
                return
            call, self.held = self.held[:wanted], self.held[wanted:]
            if call.startswith(b"GET"):
                said, status = {"came": sum(came.values()), "numbers": len(came), "refused": refused}, b"200 OK"
            else:
                now = time.monotonic()
                tokens, at = min(limit, tokens + (now - at) * limit), now
                if tokens < 1:
                    refused += 1
                    said, status = {"code": 20429, "message": "Too Many Requests", "status": 429, **SLOWER}, b"429 Too Many Requests"
                else:
                    tokens -= 1
                    found = NUMBER.search(call)
                    number = found[1] or found[2] or found[3] or found[4]
                    came[number] = came.get(number, 0) + 1
                    name = "SM%032x" % sum((len(came), refused))
                    said = {"sid": name, "status": "queued", "error_code": None, "ok": True, "result": {"message_id": len(came)}}
                    said["messages"] = [{"id": "wamid.%s" % name}]
                    status = b"201 Created"
            body = b"ok" if "sid" in said and call.startswith(b"POST /room/") else json.dumps(said).encode()
            status = b"200 OK" if body == b"ok" else status
            head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nRetry-After: 1\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
            self.transport.write(head + body)

async def main():
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        """What to set before the settings are read, so that text messages leave by it."""
        return {
            "SMS_URL": f"twilio://ACbench:token@127.0.0.1:{self.port}",
            "SMS_SENDER": "Bench",
            "CHAT_ROOMS": "true",
            "WHATSAPP_TOKEN": "bench",
            "WHATSAPP_PHONE": "1",
            "WHATSAPP_ACCOUNT": "2",
            "WHATSAPP_SECRET": "bench",
            "WHATSAPP_VERIFY": "bench",
            "WHATSAPP_NAME": "Bench",
            "WHATSAPP_URL": f"http://127.0.0.1:{self.port}",
            "VAPID_PRIVATE_KEY": "A" * 42 + "E",
            "VAPID_CONTACT": "bench@example.org",
            "TELEGRAM_TOKEN": "1234:bench",
            "TELEGRAM_BOT": "bench_bot",
            "TELEGRAM_SECRET": "bench-bench-bench-bench",
            "TELEGRAM_URL": f"http://127.0.0.1:{self.port}",
            "FETCH_ALLOW": f"127.0.0.1:{self.port}",
            "PREFLIGHT": "false",
        }

    def counted(self) -> dict[str, int]:
        """Return how many messages came, to how many numbers, and how many were refused."""
        with urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            found: dict[str, int] = json.load(answer)
        return found


@contextlib.contextmanager
def provider(limit: int = LIMIT) -> Iterator[Provider]:
    """Start the provider on a free loopback port; it takes `limit` messages a second."""
    process = subprocess.Popen([sys.executable, "-c", PROVIDER, str(limit)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Provider(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(READY_SECONDS)


def address_of(channel: str, number: int, where: Provider) -> str:
    """Return the address of one person by a channel: a number, or a device at the provider with a key that it could read by."""
    if channel in {"sms", "whatsapp"}:
        return f"+35840{number:010d}"
    if channel == "telegram":
        return str(10_000_000 + number)
    from delivery.transports.push import vapid
    from delivery.transports.push.subscriptions import Subscription, from_base64

    key = vapid.identity().public  # any point of the curve
    return Subscription(f"http://127.0.0.1:{where.port}/push/{number}", from_base64(key), bytes(16), key[:8]).address


def addresses(people: list[Any], channel: str, where: Provider) -> list[Any]:
    """Give each of these people an address of a channel."""
    from delivery.models import Recipient, address_hash
    from delivery.models.recipients import address_form

    first = people[0].pk * 10
    numbers = [address_of(channel, first + n, where) for n in range(len(people))]
    return Recipient.objects.bulk_create(
        (
            Recipient(
                channel=channel,
                address=number,
                address_hash=address_hash(address_form(channel, number)),
                person=person,
                language=person.language,
            )
            for number, person in zip(numbers, people, strict=True)
        ),
        batch_size=2000,
    )


def rooms(mail: Any, number: int, where: Provider) -> tuple[Any, list[Any]]:
    """Make so many chat rooms of newsrooms at the provider, each proven; return the audience that they are, and their addresses."""
    from delivery.models import Audience, Membership, Recipient, Room, address_hash
    from delivery.models.recipients import address_form
    from delivery.transports.rooms.places import place_of

    campaign, languages = mail.mailing.campaign_id, mail.audience.languages
    audience = Audience.objects.create(
        campaign_id=campaign, slug=f"{mail.audience.slug}-rooms", kind="rooms", languages=languages
    )
    places = [place_of("slack", f"http://127.0.0.1:{where.port}/room/{audience.pk}{n:08d}") for n in range(number)]
    named = [(place, place.address_in(campaign)) for place in places]
    rows = Recipient.objects.bulk_create(
        (
            Recipient(
                channel="room",
                address=name,
                address_hash=address_hash(address_form("room", name)),
                language=languages[0],
            )
            for _place, name in named
        ),
        batch_size=2000,
    )
    Membership.objects.bulk_create((Membership(audience=audience, recipient=row) for row in rows), batch_size=2000)
    Room.objects.bulk_create(
        (
            Room(
                campaign_id=campaign, organisation="Bench", service="slack", language=row.language, host=place.host,
                address=name, secret=place.locked(), recipient=row,
            )
            for (place, name), row in zip(named, rows, strict=True)
        ),
        batch_size=2000,
    )  # fmt: skip
    return audience, rows


def planned(recipients: int, channel: str, where: Provider, *, key: str) -> Any:
    """Write an audience of people who chose a channel for what is urgent, and words in it; return the planned send."""
    from django.utils import timezone

    from campaigns.models import Campaign
    from delivery.models import ChannelChoice, Consent, Message, Recipient, Send, WhatsAppTemplate

    mail = build(recipients, key=key, queue="urgent")
    Campaign.objects.filter(pk=mail.mailing.campaign_id).update(mode=Campaign.Mode.LIVE)
    now = timezone.now()
    since = now - timedelta(days=1)
    people = list(Recipient.objects.filter(memberships__audience=mail.audience).order_by("pk"))
    if channel == "room":
        audience, rows = rooms(mail, recipients, where)
    else:
        audience, rows = mail.audience, addresses(people, channel, where)
    Consent.objects.bulk_create(
        (
            Consent(
                recipient=row,
                purpose=mail.audience.purpose,
                text_version="1",
                language=row.language,
                source="bench",
                given_at=since,
                confirmed_at=since,
            )
            for row in rows
        ),
        batch_size=2000,
    )
    ChannelChoice.objects.bulk_create((ChannelChoice(recipient=row, wants="urgent") for row in rows), batch_size=2000)
    for code in mail.audience.languages:
        text = "Boil tap water for two minutes before drinking. It is about Nokia. nokia.example.org/1"
        if channel == "whatsapp":
            WhatsAppTemplate.objects.get_or_create(
                use="words",
                language=code,
                defaults={"name": "bench", "code": "en", "places": ["text"], "status": "APPROVED"},
            )
        Message.objects.create(
            sender_name="Bench", mailing=mail.mailing, language=code, channel=channel, subject="Boil", text=text
        )
    send = Send.objects.create(
        mailing=mail.mailing, audience=audience, channel=channel, slot_key=f"{key}-{channel}", slot_at=now
    )
    mail.delete()
    return send


def channel(recipients: int, options: argparse.Namespace, where: Provider) -> dict[str, Any]:
    """Time an urgent send by `options.channel`. `where.environment` must be in force."""
    name = "room" if options.channel == "rooms" else options.channel
    connections, limit = options.connections, options.limit
    from django.utils import timezone

    from delivery.fanout import fanout
    from delivery.models import Delivery, MailerLimit
    from delivery.reports import ledger
    from delivery.sending import dispatch

    MailerLimit.objects.update_or_create(mailer=name, defaults={"per_second": limit})
    small = planned(50 * connections, name, where, key="warm-up")
    send = planned(recipients, name, where, key="bench")
    with environment.workers(urgent=connections) as workers:
        fanout.fan_out(small, at=timezone.now())
        dispatch.wake_workers(at=timezone.now())
        wait_for_end(small, wakes=True)
        analyse()
        before = where.counted()
        fanout.fan_out(send, at=timezone.now())
        began = time.time()
        dispatch.wake_workers(at=timezone.now())
        seconds = wait_for_end(send, wakes=True) - began
        memory = workers.rss_mb()
    after = where.counted()
    arrived = after["came"] - before["came"]
    total = ledger.ledger_of([send]).total
    ended = Delivery.objects.of(send).filter(state="accepted").values_list("finished_at", flat=True)
    waits = sorted(moment.timestamp() - began for moment in ended if moment)
    return {
        "channel": name,
        "connections": connections,
        "seconds": round(seconds, 2),
        "per_second": round(recipients / seconds),
        "limit_per_second": limit,
        "ratio": round(recipients / seconds / limit, 2),
        "p95_s": round(quantile(waits, 95), 2),
        "accepted": total.accepted,
        "arrived": arrived,
        "refused": after["refused"] - before["refused"],
        "duplicates": arrived - (after["numbers"] - before["numbers"]),
        "lost": max(0, total.accepted - arrived) + total.to_go + total.failed,
        "unknown": total.unknown,
        "rss_mb": round(memory),
    }
