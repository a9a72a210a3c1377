"""
What there is to measure, in Prometheus' text format. One scrape tells of all processes and hosts: it asks the database.

Labels are lanes, states and codes, of which there are few; none holds anything of a person. The number of queries is the same
whatever there is, and none walks what grows with history. While the database is away the answer says so.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, F, Min, Q, Sum
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from accounts.models import AuditCheck
from accounts.privacy import retention
from bulletins.models import AuthorityPost
from delivery.holds import canary, circuit_breaker
from delivery.models import (
    Channel,
    Delivery,
    Lease,
    MailerHealth,
    Mailing,
    ProviderEvent,
    Pulse,
    Purpose,
    Room,
    Send,
    SingleMessageCount,
    WhatsAppTemplate,
    WhatsAppWindow,
)
from delivery.models.limits import Mailer
from delivery.models.processes import LANE, RETENTION
from delivery.reports import ledger_counts
from delivery.sending import dispatch, worker
from influencers.models import AskedPartner
from notifications.models import Notice
from operations.backups import restore
from operations.logs import error_counter
from operations.version import release
from stories import waiting_counts

EVENTS = 100  # the newest ones, of which the lag of webhooks is the median
LATE = timedelta(seconds=30)  # after which the tick should have swept a lease
BACKUP = "backup"
LANES = tuple(queue.name for queue in settings.CELERY_TASK_QUEUES)
QUEUES = tuple(Mailing.Queue.values)

# Why a send is held, as a code. What a preflight says is in its own words.
REASONS: Mapping[str, str] = {
    dispatch.TOO_LATE: "late",
    dispatch.NO_WORDS: "no_words",
    worker.CANNOT_BE_SENT: "unusable",
    circuit_breaker.REFUSED: "policy_refusals",
    canary.UNHEALTHY: "first_part",
    restore.HELD: "restored",
}
OTHER_REASON = "preflight_or_other"


def text(*, at: datetime, is_away: bool = False) -> bytes:
    """Return the metrics at `at`. With `is_away` the database is known not to answer, and is not asked."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collected(at=at, is_away=is_away))
    return generate_latest(registry)


class Collected:
    """What Prometheus' library asks for the metrics of one moment."""

    def __init__(self, *, at: datetime, is_away: bool) -> None:
        self.at = at
        self.is_away = is_away

    def describe(self) -> list[Metric]:
        """Return nothing: names are reported when they are collected."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield what this host knows by itself, then what the database knows, then whether it answered."""
        began = time.perf_counter()
        yield from of_this_host()
        found: list[Metric] = []
        up = not self.is_away
        if up:
            try:
                for ask in OF_THE_DATABASE:
                    found.extend(ask(self.at))
            except DatabaseError:
                found, up = [], False
        yield from found
        yield gauge("up", "Whether the database answered (1) or not (0).", int(up))
        yield gauge("scrape_seconds", "How long this answer took.", round(time.perf_counter() - began, 4))


# --- Without the database --------------------------------------------------------------------------------


def of_this_host() -> Iterator[Metric]:
    """Yield the version, the room on the disk, and the errors that were logged."""
    yield labelled("info", "Which code runs.", "release", {release(): 1})
    usage = shutil.disk_usage(settings.DATA_DIR)
    yield gauge("disk_free_bytes", "Room left where DATA_DIR is.", usage.free)
    yield gauge("disk_size_bytes", "Size of the disk where DATA_DIR is.", usage.total)
    errors = CounterMetricFamily("bulletins_errors", "Errors logged by the processes that share DATA_DIR.")
    errors.add_metric([], error_counter.counted())
    yield errors


# --- Signs of life ---------------------------------------------------------------------------------------


