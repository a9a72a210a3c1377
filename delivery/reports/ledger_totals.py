"""
What is kept of a send whose rows are old: how many came to what. Whoever counts rows asks here, and gets the same numbers
from the rows or from what was kept of them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Sum

from delivery.models import Delivery, Send, SendTotal

KINDS = ("language", "state", "code", "receipt", "possible_duplicate")


def people_by(sends: Iterable[Send], *columns: str) -> Iterator[tuple[Any, ...]]:
    """
    Yield (key of a send, the `columns` of KINDS …, how many people), in that order of each send. One query, one more where
    only totals are kept.
    """
    chosen = list(sends)
    rows = Delivery.objects.of(*chosen).values_list("send_id", *columns)
    yield from rows.annotate(people=Count("pk")).order_by("send_id", *columns)
    yield from totals_of(chosen, *columns)


def totals_of(sends: Iterable[Send], *columns: str) -> Iterator[tuple[Any, ...]]:
    """Yield the same of those sends whose rows are old; no query where there is none."""
    if old := [send.pk for send in sends if send.summed_at]:
        kept = SendTotal.objects.filter(send__in=old).values_list("send_id", *columns)
        yield from kept.annotate(of_kind=Sum("people")).order_by("send_id", *columns)


def keep(send: Send, *, at: datetime) -> None:
    """Keep the totals of a send; from now on they stand for its rows, which may go."""
    with transaction.atomic():
        won = Send.objects.filter(pk=send.pk, summed_at=None).update(summed_at=at)
        if won:
            kinds = Delivery.objects.of(send).order_by().values(*KINDS).annotate(people=Count("pk"), of_send=F("send"))
            SendTotal.objects.bulk_create(SendTotal(send_id=kind.pop("of_send"), **kind) for kind in kinds)
