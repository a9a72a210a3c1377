"""What people are told of courses (notifications.notice_kinds)."""

from django.utils.translation import gettext_noop

from campaigns.translated_fields import in_language
from notifications.notice_kinds import Kind, Matter
from stories.models import Course


class CourseKind(Kind):
    """A kind about courses."""

    model = Course
    named_by = ("versions",)

    def named(self, subject: Course) -> str:
        """Return the title of its newest version."""
        newest = max(subject.versions.all(), key=lambda one: one.number, default=None)
        return in_language(newest.title) if newest else ""


COURSE_WAITS = CourseKind("course_waits", gettext_noop("A course needs your check"))
COURSE_SENT_BACK = CourseKind("course_sent_back", gettext_noop("A course was sent back"))
COURSE_PUBLISHED = CourseKind("course_published", gettext_noop("A course is published"), matter=Matter.NEWS)

KINDS = (COURSE_WAITS, COURSE_SENT_BACK, COURSE_PUBLISHED)
