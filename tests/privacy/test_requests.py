"""
No page and no mail asks anything of another host. Read in the sources, and watched in a real browser on every page
(tests/journeys/test_every_page.py) and with every kind of mail open. Mail is not followed: it has no hidden picture, and reading it leaves no trace.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.links import preference_links
from delivery.models import Consent, Send, SignUp
from delivery.sending import dispatch, worker
from delivery.subscriptions import signup, subscription_mails
from influencers.profiles import preferences
from tests.journeys import page_checks
from tests.journeys.scene import fill
from tests.support import builders
from website.digests import digest_runs

ROOT = Path(django_settings.BASE_DIR)
# What makes a browser or a mail program load something: not links that a person follows.
LOADS = re.compile(
    r"""<(?:img|script|iframe|embed|object|source|video|audio|track|input|use|image)\b[^>]*\b(?:src|data|poster|srcset|href)="""
    r"""["']?\s*(?:https?:)?//|<link\b[^>]*\brel=["']?(?!canonical|alternate|hub|self|license)[^>]*\bhref=["']?(?:https?:)?//"""
    r"""|url\(\s*["']?(?:https?:)?//|@import\s+["']?(?:https?:)?//|\bfetch\(\s*["'`](?:https?:)?//|sendBeacon|WebSocket\("""
    r"""|<(?:body|table|td)\b[^>]*\bbackground=""",
    re.IGNORECASE,
)


def test_no_template_style_or_script_loads_from_another_host():
    places = [*(ROOT / "templates").rglob("*"), *(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    files = [path for path in places if path.is_file() and path.suffix in {".html", ".txt", ".xml", ".css", ".js"}]
    assert len(files) > 250
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0][:100]}"
        for path in files
        if path.name not in {"htmx.min.js"}
        for found in LOADS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
    assert LOADS.search('<img src="https://x.example/a.png">') and LOADS.search('<script src="//x.example/a.js">')
    assert LOADS.search('<link rel="stylesheet" href="https://x.example/a.css">') and LOADS.search("url(//x.example/a)")
    assert not LOADS.search('<a href="https://x.example/">') and not LOADS.search('<img src="/static/a.svg">')


def test_no_mail_has_a_template_with_a_picture():
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").glob("**/mail/**/*.html")
        if re.search(r"<(img|picture|video|audio|svg|iframe|link|script)\b|url\(|background=", path.read_text())
    ]
    assert wrong == []


# --- Mail ------------------------------------------------------------------------------------------------------------


def every_mail(campaign: Any, sink: Any) -> list[Any]:
    """Send one of each kind of mail with a part in HTML, and return the messages as they arrived."""
    now = timezone.now()
    audience = builders.build_audience(campaign, "reached")
    person = builders.build_influencer(campaign, "iida", audience=audience)
    digest = builders.build_digest(campaign, "week")
    builders.build_subscription(digest, at=now - timedelta(days=9))
    preferences.set_consent(person, Consent.Purpose.OPEN_TRACKING, False, language="fi", at=now)
    builders.build_published_version(campaign, audiences=[audience], at=now - timedelta(minutes=1))
    digest_runs.plan_due(at=now + timedelta(days=8))
    for moment in (now, now + timedelta(days=8)):
        dispatch.start_due_sends(at=moment)
        for send in Send.objects.filter(state="sending"):
            worker.work(send.pk, clock=lambda moment=moment: moment)
    ask: dict[str, Any] = {
        "audience": digest,
        "topics": [],
        "language": "fi",
        "text_version": "1",
        "source": "x",
        "place": "x",
    }
    signup.request_subscription(campaign, email="new@example.net", at=now, **ask)
    subscription_mails.write_due(at=now)
    assert SignUp.objects.get().mailed_at
    return [caught.message for caught in sink.caught]


def html_of(message: Any) -> str:
    """Return the part of a mail in HTML, "" without one."""
    part = message.get_body(("html",))
    return part.get_content() if part else ""


@pytest.mark.django_db(transaction=True)
def test_without_consent_no_mail_can_be_followed_and_reading_leaves_no_trace(campaign, roles, smtp_sink, client):
    mails = every_mail(campaign, smtp_sink)
    assert len(mails) >= 3
    wrong, opened = [], 0
    for message in mails:
        html, plain = html_of(message), message.get_body(("plain",)).get_content()
        wrong += re.findall(r"<(?:img|picture|video|audio|iframe|link|script|object)\b[^>]*>|url\([^)]*\)", html)
        links = set(re.findall(r'href="(https?://[^"]+)"', html)) | set(re.findall(r"https?://[^\s>)]+", plain))
        for link in links:
            address = urlsplit(link)
            if f"{address.scheme}://{address.netloc}" != django_settings.PUBLIC_URL:
                continue  # a source that a person may follow; nothing of ours is in it
            # Of our own links only those are one person's that need to be: to leave, to confirm, to choose, to read here.
            if re.search(r"/[^/]{40,}/?$", address.path) and not re.search(
                r"/(unsubscribe|leave|read|confirm|subscription|mail)/", address.path
            ):
                wrong.append(link)
            if "?" in link and re.search(r"utm_|[?&](u|r|id|rcpt|recipient|token)=", link):
                wrong.append(link)
            with CaptureQueriesContext(connection) as asked:
                client.get(f"{address.path}?{address.query}" if address.query else address.path)
            written = [q["sql"] for q in asked if re.match(r"(INSERT|UPDATE|DELETE)", q["sql"])]
            wrong += [f"{address.path}: {sql[:90]}" for sql in written if "accounts_session" not in sql]
            opened += 1
    assert wrong == [] and opened > 5


# --- In a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.journey
@pytest.mark.looks
@pytest.mark.django_db(transaction=True)
def test_no_page_of_a_reader_and_no_mail_asks_another_host_for_anything(live_site, page, smtp_sink):
    """Of pages those that a link of one's own opens or another site shows; every page is watched by test_every_page.py too."""
    site = fill(timezone.now() - timedelta(minutes=5))
    asked = page_checks.requests_of(page)
    subscription = builders.build_subscription(builders.build_digest(site.campaign), "elli@example.net")
    links = preference_links.PreferenceLinks(site.campaign.pk, "en")
    token = links.token(subscription.recipient_id, "elli@example.net")
    pages = (f"/en/subscription/{token}/", f"/en/embed/{site.plain}/", site.leave["en"], "/en/join/")
    for path in pages:
        assert page.goto(live_site + path).ok
    assert page_checks.foreign(asked, live_site) == [] and len(asked) > len(pages)

    asked.clear()
    opened = 0
    for message in every_mail(builders.build_campaign("toinen"), smtp_sink):
        if html := html_of(message):
            page.goto("about:blank")
            page.set_content(html, wait_until="load")
            page.wait_for_timeout(100)
            opened += 1
    assert opened >= 3 and [url for url in asked if not url.startswith(("about:", "data:"))] == []
