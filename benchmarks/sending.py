"""A send of real size, timed beside what the same machine can do at all."""

import multiprocessing
import resource
import time
from typing import Any

from .sinks import Sink, source_seconds

OCTETS = 16_000
DJANGO_SAMPLE = 200


def build(recipients: int) -> Any:
    """Write a campaign, an audience of `recipients` and a 16 KB mailing; return the planned send."""
    from django.utils import timezone

    from campaigns.models import Campaign, CampaignLanguage
    from delivery.compiling import field
    from delivery.models import Audience, Mailing, Membership, Message, Recipient, Send, address_hash

    now = timezone.now()
    campaign = Campaign.objects.create(
        slug="bench",
        default_language="en",
        starts_on=now.date(),
        sender_email="a@example.org",
        reply_to="b@example.org",
    )
    CampaignLanguage.objects.create(campaign=campaign, code="en", name="Bench", sender_name="Bench")
    audience = Audience.objects.create(campaign=campaign, slug="bench", languages=["en"])
    addresses = [f"reader{n}@example.net" for n in range(recipients)]
    rows = Recipient.objects.bulk_create(
        (
            Recipient(email=address, address_hash=address_hash(address), name=f"Reader {n}", language="en")
            for n, address in enumerate(addresses)
        ),
        batch_size=2000,
    )
    Membership.objects.bulk_create(
        (Membership(audience=audience, recipient=row, joined_at=now) for row in rows), batch_size=2000
    )
    mailing = Mailing.objects.create(campaign=campaign, key="bench")
    line = "Plain words about what was decided, what it means and what helps.\n"
    Message.objects.create(
        mailing=mailing,
        language="en",
        subject="What was decided",
        text=f"Hi {field('name')}!\n{line * 60}{field('unsubscribe_url')}\n",
        html=f"<p>Hi {field('name')}!</p><p>{line * 165}</p><a href='{field('unsubscribe_url')}'>Leave</a>",
    )
    return Send.objects.create(mailing=mailing, audience=audience, slot_key="bench", slot_at=now)


def work(send_id: int) -> float:
    """Work on the send until nothing is left; return this process's largest memory in MB."""
    from django.db import connections

    from delivery import windows

    connections.close_all()
    windows.work(send_id, seconds=3600)
    connections.close_all()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def send(recipients: int, connections: int, sink: Sink) -> dict[str, Any]:
    """Time a send with `connections` worker processes, Django's own backend on a sample, and smtp-source."""
    from django.db import connections as databases
    from django.utils import timezone

    from delivery import fanout as fanning
    from delivery import ledger

    planned = build(recipients)
    fanning.fan_out(planned, at=timezone.now())
    databases.close_all()
    began = time.monotonic()
    with multiprocessing.get_context("fork").Pool(connections) as pool:
        memory = pool.map(work, [planned.pk] * connections, chunksize=1)
    seconds = time.monotonic() - began
    total = ledger.ledger_of([planned]).total
    limit = source_seconds(sink.port, messages=recipients, sessions=connections, octets=OCTETS)
    return {
        "connections": connections,
        "seconds": round(seconds, 2),
        "per_second": round(recipients / seconds),
        "limit_seconds": round(limit, 2),
        "limit_per_second": round(recipients / limit),
        "ratio": round(limit / seconds, 2),
        "django_per_second": round(django_per_second(planned)),
        "accepted": total.accepted,
        "lost": total.candidates - total.accepted - total.failed - total.suppressed - total.unknown - total.to_go,
        "unknown": total.unknown,
        "rss_mb": round(max(memory)),
    }


def django_per_second(planned: Any) -> float:
    """Return what Django's SMTP backend reaches with the same message, one after the other, without a ledger."""
    from django.core import mail

    message = planned.mailing.messages.get()
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


def fanout(recipients: int) -> dict[str, Any]:
    """Time a fan-out, and one bare INSERT … SELECT of as many rows into a table without keys."""
    from django.db import connection
    from django.utils import timezone

    from delivery import fanout as fanning

    planned = build(recipients)
    began = time.monotonic()
    rows = fanning.fan_out(planned, at=timezone.now())
    seconds = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare AS SELECT * FROM delivery_delivery WHERE id < 0")
        began = time.monotonic()
        cursor.execute("INSERT INTO bare SELECT * FROM delivery_delivery")
        limit = time.monotonic() - began
    return {
        "rows": rows,
        "seconds": round(seconds, 3),
        "per_second": round(rows / seconds),
        "limit_seconds": round(limit, 3),
        "ratio": round(limit / seconds, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
