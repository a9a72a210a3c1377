"""The sums of the sends of a list, from whatever has counted them already."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.models import Delivery, Send
from delivery.reports import kept_counts, ledger, ledger_by_send, ledger_counts, ledger_totals, send_progress
from delivery.sending import unknown_outcomes
from tests.support import builders
from tests.support.builders import NOON

MINUTE = timedelta(minutes=1)


@pytest.fixture
def send(campaign: Any) -> Send:
    """A send to five people: one accepted, one unknown, three to go."""
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=5), at=NOON)
    keys = list(Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk=keys[0]).update(state="accepted", finished_at=NOON)
    Delivery.objects.filter(pk=keys[1]).update(state="unknown", finished_at=NOON)
    Send.objects.filter(pk=send.pk).update(claimed_up_to=keys[1])
    return send


def sum_of(send: Send, *, at: Any = NOON) -> ledger.Row | None:
    """Return the sum of a send as its list would show it."""
    return ledger_by_send.sums_of([Send.objects.get(pk=send.pk)], at=at).get(send.pk)


def test_a_sum_is_that_of_the_ledger_whoever_has_counted_it(
    send: Send, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    walked = ledger.ledger_of([send]).total
    assert (walked.accepted, walked.unknown, walked.to_go) == (1, 1, 3)
    assert sum_of(send) == walked

    monkeypatch.setattr(send_progress, "KEPT", 5)
    monkeypatch.setattr(kept_counts, "KEPT", 5)
    kept_counts.count_large(at=NOON)
    monkeypatch.setattr(ledger_by_send, "WALKED", 0)
    assert sum_of(send) == walked

    ledger_counts.count(at=NOON)
    counted = Send.objects.get(pk=send.pk)
    with django_assert_num_queries(0):
        assert ledger_by_send.sums_of([counted], at=NOON)[send.pk] == walked

    Send.objects.filter(pk=send.pk).update(state="finished", finished_at=NOON)
    ledger_totals.keep(counted, at=NOON)
    assert sum_of(send) == walked


def test_what_was_counted_too_long_ago_or_before_the_end_is_counted_anew(send: Send) -> None:
    ledger_counts.count(at=NOON)
    Delivery.objects.of(send).update(state="accepted")
    assert sum_of(send, at=NOON + MINUTE).accepted == 1  # type: ignore[union-attr]
    assert sum_of(send, at=NOON + timedelta(hours=1)).accepted == 5  # type: ignore[union-attr]

    Send.objects.filter(pk=send.pk).update(state="finished", finished_at=NOON + MINUTE)
    assert sum_of(send, at=NOON + 2 * MINUTE).accepted == 5  # type: ignore[union-attr]


def test_what_a_person_settles_is_seen_at_once(send: Send, oskar: Any) -> None:
    ledger_counts.count(at=NOON)

    unknown_outcomes.resolve(send, "sent", by=oskar, at=NOON + MINUTE)

    row = sum_of(send, at=NOON + MINUTE)
    assert row is not None and (row.accepted, row.unknown) == (2, 0)


def test_no_list_waits_for_a_walk_over_many_rows(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_by_send, "WALKED", 4)

    assert sum_of(send) is None
