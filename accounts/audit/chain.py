"""
The chain over the audit log: every entry gets a seal that covers the entry and the seal before it.

Whoever has the database owner's rights can take the triggers away and change an entry. Then its seal no longer fits; and
whoever makes the seals anew lacks SUPPRESSION_KEY, so theirs are known. Deeds don't wait for it: an entry is written in
the deed's own transaction, and sealed within a second of being there, one batch after the other
(docs/developing/decisions/people/0023-audit-chain.md).
"""

import hashlib
import hmac
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import AuditCheck, AuditEntry, AuditSeal

from . import trail

log = logging.getLogger(__name__)

FIRST = "0" * 64  # what stands before the first seal
FORMAT = 1  # of the text that is sealed
AT_ONCE = 5000  # entries for one transaction of the sealer, seals for one query of whoever verifies
A_TICKS_PIECE = 2000
SETTLED = timedelta(minutes=10)  # no deed's transaction is open for longer
UNSEALED_AFTER = timedelta(minutes=1)
KEPT = 1000  # findings of one kind that are told one by one
TRIED = 300  # seals that are held against each other when their order may have changed

FIELDS = ("at", "actor_id", "verb", "subject_type", "subject_id", "subject", "digest", "detail")
KEY_ACCEPTED = "audit.key_accepted"


class Kind:
    """What can be wrong with the log, as a code that scripts may rely on."""

    CHANGED = "changed"
    REMOVED = "removed"
    UNSEALED = "unsealed"
    SEAL_REMOVED = "seal_removed"
    ORDER = "order"
    FORGED = "forged"
    CUT_OFF = "cut_off"
    KEY = "key"
    # Worth a look, and no fault by itself.
    LATE = "late"
    ACCEPTED = "accepted"


REMARKS = {Kind.LATE, Kind.ACCEPTED}

SAYS = {
    Kind.CHANGED: gettext_noop("Entry %(entry)s has been changed since seal %(seal)s was put on it."),
    Kind.REMOVED: gettext_noop("Entry %(entry)s was removed: its seal %(seal)s is still there."),
    Kind.UNSEALED: gettext_noop(
        "Entries without a seal: %(number)s, starting with entry %(entry)s. Either no worker is "
        "sealing them (./run doctor), or their seals were removed."
    ),
    Kind.SEAL_REMOVED: gettext_noop("Seals removed: %(number)s, starting with number %(seal)s."),
    Kind.ORDER: gettext_noop("The order was changed at seal %(seal)s: it does not follow from the one before it."),
    Kind.FORGED: gettext_noop(
        "Seal %(seal)s was made without the key: entry %(entry)s was written or changed outside the software."
    ),
    Kind.CUT_OFF: gettext_noop(
        "The seal noted elsewhere as the newest (%(digest)s) is not in the log: the end of the log was "
        "cut off, or the log was rewritten."
    ),
    Kind.KEY: gettext_noop(
        "Seals under another key (%(key)s): %(number)s, starting with number %(seal)s. Only their "
        "fingerprints can be checked, and anyone with access to the database could have made them."
    ),
    Kind.LATE: gettext_noop(
        "Entry %(entry)s says %(at)s, but was added to the log more than ten minutes later. It may "
        "have been written afterwards."
    ),
    Kind.ACCEPTED: gettext_noop(
        "Seals under a lost key (%(key)s): %(number)s, starting with number %(seal)s. Entry %(entry)s "
        "accepts them: check that this entry is legitimate."
    ),
}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong or worth a look: the seal's and the entry's number where there is one, and how many."""

    kind: str
    seal: int | None = None
    entry: int | None = None
    number: int = 1
    digest: str = ""
    key: str = ""
    at: str = ""

    def __str__(self) -> str:
        """Say it in the active language."""
        return _(SAYS[self.kind]) % asdict(self)


@dataclass
class Report:
    """What a look at the chain found: how many seals hold what is wrong, and the newest seal."""

    seals: int = 0
    head: int = 0
    digest: str = FIRST
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> list[Finding]:
        """Return what is wrong, without what is only worth a look."""
        return [one for one in self.findings if one.kind not in REMARKS]

    def add(self, finding: Finding) -> None:
        """Count a finding and keep it, unless there are a thousand of its kind already."""
        self.counts[finding.kind] += 1
        if self.counts[finding.kind] <= KEPT:
            self.findings.append(finding)


@dataclass(frozen=True)
class Chain:
    """How the chain stands without a look at all of it: what is sealed, what waits for it, and what the ticks found."""

    seals: int
    waiting: int
    oldest_waiting: datetime | None
    checked_at: datetime | None
    whole_at: datetime | None
    fault: Finding | None
    is_behind: bool

    @property
    def holds(self) -> bool:
        """Return whether the tick has found nothing wrong."""
        return self.fault is None


# --- What is sealed -----------------------------------------------------------------------------------


def key() -> bytes:
    """Return the key of the seals, derived from SUPPRESSION_KEY, which never changes and is in no back-up."""
    return hmac.digest(settings.SUPPRESSION_KEY.encode(), b"seals of the audit log", "sha256")


def key_id_of(secret: bytes) -> str:
    """Return what tells one key from another and says nothing about it."""
    return hmac.digest(secret, b"which key", "sha256").hex()[:16]


def moment(at: datetime | None) -> str:
    """Return a moment in the one way in which it is sealed: ISO 8601 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else ""


