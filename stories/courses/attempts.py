"""
How far somebody is in a course. What they did only adds up: a module gone through stays so, and a question that was right stays right.
So what was done without a connection may come late, twice or in any order, and counts once.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from accounts.models import User
from campaigns.models import Campaign
from lib.text.numbers.whole_numbers import whole_number
from stories.models import Course, CourseAttempt, CourseVersion

from . import content


@dataclass(frozen=True, slots=True)
class Answered:
    """Which options, by their places, somebody chose at a question."""

    question: str
    chosen: tuple[int, ...]

    @classmethod
    def read(cls, sent: str) -> "Answered | None":
        """Return what a page sent as "q3:0,2", None for what is no answer."""
        key, _colon, places = sent[:80].partition(":")
        numbers = [whole_number(one) for one in places.split(",")[: content.MOST_OPTIONS]] if places else []
        if not content.KEY.match(key) or any(not one.isdigit() for one in places.split(",")):
            return None
        return cls(key, tuple(sorted(set(numbers))))


def latest(user: User, course: Course) -> CourseAttempt | None:
    """Return what somebody began last of a course; one query."""
    rows = CourseAttempt.objects.filter(user=user, version__course=course).select_related("version")
    return rows.order_by("-begun_at", "-pk").first()


def of(user: User, campaign: Campaign, pk: int) -> CourseAttempt | None:
    """Return somebody's attempt at a course of a campaign that is not withdrawn, or None; one query."""
    rows = CourseAttempt.objects.filter(user=user, version__course__campaign=campaign, pk=pk)
    return rows.filter(version__course__withdrawn_at=None).select_related("version__course").first()


@transaction.atomic
def begin(user: User, version: CourseVersion, *, at: datetime) -> CourseAttempt:
    """Begin a version, with its rule as it is now; whoever has begun it goes on with what they have."""
    total = len(version.modules)
    fresh = {"rule": content.rule_of(version), "total": total, "begun_at": at, "moved_at": at}
    return CourseAttempt.objects.get_or_create(user=user, version=version, defaults=fresh)[0]


@transaction.atomic
def go_on(attempt: CourseAttempt, *, read: Iterable[str], answered: Iterable[Answered], at: datetime) -> CourseAttempt:
    """Add to an attempt which modules were gone through and what was answered. What its version does not have is left out."""
    row = CourseAttempt.objects.select_for_update(of=("self",)).select_related("version").get(pk=attempt.pk)
    modules = row.version.modules
    questions = {question["id"]: question for question in content.questions_of(modules)}
    order = [module["id"] for module in modules]
    row.read = [key for key in order if key in {*row.read, *read}]
    for one in answered:
        question = questions.get(one.question)
        if question is None or not one.chosen or one.chosen[-1] >= len(question["options"]):
            continue
        is_right = list(one.chosen) == content.right_places(question)
        if is_right or not row.answers.get(one.question, {}).get("right"):
            row.answers[one.question] = {"chosen": list(one.chosen), "right": is_right}
    row.done, row.moved_at = len(row.read), at
    if row.finished_at is None and is_finished(row):
        row.finished_at = at
    row.save()
    return row


def is_finished(attempt: CourseAttempt) -> bool:
    """Return whether all modules were gone through, and as much is right as the rule wants that stood when it was begun."""
    rule: dict[str, Any] = attempt.rule
    right = {key for key, answer in attempt.answers.items() if answer["right"]}
    asked = sum(1 for _question in content.questions_of(attempt.version.modules))
    return attempt.done >= attempt.total and len(right) >= needed(asked, rule["share"]) and right >= set(rule["must"])


def needed(asked: int, share: int) -> int:
    """Return how many of the questions have to be right."""
    return math.ceil(asked * share / 100)


def counts(course: Course) -> tuple[int, int]:
    """Return how many people have begun a course, and how many have finished it; one query."""
    rows = CourseAttempt.objects.filter(version__course=course)
    finished = Count("user", distinct=True, filter=Q(finished_at__isnull=False))
    found = rows.aggregate(begun=Count("user", distinct=True), finished=finished)
    return found["begun"], found["finished"]
