"""
Canary names, addresses, codes and tokens go through the whole site, in real processes that log everything they can; then
every trace that is left behind is searched for them.
"""

import base64
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.access import permissions
from config.celery import app
from delivery.models import Delivery, Subscription
from influencers.onboarding import invitations
from influencers.onboarding.csv_import import import_runs
from operations import process_supervisor
from tests.faults.support.workers import celery_beat, celery_worker, running, wait_until
from tests.influencers.onboarding.joining_scene import build_door, build_invited, filled, signed
from tests.support import builders
from tests.support.system_parts import free_port

from .log_reader import Sentry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.postgresql]
SECRET = "provider:canary-webhook-password"
DOMAIN = "kanarialintu.example"
NAME = "Kanarialintu"
State = Delivery.State


def spellings(canary: str) -> set[bytes]:
    """Return how a text may stand in a trace."""
    plain = {canary, canary.lower(), canary.upper(), quote(canary), quote(canary, safe=""), canary.replace("@", "=40")}
    packed = {base64.b64encode(canary.encode()[shift:]).rstrip(b"=")[:-1] for shift in (0, 1, 2)}
    return {one.encode() for one in plain} | {one for one in packed if len(one) > 12}


class Visitor:
    """A browser that fills in forms."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.session = requests.Session()

    def get(self, where: str, status: int = 200) -> str:
        """Open a page."""
        answer = self.session.get(self.site + where if where.startswith("/") else where, timeout=30)
        assert answer.status_code == status, (where, answer.status_code)
        return answer.text

    def post(self, where: str, fields: dict[str, Any], status: tuple[int, ...] = (200,)) -> requests.Response:
        """Send a form, with the token of its page where it has one."""
        address = self.site + where if where.startswith("/") else where
        page = self.session.get(address, timeout=30).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        body = fields | ({"csrfmiddlewaretoken": token[1]} if token else {})
        answer = self.session.post(address, data=body, headers={"Referer": address}, timeout=30)
        assert answer.status_code in status, (where, answer.status_code, answer.text[:2000])
        return answer


def link_in(mail: Any, part: str) -> str:
    """Return the first address with `part` in the text of a mail."""
    text = mail.get_body(("plain",)).get_content()
    return next(word.strip("<>.") for word in text.split() if word.startswith("http") and part in word)


def found(pattern: str, text: str) -> str:
    """Return the first group of a pattern that has to be in a text."""
    match = re.search(pattern, text, re.MULTILINE)
    assert match, text
    return match[1]


def test_no_trace_holds_a_canary(campaign, smtp_sink, process_env, settings, tmp_path):
    permissions.sync()
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    settings.PUBLIC_URL = site
    build_door(campaign)
    builders.build_digest(campaign)
    staff = builders.build_user("liisa", "liaison")
    login = builders.build_influencer(campaign, "login", language="en")
    assert login.user
    login.user.email = f"login@{DOMAIN}"
    login.user.save()
    login.recipient.take_address(login.user.email, at=login.joined_at)
    invited = build_invited(campaign)
    canaries = {
        f"{who}@{DOMAIN}" for who in ("login", "join", "subscribe", "invited", "forged", "inbound", "view", "task")
    }
    canaries |= {NAME, "canary-webhook-password", configured.SECRET_KEY}
    seen = smtp_sink.to

    with Sentry() as sentry:
        env = process_env | {
            "DJANGO_SETTINGS_MODULE": "tests.operations.logs.altered_settings",
            "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", "SENTRY_DSN": sentry.dsn, "PUBLIC_URL": site, "TICK_SECONDS": "5",
            "CANARY_ADDRESS": f"task@{DOMAIN}", "CANARY_SECRET": SECRET,
            "INVITED_DAYS": "3650",  # since the noon of the builders; the tick forgets who was invited before that
        }  # fmt: skip
        web = process_supervisor.web_server("127.0.0.1", port, 1, 4)
        with running(web, env, "web") as server, celery_worker(env) as worker, celery_beat(env):
            wait_until(
                "the site", lambda: process_supervisor.is_ready(process_supervisor.url_answers(f"{site}/health/live"))
            )

            # A code for logging in, once wrong and once right.
            visitor = Visitor(site)
            visitor.post("/en/account/login/code/", {"email": f"login@{DOMAIN}"})
            wait_until("the code", lambda: seen(f"login@{DOMAIN}"))
            text = seen(f"login@{DOMAIN}")[0].get_body(("plain",)).get_content()
            code = found(r"^ +([A-Z0-9-]{6,})\s*$", text)
            visitor.post("/en/account/login/code/confirm/", {"code": "WRONG9X"})
            visitor.post("/en/account/login/code/confirm/", {"code": code})
            canaries |= {code, *(value for value in visitor.session.cookies.values() if value and len(value) > 20)}
            visitor.get("/en/portal/")

            # Joining.
            visitor = Visitor(site)
            visitor.post("/en/join/", filled(campaign, "en", email=f"join@{DOMAIN}", name=f"{NAME} Joiner"))
            wait_until("the code for joining", lambda: seen(f"join@{DOMAIN}"))
            code = found(r"^ {4}([0-9]{6})\s*$", seen(f"join@{DOMAIN}")[0].get_body(("plain",)).get_content())
            visitor.post("/en/join/code/", signed(campaign, "en", code=code))
            canaries.add(code)

            # An invitation, opened and declined.
            invited.name = f"{NAME} Invited"
            invited.recipient.take_address(f"invited@{DOMAIN}", at=timezone.now())
            invited.save()
            invitations.invite([invited], by=staff, at=timezone.now())
            wait_until("the invitation", lambda: seen(f"invited@{DOMAIN}"))
            link = link_in(seen(f"invited@{DOMAIN}")[0], "/invited/")
            canaries.add(unquote(link.rstrip("/").rpartition("/")[2]))
            Visitor(site).get(link)

            # Subscribing, confirming, changing, leaving.
            visitor = Visitor(site)
            wanted = {"email": f"subscribe@{DOMAIN}", "language": "en", "cadence": "digest-week", "consent": "on"}
            visitor.post("/en/subscribe/", wanted)
            wait_until("the mail to confirm", lambda: seen(f"subscribe@{DOMAIN}"))
            link = link_in(seen(f"subscribe@{DOMAIN}")[0], "/confirm/")
            canaries.add(unquote(link.rstrip("/").rpartition("/")[2]))
            visitor.get(link)
            page = visitor.post(link, {}).url
            wait_until("the subscription", lambda: Subscription.objects.filter(recipient__email=f"subscribe@{DOMAIN}"))
            if "/subscription/" in page:
                canaries.add(unquote(page.rstrip("/").rpartition("/")[2]))
                visitor.get(page)

            # A send in which everything goes wrong.
            audience = builders.build_audience(campaign, "kanaria", size=12)
            rows = list(audience.memberships.select_related("recipient").order_by("pk"))
            names = ("fine", "refused", "later", "dropped", "inthedark", "unpreparable")
            for number, member in enumerate(rows):
                member.recipient.name = f"{NAME} {number}"
                member.recipient.save()
                member.recipient.take_address(f"{names[number % 6]}{number}@{DOMAIN}", at=member.joined_at)
                canaries.add(member.recipient.email)
            smtp_sink.reply("rcpt", f"550 5.1.1 <refused@{DOMAIN}> {NAME}: no such user", to="refused")
            smtp_sink.reply("rcpt", f"450 4.2.1 later@{DOMAIN} ({NAME}) is busy", to="later")
            smtp_sink.drop("rcpt", to="dropped", times=2)
            smtp_sink.drop("dot", to="inthedark", times=2)
            send = builders.build_send(audience, builders.build_mailing(campaign, "kanaria"), slot_at=timezone.now())
            wait_until(
                "the send",
                lambda: (
                    Delivery.objects.filter(send=send, state=State.FAILED).count() >= 2
                    and Delivery.objects.filter(send=send, state=State.ACCEPTED).count() >= 2
                    and not Delivery.objects.filter(send=send, state__in=[State.CLAIMED, State.HANDING_OFF]).exists()
                ),
                150,
            )
            got = next(mail for mail in smtp_sink.bulk if "fine" in mail.recipient)
            unsubscribe = found(r"<(http[^>]+)>", str(got.message["List-Unsubscribe"]))
            canaries |= {unquote(unsubscribe.rstrip("/").rpartition("/")[2]), unquote(got.sender.partition("@")[0])}
            Visitor(site).get(unsubscribe)
            assert requests.post(unsubscribe, data={"List-Unsubscribe": "One-Click"}, timeout=30).status_code == 200
            Visitor(site).get(unsubscribe.replace("/leave/", "/")[:-6] + "/", status=404)

            # What comes back: a report of a provider, a forged one, a bounce, a mail from someone.
            basic = {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}
            forged = {"Authorization": f"Basic {base64.b64encode(f'a:forged@{DOMAIN}'.encode()).decode()}"}
            told: Any = {"RecordType": "Bounce", "Recipient": f"forged@{DOMAIN}", "Name": NAME, "BouncedAt": "2026-03-25T10:00:07Z",
                    "Email": f"forged@{DOMAIN}", "ID": 4, "Type": "HardBounce", "Description": f"{NAME} forged@{DOMAIN}"}  # fmt: skip
            for headers in (basic, forged, {}):
                requests.post(f"{site}/webhooks/postmark/", json=told, headers=headers, timeout=30)
                raw = f"From: {NAME} <inbound@{DOMAIN}>\r\nTo: {got.sender}\r\nSubject: {NAME}\r\n\r\nI am {NAME}.\r\n"
                requests.post(f"{site}/webhooks/mail/", data=raw.encode(), headers=headers | {"Content-Type": "message/rfc822"}, timeout=30)  # fmt: skip
                requests.post(
                    f"{site}/webhooks/mail/", data=b"\xff\xfe" + raw.encode() * 3, headers=headers, timeout=30
                )

            # A file with rows that cannot be read.
            listed = f"name,email,language,region\n{NAME},bad-{DOMAIN},fi,XX\n{NAME} Two,import@{DOMAIN},xx,MK01\n"
            canaries.add(f"import@{DOMAIN}")
            run = import_runs.take(campaign, SimpleUploadedFile("a.csv", listed.encode()), name=f"{NAME}.csv", source="x", by=staff, at=timezone.now())  # fmt: skip
            app.send_task("influencers.tasks.work_imports")
            wait_until("the import", lambda: type(run).objects.get(pk=run.pk).state != run.state)

            # A view and a task that break.
            token = "kanarialintutoken0123456789abcdef"
            canaries.add(token)
            body = {"email": f"view@{DOMAIN}", "name": f"{NAME} View"}
            answer = requests.post(
                f"{site}/breaks/{token}/?email=view@{DOMAIN}", data=body, cookies={"a": token}, timeout=30
            )
            assert answer.status_code in {403, 500}
            app.send_task("tests.operations.logs.breaking_view.break_off", (7,))
            wait_until("the reports", lambda: b"break_off" in b"".join(sentry.bodies))
            time.sleep(6)  # a tick more
            assert server.alive and worker.alive

        traces = {f"report {number}": body for number, body in enumerate(sentry.bodies)}
    folder = Path(env["DATA_DIR"])
    for file in [*folder.joinpath("logs").rglob("*"), *folder.joinpath("broker").rglob("*")]:
        if file.is_file():
            traces[str(file.relative_to(folder))] = file.read_bytes()
    if configured.REDIS_URL:
        traces |= kept_in_redis()

    # The test would find nothing if nothing were written.
    logs = b"".join(data for name, data in traces.items() if name.startswith("logs/"))
    for written in (
        b'"route": "breaks"',
        b'"task": "tests.operations.logs.breaking_view.break_off"',
        b"[address]",
        b'"level": "DEBUG"',
    ):
        assert written in logs, written
    leaks = sorted(
        f"{canary} in {name}: …{data[max(0, place - 150) : place + 150]!r}"
        for name, data in traces.items()
        for canary in canaries
        for spelling in spellings(canary)
        if (place := data.find(spelling)) >= 0
    )
    assert leaks == [], "\n".join(leaks[:30])


def kept_in_redis() -> dict[str, bytes]:
    """Return every key of Redis with its value."""
    import redis

    kept: dict[str, bytes] = {}
    server: Any = redis.Redis.from_url(configured.REDIS_URL)
    readers = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1),
        b"hash": server.hgetall,
    }
    for key in server.scan_iter():
        kept[f"redis {key.decode(errors='replace')}"] = key + repr(readers[server.type(key)](key)).encode()
    return kept
