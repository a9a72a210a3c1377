"""The first day of a national crisis, as fast as the machine can: what happens, in which order, and what became of it."""

import argparse
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.mail import webhooks
from benchmarks.mail.fanout import fill
from benchmarks.mail.send import DEADLINE_SECONDS, analyse
from benchmarks.mail.urgent import beat, say
from benchmarks.pages import public_page
from operations import process_supervisor
from tests.support import system_parts

from . import picture, record, relay
from .processor import Meter
from .readers import Readers

SUBSCRIBERS = 1_000_000
INFLUENCERS, EXPOSED = 5_000, 500
AUTHORITIES = 40
REPORTS, REPORTS_PER_SECOND = 500, 100
# How many mails have arrived when each thing happens, in shares of all people.
URGENT_AT, REPORTS_AT, LOST_HOST_AT, CORRECTION_AT = 0.05, 0.1, 0.2, 0.3
FAILOVER_AT, RECALL_AT = 0.7, 0.9

ADDRESSES = "UPDATE delivery_recipient SET email = split_part(email, '@', 1) || '@' || {domain}"


@dataclass
class Day:
    """What happened so far: events by seconds of time.time(), and which mailing was approved when."""

    inbox: relay.Inbox
    events: list[tuple[float, str]] = field(default_factory=list)
    approvals: dict[int, tuple[str, float]] = field(default_factory=dict)

    def note(self, words: str) -> None:
        """Keep what happens now."""
        self.events.append((time.time(), words))
        say(f"{self.inbox.messages():,} mails have arrived: {words}.")

    def approve(self, bulletin: Any, kind: str) -> Any:
        """Have a bulletin that was submitted approved by a second person; return the version, which a tick publishes."""
        from django.utils import timezone

        from bulletins.approval import approval_workflow
        from bulletins.models import Version
        from tests.support import builders

        at = timezone.now()
        self.note(f"{kind} approved")
        is_urgent = bulletin.urgency == "urgent"
        approve = approval_workflow.approve_and_publish if is_urgent else approval_workflow.approve
        approve(bulletin, digest=bulletin.digest, by=builders.second_person(), at=at)
        published = Version.objects.filter(bulletin=bulletin, number=bulletin.version)
        wait_until(published.exists)
        version = published.get()
        self.approvals[version.mailing_id] = (kind, at.timestamp())
        return version

    def wait_for(self, mails: float) -> None:
        """Wait until so many mails have arrived."""
        wait_until(lambda: self.inbox.messages() >= mails)


def crisis(subscribers: int, inbox: relay.Inbox, options: argparse.Namespace) -> dict[str, Any]:
    """
    Play the day to `subscribers` and 5,000 influencers, and return what became of it. Of the options, `price` is that of a
    processor's hour, `standby` PostgreSQL's, and the picture is drawn into the file `picture`, if that is given.
    """
    from django.conf import settings
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    bulletin, urgent = prepare(subscribers)
    day = Day(inbox)
    ports = {
        name: process_supervisor.free_port(first)
        for name, first in (("web", 8950), ("tls", 9000), ("plain", 9100), ("file", 9200))
    }
    web = ports.pop("web")
    names = {"PUBLIC_URL": f"https://{public_page.HOST}", "ALLOWED_HOSTS": f"{public_page.HOST},127.0.0.1"}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crisis-")))
        folder.chmod(0o755)  # nginx's processes are someone else's
        pid = stack.enter_context(
            environment.web_server(web, settings.WEB_PROCESSES, WEBHOOK_SECRETS=webhooks.SECRET, PROXIES="1", **names)
        )
        stack.enter_context(public_page.nginx(folder, web, **ports))
        stack.enter_context(
            environment.workers(**{"urgent-planning": 1, "tick": 1, "background": 1, "urgent": 2, "bulletin": 2})
        )
        # Another machine: what it has written on its own disk is lost with it.
        other = stack.enter_context(environment.workers("env", f"DATA_DIR={folder}/other", urgent=1, bulletin=2))
        stack.enter_context(beat())
        meter = Meter(web=pid, outside=inbox.pid)
        bytes_before = database_bytes()
        first = day.approve(bulletin, "bulletin")
        readers = Readers(ports["plain"], f"/fi/bulletins/{first.bulletin.number}/")
        with readers:
            reported = play(
                day, bulletin, urgent, subscribers + INFLUENCERS, other, ports["plain"], options.standby, meter
            )
        meter.read()
        found = record.of(day.approvals, day.events, inbox)
    if options.picture:
        Path(options.picture).write_text(picture.draw(found.pop("times"), day.events), encoding="utf-8")
    else:
        del found["times"]
    millions = found["arrived"] / 1e6
    seconds = sum(meter.seconds.values())
    return {
        "influencers": INFLUENCERS,
        "authorities": AUTHORITIES,
        **found,
        "reports": reported,
        "pages": readers.steps,
        "processor_seconds": {part: round(used, 1) for part, used in meter.seconds.items()},
        "per_million_mails": {
            "processor_hours": round(seconds / 3600 / millions, 3),
            "price": round(seconds / 3600 / millions * options.price, 4),
            "database_mb": round((database_bytes() - bytes_before) / 1e6 / millions),
        },
    }


