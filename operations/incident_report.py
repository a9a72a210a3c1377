"""
A send as a file that can be handed to a data protection officer or to people who look into an incident.

A ZIP with what was sent, to how many, what became of it, who did what, and the state of the site now. It is written as
it is read: the ledger in one walk by its keys, so a send of a million takes no more memory than one of a hundred.
People are told by their key and the HMAC of their address; addresses are in it only when someone asks for them, which
is audited.
"""

import hashlib
import json
import platform
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Max, Min, Q

from accounts.audit import trail
from accounts.models import AuditEntry, User
from bulletins.models import Version
from delivery.links.signing import NOBODY
from delivery.links.unsubscribe import UnsubscribeLinks
from delivery.message.mime import Compiled, Person
from delivery.message.web_version import ReadLinks
from delivery.models import Delivery, Message, ProviderEvent, Send
from delivery.reports.ledger_totals import people_by, totals_of
from lib.csv_rows import lines
from operations.logs.redaction import clean

from .monitoring import health, metrics
from .startup_errors import Refusal
from .version import commit, release

AT_A_TIME = 5000  # rows
BEFORE, AFTERWARDS = timedelta(days=7), timedelta(days=30)  # of the slot, for the timeline
DOMAINS = 500  # receiving domains told by name; the others are one line
LOG_BYTES = 50_000_000  # read of each log file, from its end
READER = ("reader@reader.invalid", "Reader")
State = Delivery.State

README = """\
What this is
============
The record of one send of {site}, made on {at} (UTC) for whoever looks into an incident.

send            {send}: {mailing} to {audience}
campaign        {campaign} ({mode})
state           {state}
people          {candidates}
{addresses}

What is in it
=============
summary.json      the send: its times, its state, what became of its mails
messages/         what was said, in each language, exactly as it was frozen, with its SHA-256
sample.eml        one whole mail as it leaves, made for a reader who does not exist
ledger.csv        mails by send, audience, language, state and the receiving server's code; with the other sends of
                  the same content
by_minute.csv     mails by minute and state
domains.csv       mails by receiving domain and state
in_doubt.csv      each mail that may have arrived although no reply came (unknown), and each that may have come twice
timeline.csv      who did what: the audit log around it, and the steps at the desk
reports.csv       what mail providers reported afterwards, by kind, code and hour
log_lines.txt     lines of the logs on this machine that name this send
settings.json     versions and settings, without secrets
health.json       whether the site was well when this was made
metrics.txt       its numbers then
manifest.json     the SHA-256 of every file here

How to read it
==============
Moments are UTC. "accepted" means that the receiving server, or the provider, took the mail; "unknown" that it was
handed over and no reply came; "deferred" that it is tried again; "suppressed", "superseded" and "expired" that it was
held back on purpose. A recipient is the key of the row and the HMAC-SHA256 of the address under a key that only the
site has: to look a person up, ask the site. People of the staff are told by their key.
"""


