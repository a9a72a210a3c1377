"""What became of claimed rows, written to the ledger. Only rows that still carry the lease change."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import batched

from django.db import connection
from django.db.models import F

from delivery.models import Delivery
from delivery.models.sends import DeliveryQuerySet
from delivery.recipients import suppression
from delivery.transports.transport import Outcome
from lib import retries

GIVE_UP_HOURS = 72
ONCE_MORE_SECONDS = 10  # a connection that broke needs a moment
AT_ONCE = 400  # rows in a statement with a value for each; SQLite takes so many parameters in any build

State = Delivery.State


def record(outcomes: Iterable[Outcome], *, lease: int, at: datetime, once_more: bool = False) -> None:
    """
    Write what became of a window. Only rows that this lease is handing over change: a worker that comes back
    after its lease was swept writes nothing. An address that does not exist is suppressed (550 5.1.1, 5.1.10). With
    `once_more`, for what is urgent, a mail of which nobody knows is tried again, once, and its row says so.
    """
    alike: dict[tuple[State, str, str, float | None, bool], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        alike[outcome.state, outcome.code, outcome.detail, outcome.retry_after, outcome.about_mailer].append(outcome)
    for (state, code, detail, retry_after, about_mailer), group in alike.items():
        mine = Delivery.objects.filter(
            pk__in=[outcome.delivery_id for outcome in group], state=State.HANDING_OFF, lease=lease
        )
        if state == State.DEFERRED:
            if not about_mailer:
                fail_expired(mine, code=code, detail=detail, at=at)
            defer(mine, code=code, detail=detail, at=at, retry_after=retry_after)
            continue
        if state == State.UNKNOWN and once_more:
            try_once_more(mine, at=at, code=code, detail=detail)
        if state == State.FAILED:
            suppression.suppress_missing(mine, code=code, at=at)
        names = {outcome.delivery_id: outcome.provider_id for outcome in group if outcome.provider_id}
        if names:
            write_names(names, lease=lease)
        mine.update(state=state, code=code, detail=detail, lease=None, finished_at=at)


def write_names(names: Mapping[int, str], *, lease: int) -> None:
    """Write the provider's own names for messages, {delivery key: name}."""
    table = connection.ops.quote_name(Delivery._meta.db_table)
    with connection.cursor() as cursor:
        for some in batched(names.items(), AT_ONCE):
            values = ", ".join(["(%s, %s)"] * len(some))
            # CTE columns are named here, for SQLite cannot name those of VALUES in FROM.
            cursor.execute(
                f"WITH named (id, name) AS (VALUES {values}) "  # noqa: S608  no value stands in the text
                f"UPDATE {table} SET provider_id = named.name FROM named "
                f"WHERE {table}.id = named.id AND {table}.state = 'handing_off' AND {table}.lease = %s",
                [value for pair in some for value in pair] + [lease],
            )


def fail_expired(rows: DeliveryQuerySet, *, code: str, detail: str, at: datetime) -> None:
    """
    Fail the rows that have been tried for 72 hours since their send started; one that someone let go again later has
    its first tries all the same.
    """
    since = at - timedelta(hours=GIVE_UP_HOURS)
    rows.filter(send__fanned_out_at__lte=since, attempts__gte=len(retries.WAITS)).update(
        state=State.FAILED, code=code, detail=detail, lease=None, finished_at=at
    )


def defer(rows: DeliveryQuerySet, *, code: str, detail: str, at: datetime, retry_after: float | None = None) -> None:
    """Put rows off: as many seconds as the server asked for, or 1, 5, 15, 30, 60 minutes and then hourly."""
    for attempt in set(rows.values_list("attempts", flat=True)):
        wait = retries.wait_after(attempt - 1)
        if retry_after is not None:
            wait = timedelta(seconds=retry_after)
        rows.filter(attempts=attempt).update(
            state=State.DEFERRED, code=code, detail=detail, lease=None, next_attempt_at=at + wait
        )


def postpone(waits: Mapping[int, float], *, lease: int, at: datetime) -> None:
    """Give claimed rows back until some seconds from now, {delivery key: seconds}. They were not sent."""
    alike: dict[float, list[int]] = defaultdict(list)
    for pk, seconds in waits.items():
        alike[round(seconds, 1)].append(pk)
    for seconds, ids in alike.items():
        Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, lease=lease).update(
            state=State.QUEUED, lease=None, next_attempt_at=at + timedelta(seconds=seconds)
        )


def try_once_more(rows: DeliveryQuerySet, *, at: datetime, **said: str) -> int:
    """
    Queue rows of which nobody knows whether they left, with the same Message-ID and a mark, in a moment; return how many.
    One that has the mark already is not sent again unseen.
    """
    return rows.filter(possible_duplicate=False).update(
        state=State.QUEUED,
        possible_duplicate=True,
        lease=None,
        finished_at=None,
        next_attempt_at=at + timedelta(seconds=ONCE_MORE_SECONDS),
        **said,
    )


def forgive(ids: Collection[int]) -> int:
    """Take back that a worker died of these rows: it was only slow, and others have had them meanwhile."""
    return Delivery.objects.filter(pk__in=ids, crashes__gt=0).update(crashes=F("crashes") - 1)


def requeue(ids: Collection[int], *, lease: int, at: datetime, but: Collection[int] = ()) -> int:
    """
    Give back those of some rows that a lease claimed, or marked as being handed over, ready at once; return how many. Not
    those that may have begun to leave (`but`).
    """
    rows = Delivery.objects.filter(pk__in=set(ids).difference(but), lease=lease)
    claimed = rows.filter(state=State.CLAIMED)
    marked = rows.filter(state=State.HANDING_OFF)
    queued = {"state": State.QUEUED, "lease": None, "next_attempt_at": at}
    return claimed.update(**queued) + marked.update(attempts=F("attempts") - 1, **queued)