def content_of(pk: int, at: datetime, *rest: Any) -> str:
    """Return the SHA-256 (hex) over every field of an entry; `rest` is what follows `at` in FIELDS."""
    text = json.dumps([FORMAT, pk, moment(at), *rest], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(number: int, sealed_at: str, before: str, content: str) -> str:
    """Return the digest of a link, from the digest before it and the entry's content."""
    return hashlib.sha256(f"{number}\n{sealed_at}\n{before}\n{content}".encode()).hexdigest()


def mac_of(secret: bytes, number: int, sealed_at: str, digest: str, content: str) -> str:
    """Return what only someone with the key can make of a link."""
    return hmac.digest(secret, f"{number}\n{sealed_at}\n{digest}\n{content}".encode(), "sha256").hex()


def acceptance_of(secret: bytes, name: str, number: Any, digest: str) -> str:
    """Return what only someone with the key can say: the seals of the key `name` up to this one are to count."""
    return hmac.digest(secret, f"accepts\n{name}\n{number}\n{digest}".encode(), "sha256").hex()


# --- Sealing ------------------------------------------------------------------------------------------


def seal_waiting(*, at: datetime) -> int:
    """
    Seal each entry that has no seal yet and return how many were sealed. Two at once: one of them does it.

    An entry that is committed late gets its seal late: a seal's number says when the log saw the entry.
    """
    noted = AuditCheck.objects.filter(pk=1, head_noted_on=at.date()).exists()
    entries = waiting(at=at) if noted else unsealed()
    done = last = 0
    while entries.filter(pk__gt=last).exists():  # what comes in below meanwhile is the next second's
        sealed = seal_some(entries.filter(pk__gt=last), at=at)
        done += len(sealed)
        if len(sealed) < AT_ONCE:
            break
        last = sealed[-1]
    if not noted:
        log_head(at=at)
    return done


@transaction.atomic
def seal_some(entries: QuerySet[AuditEntry], *, at: datetime) -> list[int]:
    """Seal the first of some entries in one statement; return their keys, none when someone else is at it."""
    if not lock_sealing():
        return []
    number, before = head()
    secret, sealed_at = key(), moment(at)
    key_id = key_id_of(secret)
    seals = []
    for pk, *values in entries.order_by("pk").values_list("pk", *FIELDS)[:AT_ONCE]:
        number += 1
        content = content_of(pk, *values)
        before = digest_of(number, sealed_at, before, content)
        mac = mac_of(secret, number, sealed_at, before, content)
        seals.append(AuditSeal(number=number, entry_id=pk, sealed_at=at, digest=before, mac=mac, key_id=key_id))
    AuditSeal.objects.bulk_create(seals)
    return [seal.entry_id for seal in seals]


def waiting(*, at: datetime) -> QuerySet[AuditEntry]:
    """
    Return the entries without a seal, without a look at the whole log. Keys are given before a deed is committed, so one
    below the newest that is sealed may still come; below one that was sealed ten minutes ago none does. (Once a day all
    are looked at nevertheless.)
    """
    settled = AuditSeal.objects.filter(sealed_at__lt=at - SETTLED).order_by("-entry").values_list("entry", flat=True)
    # As a number of its own: PostgreSQL cannot tell how few rows are above what a subquery says, and reads them all.
    return unsealed().filter(pk__gt=settled.first() or 0)


def unsealed() -> QuerySet[AuditEntry]:
    """Return the entries without a seal, of the whole log."""
    return AuditEntry.objects.filter(~Exists(AuditSeal.objects.filter(entry=OuterRef("pk"))))


def head() -> tuple[int, str]:
    """Return number and digest of the newest seal; (0, FIRST) when there is none."""
    return AuditSeal.objects.order_by("-number").values_list("number", "digest").first() or (0, FIRST)


def head_line() -> str:
    """Return the newest seal as `number:digest`, in the way in which it is noted elsewhere."""
    number, digest = head()
    return f"{number}:{digest}"


def lock_sealing() -> bool:
    """Return whether nobody else seals, until the end of the transaction. (SQLite has one writer anyway.)"""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('seals of the audit log', 0))")
        return bool(cursor.fetchone()[0])


