"""What is urgent is published by itself, and starts without waiting for the next second."""

from datetime import timedelta

import pytest

from bulletins.models import Bulletin, NotAllowed
from bulletins.publication import due_bulletins, publish
from lib import task_queue
from notifications.models import Notice
from tests.support.builders import NOON, build_approved_bulletin, build_audience

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch):
    """What workers were asked for, by name and queue."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(task_queue, "wake", lambda task, *args, queue, **more: asked.append((task, queue)))
    return asked


@pytest.fixture
def two(campaign):
    """A routine and an urgent bulletin, both due."""
    audiences = [build_audience(campaign, size=1)]
    return [
        build_approved_bulletin(campaign, audiences=audiences, urgency=urgency) for urgency in ("routine", "urgent")
    ]


def test_the_urgent_ones_are_published_alone_or_first(two):
    routine, urgent = two

    assert due_bulletins.publish_urgent(at=NOON) == [urgent]
    assert due_bulletins.publish_due(at=NOON) == [routine]
    assert due_bulletins.publish_urgent(at=NOON + timedelta(seconds=1)) == []


def test_when_another_process_was_faster_nobody_is_told_that_it_failed(two, monkeypatch):
    really = publish.publish

    def be_too_late(bulletin, **kwargs):
        really(Bulletin.objects.get(pk=bulletin.pk), **kwargs)
        return really(bulletin, **kwargs)

    monkeypatch.setattr(publish, "publish", be_too_late)

    assert due_bulletins.publish_urgent(at=NOON) == []
    assert Bulletin.objects.filter(state=Bulletin.State.PUBLISHED).count() == 1
    assert not Notice.objects.filter(kind="not_published").exists()


def test_one_that_is_refused_is_told(two, monkeypatch):
    def refuse(bulletin, **kwargs):
        raise NotAllowed("Not published: no.")

    monkeypatch.setattr(publish, "publish", refuse)

    assert due_bulletins.publish_urgent(at=NOON) == []
    assert Notice.objects.filter(text="Not published: no.").exists()


def test_publishing_asks_for_the_start_of_what_is_urgent_at_once(two, woken, django_capture_on_commit_callbacks):
    routine, urgent = two
    planning = ("config.tasks.start_urgent", "urgent-planning")

    with django_capture_on_commit_callbacks(execute=True):
        publish.publish(routine, at=NOON)
    assert planning not in woken

    with django_capture_on_commit_callbacks(execute=True):
        publish.publish(urgent, at=NOON)
    assert planning in woken
