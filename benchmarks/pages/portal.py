"""How long the server takes for an influencer's pages, and what a phone on a weak connection loads of a bulletin."""

import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import environment, programs
from operations import process_supervisor

BULLETINS, MESSAGES, INFLUENCERS, POSTS = 200, 8, 2_000, 40
ROUNDS = 200
# Lighthouse's mobile profile: slow 4G, and a processor four times slower than this machine's.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

OBSERVED = """
window.seen = { lcp: 0, cls: 0, tbt: 0, fcp: 0 };
const on = (type, add) =>
  new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type, buffered: true });
on("paint", (entry) => entry.name === "first-contentful-paint" && (window.seen.fcp = entry.startTime));
on("largest-contentful-paint", (entry) => (window.seen.lcp = entry.startTime));
on("layout-shift", (entry) => !entry.hadRecentInput && (window.seen.cls += entry.value));
on("longtask", (entry) => (window.seen.tbt += Math.max(0, entry.duration - 50)));
"""


def portal() -> dict[str, Any]:
    """
    Time the pages of the portal with 200 bulletins, one of them corrected twice, and 2,000 influencers who read and took
    it; then open the bulletin in a browser as a phone does.
    """
    from django.urls import reverse
    from django.utils import translation

    from . import desk

    programs.ensure("Chromium", "fonts")

    client, number = build()
    with translation.override("fi"):
        addresses = {
            "bulletin": reverse("influencers:bulletin", args=[number]),
            "home": reverse("influencers:home"),
            "list": reverse("influencers:bulletins"),
            "handbook": reverse("influencers:handbook"),
        }
    pages = {name: desk.measured(client, url, rounds=ROUNDS) for name, url in addresses.items()}
    page = pages.pop("bulletin")
    return page | {
        "bulletins": BULLETINS,
        "others": pages,
        "limit_p50_ms": desk.measured(client, "/health/live", rounds=ROUNDS)["p50_ms"],
        "transferred": weighed(client, addresses["bulletin"]),
        "phone": on_a_phone(client, addresses["bulletin"]),
    }


def build() -> tuple[Any, int]:
    """Publish many bulletins; return a client that is logged in, and the number of the one with most in it."""
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from accounts.access import permissions
    from bulletins.media import message_cards
    from delivery.models import Recipient, address_hash
    from influencers.models import Exposure, Influencer, Post
    from influencers.recall import exposure
    from tests.influencers.portal.test_portal import publish, words
    from tests.support import builders

    call_command("collectstatic", interactive=False, verbosity=0)
    permissions.sync()
    now = timezone.now()
    campaign = builders.build_campaign()
    content: dict[str, Any] = {
        "key_messages": [words(f"m{n}", f"Kirjastot avataan maanantaina, sääntö {n}.") for n in range(MESSAGES)],
        "calls_to_action": ["Palauta lainat ajallaan."] * 4,
        "variants": [
            {"platform": one, "caption": "Kirjastot avataan maanantaina. " * 20, "hashtags": ["#harjoitus"]}
            for one in ("instagram", "tiktok", "youtube", "x", "facebook")
        ],
    }
    for number in range(1, BULLETINS + 1):
        publish(campaign, number, published_at=now - timedelta(hours=BULLETINS - number + 3), **content)
    versions = [
        publish(campaign, BULLETINS, version=n, kind="correction", published_at=now - timedelta(hours=3 - n), **content)
        for n in (2, 3)
    ]
    reader = builders.build_influencer(campaign, "reader", language="fi")
    addresses = [f"bench{n}@example.net" for n in range(INFLUENCERS)]
    recipients = Recipient.objects.bulk_create(
        [Recipient(email=one, address_hash=address_hash(one), language="fi") for one in addresses], batch_size=500
    )
    people = Influencer.objects.bulk_create(
        [
            Influencer(campaign=campaign, recipient=one, reference=f"b-{one.pk}", name="Bench", state="invited")
            for one in recipients
        ],
        batch_size=500,
    )
    Exposure.objects.bulk_create(
        [
            Exposure(influencer=one, version=versions[0], way=way, language="fi", first_at=now, last_at=now)
            for one in people
            for way in ("read", "copied")
        ],
        batch_size=500,
    )
    Post.objects.bulk_create(
        [
            Post(
                campaign=campaign,
                influencer=reader,
                version=versions[n % 2],
                platform="instagram",
                language="fi",
                posted_at=now,
                told_at=now,
            )
            for n in range(POSTS)
        ]
    )
    exposure.note(reader, versions[0], way="read", language="fi", at=now)
    for _done in message_cards.make_cards(versions[-1].bulletin, now):  # a card is the largest that a phone paints
        pass
    client = Client(SERVER_NAME="localhost")
    client.force_login(reader.user)
    return client, BULLETINS


def weighed(client: Any, url: str) -> dict[str, int]:
    """Return the bytes of a page, its style and its scripts, as they go over the line; `html_gzip` if a proxy packs it."""
    from django.conf import settings

    html = client.get(url).content
    parts = re.findall(r'(?:href|src)="/static/([^"]+\.(css|js))"', html.decode())
    sizes = {"html": len(html), "html_gzip": len(gzip.compress(html)), "css": 0, "js": 0}
    for name, kind in parts:
        sizes[kind] += len(gzip.compress((Path(settings.STATIC_ROOT) / name).read_bytes()))
    return sizes | {"total": sizes["html"] + sizes["css"] + sizes["js"]}


def on_a_phone(client: Any, url: str) -> dict[str, Any]:
    """Open a page over slow 4G on a slow processor: moments in ms, layout shift, bytes, and what axe finds wrong."""
    from axe_playwright_python.sync_playwright import Axe
    from django.conf import settings
    from playwright.sync_api import sync_playwright

    from tests.support import system_parts

    port = process_supervisor.free_port(8800)
    with environment.web_server(port, settings.WEB_PROCESSES), sync_playwright() as playwright:
        site = f"http://localhost:{port}"
        chromium = playwright.chromium.launch(executable_path=system_parts.chromium_program(), args=FLAGS)
        context = chromium.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", NETWORK)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        loaded: list[float] = []
        line.on("Network.loadingFinished", lambda one: loaded.append(one["encodedDataLength"]))
        page.add_init_script(OBSERVED)
        answer = page.goto(site + url, wait_until="load")
        assert answer is not None and answer.ok, f"{url}: {answer and answer.status}"
        page.wait_for_timeout(3000)
        seen = {name: round(value, 3) for name, value in page.evaluate("window.seen").items()}
        wrong = [one["id"] for one in Axe().run(page).response["violations"]]
        chromium.close()
    return seen | {"bytes": round(sum(loaded)), "axe": wrong}