def log_head(*, at: datetime) -> None:
    """Write the newest seal into the program's log once a day, where whoever changes the database does not reach it."""
    AuditCheck.objects.get_or_create(pk=1)
    if AuditCheck.objects.filter(~Q(head_noted_on=at.date()) | Q(head_noted_on=None)).update(head_noted_on=at.date()):
        log.info("The audit log's newest seal is %s (./run manage verify_audit --head).", head_line())


# --- Verifying ----------------------------------------------------------------------------------------


def parse_head(text: str) -> tuple[int, str]:
    """Read a head that was noted elsewhere, `number:digest` or the digest alone (number 0). Raise ValueError."""
    match = re.fullmatch(r"(?:(\d+):)?([0-9a-f]{64})", text.strip().lower())
    if match is None:
        raise ValueError(text)
    return int(match[1] or 0), match[2]


def verify(
    *, at: datetime, heads: Iterable[tuple[int, str]] = (), progress: Callable[[int, int], None] | None = None
) -> Report:
    """
    Read the whole log from its first seal and return what is wrong. `heads` are seals that were noted elsewhere: each must
    be in the log. `progress` is called with how many seals were read and how many there are. Memory stays the same however
    long the log is; two queries for 5,000 seals.
    """
    walk = Walk()
    total = AuditSeal.objects.count()
    check = AuditCheck.objects.first()
    wanted = [one for one in heads if one[1] != FIRST]
    if check and check.head:
        wanted.append((check.head, check.head_digest))
    walk.wanted = {digest: number for number, digest in wanted}
    while walk.go_on(AT_ONCE):
        if progress:
            progress(walk.report.seals, total)
    walk.end()
    bare = unsealed().filter(at__lt=at - UNSEALED_AFTER).aggregate(number=Count("pk"), first=Min("pk"))
    if bare["number"]:
        walk.report.add(Finding(Kind.UNSEALED, entry=bare["first"], number=bare["number"]))
    return walk.report


@dataclass
class Foreign:
    """Seals under another key that a walk came by: the first and last number, how many, and the last one's digest."""

    first: int
    last: int = 0
    count: int = 0
    digest: str = ""

    def add(self, seal: AuditSeal) -> None:
        """Count one more."""
        self.last, self.digest, self.count = seal.number, seal.digest, self.count + 1


