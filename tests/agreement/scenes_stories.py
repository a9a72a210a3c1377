"""Scenes of what others bring: courses and ways to help."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from stories.courses import course_steps
from stories.ways_to_help import offer_steps
from tests.stories.courses import scene as courses
from tests.stories.ways_to_help import scene as offers
from tests.support.builders import NOON

from .scenes import Scene, Stage, with_stop

HOUR = timedelta(hours=1)


def course(stage: Stage) -> Scene:
    """A course that waits to be checked."""
    subject = courses.build_draft(stage.campaign, at=NOON, by=stage.alma)
    course_steps.submit(subject, by=stage.alma, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        def edit(version: Any) -> None:
            version.title = with_stop(version.title, is_changed)

        course_steps.change(subject, edit, read=course_steps.STEPS.digest_of(row), by=by, at=NOON + HOUR)

    return Scene(
        course_steps.STEPS,
        course_steps.in_work(subject),
        save,
        {"number": "counts its versions"},
        submit=lambda row, by: course_steps.submit(subject, by=by, at=NOON + HOUR),
    )


def offer(stage: Stage) -> Scene:
    """A way to help that waits to be checked."""
    subject = offers.build_draft(stage.campaign, at=NOON, by=stage.alma)
    offer_steps.submit(subject, by=stage.alma, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        content = {name: getattr(row, name) for name in offer_steps.STEPS.fields}
        content["title"] = with_stop(row.title, is_changed)
        offer_steps.change(subject, content, read=offer_steps.STEPS.digest_of(row), by=by, at=NOON + HOUR)

    return Scene(
        offer_steps.STEPS,
        offer_steps.in_work(subject),
        save,
        {"number": "counts its versions"},
        submit=lambda row, by: offer_steps.submit(subject, by=by, at=NOON + HOUR),
    )


SCENES = {"course": course, "offer": offer}