def signs(at: datetime) -> Iterator[Metric]:
    """Yield the age of the tick, of each lane's worker and of the last back-up, and what the tick counted. One query."""
    names = ["tick", BACKUP, restore.SIGN, RETENTION]
    names += [f"{LANE}{lane}" for lane in LANES] + [f"{ledger_counts.SIGN}{queue}" for queue in QUEUES]
    seen = {name: (moment, detail) for name, moment, detail in
            Pulse.objects.filter(name__in=names).values_list("name", "at", "detail")}  # fmt: skip

    def age(name: str) -> float:
        """Seconds since a sign; infinite when there was none."""
        return (at - seen[name][0]).total_seconds() if name in seen else float("inf")

    yield gauge("tick_age_seconds", "Since the last tick; +Inf when there was none.", age("tick"))
    yield labelled(
        "worker_age_seconds",
        "Since a worker of each lane last took a task; +Inf when none has.",
        "lane",
        {lane: age(f"{LANE}{lane}") for lane in LANES},
    )
    late = json.loads(seen[RETENTION][1] or "{}") if RETENTION in seen else {}
    kinds = [rule.kind for rule in retention.rules() if rule.oldest]
    yield labelled(
        "retention_behind_seconds",
        "How much longer than it should the oldest row of each kind has been kept; 0 when retention keeps up.",
        "kind",
        {kind: late.get(kind, 0) for kind in kinds},
    )
    yield gauge("retention_age_seconds", "Since retention last had its turn; +Inf when it never had.", age(RETENTION))
    yield gauge("backup_age_seconds", "Since the last back-up; +Inf when there was none.", age(BACKUP))
    yield gauge("closed", "Whether it was restored and waits for a person (1).", int(restore.SIGN in seen))
    rows: dict[tuple[str, str], int] = {}
    recent: dict[tuple[str, str], int] = {}
    twice: dict[str, int] = {}
    for queue in QUEUES:
        numbers = ledger_counts.Numbers.unpacked(seen.get(f"{ledger_counts.SIGN}{queue}", ("", ""))[1])
        rows |= {(queue, state): numbers.states[state] for state in Delivery.State.values}
        recent |= {(queue, state): numbers.recent[state] for state in ledger_counts.OUTCOMES}
        twice[queue] = numbers.twice
    yield labelled(
        "ledger_rows",
        "Rows claimed at least once of sends under way or over since 15 minutes, as the last tick counted them.",
        ("lane", "state"),
        rows,
    )
    yield labelled(
        "recent_rows",
        "Of these, rows handed over in the 5 minutes before the last tick, by what became of them.",
        ("lane", "state"),
        recent,
    )
    yield labelled("possible_duplicates", "Of these, rows possibly sent twice.", "lane", twice)


# --- Sends -----------------------------------------------------------------------------------------------


def queues(at: datetime) -> Iterator[Metric]:
    """
    Yield how much is queued in each lane and for how long, and the sends by state and reason. One query, for the open sends
    with their ranges of keys: nobody counts rows. What was tried and waits is in the ledger that the tick counts.
    """
    fields = ("pk", "state", "reason", "slot_at", "fanned_out_at", "candidates", "first_delivery", "last_delivery")
    open_states = [Send.State.PLANNED, *OPEN]
    sends = list(
        Send.objects.filter(state__in=open_states).values(
            *fields, "claimed_up_to", "canary_up_to", lane=F("mailing__queue")
        )
    )
    rows = dict.fromkeys(QUEUES, 0)
    oldest = dict.fromkeys(QUEUES, 0.0)
    for send in sends:
        fresh = untouched(send)
        rows[send["lane"]] += fresh
        since = waiting_since(send, fresh)
        if since is not None:
            oldest[send["lane"]] = max(oldest[send["lane"]], (at - since).total_seconds())
    yield labelled(
        "queue_rows",
        "Rows that were not tried yet; of sends that began in the same moment a few may be counted too many.",
        "lane",
        rows,
    )
    yield labelled(
        "oldest_queued_seconds",
        "How long the longest has waited that could leave now: since its start, or since the slot of a send that has not begun.",
        "lane",
        oldest,
    )
    states = Counter(send["state"] for send in sends)
    yield labelled("sends", "Open sends by state.", "state", {state: states[state] for state in open_states})
    held = Counter(REASONS.get(send["reason"], OTHER_REASON) for send in sends if send["state"] == Send.State.HELD)
    codes = [*REASONS.values(), OTHER_REASON]
    yield labelled("sends_held", "Sends held for a person, by why.", "reason", {code: held[code] for code in codes})


