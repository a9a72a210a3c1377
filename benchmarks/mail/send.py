"""A send of real size by real Celery workers, timed beside what the same machine can do at all."""

import time
from datetime import timedelta
from typing import Any

from benchmarks import environment

from .sinks import Sink, source_seconds

OCTETS = 16_000
DJANGO_SAMPLE = 300
DEADLINE_SECONDS = 1800


def build(recipients: int, *, key: str = "bench", queue: str = "bulletin") -> Any:
    """Write an audience of `recipients` and a 16 KB mailing to it in three languages; return the planned send."""
    from django.utils import timezone

    from campaigns.models import Campaign, CampaignLanguage
    from delivery.message.personal_fields import field
    from delivery.models import Audience, Consent, Mailing, Membership, Message, Recipient, Send, address_hash

    now = timezone.now()
    languages = ["fi", "sv", "en"]
    campaign, new = Campaign.objects.get_or_create(
        slug="bench",
        defaults={
            "default_language": "en",
            "starts_on": now.date(),
            "sender_email": "a@example.org",
            "reply_to": "b@example.org",
        },
    )
    if new:
        for code in languages:
            CampaignLanguage.objects.create(campaign=campaign, code=code, name="Bench", sender_name="Bench")
    audience = Audience.objects.create(campaign=campaign, slug=key, languages=languages)
    addresses = [f"{key}{n}@example.net" for n in range(recipients)]
    rows = Recipient.objects.bulk_create(
        (
            Recipient(email=one, address_hash=address_hash(one), name=f"Reader {n}", language=languages[n % 3])
            for n, one in enumerate(addresses)
        ),
        batch_size=2000,
    )
    joined = now - timedelta(days=1)
    Membership.objects.bulk_create(
        (Membership(audience=audience, recipient=row, joined_at=joined) for row in rows), batch_size=2000
    )
    Consent.objects.bulk_create(
        (
            Consent(
                recipient=row,
                purpose=audience.purpose,
                text_version="1",
                language=row.language,
                source="bench",
                given_at=joined,
                confirmed_at=joined,
            )
            for row in rows
        ),
        batch_size=2000,
    )
    mailing = Mailing.objects.create(campaign=campaign, key=key, queue=queue)
    line = "Plain words about what was decided, what it means and what helps.\n"
    for code in languages:
        Message.objects.create(
            sender_name="Bench",
            mailing=mailing,
            language=code,
            subject="What was decided",
            text=f"Hi {field('name')}!\n{line * 58}{field('read_url')}\n{field('unsubscribe_url')}\n",
            html=(
                f"<p>Hi {field('name')}!</p><a href='{field('read_url')}'>Read</a><p>{line * 160}</p>"
                f"<a href='{field('unsubscribe_url')}'>Leave</a>"
            ),
        )
    return Send.objects.create(mailing=mailing, audience=audience, slot_key=key, slot_at=now)


def analyse() -> None:
    """Do by hand what PostgreSQL's autovacuum does within a minute: look at what is in the tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def wait_for_end(send: Any, *, every: float = 0.05, wakes: bool = False) -> float:
    """
    Wait until no row is to go; return when the last one ended (seconds of time.time()). With `wakes`, workers are asked for each second,
    for what they put off.
    """
    from django.db.models import Max
    from django.utils import timezone

    from delivery.models import Delivery
    from delivery.sending import dispatch, sweeper

    rows = Delivery.objects.of(send)
    began = woken = time.monotonic()
    deadline = began + DEADLINE_SECONDS
    while not sweeper.seems_over(send) or rows.to_go().exists():
        if wakes and time.monotonic() - woken > 1:
            dispatch.wake_workers(at=timezone.now())
            woken = time.monotonic()
        if time.monotonic() > deadline:
            raise SystemExit("Not measured: the send did not end.")
        time.sleep(every)
        send.refresh_from_db()
    ended: Any = rows.aggregate(last=Max("finished_at"))["last"]
    return float(ended.timestamp())


def send(recipients: int, connections: int, sink: Sink) -> dict[str, Any]:
    """Time a send with `connections` worker processes; before and after it smtp-source, and Django's backend."""
    from django.utils import timezone

    from delivery.fanout import fanout
    from delivery.reports import ledger
    from delivery.sending import dispatch

    planned = build(recipients)
    first = source_seconds(sink.port, messages=recipients, sessions=connections, octets=OCTETS)
    before = sink.messages()
    with environment.workers(bulletin=connections) as workers:
        warm_up(connections)
        analyse()
        before = sink.messages()
        fanout.fan_out(planned, at=timezone.now())
        began = time.time()
        dispatch.wake_workers(at=timezone.now())
        seconds = wait_for_end(planned) - began
        memory = workers.rss_mb()
    arrived = sink.messages() - before
    second = source_seconds(sink.port, messages=recipients, sessions=connections, octets=OCTETS)
    limit = min(first, second)
    total = ledger.ledger_of([planned]).total
    django = django_per_second(planned)
    return {
        "connections": connections,
        "seconds": round(seconds, 2),
        "per_second": round(recipients / seconds),
        "limit_seconds": round(limit, 2),
        "limit_per_second": round(recipients / limit),
        "ratio": round(limit / seconds, 2),
        "django_per_second": round(django),
        "times_django": round(recipients / seconds / django, 1),
        "accepted": total.accepted,
        "arrived": arrived,
        "duplicates": max(0, arrived - total.accepted - total.unknown),
        "lost": max(0, total.accepted - arrived) + total.to_go + total.failed,
        "unknown": total.unknown,
        "rss_mb": round(memory),
    }


def warm_up(connections: int, *, key: str = "warm-up") -> None:
    """Let every worker process open its database connection and import what it needs, as one that has run does."""
    from django.utils import timezone

    from delivery.fanout import fanout
    from delivery.sending import dispatch

    small = build(200 * connections, key=key)
    fanout.fan_out(small, at=timezone.now())
    dispatch.wake_workers(at=timezone.now())
    wait_for_end(small)


def django_per_second(planned: Any) -> float:
    """Return what Django's SMTP backend reaches with the same message, one after the other, without a ledger."""
    from django.core import mail

    message = planned.mailing.messages.first()
    connection = mail.mailers["exercise"]
    connection.open()
    began = time.monotonic()
    for n in range(DJANGO_SAMPLE):
        one = mail.EmailMultiAlternatives(message.subject, message.text, "a@example.org", [f"reader{n}@example.net"])
        one.attach_alternative(message.html, "text/html")
        connection.send_messages([one])
    seconds = time.monotonic() - began
    connection.close()
    return DJANGO_SAMPLE / seconds