def play(
    day: Day,
    bulletin: Any,
    urgent: Any,
    everyone: int,
    other: environment.Workers,
    port: int,
    standby: system_parts.Standby,
    meter: Meter,
) -> dict[str, Any]:
    """Let the rest happen while `everyone` gets the bulletin; return what became of the provider's reports."""
    from django.db import connection

    day.wait_for(everyone * URGENT_AT)
    version = day.approve(urgent, "urgent update")
    expose(version)
    day.wait_for(everyone * REPORTS_AT)
    day.note("provider's reports come in")
    reported = report(port)
    day.wait_for(everyone * LOST_HOST_AT)
    meter.read()
    day.note("a worker host is lost")
    for pid in other.pids:
        os.killpg(pid, signal.SIGKILL)
    day.wait_for(everyone * CORRECTION_AT)
    day.approve(corrected(bulletin), "correction")
    day.wait_for(everyone * FAILOVER_AT)
    meter.read()
    connection.close()
    day.note("PostgreSQL is lost")
    standby.primary.kill()
    time.sleep(1)
    day.note("its standby takes over")
    standby.promote()
    day.wait_for(everyone * RECALL_AT)
    day.approve(withdrawn(urgent), "recall")
    wait_until(is_over)
    day.note("all is done")
    return reported


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for something, however busy the machine is. Stop with a sentence when it does not come."""
    gives_up_at = time.monotonic() + DEADLINE_SECONDS
    while not happened():
        if time.monotonic() > gives_up_at:
            raise SystemExit("Not measured: the day did not end.")
        time.sleep(0.2)


def is_over() -> bool:
    """Return whether every send has begun and nothing is to go."""
    from delivery.models import Delivery, Send

    waiting = Send.objects.filter(state=Send.State.PLANNED).exists()
    return not waiting and not Delivery.objects.of(*Send.objects.all()).to_go().exists()


# --- What it is about ---------------------------------------------------------------------------------


def prepare(subscribers: int) -> tuple[Any, Any]:
    """Write everyone, and return the bulletin to everybody and the urgent update to influencers, both submitted."""
    from django.db import connection
    from django.utils import timezone

    from tests.support import builders

    now = timezone.now()
    campaign = builders.build_campaign("crisis")
    network = builders.build_audience(campaign, "network")
    public = builders.build_audience(campaign, "public", tier=None)
    for number in range(AUTHORITIES):
        builders.build_input(campaign, authority=builders.build_authority(f"authority-{number}"), at=now)
    fill(network, INFLUENCERS, key="influencer")
    fill(public, subscribers, key="reader")
    with connection.cursor() as cursor:
        cursor.execute(ADDRESSES.format(domain=domain_of_each()))
    enrol(campaign)
    bulletin = builders.build_bulletin(campaign, audiences=[network, public], at=now)
    urgent = builders.build_bulletin(campaign, audiences=[network], at=now, urgency="urgent")
    analyse()
    return builders.submitted(bulletin, at=now), builders.submitted(urgent, at=now)


def domain_of_each() -> str:
    """Return SQL for the domain of an address, so that each has the share that the relay names."""
    whens, upto = [f"WHEN id % 50000 < {relay.CLOSING_ADDRESSES} THEN '{relay.CLOSING}'"], 0
    for domain, share in relay.SHARES.items():
        upto += share
        whens.append(f"WHEN id % 1000 < {upto} THEN '{domain}'")
    return f"CASE {' '.join(whens)} ELSE '{relay.USUAL}' END"


def enrol(campaign: Any) -> None:
    """Make influencers of the network's members."""
    from accounts.models import User
    from delivery.models import Recipient
    from influencers.models import Influencer

    people = list(Recipient.objects.filter(address_hash__startswith="influencer").order_by("pk"))
    users = User.objects.bulk_create(
        (User(email=one.email, name=one.name, language=one.language) for one in people), batch_size=500
    )
    Influencer.objects.bulk_create(
        (
            Influencer(campaign=campaign, user=user, recipient=one, reference=f"r{one.pk}", name=one.name)
            for user, one in zip(users, people, strict=True)
        ),
        batch_size=500,
    )


def expose(version: Any) -> None:
    """Let some influencers have read a version."""
    from django.utils import timezone

    from influencers.models import Exposure, Influencer

    now = timezone.now()
    Exposure.objects.bulk_create(
        Exposure(influencer=one, version=version, way="read", language="en", first_at=now, last_at=now)
        for one in Influencer.objects.order_by("pk")[:EXPOSED]
    )


def corrected(bulletin: Any) -> Any:
    """Return the correction of a bulletin, submitted."""
    from bulletins.publication import corrections

    return following(bulletin, corrections.start_correction)


def withdrawn(bulletin: Any) -> Any:
    """Return the retraction of a bulletin, submitted."""
    from bulletins.publication import corrections

    return following(bulletin, corrections.retract)


def following(bulletin: Any, open_version: Callable[..., None]) -> Any:
    """Return the next version of a bulletin, submitted."""
    from django.utils import timezone

    from tests.support import builders

    now = timezone.now()
    bulletin.refresh_from_db()
    open_version(bulletin, by=builders.editor(), at=now, what_changed=builders.in_all(en="The day was wrong."))
    return builders.submitted(bulletin, at=now)


def report(port: int) -> dict[str, Any]:
    """Post a provider's reports of mails that were accepted, a bounce among fifty."""
    from delivery.message import verp
    from delivery.models import Delivery

    accepted = Delivery.objects.filter(state="accepted").values_list("pk", flat=True)
    marks = [verp.delivery_mark(pk) for pk in accepted[:REPORTS]]
    bodies = [webhooks.report(marks, n) for n in range(REPORTS)]
    ask = partial(post, bodies)
    times, _took, wrong = webhooks.steadily(port, ask, rate=REPORTS_PER_SECOND, number=REPORTS)
    return {"posted": REPORTS, "p95_ms": webhooks.percentile(times, 95), "answers_other_than_200": wrong}


def post(bodies: list[bytes], connection: Any, n: int) -> int:
    """Post the n-th report; return the status."""
    return webhooks.post(connection, bodies[n])


def database_bytes() -> int:
    """Return how large the database is."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