OPEN = [Send.State.SENDING, Send.State.PAUSED, Send.State.HELD]


def untouched(send: Mapping[str, Any]) -> int:
    """
    Return how many rows of a send nobody has claimed yet, by its keys. Two sends that began in the same moment may have keys
    between each other's, so it is never more than the send has rows.
    """
    if send["first_delivery"] is None or send["last_delivery"] is None:
        return 0
    left = send["last_delivery"] - max(send["claimed_up_to"], send["first_delivery"] - 1)
    return max(0, min(left, send["candidates"] or 0))


def waiting_since(send: Mapping[str, Any], fresh: int) -> datetime | None:
    """Return since when rows of a send wait that should be leaving; None when none should."""
    moment: datetime | None = None
    if send["state"] == Send.State.PLANNED:
        moment = send["slot_at"]
    elif send["state"] == Send.State.SENDING and fresh and send["canary_up_to"] is None:
        moment = send["fanned_out_at"]
    return moment


def leases(at: datetime) -> Iterator[Metric]:
    """Yield the runs of workers by lane, and those that are past their time. One query."""
    found = Lease.objects.values_list("send__mailing__queue").annotate(
        all=Count("pk"), late=Count("pk", filter=Q(until__lt=at - LATE))
    )
    running, late = dict.fromkeys(QUEUES, 0), dict.fromkeys(QUEUES, 0)
    for lane, number, past in found.order_by():
        running[lane], late[lane] = number, past
    yield labelled("leases", "Runs of workers over sends.", "lane", running)
    yield labelled("leases_late", "Runs past their time that no tick has swept.", "lane", late)


def mailers(at: datetime) -> Iterator[Metric]:
    """Yield which mailers are left alone because they failed. One query."""
    down = set(MailerHealth.objects.filter(down_until__gt=at).values_list("mailer", flat=True))
    known = {str(mailer): int(mailer in down) for mailer in Mailer.values}
    yield labelled(
        "way_out_down", "Whether a mail server or channel is left alone because it failed (1).", "mailer", known
    )


def chat_rooms(at: datetime) -> Iterator[Metric]:
    """Yield how many chat rooms there are by how far they are. One query where they are set up, none where they are not."""
    if Mailer.ROOM not in settings.TRANSPORTS:
        return
    is_open = Q(ended_at=None)
    found = Room.objects.aggregate(
        works=Count("pk", filter=is_open & Q(recipient__isnull=False)),
        waits=Count("pk", filter=is_open & Q(recipient=None)),
        gone=Count("pk", filter=Q(ended_because=Room.Ended.GONE)),
    )
    yield labelled("chat_rooms", "Chat rooms of newsrooms and partner organisations.", "state", found)


def channels(at: datetime) -> Iterator[Metric]:
    """Yield what became of messages by channel: of sends, as the last ticks counted them, and of those of no send. Two queries."""
    recent: Counter[tuple[str, str]] = Counter()
    for channel, counts in ledger_counts.counted(at=at).values_list("channel", "counts"):
        for state, number in ledger_counts.Numbers.unpacked(counts).recent.items():
            recent[channel, state] += number
    yield labelled(
        "channel_recent_rows",
        "Rows handed over in the 5 minutes before they were last counted, by channel and by what became of them.",
        ("channel", "state"),
        {(channel, state): recent[channel, state] for channel in Channel.values for state in ledger_counts.OUTCOMES},
    )
    since = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    single = SingleMessageCount.objects.filter(hour__gte=since, is_exercise=False)
    nothing = dict.fromkeys(product(Channel.values, Purpose.values, ledger_counts.OUTCOMES), 0)
    by_outcome = single.order_by().values_list("channel", "purpose", "state").annotate(Sum("messages"))
    counted = {tuple(key): number for *key, number in by_outcome}
    yield labelled(
        "single_messages",
        "Codes, hints and messages to staff of this hour and the one before, tries included, by what became of them.",
        ("channel", "purpose", "state"),
        nothing | counted,
    )


