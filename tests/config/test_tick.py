"""The tick and its steps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config import tasks, tick
from delivery.models import Pulse, Send
from delivery.sending import dispatch
from tests.support.builders import build_audience, build_mailing, build_send


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """What was asked of workers, instead of a broker."""
    asked: list[int] = []
    monkeypatch.setattr(dispatch, "wake", lambda send: asked.append(send.pk))
    return asked


def test_a_fault_in_one_step_does_not_stop_the_others(campaign, monkeypatch, caplog, woken):
    send = build_send(build_audience(campaign, size=2), slot_at=timezone.now() - timedelta(seconds=1))

    def broken(*, at):
        raise RuntimeError("no")

    broken.__module__ = "delivery.sending.sweeper"
    steps = [broken if step.__name__ == "sweep" else step for step in tick.STEPS]
    monkeypatch.setattr(tasks, "STEPS", tuple(steps))

    tasks.tick()

    send.refresh_from_db()
    assert send.state == Send.State.SENDING and set(woken) == {send.pk}
    assert "delivery.sending.sweeper.broken went wrong" in caplog.text
    assert Pulse.objects.filter(name="tick").exists()


def test_every_second_what_is_due_starts_and_nothing_else_is_asked(campaign, woken, django_assert_max_num_queries):
    later = build_send(build_audience(campaign, "later", size=2), slot_at=timezone.now() + timedelta(minutes=1))

    tasks.start_due()  # the first of a day notes the audit log's newest seal
    with django_assert_max_num_queries(13):
        tasks.start_due()
    assert woken == []

    now = build_send(build_audience(campaign, "now", size=2), build_mailing(campaign, "now"), slot_at=timezone.now())
    tasks.start_due()

    later.refresh_from_db()
    now.refresh_from_db()
    assert (later.state, now.state, woken) == (Send.State.PLANNED, Send.State.SENDING, [now.pk])


def test_makers_of_cards_and_of_stories_are_woken_first_by_turns(monkeypatch, settings):
    woken = []
    for who in ("media_jobs", "story_jobs"):
        monkeypatch.setattr(getattr(tick, who), "wake_waiting", lambda *, at, who=who: woken.append(who))
    now = timezone.now()

    tick.wake_makers(at=now)
    tick.wake_makers(at=now + timedelta(seconds=settings.TICK_SECONDS))

    assert woken in (
        ["media_jobs", "story_jobs", "story_jobs", "media_jobs"],
        ["story_jobs", "media_jobs", "media_jobs", "story_jobs"],
    )