class Walk:
    """One way along the chain, from the seal after (`number`, `digest`) on, a piece at a time."""

    def __init__(self, number: int = 0, digest: str = FIRST) -> None:
        self.report = Report(head=number, digest=digest)
        self.wanted: dict[str, int] = {}
        self.secret = key()
        self.key_id = key_id_of(self.secret)
        self.bad = False  # the seal before this one does not fit
        self.batch = self.batch_before = ""  # when this seal's batch was sealed, and the one before
        self.unfit: list[tuple[AuditSeal, str]] = []  # seals that fit neither their entry nor their place, and contents
        self.foreign: dict[str, Foreign] = {}

    def go_on(self, most: int) -> bool:
        """Look at the next seals, `most` at most; return whether there were any."""
        seals = list(AuditSeal.objects.filter(number__gt=self.report.head).order_by("number")[:most])
        contents = read_contents([seal.entry_id for seal in seals])
        for seal in seals:
            self.check_seal(seal, *contents.get(seal.entry_id, ("", None)))
        return bool(seals)

    def check_seal(self, seal: AuditSeal, at: str, content: str | None) -> None:
        """Hold one seal against its entry and the seal before it."""
        report = self.report
        missing = seal.number - report.head - 1
        if missing:
            report.add(Finding(Kind.SEAL_REMOVED, seal=report.head + 1, number=missing))
        sealed_at = moment(seal.sealed_at)
        if content is None:
            report.add(Finding(Kind.REMOVED, seal.number, seal.entry_id))
            self.bad = False
        else:
            # After a seal that is gone or does not fit, nobody can say what this one was made from.
            comparable = not missing and not self.bad
            follows = seal.digest == digest_of(seal.number, sealed_at, report.digest, content)
            self.bad = not self.fits(seal, sealed_at, content, follows=follows, comparable=comparable)
            self.note_late(seal.entry_id, at, sealed_at)
        self.wanted.pop(seal.digest, None)
        report.seals += 1
        report.head, report.digest = seal.number, seal.digest

    def fits(self, seal: AuditSeal, sealed_at: str, content: str, *, follows: bool, comparable: bool) -> bool:
        """Return whether a seal is as it was made, over the entry that is there; note what is wrong."""
        if seal.key_id != self.key_id:
            self.foreign.setdefault(seal.key_id, Foreign(seal.number)).add(seal)
            if follows or not comparable:
                return True
        elif seal.mac == mac_of(self.secret, seal.number, sealed_at, seal.digest, content):
            if comparable and not follows:
                self.report.add(Finding(Kind.ORDER, seal.number, seal.entry_id))
            return True
        elif follows:
            self.report.add(Finding(Kind.FORGED, seal.number, seal.entry_id))
            return False
        if len(self.unfit) < TRIED:
            self.unfit.append((seal, content))
        else:
            self.report.add(Finding(Kind.CHANGED, seal.number, seal.entry_id))
        return False

    def note_late(self, entry: int, at: str, sealed_at: str) -> None:
        """Remark on an entry that says a time at which the log had long gone on without it."""
        if sealed_at != self.batch:
            self.batch, self.batch_before = sealed_at, self.batch
        if at and self.batch_before:
            latest = datetime.fromisoformat(self.batch_before) - SETTLED
            if at < moment(latest):
                self.report.add(Finding(Kind.LATE, entry=entry, at=at))

    def report_unmatched(self) -> None:
        """Say of each seal that fits nothing whether it stands in another's place, or its entry was changed."""
        for seal, content in self.unfit:
            sealed_at = moment(seal.sealed_at)
            moved = any(
                seal.mac
                in (
                    mac_of(self.secret, other.number, sealed_at, seal.digest, content),
                    mac_of(self.secret, seal.number, sealed_at, seal.digest, others),
                )
                for other, others in self.unfit
                if other is not seal
            )
            self.report.add(Finding(Kind.ORDER if moved else Kind.CHANGED, seal.number, seal.entry_id))

    def end(self) -> None:
        """Say what can be said only at the end."""
        self.report_unmatched()
        for name, seals in self.foreign.items():
            entry = self.entry_accepting(name, seals)
            kind = Kind.KEY if entry is None else Kind.ACCEPTED
            self.report.add(Finding(kind, seal=seals.first, entry=entry, number=seals.count, key=name))
        for digest, number in self.wanted.items():
            self.report.add(Finding(Kind.CUT_OFF, seal=number or None, digest=digest))

    def entry_accepting(self, name: str, seals: "Foreign") -> int | None:
        """
        Return the entry by which someone with the key of today accepts these seals of a lost one, None without any.
        """
        said = AuditEntry.objects.filter(verb=KEY_ACCEPTED, detail__key=name, seal__key_id=self.key_id)
        for pk, digest, detail in said.order_by("-pk").values_list("pk", "digest", "detail"):
            upto = detail.get("upto")
            if (
                detail.get("proof") == acceptance_of(self.secret, name, upto, digest)
                and isinstance(upto, int)
                and (seals.last < upto or (seals.last, seals.digest) == (upto, digest))
            ):
                return int(pk)
        return None


