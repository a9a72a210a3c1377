"""How long the server takes for the public page of a fact-check when there are very many."""

import time
from datetime import timedelta
from typing import Any

CLAIMS, SIGHTINGS, CORRECTIONS = 10_000, 200, 3
WARM, ROUNDS = 5, 200
BATCH = 500


def facts() -> dict[str, Any]:
    """
    Time the page of a fact-check, built anew each time, with 10,000 claims published, beside a view that answers
    nothing at all in the same run. The claim has 200 sightings and three corrections.
    """
    from django.urls import reverse
    from django.utils import translation

    claim = build()
    with translation.override("fi"):
        addresses = {
            "page": reverse("factcheck:claim", args=[claim.slug]),
            "empty": reverse("health_live"),
            "list": reverse("factcheck:claims"),
            "chosen": f"{reverse('factcheck:claims')}?topic=food&verdict=false",
            "corrections": reverse("factcheck:corrections"),
            "picture": reverse("factcheck:card", args=[claim.slug, claim.current_version.number, "fi", "1x1"]),
        }
    taken = measured(addresses)
    page, empty = taken.pop("page"), taken.pop("empty")
    return {
        "claims": CLAIMS,
        "p50_ms": page["p50_ms"],
        "p95_ms": page["p95_ms"],
        "queries": page["queries"],
        "limit_p50_ms": empty["p50_ms"],
        "limit_p95_ms": empty["p95_ms"],
        "others": taken,
    }


def build() -> Any:
    """Publish 10,000 claims, most of them by copying rows, and return one with a long history."""
    from django.core.management import call_command
    from django.utils import timezone

    from factcheck.models import Claim, ClaimStep, ClaimVersion, Sighting
    from factcheck.verdicts import verdict_workflow
    from tests.support import builders

    call_command("collectstatic", interactive=False, verbosity=0)
    now = timezone.now()
    campaign = builders.build_campaign()
    topic = builders.build_topic(campaign, "food")
    claim = builders.build_claim(campaign, at=now - timedelta(days=9))
    claim.topics.add(topic)
    for day in range(CORRECTIONS):
        at = now - timedelta(days=8 - day)
        verdict_workflow.reopen(claim, reason="new", by=builders.editor(), at=at)
        claim.what_changed = builders.in_all(en="Another study came out.")
        claim.save()
        builders.publish_claim(claim, at=at)
    platforms = list(Sighting.Platform)
    Sighting.objects.bulk_create(
        Sighting(
            claim=claim,
            platform=platforms[number % len(platforms)],
            seen_on=(now - timedelta(days=number % 30)).date(),
            language="fi",
        )
        for number in range(SIGHTINGS)
    )
    version = claim.current_version
    for start in range(1, CLAIMS, BATCH):
        rows = [copy_of(claim, slug=f"claim-{number}") for number in range(start, min(start + BATCH, CLAIMS))]
        for row in rows:
            row.status, row.current_version = Claim.Status.OPEN, None
        Claim.objects.bulk_create(rows)
        versions = ClaimVersion.objects.bulk_create(copy_of(version, claim=row, number=1) for row in rows)
        for row, own in zip(rows, versions, strict=True):
            row.status, row.current_version = Claim.Status.PUBLISHED, own
        Claim.objects.bulk_update(rows, ["status", "current_version"])
        Claim.topics.through.objects.bulk_create(
            Claim.topics.through(claim=row, topic=topic) for row in rows[: BATCH // 10]
        )
        ClaimStep.objects.bulk_create(
            ClaimStep(
                claim=row, kind="published", at=now, passed_on_at=now, verdict=row.verdict, version=row.current_version
            )
            for row in rows
        )
    analyse()
    return claim


def copy_of(row: Any, **fields: Any) -> Any:
    """Return an unsaved copy of a row with other values in some fields."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    copied = type(row)(**values)
    for name, value in fields.items():
        setattr(copied, name, value)
    return copied


def analyse() -> None:
    """Let the database look at what it has, as it does by itself in the background."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measured(addresses: dict[str, str]) -> dict[str, dict[str, float]]:
    """Return the middle and the 95th percentile of the server's time for each page, in ms, asked for in turn."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    taken: dict[str, list[float]] = {name: [] for name in addresses}
    for number in range(WARM + ROUNDS):
        for name, url in addresses.items():
            began = time.perf_counter()
            answer = client.get(url)
            passed = 1000 * (time.perf_counter() - began)
            assert answer.status_code == 200, f"{url}: {answer.status_code}"
            if number >= WARM:
                taken[name].append(passed)
    found = {}
    for name, url in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        times = sorted(taken[name])
        found[name] = {
            "p50_ms": round(times[len(times) // 2], 1),
            "p95_ms": round(times[int(len(times) * 0.95) - 1], 1),
            "queries": len(captured),
        }
    return found
