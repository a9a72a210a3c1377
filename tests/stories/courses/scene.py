"""Courses to test with, which took the real steps."""

from datetime import datetime
from typing import Any

from accounts.models import User
from campaigns.models import Campaign
from stories.courses import course_steps
from stories.courses.course_steps import Written
from stories.models import Course, CourseVersion
from tests.support.builders import editor, in_all, second_person


def question(key: str, *, right: tuple[int, ...] = (1,), must: bool = False) -> dict[str, Any]:
    """Return a question with three answers."""
    options = [
        {"text": in_all(en=f"answer {place}"), "why": in_all(en=f"because {place}"), "right": place in right}
        for place in range(3)
    ]
    return {"id": key, "text": in_all(en=f"Question {key}?"), "must": must, "options": options}


def module(key: str, *questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a module of text."""
    bare = {"picture": None, "alt": {}, "video": None, "subtitles": {}, "questions": list(questions)}
    return {"id": key, "title": in_all(en=f"Heading {key}"), "text": in_all(en=f"Text of {key}."), **bare} | fields


def written(**fields: Any) -> Written:
    """Return a course of two modules and three questions, of which 60 % have to be right and the second in any case."""
    told: dict[str, Any] = {
        "title": in_all(en="Check it"),
        "summary": in_all(en="How to check."),
        "minutes": 4,
        "share": 60,
        "modules": [
            module("m1", question("q1"), question("q2", right=(0, 2), must=True)),
            module("m2", question("q3")),
        ],
    }
    return Written(**told | fields)


def build_draft(
    campaign: Campaign, *, at: datetime, by: User | None = None, slug: str = "check-it", **fields: Any
) -> Course:
    """Return a course that nobody has checked."""
    return course_steps.write(campaign, slug, written(**fields), by=by or editor(), at=at)


def build_course(campaign: Campaign, *, at: datetime, **fields: Any) -> Course:
    """Return a course that a second person has checked."""
    course = build_draft(campaign, at=at, **fields)
    publish(course, at=at)
    return course


def publish(course: Course, *, at: datetime, by: User | None = None) -> CourseVersion:
    """Submit what is in work, and check it as a second person."""
    course_steps.submit(course, by=editor(), at=at)
    version = course_steps.in_work(course)
    assert version is not None
    return course_steps.check(course, digest=version.digest, by=by or second_person(), at=at)
