"""
Mail from outside as it came, until it is read. A request only puts it here and is answered; a worker reads it, within a
limit of the processor's time and of memory. Rows are the queue: what ends a worker is tried again, three times in all; then it is set
aside among the mails that belong to nobody, where a person sees it. Nothing is lost, and nothing goes on for ever.
"""

import logging
import resource
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from delivery.feedback import inbound_headers, return_path_mails
from delivery.feedback.provider_mail import mails_of, take_own_mail
from influencers.models import ArrivedMail, UnmatchedMail
from lib import task_queue

from . import inbound, mime_reader

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
LEASE = timedelta(minutes=5)  # longer than reading may take; then another worker has it
AGAIN = timedelta(minutes=2)
MOST_SECONDS = 60.0  # of the processor, for one row: ten photographs of a telephone take half of it
MOST_BYTES = 768 * 1024**2  # of memory beyond what the worker has; the largest picture takes a quarter of it
SECONDS_AT_ONCE = 60.0  # of the processor, after which a call leaves what waits to the next tick
HEAD = 10_000  # octets, in which a mail has a header if it has one
SHOWN = 20_000  # characters of a mail that is set aside


class TooCostly(BaseException):
    """
    Reading took more than its share of the processor's time. No Exception, so that nobody takes it for a fault of what they
    read and goes on.
    """


def store(
    raw: bytes, *, at: datetime, to: Sequence[str] = (), provider: str = "", content_type: str = ""
) -> ArrivedMail:
    """Keep a mail, or what a provider posted, as it came, and wake a worker."""
    row = ArrivedMail.objects.create(
        raw=raw, to=list(to), provider=provider, content_type=content_type[:250], at=at, next_attempt_at=at
    )
    transaction.on_commit(wake, robust=True)  # the tick wakes one if this fails
    return row


def has_header(raw: bytes) -> bool:
    """Return whether bytes begin like a mail."""
    return bool(BytesHeaderParser().parsebytes(raw[:HEAD]).keys())


def wake() -> None:
    """Ask a worker to read what waits."""
    task_queue.wake("influencers.tasks.read_mail", queue="urgent")


def wake_waiting(*, at: datetime) -> None:
    """Ask a worker to read what waits, if anything does."""
    if ArrivedMail.objects.due(at=at).exists():
        wake()


def work(*, at: datetime) -> list[str]:
    """
    Read what waits, and return what each mail was. While one worker reads, others leave it to that one, so that mail made to
    be costly holds up one of them and for a minute; by chance several may read at once, and then each mail is read once. Not
    for use in a transaction.
    """
    fates: list[str] = []
    ends = time.process_time() + SECONDS_AT_ONCE
    while time.process_time() < ends and not is_being_read(at=at):
        row = ArrivedMail.objects.due(at=at).order_by("next_attempt_at", "pk").first()
        if row is None:
            break
        if row.attempts >= MOST_ATTEMPTS:  # its last worker did not live to say so
            set_aside(row, at=at)
        elif begin(row, at=at):
            fates += read(row, at=at)
    return fates


def is_being_read(*, at: datetime) -> bool:
    """
    Return whether someone has begun to read a row just now: what only waits to be tried again waits for less than that.
    """
    return ArrivedMail.objects.filter(next_attempt_at__gt=at + AGAIN * (MOST_ATTEMPTS - 1)).exists()


def begin(row: ArrivedMail, *, at: datetime) -> bool:
    """Take a row for one attempt; it is counted before it begins."""
    mine = ArrivedMail.objects.filter(pk=row.pk, next_attempt_at=row.next_attempt_at)
    row.attempts += 1
    row.next_attempt_at = at + LEASE
    return bool(mine.update(attempts=row.attempts, next_attempt_at=row.next_attempt_at))


