"""What is counted beside the pages: large sends and audiences, as often as there is news."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.models import Delivery, Lease, Membership, Send
from delivery.recipients import audience_sizes
from delivery.reports import kept_counts, ledger, send_progress
from tests.support import builders
from tests.support.builders import NOON

SECOND = timedelta(seconds=1)


@pytest.fixture
def send(campaign: Any, monkeypatch: pytest.MonkeyPatch) -> Send:
    """A send to thirty people, where thirty are very many."""
    for module in (send_progress, kept_counts):
        monkeypatch.setattr(module, "KEPT", 30)
    return builders.build_fanned_out_send(builders.build_audience(campaign, size=30))


def test_a_large_send_is_shown_as_it_was_counted_last(send: Send, django_assert_num_queries: Any) -> None:
    first = Delivery.objects.of(send).earliest("pk")
    soon = {"state": "deferred", "code": "451", "detail": "Later", "next_attempt_at": NOON + timedelta(minutes=5)}
    Delivery.objects.filter(pk=first.pk).update(**soon)
    kept_counts.count_large(at=NOON)
    before = send_progress.progress_of([send], at=NOON)
    Delivery.objects.filter(pk=first.pk).update(state="accepted")

    with django_assert_num_queries(2):
        seen = send_progress.progress_of([send], at=NOON)

    assert seen == before and seen.ledger.total.deferred == 1 and seen.ledger.total.adds_up
    assert (seen.problems[0].says, seen.problems[0].next_try) == ("Later", NOON + timedelta(minutes=5))
    kept_counts.count_large(at=NOON + timedelta(minutes=1))
    after = send_progress.progress_of([send], at=NOON).ledger.total
    assert after == ledger.ledger_of([send]).total and after.accepted == 1


def test_a_send_that_nobody_counted_lately_is_counted_on_the_page(send: Send) -> None:
    kept_counts.count_large(at=NOON)
    Delivery.objects.of(send).update(state="accepted")

    def accepted(later: timedelta) -> int:
        return send_progress.progress_of([Send.objects.get()], at=NOON + later).ledger.total.accepted

    assert (accepted(timedelta(minutes=9)), accepted(timedelta(minutes=10))) == (0, 30)
    Send.objects.update(state="finished", finished_at=NOON)
    assert accepted(timedelta(minutes=10)) == 0


def test_a_small_send_is_always_counted_now(send: Send, campaign: Any) -> None:
    small = builders.build_fanned_out_send(
        builders.build_audience(campaign, "few", size=3), mailing=builders.build_mailing(campaign, "another")
    )
    kept_counts.count_large(at=NOON)
    Delivery.objects.of(small).update(state="accepted")
    assert send_progress.progress_of([send, small], at=NOON).ledger.total.accepted == 3


def test_a_send_is_counted_as_often_as_there_is_news(send: Send) -> None:
    def is_due(at: Any) -> bool:
        return bool(kept_counts.sends_to_count(at=at))

    assert is_due(NOON)
    kept_counts.count_large(at=NOON + SECOND)
    assert not is_due(NOON + 6 * SECOND) and is_due(NOON + 61 * SECOND)  # open, and nobody works on it

    lease = Lease.objects.create(send=send, until=NOON + timedelta(hours=1), worker="here")
    assert is_due(NOON + 6 * SECOND) and not is_due(NOON + 5 * SECOND)
    Send.objects.update(candidates=1_000_000)
    assert not is_due(NOON + 6 * SECOND) and is_due(NOON + 11 * SECOND)

    lease.delete()
    Send.objects.update(state="finished", finished_at=NOON)
    assert not is_due(NOON + timedelta(minutes=30)) and is_due(NOON + timedelta(minutes=61))
    assert not is_due(NOON + timedelta(days=8))


def test_people_of_a_large_audience_are_counted_beside_the_pages(
    campaign: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(audience_sizes, "LARGE", 5)
    large, small = (builders.build_audience(campaign, name, size=n) for name, n in (("large", 6), ("small", 2)))
    kept_counts.count_large(at=NOON)
    Membership.objects.update(left_at=NOON)

    with django_assert_num_queries(2):
        heads = audience_sizes.count_audiences([large, small], at=NOON + SECOND)

    assert (heads[large.pk].total, heads[small.pk].total) == (6, 0)
    assert heads[large.pk].by_language == {"fi": 2, "sv": 2, "en": 2}
    kept_counts.count_large(at=NOON + timedelta(seconds=59))
    assert audience_sizes.count_audiences([large], at=NOON)[large.pk].total == 6
    kept_counts.count_large(at=NOON + timedelta(minutes=1))
    assert audience_sizes.count_audiences([large], at=NOON)[large.pk].total == 0
