"""How long it takes to plan a recall."""

import time
from datetime import timedelta
from typing import Any

EXPOSURES = 2_000
ROUNDS = 5


def recall(exposures: int) -> dict[str, Any]:
    """
    Time the planning of the recall of a bulletin with so many exposures: a tenth posted it with a figure, four tenths
    took words, half read it, each with two accounts; from nothing to every mail written, beside a bare insert of as many
    rows of mail in the same run.
    """
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from influencers.models import Recall
    from influencers.recall import recall_plan
    from notifications.models import Notice

    version = build(exposures)
    now = timezone.now()
    taken: list[float] = []
    worked: list[float] = []  # what the machine did for it, whatever else it does at the time
    queries = people = 0
    for _round in range(ROUNDS):
        Notice.objects.all().delete()
        Recall.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            began, busy = time.perf_counter(), time.process_time()
            found = recall_plan.plan(version, at=now)
            taken.append(time.perf_counter() - began)
            worked.append(time.process_time() - busy)
        assert found is not None
        queries, people = len(captured), found.notices.count()
    rows = list(Notice.objects.all())
    Notice.objects.all().delete()
    for row in rows:
        row.pk = None
    began = time.perf_counter()
    with transaction.atomic():
        Notice.objects.bulk_create(rows)
    bare = time.perf_counter() - began
    return {
        "exposures": exposures,
        "people": people,
        "mails": len(rows),
        "queries": queries,
        "seconds": round(sorted(taken)[ROUNDS // 2], 3),
        "slowest": round(max(taken), 3),
        "processor_seconds": round(sorted(worked)[ROUNDS // 2], 3),
        "bare_insert_seconds": round(bare, 3),
    }


def build(exposures: int) -> Any:
    """Build influencers who know the first version of a bulletin, and return its second one."""
    from django.utils import timezone

    from accounts.models import User
    from delivery.models import Recipient, address_hash
    from influencers.models import Exposure, Influencer, PlatformAccount, Post, PostFigures
    from tests.influencers.recall import recall_scene
    from tests.support import builders

    campaign = builders.build_campaign()
    version = recall_scene.publish(campaign)
    at = timezone.now() - timedelta(days=1)
    languages = builders.LANGUAGES
    names = [f"person{number}@example.net" for number in range(exposures)]
    users = User.objects.bulk_create(
        (User(email=name, name=name, language=languages[turn % 3]) for turn, name in enumerate(names)), batch_size=500
    )
    recipients = Recipient.objects.bulk_create(
        (
            Recipient(email=name, address_hash=address_hash(name), name=name, language=languages[turn % 3])
            for turn, name in enumerate(names)
        ),
        batch_size=500,
    )
    influencers = Influencer.objects.bulk_create(
        (
            Influencer(campaign=campaign, user=user, recipient=recipient, reference=f"r{turn}", name=user.name)
            for turn, (user, recipient) in enumerate(zip(users, recipients, strict=True))
        ),
        batch_size=500,
    )
    PlatformAccount.objects.bulk_create(
        (
            PlatformAccount(influencer=one, platform=platform, handle=f"h{turn}", followers=turn * 10)
            for turn, one in enumerate(influencers)
            for platform in ("instagram", "x")
        ),
        batch_size=500,
    )
    Exposure.objects.bulk_create(
        (
            Exposure(
                influencer=one,
                version=version,
                way="read" if turn % 2 else "copied",
                item="" if turn % 2 else ("message:opening", "message:distance", "variant:instagram")[turn % 3],
                language=languages[turn % 3],
                first_at=at,
                last_at=at,
            )
            for turn, one in enumerate(influencers)
        ),
        batch_size=500,
    )
    posts = Post.objects.bulk_create(
        Post(
            campaign=campaign,
            influencer=one,
            version=version,
            platform="instagram",
            language=languages[turn % 3],
            posted_at=at,
            told_at=at,
        )
        for turn, one in enumerate(influencers[::10])
    )
    PostFigures.objects.bulk_create(PostFigures(post=post, at=at, reach=turn * 100) for turn, post in enumerate(posts))
    return recall_scene.correct(version, at=at + timedelta(hours=1))
