"""
A slot of digests for everyone at once: planned, written and fanned out, beside a bare INSERT … SELECT of the rows.
"""

import resource
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SUBSCRIBERS = 1_000_000
ITEMS, TOPICS, CHOICES, AGAIN = 30, 12, 20, 3
# The slots of all three meet on Monday 1 June 2026. Who is served seldom has all to come, who is served daily the last.
SLOT = datetime(2026, 6, 1, 15, tzinfo=ZoneInfo("Europe/Helsinki"))
RHYTHMS = {"day": ITEMS - 3, "week": ITEMS - 12, "month": 0}

# Written by the database itself. Everyone is a reader since before the first item; languages, rhythms and choices of
# topics are spread so that each of their combinations has as many.
SUBSCRIPTIONS = """
WITH kinds (place, audience, topics, cursor) AS (VALUES {kinds})
INSERT INTO delivery_subscription (recipient_id, campaign_id, audience_id, topics_id, told_topics_id, language, since,
                                   cursor, subscribed_at)
SELECT r.id, {campaign}, k.audience, k.topics, k.topics, r.language, 0, k.cursor, %s
FROM delivery_recipient r JOIN kinds k ON k.place = r.id / 3 %% 60
WHERE r.address_hash LIKE 'subscriber%%' ORDER BY r.id
"""
MEMBERS = """
INSERT INTO delivery_membership (audience_id, recipient_id, joined_at, reason, left_because)
SELECT audience_id, recipient_id, subscribed_at, '', '' FROM delivery_subscription
"""
BARE = """
INSERT INTO bare (send_id, mailing_id, recipient_id, language, is_easy, state, attempts, crashes, code, detail, provider_id,
                  possible_duplicate, receipt)
SELECT 1, 1, s.recipient_id, s.language, FALSE, 'queued', 0, 0, '', '', '', FALSE, 0
FROM delivery_subscription s JOIN delivery_recipient r ON r.id = s.recipient_id AND r.state = 'active'
ORDER BY s.recipient_id
"""


def digest(subscribers: int) -> dict[str, Any]:
    """
    Time one slot of daily, weekly and monthly digests to `subscribers` in 3 languages with 20 choices of topics. The limit
    is an INSERT … SELECT of the same rows by itself, into a table like the ledger with its primary key only.
    """
    from delivery.models import Delivery, Mailing, Message, Send
    from delivery.sending import dispatch
    from website.digests import digest_runs
    from website.digests.rendering import Mails
    from website.models import Digest

    from .fanout import empty_ledger, settle

    build(subscribers)
    settle()
    began = time.monotonic()
    digest_runs.plan_due(at=SLOT)
    planned = time.monotonic()
    dispatch.start_due_sends(at=SLOT)
    ended = time.monotonic()
    rss_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    mails = Mails(at=SLOT)
    told = [tuple_of(one) for one in Digest.objects.select_related("mailing__campaign").prefetch_related("items")]
    mails.fetch(item.publication for items, _campaign, _languages in told for item in items)
    writing = time.monotonic()
    for items, campaign, languages in told:
        for language in languages:
            mails.of(items, campaign, language)
    render_s = time.monotonic() - writing

    empty_ledger(keyed=True)
    settle()
    limit = bare()
    return {
        "seconds": round(ended - began, 1),
        "plan_s": round(planned - began - render_s, 1),
        "render_s": round(render_s, 1),
        "fanout_s": round(ended - planned, 1),
        "limit_seconds": round(limit, 1),
        "ratio": round((ended - began) / limit, 1),
        "readers": Delivery.objects.count(),
        "mailings": Mailing.objects.filter(is_digest=True).count(),
        "messages": Message.objects.filter(mailing__is_digest=True).count(),
        "rendered": len(mails.written),
        "sends": Send.objects.filter(mailing__is_digest=True, state="sending").count(),
        "rss_mb": rss_mb,
    }


def tuple_of(one: Any) -> tuple[Any, Any, list[str]]:
    """Return what a digest says, in which campaign and languages."""
    from website.digests.digest_contents import Item

    items = tuple(Item(item.publication_id, item.is_correction) for item in one.items.all())
    return items, one.mailing.campaign, [message.language for message in one.mailing.messages.all()]


def bare() -> float:
    """Time the bare statement."""
    from django.db import connection, transaction

    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE)
    return time.monotonic() - began


def build(subscribers: int) -> None:
    """Write what was published, and the subscribers."""
    from django.db import connection

    from delivery.models import TopicSet
    from tests.support import builders
    from website.digests import publication_order

    from .fanout import PEOPLE
    from .send import analyse

    campaign = builders.build_campaign("digests")
    topics = [builders.build_topic(campaign, f"topic-{n}") for n in range(TOPICS)]
    publish(campaign, topics)
    publication_order.note_waiting(at=SLOT)
    publication_order.give_numbers(campaign)
    # Everything, one topic, or two.
    pairs = [[topics[n]] for n in range(TOPICS)] + [[topics[n], topics[n + 4]] for n in range(CHOICES - 1 - TOPICS)]
    keys = ["", *(".".join(str(one.pk) for one in pair) for pair in pairs)]
    choices = [TopicSet.objects.create(campaign=campaign, key=key) for key in keys]
    audiences = [
        (builders.build_audience(campaign, f"digest-{every}", kind="digest", cadence=every, tier=None), served)
        for every, served in RHYTHMS.items()
    ]
    weeks_ago = connection.ops.adapt_datetimefield_value(SLOT - timedelta(days=60))
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE.format(number=subscribers, key="subscriber"), [weeks_ago])
        kinds = ", ".join(
            f"({at * CHOICES + n}, {audience.pk}, {choice.pk}, {served})"
            for at, (audience, served) in enumerate(audiences)
            for n, choice in enumerate(choices)
        )
        cursor.execute(SUBSCRIPTIONS.format(campaign=campaign.pk, kinds=kinds), [weeks_ago])
        cursor.execute(MEMBERS)
    analyse()


def publish(campaign: Any, topics: list[Any]) -> None:
    """Publish bulletins on a topic each, some without, one a day, and correct the first ones on the last days."""
    from bulletins.publication import corrections
    from tests.support import builders

    bulletins = []
    begins = SLOT - timedelta(days=ITEMS + 1)
    network = builders.build_audience(campaign)
    for n in range(ITEMS - AGAIN):
        bulletin = builders.build_bulletin(campaign, audiences=[network], at=begins)
        bulletin.topics.set([topics[n % TOPICS]] if n % 5 else [])
        builders.published(bulletin, at=begins + timedelta(days=n))
        bulletins.append(bulletin)
    for n, bulletin in enumerate(bulletins[:AGAIN]):
        at = begins + timedelta(days=ITEMS - AGAIN + n)
        corrections.start_correction(
            bulletin, by=builders.editor(), at=at, what_changed=builders.in_all(en="The day was wrong.")
        )
        bulletin.refresh_from_db()
        builders.published(bulletin, at=at)