def read(row: ArrivedMail, *, at: datetime) -> list[str]:
    """Read a row and forget it; else say when it is tried again, or set it aside. Return what its mails were."""
    try:
        with within(MOST_SECONDS), no_more_memory_than(MOST_BYTES):
            fates = taken(row)
    except (Exception, TooCostly) as fault:  # whatever someone sent
        log.warning("Arrived mail %s could not be read (attempt %s): %s", row.pk, row.attempts, type(fault).__name__)
        if row.attempts >= MOST_ATTEMPTS:
            set_aside(row, at=at)
        else:
            ArrivedMail.objects.filter(pk=row.pk).update(next_attempt_at=at + AGAIN * row.attempts)
        return []
    row.delete()
    return fates


def taken(row: ArrivedMail) -> list[str]:
    """Put the mails of a row where they belong, and return what they were. Doing it again changes nothing more."""
    raw, to, at = bytes(row.raw), list(row.to), row.at
    if not row.provider:
        fate = str(return_path_mails.Taken.NOTHING)
        if len(raw) <= return_path_mails.LARGEST:
            fate = str(return_path_mails.take(raw, to=to, at=at))
        if fate == return_path_mails.Taken.NOTHING:
            fate = str(inbound.take_bytes(raw, to=to, at=at))
        return [fate]
    fates, unread = [], None
    for one in mails_of(request_of(row), row.provider):
        try:
            own = take_own_mail(one.mail, one.to, at=at)
            fates.append("own" if own else str(inbound.take(one.mail, to=one.to, at=at, is_spam=one.is_spam)))
        except (inbound.Unreadable, return_path_mails.Unreadable) as fault:  # it does not hold up the others
            unread = fault
    if unread is not None:
        raise unread
    return fates


def request_of(row: ArrivedMail) -> HttpRequest:
    """Return the request of a provider, which was believed when it came."""
    raw = bytes(row.raw)
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": row.content_type, "CONTENT_LENGTH": str(len(raw))}
    request = WSGIRequest(environ | {"wsgi.input": BytesIO(raw)})
    request._body = raw  # as delivery.feedback.provider_mail.read_body
    return request


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooCostly after so many seconds of the processor. In a thread that is not the main one only the task's end is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*unused: Any) -> None:
        raise TooCostly

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def no_more_memory_than(more: int) -> Iterator[None]:
    """Let an allocation fail (MemoryError) when this process has taken so many bytes more; where /proc says what it has."""
    sizes = Path("/proc/self/statm")
    if not sizes.exists():
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = int(sizes.read_text().split()[0]) * resource.getpagesize() + more
    if before != resource.RLIM_INFINITY:
        most = min(most, before)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


@transaction.atomic
def set_aside(row: ArrivedMail, *, at: datetime) -> None:
    """
    Show a mail that cannot be read among those that belong to nobody, with its beginning as it came. The whole is kept as
    long as that is, and is forgotten with it.
    """
    if not ArrivedMail.objects.filter(pk=row.pk, unmatched=None).update(next_attempt_at=None, attempts=row.attempts):
        return
    beginning = bytes(row.raw[: SHOWN * 4]).decode("utf-8", "replace")
    mail = BytesHeaderParser().parsebytes(bytes(row.raw[:HEAD]))
    inbound_headers.shorten(mail)
    senders = [address for _name, address in mime_reader.addressed(mail, ["From"]) if "@" in address]
    says = _(
        "This email could not be read: three attempts failed or took too long. Its beginning is shown "
        "below as it arrived. It may be malicious. If it is from someone you know, ask them to send it "
        "again."
    )
    unmatched = UnmatchedMail.objects.create(
        from_address=senders[0].lower() if senders and len(senders[0]) <= 254 else "",
        subject=_("An email that could not be read"),
        text=says,
        folded=mime_reader.clean(beginning)[:SHOWN],
        mail_id=f"set-aside-{row.pk}",
        at=row.at,
    )
    ArrivedMail.objects.filter(pk=row.pk).update(unmatched=unmatched)
    log.warning("Arrived mail %s was set aside; unmatched mail %s shows it.", row.pk, unmatched.pk)