def read_contents(keys: list[int]) -> dict[int, tuple[str, str]]:
    """
    Return moment and content of the entries with these keys; what cannot be read at all has content "". One query,
    unless someone wrote what no entry can hold: then one for each.
    """
    entries = AuditEntry.objects.filter(pk__in=keys).values_list("pk", *FIELDS)
    try:
        return {pk: (moment(values[0]), content_of(pk, *values)) for pk, *values in entries}
    except (ValueError, TypeError, AttributeError):
        if len(keys) == 1:
            return {keys[0]: ("", "")}
        return {pk: found for one in keys for pk, found in read_contents([one]).items()}


# --- Verifying a piece at every tick ------------------------------------------------------------------


def verify_next(*, at: datetime, tell: Callable[[Finding], None] | None = None) -> Finding | None:
    """
    Verify the next 2,000 seals, round after round, and return what is wrong with the chain.

    A fault stands until a whole round has found none. `tell` is called when there was none before, in the transaction
    that notes it. Two at once: what one of them found counts.
    """
    check, _made = AuditCheck.objects.get_or_create(pk=1)
    report = next_piece(check)
    number, digest = head()
    noted = notes_of(check, report, at=at, whole=report.head >= number)
    if Kind.CUT_OFF not in report.counts:
        noted |= {"head": number, "head_digest": digest if number else ""}
    with transaction.atomic():
        mine = AuditCheck.objects.filter(pk=1, checked_at=check.checked_at, upto=check.upto)
        if not mine.update(**noted):
            return finding_in(check)
        now = Finding(**noted["fault"]) if noted["fault"] else None
        if now and not check.fault:
            log.error("The audit log does not hold: %s Run ./run manage verify_audit.", now)
            if tell:
                tell(now)
    return now


def notes_of(check: AuditCheck, report: Report, *, at: datetime, whole: bool) -> dict[str, Any]:
    """Return what a tick notes of its piece; `whole` says that a round ends with it."""
    fault = asdict(report.faults[0]) if report.faults else {}
    found = bool(fault) or check.found
    noted: dict[str, Any] = {
        "checked_at": at,
        "upto": 0 if whole else report.head,
        "found": found and not whole,
        # The first of a round, and what the round before it found until this one has found nothing.
        "fault": fault if fault and not check.found else {} if whole and not found else check.fault,
    }
    return noted | ({"whole_at": at} if whole else {})


def next_piece(check: AuditCheck) -> Report:
    """Walk on from where the last tick stopped, and see that the newest seal of then is still there."""
    start = AuditSeal.objects.filter(number=check.upto).values_list("number", "digest").first()
    walk = Walk(*(start or (0, FIRST)))
    if check.head and not AuditSeal.objects.filter(number=check.head, digest=check.head_digest).exists():
        walk.report.add(Finding(Kind.CUT_OFF, seal=check.head, digest=check.head_digest))
    walk.go_on(A_TICKS_PIECE)
    walk.end()
    return walk.report


def finding_in(check: AuditCheck) -> Finding | None:
    """Return the fault that a check has noted."""
    return Finding(**check.fault) if check.fault else None


def accept_key(name: str, *, at: datetime) -> AuditEntry:
    """
    Note that the key `name` (its key_id) is lost, so that what it sealed until now counts by its fingerprints. Raise
    LookupError when it sealed nothing.

    The note holds a proof under the key of today: every row is sealed, so a seal alone would not tell that someone who
    has the key wrote it.
    """
    newest = AuditSeal.objects.filter(key_id=name).order_by("-number").first()
    if newest is None:
        raise LookupError(name)
    proof = acceptance_of(key(), name, newest.number, newest.digest)
    more = {"key": name, "upto": newest.number, "proof": proof, "via": "command"}
    return trail.note(KEY_ACCEPTED, newest, by=None, at=at, digest=newest.digest, **more)


def chain(*, at: datetime) -> Chain:
    """Return how the chain stands, for the desk and for metrics; four queries, none over the whole log."""
    check = AuditCheck.objects.first() or AuditCheck()
    bare = waiting(at=at).aggregate(number=Count("pk"), oldest=Min("at"))
    oldest = bare["oldest"]
    return Chain(
        seals=head()[0],
        waiting=bare["number"],
        oldest_waiting=oldest,
        checked_at=check.checked_at,
        whole_at=check.whole_at,
        fault=finding_in(check),
        is_behind=oldest is not None and oldest < at - UNSEALED_AFTER,
    )
