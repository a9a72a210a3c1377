"""
What a kind of single mail says of itself: which rows are due, whether they may still leave, and the letter. How it is claimed,
handed over, tried again and ended is the same for all (worker.py).

A kind's columns say what became of a row (`Marks`). A claim changes a row only if it is as it was read, so of two
at once one gets it, also while an older version runs beside this one.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar

from django.core import mail
from django.db import models
from django.db.models import Exists, OuterRef

from campaigns.models import Campaign
from delivery.models import SingleMail, Suppression, address_hash
from delivery.transports import failover
from delivery.transports.server_replies import is_missing_address
from lib import retries

from .hand_over import BARRED, LEFT, NOTHING_TO_SAY, UNWRITABLE, End, HandOver, outcome_of

log = logging.getLogger(__name__)

type Values = dict[str, Any]

Reason = Suppression.Reason
# To colleagues and to whoever has just asked for a mail: what they complained of or had erased was something else.
ONLY_BLOCKED = (Reason.STAFF,)
TO_COLLEAGUES = (Reason.STAFF, Reason.NO_SUCH_ADDRESS)


@dataclass(frozen=True, slots=True)
class Marks:
    """
    How the columns of a table say what became of a row's mail: each function returns the columns' values. `unclaimed` of a row that
    nobody else has taken, `claimed` while it is taken (and when it is tried again if nothing more is heard of it), `mine` as long as
    nobody has changed it since, `left` and `ended` afterwards, `waits` until a moment.
    """

    unclaimed: Callable[[Any], Values]
    claimed: Callable[[Any, datetime, datetime], Values]
    mine: Callable[[Any, datetime | None], Values]
    left: Callable[[datetime], Values]
    ended: Callable[[datetime], Values]
    waits: Callable[[datetime | None], Values]
    knows_when: bool = True  # of a table that does not, SingleMail says until when a row waits


def tried(sent: str = "sent_at") -> Marks:
    """Return the marks of rows with `attempts` and `next_attempt_at`, which `sent` or `given_up_at` ends."""
    return Marks(
        unclaimed=lambda row: {"attempts": row.attempts, sent: None, "given_up_at": None},
        claimed=lambda row, again, at: {"attempts": row.attempts + 1, "next_attempt_at": again},
        mine=lambda row, again: {"attempts": row.attempts + 1},
        left=lambda at: {sent: at},
        ended=lambda at: {"given_up_at": at},
        waits=lambda until: {"next_attempt_at": until},
    )


def flag(field: str, *, is_time: bool = False) -> Marks:
    """Return the marks of rows with one column that says that their mail has left, or is leaving: a yes or no, or when."""
    unset: Values = {field: None if is_time else False}
    return Marks(
        unclaimed=lambda row: unset,
        claimed=lambda row, again, at: {field: at if is_time else True},
        mine=lambda row, again: {},
        left=lambda at: {},
        ended=lambda at: {},
        waits=lambda until: unset,
        knows_when=False,
    )


def due(field: str = "mail_due_at") -> Marks:
    """Return the marks of rows with one column that says when a mail is to leave, None for never; whoever asks anew sets it anew."""
    return Marks(
        unclaimed=lambda row: {field: getattr(row, field)},
        claimed=lambda row, again, at: {field: again},
        mine=lambda row, again: {field: again},
        left=lambda at: {field: None},
        ended=lambda at: {field: None},
        waits=lambda until: {field: until},
    )


class Queue[Row: models.Model]:
    """
    One kind of single mail, for one run at `at`. `again_in_doubt`: of what may have left, another one does less harm than none; it is
    sent again and its row says so. It is tried again for as long as it `lasts`.
    """

    name: ClassVar[str]
    title: ClassVar[Any]
    model: ClassVar[type[models.Model]]
    marks: ClassVar[Marks] = tried()
    still: ClassVar[Values] = {}  # what a row has to be besides, to be claimed
    again_in_doubt: ClassVar[bool] = True
    asked_for: ClassVar[bool] = False  # by somebody outside: an address that is refused is no fault of ours
    waits_for_way: ClassVar[bool] = True
    goes_otherwise: ClassVar[bool] = False  # what does not leave so, leaves by another way: nothing of it stays
    lasts: ClassVar[timedelta] = retries.GIVEN_UP_AFTER
    most_at_once: ClassVar[int] = 200

    def __init__(self, *, at: datetime) -> None:
        self.at = at
        self.away: set[str] = set()  # ways that did not answer in this run

    # --- What each kind says ---------------------------------------------------------------------------

    def due(self) -> models.QuerySet[Row]:
        """Return the rows that are due, in their order, with all that their letters need."""
        raise NotImplementedError

    def letters(self, row: Row) -> Sequence[mail.EmailMessage] | None:
        """Return the mails of a row, or None when there is nothing to say any more. Nothing is locked or open meanwhile."""
        raise NotImplementedError

    def campaign_of(self, row: Row) -> Campaign:
        """Return the campaign by which it leaves: that of an exercise leaves for the mail catcher."""
        way = getattr(self.model, "of_campaign", "campaign")
        return attrgetter(way.replace("__", "."))(row)  # type: ignore[no-any-return]

    def is_given_up(self, row: Row, *, since: datetime) -> bool:
        """Return whether a row that was first tried at `since` has been tried for long enough."""
        return self.at - since >= self.lasts

    def waits(self, attempts: int) -> timedelta:
        """Return how long to wait after a try before which there were `attempts` others: the ladder."""
        return retries.wait_after(attempts)

    def may_leave(self, row: Row) -> bool:
        """Return whether it may still be written to, as things are at the hand-over. Suppressed addresses are looked at beside."""
        return True

    def heeded(self, row: Row) -> Iterable[str]:
        """Return which reasons for suppressing an address keep the mail back."""
        return Reason.values

    def ready(self, rows: list[Row]) -> Iterable[Row]:
        """Return those of the due rows that are tried in this run."""
        return rows

    def route(self, row: Row) -> str | None:
        """Return by which way it goes: a mailer, or a name of the kind's own; None when it waits after all."""
        return failover.expected_mailer(self.campaign_of(row))

    def claims(self, row: Row) -> Values:
        """Return what else is written when a row is claimed."""
        return {}

    def concluded(self, row: Row, result: HandOver, *, ended: bool) -> None:
        """Note what became of it, in the transaction that does."""

    # --- What is the same for all ----------------------------------------------------------------------

    def due_rows(self) -> list[Row]:
        """Return the rows to try, without those that wait for their next try."""
        rows = self.due()
        if not self.marks.knows_when:
            waiting = SingleMail.objects.not_due(self.name, at=self.at).filter(row=OuterRef("pk"))
            rows = rows.exclude(Exists(waiting))
        return list(rows[: self.most_at_once])

    def hand_over(self, row: Row, route: str, connection: Any) -> HandOver:
        """Hand the mails of a claimed row over; one of several that got through is enough, so that nobody gets it twice."""
        if not self.may_leave(row):
            return BARRED
        try:
            letters = self.letters(row)
        except Exception as fault:  # whatever stands in a row; the others go on
            log.error("%s %s could not be written: %s", self.name, row.pk, type(fault).__name__)
            return UNWRITABLE
        if letters is None:
            return NOTHING_TO_SAY
        results: list[HandOver] = []
        for letter in self.unsuppressed(letters, self.heeded(row)):
            results.append(self.send(letter, row, connection))
            if results[-1].is_about_way:
                break
        order = [End.LEFT, End.IN_DOUBT, End.AGAIN, End.REFUSED]
        return min(results, key=lambda result: order.index(result.end), default=BARRED)

    def unsuppressed(self, letters: Sequence[mail.EmailMessage], heeded: Iterable[str]) -> list[mail.EmailMessage]:
        """Return the mails whose address may be written to; one query."""
        codes = {address: address_hash(address) for letter in letters for address in letter.to}
        barred = set(
            Suppression.objects.filter(address_hash__in=codes.values(), reason__in=list(heeded)).values_list(
                "address_hash", flat=True
            )
        )
        return [letter for letter in letters if not barred.intersection(codes[address] for address in letter.to)]

    def send(self, letter: mail.EmailMessage, row: Row, connection: Any) -> HandOver:
        """Give one mail to a mailer, and return what it said."""
        try:
            left = connection.send_messages([letter])
        except Exception as fault:  # a backend may raise anything; the text may hold an address
            result = outcome_of(fault)
            loudly = logging.WARNING if self.asked_for and result.end is End.REFUSED else logging.ERROR
            log.log(loudly, "%s %s was not sent: %s", self.name, row.pk, type(fault).__name__)
        else:
            result = LEFT if left else HandOver(End.IN_DOUBT, SingleMail.Fault.UNKNOWN)
        if is_missing_address(result.code) and result.end is End.REFUSED and Reason.COMPLAINT in self.heeded(row):
            for address in letter.to:
                Suppression.objects.get_or_create(
                    address_hash=address_hash(address),
                    defaults={"reason": Reason.NO_SUCH_ADDRESS, "since": self.at, "note": result.code},
                )
        return result


KINDS: dict[str, type[Queue[Any]]] = {}


def register(*queues: type[Queue[Any]]) -> None:
    """Say which kinds of single mail an app has (apps.py)."""
    KINDS.update({queue.name: queue for queue in queues})
