"""
Mail scanners open every link of a mail before its reader does, with the methods and the names of real ones. Nothing
that they do changes a row, counts as read, or logs anyone in.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.http import page_changes
from config.tick import STEPS
from delivery.fanout import fanout
from delivery.models import Consent, Send
from delivery.sending import worker
from influencers.models import Influencer, Invitation, ThreadMessage
from tests.support import builders

from . import crawler, scene

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.slow, pytest.mark.timeout(900)]

AGENTS = [
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1) Microsoft Outlook SafeLinks",
    "BarracudaCentral", "Mozilla/5.0 (X11; Linux x86_64) Proofpoint", "GoogleImageProxy", "",
]  # fmt: skip
ADDRESS = re.compile(r"https://bulletins\.example(/[^\s\"'<>]*)")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|TRUNCATE)\b", re.IGNORECASE)
# Tables of what only makes pages quick: a page that is kept, and how often it was asked for.
MAY_WRITE = ("campaigns_pagechange", "django_cache")


def links_of(sink: Any) -> set[str]:
    """Return every path of ours in the mails that left, from heads, texts and HTML."""
    found = set()
    for caught in sink.caught:
        for part in caught.message.walk():
            if part.get_content_maintype() == "text":
                found |= set(ADDRESS.findall(part.get_content().replace("&amp;", "&")))
        for value in caught.message.values():
            found |= set(ADDRESS.findall(str(value)))
    return {path.rstrip(".,;)") for path in found}


@contextmanager
def noting_writes() -> Iterator[list[str]]:
    """Give the list that each statement is added to that changes something."""
    written: list[str] = []

    def note(execute: Any, sql: str, *more: Any) -> Any:
        if WRITES.match(sql) and not any(table in sql for table in MAY_WRITE):
            written.append(sql[:150])
        return execute(sql, *more)

    with connection.execute_wrapper(note):
        yield written


def opened(paths: set[str] | list[str]) -> list[str]:
    """Open paths as scanners do, with every method that asks; return what changed, broke or logged someone in."""
    wrong = []
    for at, path in enumerate(sorted(paths)):
        agent = AGENTS[at % len(AGENTS)]
        for method in ("get", "head", "options"):
            client = Client(raise_request_exception=False)
            with noting_writes() as written:
                answer = getattr(client, method)(path, headers={"User-Agent": agent, "Purpose": "prefetch"})
                if answer.streaming:
                    list(answer.streaming_content)
            wrong += [f"{method} {path}: {sql}" for sql in written]
            if answer.status_code >= 500:
                wrong.append(f"{method} {path}: {answer.status_code}")
            if "sessionid" in str(answer.cookies) or "_auth_user_id" in client.session:
                wrong.append(f"{method} {path}: a session")
    return wrong


@pytest.fixture
def mails(campaign: Any, roles: None, smtp_sink: Any, settings: Any) -> Any:
    """Every kind of mail that the product sends on its own, caught; the pages' own public address is left out."""
    settings.PUBLIC_URL = "https://bulletins.example"
    now = timezone.now().replace(microsecond=0)
    scene.fill(campaign, at=now)
    for influencer in Influencer.objects.all():
        Consent.objects.create(
            recipient=influencer.recipient, purpose=Consent.Purpose.OPEN_TRACKING, text_version="1", language="fi",
            source="x", given_at=now, confirmed_at=now,
        )  # fmt: skip
    Invitation.objects.update(sent_at=None, next_attempt_at=now)
    Influencer.objects.filter(invitations__isnull=False).update(state=Influencer.State.INVITED)
    ThreadMessage.objects.update(next_attempt_at=now, sent_at=None)
    builders.build_subscription(builders.build_digest(campaign, "week"), "weekly@example.net", at=now)
    for address in ("new@example.net", "weekly@example.net"):
        form = {"email": address, "language": "en", "cadence": "digest-week", "consent": "on"}
        assert Client().post("/en/subscribe/", form).status_code == 302
    later = timezone.now()
    for step in STEPS:
        step(at=later)
    for send in Send.objects.all():
        fanout.fan_out(send, at=later)
        worker.work(send.pk, clock=lambda: later)
    return smtp_sink


def test_no_link_of_any_mail_does_anything_by_being_looked_at(mails):
    paths = links_of(mails)
    names = {crawler.route_of(path) for path in paths}
    assert names >= {
        "delivery:unsubscribe",
        "delivery:read",
        "subscriptions:confirm",
        "subscriptions:preferences",
        "joining:invited",
        "joining:declined",
    }, names

    assert opened(paths) == []


def test_no_link_of_any_public_page_does_anything_by_being_looked_at(campaign, roles):
    scene.fill(campaign, at=timezone.now())
    page_changes.changed()
    cache.clear()
    paths = list(crawler.walk(Client(), crawler.PUBLIC, within="/(?!fi/)"))
    assert len(paths) > 30

    assert opened(paths) == []