def whatsapp(at: datetime) -> Iterator[Metric]:
    """Yield which templates Meta lets us send, and to how many people words may go as they are. Two queries."""
    rows = WhatsAppTemplate.objects.order_by().values_list("status").annotate(Count("pk"))
    found = dict.fromkeys(WhatsAppTemplate.Status.values, 0) | dict(rows)
    yield labelled("whatsapp_templates", "Templates by what Meta says of them.", "status", found)
    yield gauge(
        "whatsapp_windows",
        "People who wrote to us within a day, to whom words may go as they are.",
        WhatsAppWindow.objects.open(at=at).count(),
    )


# --- What comes back, and what staff are told ------------------------------------------------------------


def reports(at: datetime) -> Iterator[Metric]:
    """Yield how late providers report, and what waits to be matched with a row. Two queries."""
    newest = list(ProviderEvent.objects.order_by("-pk").values_list("happened_at", "received_at")[:EVENTS])
    lags = [
        max(0.0, (received - happened).total_seconds()) for happened, received in newest if received > at - RECENTLY
    ]
    yield gauge("webhook_lag_seconds", "Median, of the newest reports of the last hour, of the provider's time to ours.",
                median(lags) if lags else 0.0)  # fmt: skip
    age = (at - newest[0][1]).total_seconds() if newest else float("inf")
    yield gauge("webhook_age_seconds", "Since the newest report of a provider; +Inf when there was none.", age)
    waiting = ProviderEvent.objects.ready().aggregate(number=Count("pk"), oldest=Min("received_at"))
    yield gauge("webhook_waiting", "Reports that wait to be matched with a row.", waiting["number"])
    yield gauge("webhook_waiting_seconds", "How long the oldest of them has waited.", seconds(waiting["oldest"], at))


RECENTLY = timedelta(hours=1)


def notices(at: datetime) -> Iterator[Metric]:
    """Yield what staff and the hook have not been told yet. One query."""
    waiting = Notice.objects.waiting().aggregate(number=Count("pk"), oldest=Min("at"))
    yield gauge("notices_waiting", "Notices that nobody has been told yet.", waiting["number"])
    yield gauge("notices_waiting_seconds", "How long the oldest of them has waited.", seconds(waiting["oldest"], at))


def story_work(at: datetime) -> Iterator[Metric]:
    """Yield what others brought to campaigns and stands still: at the desk, among invitations, and what FFmpeg is to make. One query."""
    found = waiting_counts.waiting_counts(at=at)

    def age(kind: str) -> float:
        return seconds(found[kind].oldest, at)

    desk, invited = waiting_counts.FOR_THE_DESK, waiting_counts.INVITATIONS
    yield labelled(
        "desk_waiting",
        "What others brought and nobody at the desk has looked at; subtitles are those that are late.",
        "kind",
        {kind: found[kind].count for kind in desk},
    )
    yield labelled(
        "desk_waiting_seconds", "How long the first of each has waited.", "kind", {kind: age(kind) for kind in desk}
    )
    yield labelled(
        "municipality_invitations",
        "Invitations of municipalities that were not mailed yet, that nobody took up, and that failed within a week.",
        "state",
        {state: found[state].count for state in invited},
    )
    yield gauge("municipality_invitations_unsent_seconds", "How long the first has waited to be mailed.", age("unsent"))
    yield gauge(
        "story_jobs_waiting",
        "Videos of stories, cuts and drafts of subtitles that are to be made.",
        found["job"].count,
    )
    yield gauge("story_jobs_waiting_seconds", "How long the oldest of them has waited.", age("job"))
    yield gauge("story_jobs_failed", "Of these, what failed within a week.", found["failed_job"].count)


