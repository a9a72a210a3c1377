"""Something urgent while a digest is being planned or fanned out: it is published, planned and started meanwhile."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from bulletins.publication import due_bulletins
from delivery.fanout import fanout
from delivery.models import Send
from delivery.sending import dispatch
from tests.faults.support.oracle import note
from tests.support.builders import (
    NOON,
    build_approved_bulletin,
    build_audience,
    build_cadence,
    build_published_version,
    build_subscribers,
)
from website.digests import digest_runs

SLOT = NOON + timedelta(hours=3)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.fault(29)]


@pytest.fixture
def woken(monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(dispatch, "wake", lambda send: asked.append(send.pk))
    return asked


@pytest.fixture
def daily(campaign):
    audience = build_audience(campaign, "digest-day", kind="digest", cadence="day")
    build_subscribers(20, audience)
    build_published_version(campaign, audiences=[build_audience(campaign)])
    return audience


@pytest.mark.parametrize("step", ["planned", "fanned out"])
def test_nothing_urgent_waits_for_a_digest(step, campaign, daily, woken, monkeypatch):
    partners = build_audience(campaign, "partners", size=3)
    at_once = build_audience(campaign, "digest-now", kind="digest")
    build_cadence(at_once, "immediate")
    build_subscribers(2, at_once)
    bulletin = build_approved_bulletin(campaign, at=SLOT, audiences=[partners], urgency="urgent")
    in_hand, may_end = threading.Event(), threading.Event()
    begin, last_delivery = digest_runs.begin, fanout.last_delivery

    def stand_still() -> None:
        if threading.current_thread() is slow:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            in_hand.set()
            may_end.wait(60)

    def begin_slowly(*args: Any, **kwargs: Any) -> Any:
        run = begin(*args, **kwargs)
        stand_still()
        return run

    def last_delivery_slowly() -> int:
        last = last_delivery()
        stand_still()
        return last

    def work() -> None:
        try:
            if step == "planned":
                digest_runs.plan_due(at=SLOT)
            else:
                fanout.fan_out(Send.objects.get(audience=daily), at=SLOT)
        finally:
            connections.close_all()

    slow = threading.Thread(target=work)
    if step == "planned":
        monkeypatch.setattr(digest_runs, "begin", begin_slowly)
    else:
        digest_runs.plan_due(at=SLOT)
        monkeypatch.setattr(fanout, "last_delivery", last_delivery_slowly)
    try:
        slow.start()
        assert in_hand.wait(60)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        began = time.monotonic()

        assert due_bulletins.publish_urgent(at=SLOT) == [bulletin]
        assert [run.audience for run in digest_runs.plan_urgent(at=SLOT)] == [at_once]
        started = dispatch.start_urgent_sends(at=SLOT)

        took = time.monotonic() - began
        assert {send.audience for send in started} == {partners, at_once} and woken == [send.pk for send in started]
        assert all(send.candidates for send in started)
    finally:
        may_end.set()
        slow.join(60)
        connection.close()
    assert Send.objects.filter(audience=daily).count() == 1
    note(f"urgent while a digest is {step}: started after {took:.1f} s, with the digest's transaction still open")
