"""How long the server takes for the desk's pages when there is much on the desk."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

BULLETINS, SENDS, PEOPLE = 500, 50, 4000
WARM, ROUNDS = 2, 20


def desk() -> dict[str, Any]:
    """
    Time every page of the desk with 500 bulletins, 4,000 recipients and 50 sends, as someone who may see all of it.

    `p95_ms` is the slowest page's 95th percentile; `limit_p50_ms` is what the frame around every page takes by
    itself in the same run (an empty list).
    """
    client, bulletin = build()
    pages = {name: measured(client, url) for name, url in addresses(bulletin)}
    slowest = max(pages, key=lambda name: pages[name]["p95_ms"])
    return {
        "bulletins": BULLETINS,
        "sends": SENDS,
        "pages": len(pages),
        "slowest": slowest,
        "p50_ms": pages[slowest]["p50_ms"],
        "p95_ms": pages[slowest]["p95_ms"],
        "most_queries": max(page["queries"] for page in pages.values()),
        "limit_p50_ms": pages["auth.group"]["p50_ms"],
        "over_150_ms": {name: page for name, page in pages.items() if page["p95_ms"] > 150},
    }


def preview() -> dict[str, Any]:
    """Time each kind of preview of a bulletin with the longest of the demo's texts; `p95_ms` is the slowest kind's."""
    from django.urls import reverse

    client, bulletin = build()
    url = reverse("admin:bulletins_bulletin_preview", args=[bulletin.pk])
    kinds = {kind: measured(client, f"{url}?language=fi&as={kind}", rounds=100) for kind in ("mail", "portal", "text")}
    slowest = max(kinds.values(), key=lambda kind: kind["p95_ms"])
    return {"p50_ms": slowest["p50_ms"], "p95_ms": slowest["p95_ms"], "kinds": kinds}


def build() -> tuple[Any, Any]:
    """Fill the desk; return a client that is logged in and a bulletin in the making."""
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.access import permissions
    from accounts.models import User
    from delivery.models import Send
    from tests.support import builders

    call_command("collectstatic", interactive=False, verbosity=0)
    permissions.sync()
    now = timezone.now()
    campaign = builders.build_campaign()
    boss = User.objects.create_superuser("boss@example.org", name="Boss")
    audience = builders.build_audience(campaign, size=PEOPLE, cadence="day")
    second = builders.second_person()
    for number in range(BULLETINS):
        at = now - timedelta(hours=BULLETINS - number)
        if number < SENDS:
            builders.build_published_version(campaign, approver=second, at=at, audiences=[audience], variants=True)
        elif number % 3 == 0:
            builders.build_bulletin_in_review(campaign, at=at, audiences=[audience], timing="next_slot")
        else:
            last = builders.build_bulletin(campaign, at=at, audiences=[audience], timing="next_slot", variants=True)
    from delivery.fanout import fanout
    from delivery.reports import kept_counts

    for send in Send.objects.all():
        fanout.fan_out(send, at=now)
    while kept_counts.count_large(at=now):  # beside the pages, as the queue `upkeep` does
        pass
    return client_of(boss), last


def client_of(user: Any) -> Any:
    """Return a client that is logged in at the desk, without a second factor."""
    from django.conf import settings
    from django.test import Client

    settings.SECOND_FACTOR = False
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def addresses(bulletin: Any) -> Iterator[tuple[str, str]]:
    """Yield (name, address) of Today, every list, and every page and pane of a bulletin."""
    from django.contrib import admin
    from django.urls import NoReverseMatch, reverse

    yield "today", reverse("admin:index")
    yield "today's part", reverse("admin:today")
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield model._meta.label_lower, reverse(f"admin:{name}_changelist")
    words = ("change", "read", "rows", "variants", "assets", "cards", "findings", "schedule", "approval", "preview")
    for word in words:
        try:
            yield f"bulletin: {word}", reverse(f"admin:bulletins_bulletin_{word}", args=[bulletin.pk])
        except NoReverseMatch:
            continue
    for word in ("calendar",):
        try:
            yield word, reverse(f"admin:bulletins_bulletin_{word}")
        except NoReverseMatch:
            continue


def measured(client: Any, url: str, *, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the middle and the 95th percentile of the server's time for a page, in ms, and its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for number in range(WARM + rounds):
        began = time.perf_counter()
        answer = client.get(url, follow=True)  # an edition's page is its bulletin's
        if number >= WARM:
            taken.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    taken.sort()
    return {
        "p50_ms": round(taken[len(taken) // 2], 1),
        "p95_ms": round(taken[int(len(taken) * 0.95) - 1], 1),
        "queries": len(captured),
    }