class Archive:
    """A ZIP that is written part by part, and knows the SHA-256 of each."""

    def __init__(self, file: Path) -> None:
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self.parts: dict[str, dict[str, Any]] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Give a function that adds bytes to the file `name` in the archive."""
        digest, size = hashlib.sha256(), 0
        with self.zip.open(name, "w", force_zip64=True) as stream:

            def write(data: bytes) -> None:
                nonlocal size
                digest.update(data)
                size += len(data)
                stream.write(data)

            yield write
        self.parts[name] = {"bytes": size, "sha256": digest.hexdigest()}

    def add(self, name: str, data: str | bytes) -> None:
        """Add a whole file."""
        with self.part(name) as write:
            write(data.encode() if isinstance(data, str) else data)

    def add_json(self, name: str, data: Any) -> None:
        """Add a file of JSON."""
        self.add(name, json.dumps(data, indent=1, ensure_ascii=False, default=str) + "\n")

    def add_csv(self, name: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
        """Add a file of CSV that no spreadsheet calculates."""
        with self.part(name) as write:
            write(lines([columns]))
            for row in rows:
                write(lines([row]))


def report(
    number: int,
    folder: Path,
    *,
    at: datetime,
    say: Callable[[str], None],
    with_addresses: bool = False,
    by: User | None = None,
) -> Path:
    """
    Write the record of a send into `folder` and return the file, which only its owner can read.

    Audited before anything is written into it: `by` whom (None: from the command line), and whether with addresses. Raise Refusal
    when there is no such send or the folder cannot be used.
    """
    send = Send.objects.select_related("mailing__campaign", "audience").filter(pk=number).first()
    if send is None:
        raise Refusal(f"Not done: there is no send {number}. Its number is in its address at the desk.")
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"incident-send-{send.pk}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"
    try:
        made.open("xb").close()
    except FileExistsError as fault:
        raise Refusal(f"Not done: {made} is there already.") from fault
    made.chmod(0o600)
    trail.note("incident.exported", send, by=by, at=at, addresses=with_addresses)
    try:
        write(send, made, at=at, say=say, with_addresses=with_addresses)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    return made


def write(send: Send, file: Path, *, at: datetime, say: Callable[[str], None], with_addresses: bool) -> None:
    """Write every part of the record, and last the manifest."""
    archive = Archive(file)
    with archive.zip:
        say("What was sent …")
        add_messages(archive, send, at=at)
        say("To whom, and what became of it …")
        totals = add_ledger(archive, send, say=say, with_addresses=with_addresses)
        say("Who did what, and what was reported …")
        archive.add_csv("timeline.csv", ("at", "who", "what", "kind", "key", "detail"), timeline(send))
        archive.add_csv("reports.csv", ("hour", "provider", "kind", "code", "reports"), reports(send))
        say("The site now …")
        add_log_lines(archive, send)
        archive.add_json("settings.json", site_facts())
        reasons = health.not_ready()
        archive.add_json("health.json", {"at": at, "ok": not reasons, "reasons": reasons})
        archive.add("metrics.txt", metrics.text(at=at))
        archive.add_json("summary.json", summary(send, totals))
        archive.add("README.txt", readme(send, at=at, with_addresses=with_addresses))
        archive.add_json("manifest.json", {"made_at": at, "send": send.pk, "files": dict(archive.parts)})


# --- What was sent ---------------------------------------------------------------------------------------


def add_messages(archive: Archive, send: Send, *, at: datetime) -> None:
    """Add the frozen messages, and one of them as it leaves, for a reader who does not exist."""
    messages = list(Message.objects.filter(mailing=send.mailing_id).select_related("mailing__campaign").order_by("pk"))
    for message in messages:
        place = f"messages/{message.language}-{message.reading_level}"
        archive.add(f"{place}.html", message.html)
        archive.add(f"{place}.txt", message.text)
        names = ("sender_name", "subject", "language", "reading_level", "headers", "sha256")
        facts = {name: getattr(message, name) for name in names}
        archive.add_json(
            f"{place}.json",
            facts | {"frozen_at": message.created_at, "unchanged": message.fingerprint() == message.sha256},
        )
    if messages:
        first = messages[0]
        person = Person(
            NOBODY, NOBODY, *READER,
            unsubscribe_url=UnsubscribeLinks(NOBODY, first.language).of(NOBODY),
            read_url=ReadLinks(NOBODY, first.language).of(NOBODY),
        )  # fmt: skip
        archive.add("sample.eml", Compiled(first, at=at).envelope(person).data)


# --- The ledger ------------------------------------------------------------------------------------------

DOUBT = ("delivery", "recipient", "address_hmac", "language", "state", "code", "server_said", "attempts", "handed_over_at",
         "ended_at", "possibly_sent_twice", "receipt")  # fmt: skip


def add_ledger(archive: Archive, send: Send, *, say: Callable[[str], None], with_addresses: bool) -> Counter[str]:
    """Walk the rows of a send once; add what they come to, and those in doubt one by one. Return the rows by state."""
    ledger: Counter[tuple[str, ...]] = Counter()
    minutes: Counter[tuple[str, str]] = Counter()
    domains: Counter[tuple[str, str]] = Counter()
    with archive.part("in_doubt.csv") as write:
        write(lines([(*DOUBT, "address") if with_addresses else DOUBT]))
        walked = 0
        for rows in ledger_in_pieces(send):
            doubt = []
            for row in rows:
                email = row[2]
                language, state, code, handed_over, twice = row[4], row[5], row[6], row[9], row[11]
                ledger[language, state, code] += 1
                if handed_over:
                    minutes[handed_over.strftime("%Y-%m-%dT%H:%MZ"), state] += 1
                domains[email.rpartition("@")[2] or "(erased)", state] += 1
                if twice or state == State.UNKNOWN:
                    doubt.append(doubt_of(row, with_addresses=with_addresses))
            write(lines(doubt))
            walked += len(rows)
            if walked % (20 * AT_A_TIME) == 0:
                say(f"  {walked:,} of {send.candidates or 0:,} …")
    for _send, *kind, number in totals_of([send], "language", "state", "code"):
        ledger[tuple(kind)] += number
    others = [(name, audience, *key, number) for name, audience, key, number in siblings(send)]
    mine = [(send.pk, send.audience.slug, *key, number) for key, number in sorted(ledger.items())]
    archive.add_csv("ledger.csv", ("send", "audience", "language", "state", "code", "mails"), [*mine, *others])
    by_minute = [(*key, number) for key, number in sorted(minutes.items())]
    archive.add_csv("by_minute.csv", ("minute", "state", "mails"), by_minute)
    archive.add_csv("domains.csv", ("domain", "state", "mails"), largest(domains))
    totals: Counter[str] = Counter()
    for (_language, state, _code), number in ledger.items():
        totals[state] += number
    return totals


def ledger_in_pieces(send: Send) -> Iterator[list[tuple[Any, ...]]]:
    """Give the rows of a send in pieces of 5,000, by their keys; one query for each."""
    columns = ("pk", "recipient_id", "recipient__email", "recipient__address_hash", "language", "state", "code", "detail",
               "attempts", "handed_off_at", "finished_at", "possible_duplicate", "receipt")  # fmt: skip
    last = 0
    rows = Delivery.objects.of(send).order_by("pk").values_list(*columns)
    while piece := list(rows.filter(pk__gt=last)[:AT_A_TIME]):
        last = piece[-1][0]
        yield piece


def doubt_of(row: tuple[Any, ...], *, with_addresses: bool) -> tuple[Any, ...]:
    """Return the cells of a row in doubt."""
    (
        pk,
        recipient,
        email,
        code_of_address,
        language,
        state,
        code,
        detail,
        attempts,
        handed_over,
        ended,
        twice,
        receipt,
    ) = row
    cells = (
        *(pk, recipient or "", code_of_address, language, state, code, clean(detail), attempts),
        *(stamp(handed_over), stamp(ended), "yes" if twice else "no", Delivery.Receipt(receipt).name.lower()),
    )
    return (*cells, email) if with_addresses else cells


def siblings(send: Send) -> Iterator[tuple[int, str, tuple[str, ...], int]]:
    """Yield what the other sends of the same content come to: (send, audience, (language, state, code), mails)."""
    others = {
        one.pk: one
        for one in Send.objects.filter(mailing=send.mailing_id).exclude(pk=send.pk).select_related("audience")
    }
    for pk, language, state, code, mails in people_by(others.values(), "language", "state", "code"):
        yield pk, others[pk].audience.slug, (language, state, code), mails


def largest(domains: Counter[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Return mails by domain and state, the domains with most first; those beyond the first 500 as one."""
    by_domain: Counter[str] = Counter()
    for (domain, _state), number in domains.items():
        by_domain[domain] += number
    place = {domain: rank for rank, (domain, _number) in enumerate(by_domain.most_common(DOMAINS))}
    found: Counter[tuple[str, str]] = Counter()
    for (domain, state), number in domains.items():
        found[domain if domain in place else "(others)", state] += number
    return [
        (*key, number)
        for key, number in sorted(found.items(), key=lambda one: (place.get(one[0][0], DOMAINS), one[0][1]))
    ]


