"""
Copies of what a verdict rests on, so that it can be checked when a page has changed. Rows are the queue: whoever adds
a source asks for its copy, a worker fetches it outside any transaction, and the tick wakes one for what waits.

A copy that comes late takes nothing back. While a verdict is proposed, its fingerprint is renewed with the copy in it:
the words that were proposed are the same, and who confirms it reads it with the copy. Between confirmation and
publishing nothing is touched, so the row waits. After publishing the copy belongs to the working copy, which the desk
shows; what a published version names never changes.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from factcheck.models import ArchivedCopy, Claim, ClaimVersion, Evidence, NotConfirmable
from factcheck.verdicts import verdict_checks, verdict_workflow
from lib import task_queue
from lib.http.safe_fetch import FetchFault, fetch

from . import page_text

log = logging.getLogger(__name__)

QUEUE = "background"
WAKE_SECONDS = 60
MOST_AT_ONCE = 20
MOST_BYTES = 2 * 1024 * 1024
MOST_TEXT = 500_000  # characters of a copy
MOST_ADDRESS = 1000  # characters
MOST_SECONDS = 20.0
LEASE = timedelta(minutes=2)  # after which a row is free again that someone died over
AGAIN = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))  # after what may pass
MAY_PASS = {"dns", "timeout", "unreachable"}
STATUS_MAY_PASS = {408, 425, 429}
WAITS_WHEN_CONFIRMED = timedelta(minutes=1)


class NoCopy(Exception):
    """A page of which there is no copy. `code` is what Evidence.archive_fault holds; `may_pass`: later there may be."""

    def __init__(self, code: str, *, may_pass: bool = False) -> None:
        super().__init__(code)
        self.code, self.may_pass = code, may_pass


# --- Asking -----------------------------------------------------------------------------------------------------


def request_copy(evidence: Evidence, *, at: datetime, other_page: bool = False) -> None:
    """
    Ask for a copy of a source's page, also when there is one already or the last try went wrong.

    With `other_page` the source names another address than before, so the copy that it has is let go.
    """
    evidence.archive_wanted_at, evidence.archive_tries, evidence.archive_fault = at, 0, ""
    if other_page:
        evidence.copy = None
    evidence.save(update_fields=["archive_wanted_at", "archive_tries", "archive_fault", "copy"])
    transaction.on_commit(wake)


def wake() -> None:
    """Ask a worker to fetch what waits. A broker that is away costs one tick."""
    try:
        task_queue.wake("factcheck.tasks.archive", queue=QUEUE, expires=WAKE_SECONDS)
    except Exception:
        log.warning("Nobody could be woken to copy sources; the next tick tries again.")


def wake_waiting(*, at: datetime) -> int:
    """Wake a worker when copies wait, or someone died over one; return how many wait."""
    count = waiting(at=at).count()
    if count:
        wake()
    return count


def waiting(*, at: datetime) -> QuerySet[Evidence]:
    """Return the sources whose copy is due, the longest waiting first; none under a verdict about to be published."""
    due = Evidence.objects.filter(archive_wanted_at__lte=at).exclude(claim__status=Claim.Status.CONFIRMED)
    return due.order_by("archive_wanted_at", "pk")


# --- Fetching ---------------------------------------------------------------------------------------------------


def archive_waiting(*, clock: Callable[[], datetime]) -> int:
    """Fetch the copies that are due, one after another, and return how many came. It may run twice at once."""
    count = 0
    for row in waiting(at=clock())[:MOST_AT_ONCE]:
        try:
            count += archive(row, at=clock()) is not None
        except Exception:
            log.exception("Copying source %s went wrong; it is tried again.", row.pk)
    return count


def archive(evidence: Evidence, *, at: datetime) -> ArchivedCopy | None:
    """
    Fetch the copy that a source waits for and return it; None when it could not be had, or someone else fetches it.

    Never call it in a transaction: it asks a site. What may pass is tried again three times within about an hour.
    """
    if not _take(evidence, at=at):
        return None
    try:
        url, page = read_page(evidence.url)
    except NoCopy as fault:
        _fail(evidence, fault, at=at)
        return None
    return _attach(evidence, url, page, at=at)


def read_page(address: str) -> tuple[str, page_text.Page]:
    """Open an address and return where it led and what is written there. Raise NoCopy."""
    try:
        answer = fetch(address, most_bytes=MOST_BYTES + 1, most_seconds=MOST_SECONDS)
    except FetchFault as fault:
        code = "elsewhere" if fault.code == "bad" and not verdict_checks.closed(address) else fault.code
        raise NoCopy(code, may_pass=code in MAY_PASS) from fault
    if not 200 <= answer.status < 300:
        passes = answer.status >= 500 or answer.status in STATUS_MAY_PASS
        raise NoCopy(f"status-{answer.status}", may_pass=passes)
    if len(answer.content) > MOST_BYTES:
        raise NoCopy("large")
    try:
        page = page_text.read(answer.content, answer.content_type)
    except page_text.NotText as fault:
        raise NoCopy(f"not_text-{fault.kind}" if fault.kind else "not_text") from fault
    if not page.text:
        raise NoCopy("empty")
    if len(page.text) > MOST_TEXT or len(answer.url) > MOST_ADDRESS:
        raise NoCopy("large")
    return answer.url, page


def _take(evidence: Evidence, *, at: datetime) -> bool:
    """
    Take a row for a while, unless it is not due or someone else was first. Who dies over it each time is the last.
    """
    due = Evidence.objects.filter(pk=evidence.pk, archive_wanted_at=evidence.archive_wanted_at).filter(
        archive_wanted_at__lte=at
    )
    if due.filter(archive_tries__gt=len(AGAIN)).update(archive_wanted_at=None, archive_fault="failed"):
        evidence.refresh_from_db()
        return False
    won = due.update(archive_wanted_at=at + LEASE, archive_tries=F("archive_tries") + 1)
    if won:
        evidence.refresh_from_db()
    return bool(won)


def _held(evidence: Evidence) -> QuerySet[Evidence]:
    """Return the row as long as this worker holds it and it names the page that was fetched."""
    return Evidence.objects.filter(pk=evidence.pk, archive_wanted_at=evidence.archive_wanted_at, url=evidence.url)


def _fail(evidence: Evidence, fault: NoCopy, *, at: datetime) -> None:
    """Write down why there is no copy, and when it is tried again, if it is."""
    tries = evidence.archive_tries
    again = at + AGAIN[tries - 1] if fault.may_pass and tries <= len(AGAIN) else None
    if _held(evidence).update(archive_wanted_at=again, archive_fault=fault.code[:20]):
        evidence.refresh_from_db()


@transaction.atomic
def _attach(evidence: Evidence, url: str, page: page_text.Page, *, at: datetime) -> ArchivedCopy | None:
    """Give a source its copy, and a proposed verdict the fingerprint that has the copy in it."""
    claim = Claim.objects.select_for_update().filter(pk=evidence.claim_id).first()
    if claim is None:
        return None
    if claim.status == Claim.Status.CONFIRMED:
        _held(evidence).update(archive_wanted_at=at + WAITS_WHEN_CONFIRMED, archive_tries=F("archive_tries") - 1)
        return None
    proposed = claim.status == Claim.Status.PROPOSED and claim.content_digest() == claim.digest
    copy = store(url, page.text, title=page.title, at=at)
    if not _held(evidence).update(copy=copy, archive_wanted_at=None, archive_tries=0, archive_fault=""):
        return None  # it was changed, or taken away, while its page was fetched
    if proposed and (digest := claim.content_digest()) != claim.digest:
        verdict_workflow.change(claim, digest=digest)
        trail.note("claim.copied", claim, by=None, at=at, digest=digest, source=evidence.url)
    evidence.refresh_from_db()
    return copy


# --- By hand ----------------------------------------------------------------------------------------------------


@transaction.atomic
def paste(evidence: Evidence, *, text: str, by: User, at: datetime) -> ArchivedCopy:
    """
    Keep what someone copied by hand from a page that cannot be fetched. Like any edit, it takes a proposed or
    confirmed verdict back. Raise NotConfirmable for no words, too many, and a source of a settled verdict.
    """
    verdict_workflow.lock_claim(
        evidence.claim, Claim.EDITABLE, _("Not kept: the verdict is settled. Reopen the claim first.")
    )
    words = page_text.folded(text)
    verdict_workflow.require(words, _("Not kept: there is no text. Copy the relevant text from the page and paste it."))
    if len(text) > MOST_TEXT:
        raise NotConfirmable(
            _("Not kept: it has %(length)d characters, and the limit is %(most)d. Paste only the part that matters.")
            % {"length": len(text), "most": MOST_TEXT}
        )
    evidence.copy = store(evidence.url, words, title=evidence.title, by=by, at=at)
    evidence.archive_wanted_at, evidence.archive_tries, evidence.archive_fault = None, 0, ""
    evidence.save(update_fields=["copy", "archive_wanted_at", "archive_tries", "archive_fault"])
    trail.note("evidence.pasted", evidence, by=by, at=at, digest=evidence.copy.sha256)
    verdict_workflow.note_writer(evidence.claim, by=by)
    verdict_workflow.void_if_changed(evidence.claim, by=by, at=at)
    return evidence.copy


def store(url: str, text: str, *, title: str = "", by: User | None = None, at: datetime) -> ArchivedCopy:
    """Store the text of a page as it is at `at`, and return its row: the earlier one for the same page and text."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    values = {"text": text, "title": title[:300], "by": by, "fetched_at": at}
    return ArchivedCopy.objects.get_or_create(url=url, sha256=sha256, defaults=values)[0]


