"""What a course has of its own on its way through versions: what they contain, what a check covers, and who is told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from agreement.digests import old_digest_of
from agreement.kinds import register
from agreement.refusals import Refused
from campaigns.models import Campaign
from stories.models import Course, CourseFile, CourseVersion
from stories.version_checks.version_steps import VersionSteps

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
    covers = ("course",)
    subjects, model = Course, CourseVersion
    fields = ("title", "summary", "minutes", "share", "modules")
    agree_permission = CHECK
    verbs: ClassVar = {"written": "course.saved", "agreed": "course.published"}
    waits, was_published, was_sent_back = notices.COURSE_WAITS, notices.COURSE_PUBLISHED, notices.COURSE_SENT_BACK

    def content_of(self, row: CourseVersion) -> dict[str, Any]:
        """Return all that a version says, with the files that its modules show."""
        return {**self.words_of(row), "files": files_in(row)}

    def words_of(self, row: CourseVersion) -> dict[str, Any]:
        """Return what it says, without the files."""
        return {"course": row.course_id, **{name: getattr(row, name) for name in self.fields}}

    def old_digest(self, row: CourseVersion) -> str:
        """Return the digest of 1.6.1, which knew files by their keys alone."""
        return old_digest_of(self.words_of(row))

    def faults(self, row: CourseVersion, *, at: datetime) -> Iterator[str]:
        """Yield what is missing in a version."""
        yield from super().faults(row, at=at)
        campaign = row.course.campaign
        yield from content.faults(row, campaign.language_codes(), set(campaign.languages_that_follow()))
        for _key, name, *_facts in files_in(row):
            if not default_storage.exists(name):
                yield _("A picture or video is missing. Add it again.")

    def files_of(self, subject: Course) -> Iterable[str]:
        """Return its pictures and videos."""
        return subject.files.values_list("file", flat=True)

    def page_for(self, person: User, subject: Course) -> str:
        """Return the course's page at the desk."""
        return reverse("admin:stories_course_change", args=[subject.pk])


STEPS = register(CourseSteps())
in_work, published, versions_that_count = STEPS.in_work, STEPS.published, STEPS.versions_that_count
change, submit, check, send_back, withdraw = STEPS.change, STEPS.submit, STEPS.check, STEPS.send_back, STEPS.withdraw


def files_in(version: CourseVersion) -> list[list[Any]]:
    """Return the key, name, fingerprint and size of each file that a version shows; a query where it shows any."""
    keys = content.file_keys(version.modules)
    rows = CourseFile.objects.filter(course=version.course_id, pk__in=keys).order_by("pk")
    return [list(row) for row in rows.values_list("pk", "file", "sha256", "size")] if keys else []


def fill(version: CourseVersion, written: Written) -> None:
    """Put into a version what was written."""
    for name in STEPS.fields:
        setattr(version, name, getattr(written, name))


@transaction.atomic
def write(campaign: Campaign, slug: str, written: Written, *, by: User, at: datetime) -> Course:
    """Begin a course, as a draft. Raise Refused when the campaign has one of this name."""
    if Course.objects.filter(campaign=campaign, slug=slug).exists():
        raise Refused(_("Not saved: the campaign has a course with this name in its address. Choose another one."))
    course = Course.objects.create(campaign=campaign, slug=slug, made_at=at)
    STEPS.begin(course, lambda version: fill(version, written), by=by, at=at)
    return course
