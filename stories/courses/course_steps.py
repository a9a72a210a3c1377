"""What a course has of its own on its way through versions: what they contain, what a check covers, and who is told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from stories.models import Course, CourseVersion
from stories.version_checks.version_steps import NotDone, VersionSteps

from . import content, notices

CHECK = "stories.check_course"


@dataclass
class Written:
    """What the first version of a course says. Texts are {language: text}."""

    title: dict[str, str]
    summary: dict[str, str]
    minutes: int
    share: int
    modules: list[content.Module] = field(default_factory=list)


class CourseSteps(VersionSteps[Course, CourseVersion]):
    """Courses: whoever has begun a version goes on with it."""

    name = "course"
    subjects, versions = Course, CourseVersion
    fields = ("title", "summary", "minutes", "share", "modules")
    check_permission = CHECK
    waits, was_published, was_sent_back = notices.COURSE_WAITS, notices.COURSE_PUBLISHED, notices.COURSE_SENT_BACK

    def content_of(self, version: CourseVersion) -> dict[str, Any]:
        """Return all that a version says."""
        return {"course": version.course_id, **{name: getattr(version, name) for name in self.fields}}

    def faults(self, version: CourseVersion, *, at: datetime) -> Iterator[str]:
        """Yield what is missing in a version."""
        campaign = version.course.campaign
        return content.faults(version, campaign.language_codes(), set(campaign.languages_that_follow()))

    def files_of(self, subject: Course) -> Iterable[str]:
        """Return its pictures and videos."""
        return subject.files.values_list("file", flat=True)

    def page_for(self, person: User, subject: Course) -> str:
        """Return the course's page at the desk."""
        return reverse("admin:stories_course_change", args=[subject.pk])


STEPS = CourseSteps()
in_work, published, versions_that_count = STEPS.in_work, STEPS.published, STEPS.versions_that_count
change, submit, check, send_back, withdraw = STEPS.change, STEPS.submit, STEPS.check, STEPS.send_back, STEPS.withdraw


def fill(version: CourseVersion, written: Written) -> None:
    """Put into a version what was written."""
    for name in STEPS.fields:
        setattr(version, name, getattr(written, name))


@transaction.atomic
def write(campaign: Campaign, slug: str, written: Written, *, by: User, at: datetime) -> Course:
    """Begin a course, as a draft. Raise NotDone when the campaign has one of this name."""
    if Course.objects.filter(campaign=campaign, slug=slug).exists():
        raise NotDone(_("Not saved: the campaign has a course with this name in its address. Choose another one."))
    course = Course.objects.create(campaign=campaign, slug=slug, made_at=at)
    STEPS.begin(course, lambda version: fill(version, written), by=by, at=at)
    return course