def calls(at: datetime) -> Iterator[Metric]:
    """Yield how many urgent bulletins have people whom a liaison can call, and for how long at most. One query."""
    waiting = AskedPartner.objects.filter(
        request__ended_at=None, request__calls_since__lte=at, seen_at=None, influencer__call_number__isnull=False
    )
    found = waiting.aggregate(people=Count("pk"), oldest=Min("request__calls_since"))
    yield gauge("calls_waiting", "People who have not seen an urgent bulletin and can be called.", found["people"])
    yield gauge(
        "calls_waiting_seconds", "How long the oldest call list with any has been open.", seconds(found["oldest"], at)
    )


def own_posts(at: datetime) -> Iterator[Metric]:
    """Yield what is to be posted, edited or deleted in the authority's name and is not, by state, and for how long at most. One query."""
    states = (AuthorityPost.State.WAITING, *AuthorityPost.FOR_A_PERSON)
    rows = AuthorityPost.objects.filter(state__in=states).order_by().values_list("state")
    found = {state: (number, oldest) for state, number, oldest in rows.annotate(Count("pk"), Min("planned_at"))}
    nothing = (0, None)
    yield labelled(
        "authority_posts",
        "Posts of the authority that wait for their network, stopped, or may be there although nobody knows.",
        "state",
        {state.value: found.get(state.value, nothing)[0] for state in states},
    )
    yield labelled(
        "authority_posts_seconds",
        "How long ago the first of each was planned.",
        "state",
        {state.value: seconds(found.get(state.value, nothing)[1], at) for state in states},
    )


def audit_chain(at: datetime) -> Iterator[Metric]:
    """Yield whether the chain over the audit log holds as far as the tick has verified it. One query."""
    check = AuditCheck.objects.values_list("fault", "checked_at").first()
    fault, checked_at = check or ({}, None)
    yield gauge("audit_fault", "Whether the chain over the audit log was found broken (1).", int(bool(fault)))
    age = (at - checked_at).total_seconds() if checked_at else float("inf")
    yield gauge("audit_checked_age_seconds", "Since the tick last verified a piece of it; +Inf when it never has.", age)


# --- The database itself ---------------------------------------------------------------------------------


def database(at: datetime) -> Iterator[Metric]:
    """Yield the size of the database and, on PostgreSQL, its connections. One query there, none on SQLite."""
    connections, most = 0, 0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_database_size(current_database()), current_setting('max_connections')::int,"
                " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
            )
            size, most, connections = cursor.fetchone()
    else:
        file = Path(str(connection.settings_dict["NAME"]))
        size = file.stat().st_size if file.is_file() else 0
    yield gauge("database_bytes", "Size of the database.", size)
    yield gauge("database_connections", "Connections to the database server; 0 on SQLite.", connections)
    yield gauge("database_connections_max", "Connections that it takes; 0 on SQLite.", most)


OF_THE_DATABASE: tuple[Callable[[datetime], Iterator[Metric]], ...] = (
    signs, queues, leases, mailers, channels, whatsapp, chat_rooms, reports, notices, story_work, calls, own_posts, audit_chain,
    database,
)  # fmt: skip


# --- Families --------------------------------------------------------------------------------------------


def seconds(since: datetime | None, at: datetime) -> float:
    """Return the seconds since a moment; 0 for none."""
    return (at - since).total_seconds() if since else 0.0


def gauge(name: str, says: str, value: float) -> Metric:
    """Return a gauge without labels."""
    return GaugeMetricFamily(f"bulletins_{name}", says, value=value)


def labelled(name: str, says: str, labels: str | tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    """Return a gauge with a value for each set of labels."""
    names = (labels,) if isinstance(labels, str) else labels
    family = GaugeMetricFamily(f"bulletins_{name}", says, labels=names)
    for key, value in values.items():
        family.add_metric([str(part) for part in (key if isinstance(key, tuple) else (key,))], value)
    return family