# --- What happened around it -----------------------------------------------------------------------------


def timeline(send: Send) -> list[tuple[Any, ...]]:
    """Return what the audit log and the desk's own record say about a send and its content, in order."""
    around = (send.slot_at - BEFORE, send.slot_at + AFTERWARDS)
    versions = Version.objects.filter(mailing=send.mailing_id)
    subjects = {"delivery.send": {str(pk) for pk in Send.objects.filter(mailing=send.mailing_id).values_list("pk", flat=True)},
                "delivery.mailing": {str(send.mailing_id)}}  # fmt: skip
    for version, bulletin in versions.values_list("pk", "bulletin"):
        subjects.setdefault("bulletins.version", set()).add(str(version))
        subjects.setdefault("bulletins.bulletin", set()).add(str(bulletin))
    about = Q(pk__in=())
    for kind, keys in subjects.items():
        about |= Q(subject_type=kind, subject_id__in=keys)
    found = [
        (stamp(one.at), staff_name(one.actor_id), one.verb, one.subject_type, one.subject_id,
         json.dumps(one.detail, sort_keys=True, ensure_ascii=False) if one.detail else "")
        for one in AuditEntry.objects.filter(about, at__range=around).order_by("pk")
    ]  # fmt: skip
    of_sends = ContentType.objects.get_for_model(Send)
    steps = LogEntry.objects.filter(
        content_type=of_sends, object_id__in=subjects["delivery.send"], action_time__range=around
    )
    found += [
        (
            stamp(one.action_time),
            staff_name(one.user_id),
            f"desk: {one.change_message}",
            "delivery.send",
            one.object_id,
            "",
        )
        for one in steps.order_by("pk")
    ]
    marks = {
        "planned for": send.slot_at,
        "began": send.fanned_out_at,
        "ended": send.finished_at,
        "send by": send.deadline,
    }
    found += [(stamp(moment), "", what, "delivery.send", str(send.pk), "") for what, moment in marks.items() if moment]
    return sorted(found)


