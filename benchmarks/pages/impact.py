"""How long the pages of impact take beside three years of measures and posts."""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

MEASURES, SNAPSHOTS, DAYS = 200, 100_000, 3 * 365
POSTS, PEOPLE, BULLETINS = 50_000, 60, 3
WARM, ROUNDS = 3, 40
BATCH = 5_000


def impact() -> dict[str, Any]:
    """
    Time both pages of a week, its CSV and PDF, the list of measures, one's chart and the CSV of a week's values, with 200 measures, 100,000
    snapshots and 50,000 posts, beside a view that answers nothing.
    """
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    editor, measure = build()
    build_posts(measure.campaign)
    build_surveys(measure.campaign, editor)
    settings.SECOND_FACTOR = False
    client = Client(SERVER_NAME="localhost")
    client.force_login(editor)
    pages = {
        "minister": reverse("admin:impact_week"),
        "team": reverse("admin:impact_team"),
        "csv": reverse("admin:impact_csv"),
        "pdf": reverse("admin:impact_pdf"),
        "list": reverse("admin:impact_measure_changelist"),
        "chart": reverse("admin:impact_measure_chart", args=[measure.pk]),
        "week": reverse("admin:impact_measure_week"),
        "empty": reverse("health_live"),
    }
    sizes = {"measures": MEASURES, "snapshots": SNAPSHOTS, "posts": POSTS}
    return sizes | {name: timed(client, page) for name, page in pages.items()}


def build() -> tuple[Any, Any]:
    """Store the measures of a campaign and their snapshots; return an editor and a measure."""
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.access import permissions
    from impact.measures import standard_measures
    from impact.models import Measure, Snapshot, Source
    from tests.support import builders

    call_command("collectstatic", interactive=False, verbosity=0)
    permissions.sync()
    campaign = builders.build_campaign()
    standard_measures.give(campaign)
    own = Measure.objects.count()
    Measure.objects.bulk_create(
        Measure(
            campaign=campaign,
            key=f"measure-{number}",
            name={"en": f"Measure {number}"},
            unit="people",
            family=("", "reach", "calls")[number % 3],
            is_summed=number % 2 == 0,
        )
        for number in range(MEASURES - own)
    )
    measures, now = list(Measure.objects.all()), timezone.now()
    today = campaign.local(now).date()
    each = SNAPSHOTS // MEASURES
    rows = (
        Snapshot(
            measure=measure,
            on=today - timedelta(days=back * DAYS // each),
            value=Decimal(1000 + back),
            unit=measure.unit,
            source=Source.CSV,
            taken_at=now,
            taken_on=today,
        )
        for measure in measures
        for back in range(each)
    )
    Snapshot.objects.bulk_create(rows, batch_size=BATCH)
    return builders.build_user("editor", "editor"), measures[0]


def build_posts(campaign: Any) -> None:
    """Store bulletins of the last weeks, and posts of three years about them, each compared with its key message."""
    from django.utils import timezone

    from bulletins.models import Version
    from impact.weeks import Week
    from influencers.models import Post, PostMessage
    from tests.support import builders

    now = timezone.now()
    last = Week.of(campaign.local(now).date()).before().begins(campaign.zone)
    versions = [builders.build_published_version(campaign) for _number in range(BULLETINS)]
    for number, version in enumerate(versions):
        Version.objects.filter(pk=version.pk).update(published_at=last + timedelta(days=number, hours=9))
    people = [builders.build_influencer(campaign, f"p{number}") for number in range(PEOPLE)]
    posts = Post.objects.bulk_create(
        (
            Post(
                campaign=campaign,
                influencer=people[number % PEOPLE],
                version=versions[number % BULLETINS],
                platform=("tiktok", "instagram")[number % 2],
                language=("fi", "sv", "en")[number % 3],
                url_key=str(number),
                posted_at=now - timedelta(days=number * DAYS / POSTS),
                told_at=now,
            )
            for number in range(POSTS)
        ),
        batch_size=BATCH,
    )
    fates = PostMessage.Fate.values
    PostMessage.objects.bulk_create(
        (PostMessage(post=post, key="opening", fate=fates[post.pk % len(fates)]) for post in posts), batch_size=BATCH
    )


def build_surveys(campaign: Any, editor: Any) -> None:
    """Store two surveys of influencers, closed, with their answers."""
    from django.utils import timezone

    from demo.exercise.impact import past_surveys
    from tests.support import builders

    starter = builders.build_user("starter", "approver")
    past_surveys.create_surveys(campaign, composer=editor, starter=starter, at=timezone.now() - timedelta(days=7))


def timed(client: Any, page: str) -> dict[str, Any]:
    """Return the milliseconds of a page, and how many queries it asks."""
    from django.db import connection

    asked = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    for _round in range(WARM):
        assert client.get(page).status_code == 200
    with connection.execute_wrapper(note):
        client.get(page)
    took = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        client.get(page)
        took.append(1000 * (time.perf_counter() - start))
    took.sort()
    return {
        "p50_ms": round(took[len(took) // 2], 1),
        "p95_ms": round(took[int(len(took) * 0.95)], 1),
        "queries": len(asked),
    }