# --- Reading ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicCopy:
    """A copy that readers may open, what a published fact-check says about it, and the fact-checks that rest on it."""

    copy: ArchivedCopy
    publisher: str
    title: str
    language: str
    claims: Sequence[Claim]


def public_copy(campaign: Campaign, pk: int) -> PublicCopy | None:
    """Return a copy that a version published in this campaign names; None for any other. Two queries at most."""
    copy = ArchivedCopy.objects.filter(pk=pk).first()
    if copy is None:
        return None
    named = (
        ClaimVersion.objects.filter(claim__in=Claim.objects.visible().main().filter(campaign=campaign))
        .annotate(as_text=Cast("evidence", TextField()))
        .filter(as_text__contains=copy.sha256)
        .select_related("claim__current_version")
        .order_by("-published_at", "-pk")
    )
    found = [(version, one) for version in named for one in version.evidence if one.get("copy") == copy.pk]
    if not found:
        return None
    about = found[0][1]
    return PublicCopy(
        copy=copy,
        publisher=about.get("publisher") or "",
        title=copy.title or about.get("title") or about["url"],
        language=about.get("language") or "",
        claims=list({version.claim_id: version.claim for version, _one in found}.values()),
    )


# --- In words ---------------------------------------------------------------------------------------------------


def fault_sentence(fault: str) -> str:
    """Return for staff why there is no copy of a page, and what to do; "" for no fault."""
    code, _dash, detail = fault.partition("-")
    by_hand = _("Open it, and paste the relevant text by hand.")
    if code == "status":
        if detail in {"404", "410"}:
            return _("The page is no longer there (%(status)s). Find its new address, or another source.") % {
                "status": detail
            }
        return _("The site answered with an error (%(status)s).") % {"status": detail} + " " + by_hand
    if code == "not_text":
        kinds = {
            "pdf": _("It is a PDF file, not a page with text."),
            "image": _("It is a picture, not a page with text."),
            "video": _("It is a video, not a page with text."),
            "audio": _("It is a sound recording, not a page with text."),
            "office": _("It is an office document, not a page with text."),
        }
        return kinds.get(detail, _("It is not a page with text.")) + " " + by_hand
    sentences = {
        "": "",
        "bad": _("This is not a web address. Correct it."),
        "elsewhere": _("The page redirects to an address that must not be opened.") + " " + by_hand,
        "private": _("The address is in a private network. Nobody outside could check it: use a public one."),
        "dns": _("No site with this name was found. Check the address."),
        "timeout": _("The site took too long to answer.") + " " + by_hand,
        "unreachable": _("The site could not be reached.") + " " + by_hand,
        "redirects": _("The page keeps redirecting. Use its final address."),
        "tls": _(
            "The site's identity could not be verified, so its page was not copied. Find another "
            "source, or write to them."
        ),
        "large": _("The page is too large to keep.") + " " + by_hand,
        "empty": _("The page has no text without scripts.") + " " + by_hand,
        "failed": _("Copying failed several times.") + " " + by_hand,
    }
    return sentences.get(code, sentences["failed"])
