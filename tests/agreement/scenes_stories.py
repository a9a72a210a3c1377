"""Scenes of what others bring: courses, ways to help and stories."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from stories.courses import course_steps
from stories.moderation import story_steps
from stories.ways_to_help import offer_steps
from tests.stories.courses import scene as courses
from tests.stories.wall import scene as wall
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


def story(stage: Stage) -> Scene:
    """A story that waits to be looked at."""
    row = wall.build_story(stage.campaign, at=NOON, sent_by=stage.alma)
    story_steps.set_themes(row, wall.themes(stage.campaign)[:1], read=0, by=stage.cecilia, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        words = {"title": with_stop(row.title, is_changed)}
        story_steps.propose_words(row, words, read=row.revision, by=by, at=NOON + HOUR)

    own = {
        "key": "stands in its address",
        "revision": "counts its changes",
        "remark": "goes to its sender",
        "sent_by": "who wrote it",
        "made_at": "when it was begun",
        "sent_at": "when it was sent",
        "captions_due": "a day that the law sets",
        "cut_from": "where the upright cut begins, which has a check of its own",
        "published_at": "when it was published",
        "withdrawn_at": "when it was withdrawn",
        "views": "counted",
        "words": "counts by the texts that it proposes",
        "campaign": "follows from its municipality",
    }
    return Scene(story_steps.STORY, story_steps.Story.objects.get(pk=row.pk), save, own)


SCENES = {"course": course, "offer": offer, "story": story}
