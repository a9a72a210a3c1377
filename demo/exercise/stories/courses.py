"""The course that comes with the product: taken over, and checked by a second person."""

from datetime import datetime

from accounts.models import User
from campaigns.models import Campaign
from notifications.models import Notice
from stories.courses import course_steps, shipped_courses

SLUG = "check-before-you-share"


def create(campaign: Campaign, *, writer: User, checker: User, at: datetime) -> None:
    """Take it over and have it checked."""
    course = shipped_courses.take_over(campaign, SLUG, by=writer, at=at)
    course_steps.submit(course, by=writer, at=at)
    version = course_steps.in_work(course)
    assert version is not None
    course_steps.check(course, digest=version.digest, by=checker, at=at)
    Notice.objects.filter(kind__startswith="course_", subject_id=course.pk).delete()  # told long ago