def staff_name(key: int | None) -> str:
    """Return how a member of staff is named."""
    return f"user {key}" if key else "the software"


def reports(send: Send) -> Iterator[tuple[Any, ...]]:
    """Yield what providers reported about the rows of a send, by hour; walked by keys, as no index knows the send."""
    found: Counter[tuple[str, ...]] = Counter()
    ends = Delivery.objects.of(send).aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is not None:
        events = ProviderEvent.objects.filter(delivery__gte=ends["first"], delivery__lte=ends["last"])
        columns = ("happened_at", "provider", "kind", "code")
        for happened, provider, kind, code in events.values_list(*columns).iterator(chunk_size=AT_A_TIME):
            found[happened.strftime("%Y-%m-%dT%H:00Z"), provider, kind, code] += 1
    for key, number in sorted(found.items()):
        yield (*key, number)


def summary(send: Send, totals: Counter[str]) -> dict[str, Any]:
    """Return a send in a few facts."""
    times = ("slot_at", "fanned_out_at", "finished_at", "deadline", "hold_after", "settled_at", "canary_until")
    return {
        "send": send.pk,
        "campaign": send.mailing.campaign.slug,
        "mode": send.mailing.campaign.mode,
        "mailing": send.mailing.key,
        "queue": send.mailing.queue,
        "audience": send.audience.slug,
        "state": send.state,
        "why_held": send.reason,
        "times_held": send.holds,
        "let_go_by_a_person": send.waived,
        "superseded_by": send.mailing.superseded_by_id,
        "candidates": send.candidates,
        "mails_by_state": dict(sorted(totals.items())),
        "adds_up": send.candidates in {None, sum(totals.values())},
        **{name: getattr(send, name) for name in times},
    }


# --- The site --------------------------------------------------------------------------------------------


def add_log_lines(archive: Archive, send: Send) -> None:
    """Add the lines of this machine's logs that name the send, cleaned once more."""
    names_it = re.compile(rf"\bsend {send.pk}\b|\"task\": \"delivery\.tasks\.deliver\", \"keys\": \[{send.pk}\]", re.I)
    with archive.part("log_lines.txt") as write:
        for file in sorted((Path(settings.DATA_DIR) / "logs").glob("*.log*")):
            with file.open("rb") as stream:
                stream.seek(max(0, file.stat().st_size - LOG_BYTES))
                for raw in stream:
                    line = raw.decode(errors="replace").rstrip()
                    if names_it.search(line):
                        write(f"{file.name}: {clean(line)}\n".encode())


def site_facts() -> dict[str, Any]:
    """Return versions, and the settings that a send depends on; none of them is a secret."""
    names = ("LOG_FORMAT", "LOG_LEVEL", "PREFLIGHT", "SEND_CHUNK", "SEND_CONNECTIONS", "TICK_SECONDS",
             "TRANSPORTS", "WEB_PROCESSES", "WEB_THREADS", "WORKER_PROCESSES", "PUBLIC_URL")  # fmt: skip
    return {
        "release": release(),
        "commit": commit(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": [connection.vendor, *connection.get_database_version()],
        "relay": {name: settings.MAIL[name] for name in ("host", "port")},
        "error_reports": bool(settings.SENTRY_DSN),
        "settings": {name: getattr(settings, name) for name in names},
    }


def readme(send: Send, *, at: datetime, with_addresses: bool) -> str:
    """Return what the archive says about itself."""
    return README.format(
        site=settings.PUBLIC_URL,
        at=f"{at.astimezone(UTC):%Y-%m-%d %H:%M}",
        send=send.pk,
        mailing=send.mailing.key,
        audience=send.audience.slug,
        campaign=send.mailing.campaign.slug,
        mode=send.mailing.campaign.mode,
        state=send.state,
        candidates=send.candidates,
        addresses="It HOLDS ADDRESSES, in in_doubt.csv: hand it only to whoever needs them."
        if with_addresses
        else "It holds no address of a recipient.",
    )


def stamp(moment: datetime | None) -> str:
    """Return a moment in UTC to the second, "" for none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
