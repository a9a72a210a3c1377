"""From a send to one row per person."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from benchmarks.mail import fanout as fanout_bench
from delivery.fanout import fanout
from delivery.models import Delivery, Mailing, Membership, Recipient, Send
from delivery.reports import ledger, ledger_partitions
from delivery.sending import dispatch, sweeper
from tests.support.builders import (
    NOON,
    build_audience,
    build_fanned_out_send,
    build_mailing,
    build_recipients,
    build_send,
    join,
    states_of,
)

State = Delivery.State


def test_each_candidate_has_one_row_in_a_language_they_are_served_in(campaign):
    audience = build_audience(campaign, size=9, languages=["fi", "sv"])
    send = build_send(audience)

    assert fanout.fan_out(send, at=NOON) == 9

    send.refresh_from_db()
    assert send.candidates == 9 and send.state == Send.State.SENDING
    languages = list(Delivery.objects.filter(send=send).values_list("language", flat=True))
    assert languages.count("sv") == 3 and languages.count("fi") == 6  # readers of English get the first language


def test_a_second_fan_out_adds_nothing(campaign):
    send = build_fanned_out_send(build_audience(campaign, size=5))

    assert fanout.fan_out(send, at=NOON) == 0

    assert Delivery.objects.filter(send=send).count() == 5


def test_somebody_in_two_audiences_gets_it_once(campaign):
    partners, network = build_audience(campaign, "partners", size=3), build_audience(campaign, "network", size=5)
    join(network, Recipient.objects.filter(memberships__audience=partners))
    mailing = build_mailing(campaign)

    sends = [build_fanned_out_send(audience, mailing=mailing) for audience in (partners, network)]

    assert [send.candidates for send in sends] == [3, 5]
    assert Delivery.objects.filter(mailing=mailing).count() == 8


def test_only_those_who_are_members_at_the_time_are_candidates(campaign):
    audience = build_audience(campaign, size=4)
    early, gone, late, erased = Membership.objects.order_by("pk")
    Membership.objects.filter(pk=gone.pk).update(left_at=NOON - timedelta(days=1))
    Membership.objects.filter(pk=late.pk).update(joined_at=NOON + timedelta(days=1))
    Recipient.objects.filter(pk=erased.recipient_id).update(state="erased", email="", name="")

    send = build_fanned_out_send(audience)

    assert list(Delivery.objects.filter(send=send).values_list("recipient", flat=True)) == [early.recipient_id]


def test_the_hour_of_joining_counts_in_any_time_zone(campaign):
    audience = build_audience(campaign, size=2)
    early, late = Membership.objects.order_by("pk")
    Membership.objects.filter(pk=early.pk).update(joined_at=NOON - timedelta(minutes=1))
    Membership.objects.filter(pk=late.pk).update(joined_at=NOON + timedelta(minutes=1))

    send = build_fanned_out_send(audience, at=NOON)  # noon in Helsinki, ten o'clock in UTC

    assert list(Delivery.objects.filter(send=send).values_list("recipient", flat=True)) == [early.recipient_id]


def test_the_most_urgent_starts_first_and_alone_where_only_that_is_asked_for(campaign):
    sends = {
        queue: build_send(
            build_audience(campaign, queue, size=1), build_mailing(campaign, queue, queue=queue), slot_at=NOON - earlier
        )
        for queue, earlier in (
            ("digest", timedelta(hours=2)),
            ("bulletin", timedelta(hours=1)),
            ("urgent", timedelta(0)),
        )
    }

    assert dispatch.start_urgent_sends(at=NOON) == [sends["urgent"]]
    assert dispatch.start_due_sends(at=NOON) == [sends["bulletin"], sends["digest"]]
    open_ones = Send.objects.filter(state=Send.State.SENDING).most_urgent_first("pk")
    assert [send.mailing.queue for send in open_ones] == ["urgent", "bulletin", "digest"]


@pytest.mark.django_db(transaction=True)
def test_digests_that_are_due_together_are_fanned_out_side_by_side(campaign, monkeypatch):
    sends = [
        build_send(build_audience(campaign, f"readers-{n}", size=n), build_mailing(campaign, f"d-{n}", queue="digest"))
        for n in range(1, 4)
    ]
    word = build_send(build_audience(campaign, size=2), build_mailing(campaign, "word"))
    broken = build_send(
        build_audience(campaign, "others", size=1), build_mailing(campaign, "broken", queue="digest", languages=[])
    )
    fan_out, by, together = fanout.fan_out, {}, threading.Barrier(2)
    on_postgresql = connection.vendor == "postgresql"

    def watched(send: Send, **at: Any) -> int:
        by[send.pk] = threading.current_thread()
        if on_postgresql and send in sends[:2]:
            together.wait(20)  # neither goes on without the other
        return fan_out(send, **at)

    monkeypatch.setattr(fanout, "fan_out", watched)
    assert dispatch.start_due_sends(at=NOON) == [word, *sends]

    assert by[word.pk] is threading.main_thread()
    assert len({by[send.pk] for send in sends}) == (2 if on_postgresql else 1)
    assert [Delivery.objects.filter(send=send).count() for send in (*sends, word, broken)] == [1, 2, 3, 2, 0]
    broken.refresh_from_db()
    assert broken.state == Send.State.HELD
    for send in Send.objects.exclude(pk=broken.pk):
        assert send.last_delivery - send.first_delivery >= send.candidates - 1


def test_an_audience_with_no_one_is_finished_at_once(campaign):
    send = build_send(build_audience(campaign))

    assert dispatch.start_due_sends(at=NOON) == [send]
    sweeper.sweep(at=NOON)

    send.refresh_from_db()
    assert send.state == Send.State.FINISHED and send.candidates == 0
    assert ledger.ledger_of([send]).total.adds_up


def test_a_mailing_without_words_is_refused_and_nothing_written(campaign):
    mailing = Mailing.objects.create(campaign=campaign, key="empty")
    send = build_send(build_audience(campaign, size=2), mailing)

    with pytest.raises(fanout.NothingToSend, match="no message"):
        fanout.fan_out(send, at=NOON)
    send.refresh_from_db()
    assert send.state == Send.State.PLANNED and not Delivery.objects.exists()

    other = build_send(send.audience, build_mailing(campaign, "other"))
    assert dispatch.start_due_sends(at=NOON) == [other]  # it does not stand in the way
    send.refresh_from_db()
    assert send.state == Send.State.HELD and send.reason == dispatch.NO_WORDS


def test_a_correction_reaches_exactly_those_who_got_it_or_may_have(campaign):
    audience = build_audience(campaign, size=7)
    first = build_fanned_out_send(audience)
    rows = list(Delivery.objects.filter(send=first).order_by("pk").values_list("pk", flat=True))
    for pk, state in zip(
        rows,
        [
            State.ACCEPTED,
            State.ACCEPTED,
            State.UNKNOWN,
            State.HANDING_OFF,
            State.FAILED,
            State.SUPPRESSED,
            State.QUEUED,
        ],
        strict=True,
    ):
        Delivery.objects.filter(pk=pk).update(state=state)
    build_recipients(2, audience, prefix="newcomer-")
    second = build_mailing(campaign, "mailing-2", thread=first.mailing)

    send = build_fanned_out_send(audience, mailing=second, exposed_only=True)

    reached = set(Delivery.objects.filter(pk__in=rows[:4]).values_list("recipient", flat=True))
    assert set(Delivery.objects.filter(send=send).values_list("recipient", flat=True)) == reached


def test_two_sends_of_one_slot_cannot_be(campaign):
    audience = build_audience(campaign)
    send = build_send(audience)

    with pytest.raises(IntegrityError):
        Send.objects.create(mailing=send.mailing, audience=audience, slot_key=send.slot_key, slot_at=NOON)


def test_a_send_that_is_too_late_is_held_for_a_person(campaign):
    send = build_send(build_audience(campaign, size=2), hold_after=NOON + timedelta(hours=1))

    dispatch.start_due_sends(at=NOON + timedelta(hours=26))

    send.refresh_from_db()
    assert send.state == Send.State.HELD and "grace period" in send.reason and not Delivery.objects.exists()

    send.resume()
    dispatch.start_due_sends(at=NOON + timedelta(hours=26))
    assert states_of(send) == {State.QUEUED: 2}


def test_a_language_that_nobody_has_changes_nothing(campaign):
    audience = build_audience(campaign, size=4, languages=["fi", "se"], language="fi")

    send = build_fanned_out_send(audience, mailing=build_mailing(campaign, languages=["fi", "se"]))

    assert set(Delivery.objects.of(send).values_list("language", flat=True)) == {"fi"}


def test_the_rows_of_a_send_are_found_by_their_keys_whatever_lies_between(campaign):
    first = build_fanned_out_send(build_audience(campaign, "one", size=4), mailing=build_mailing(campaign, "one"))
    second = build_fanned_out_send(build_audience(campaign, "two", size=3), mailing=build_mailing(campaign, "two"))
    stray = Delivery.objects.of(second).order_by("pk")[0]
    Delivery.objects.filter(pk=stray.pk).update(send=first)  # within the other's range

    assert Delivery.objects.of(first).count() == 4
    assert set(Delivery.objects.of(first, second).values_list("send", flat=True)) == {first.pk, second.pk}
    assert Delivery.objects.of().count() == 0 and not Delivery.objects.of(build_send(first.audience)).exists()


@pytest.mark.postgresql
def test_the_planner_knows_of_a_large_send_at_once(campaign):
    """To what it knew of the empty table, a claim of some rows would read all of the mailing."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE delivery_delivery_0")
    audience = build_audience(campaign, size=ledger_partitions.MANY)
    send = build_send(audience)

    fanout.fan_out(send, at=NOON)

    send.refresh_from_db()
    first = send.first_delivery
    plan = Delivery.objects.of(send).filter(pk__range=(first, first + 20), next_attempt_at=None).explain()

    assert "pkey" in plan and "mailing_id_recipient" not in plan


def test_the_bench_writes_as_many_rows_as_its_limit(campaign):
    measured = fanout_bench.one(20, "bench")
    assert measured["rows"] == 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), COUNT(DISTINCT recipient_id) FROM bare")
        assert cursor.fetchone() == (20, 20)
