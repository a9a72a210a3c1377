"""What people are told of courses (notifications.notice_kinds)."""

from django.utils.translation import gettext_noop

from notifications.notice_kinds import Kind
from stories.models import Course


class CourseKind(Kind):
    """A kind about courses."""

    model = Course


COURSE_WAITS = CourseKind("course_waits", gettext_noop("A course needs your check"))
COURSE_SENT_BACK = CourseKind("course_sent_back", gettext_noop("A course was sent back"))
COURSE_PUBLISHED = CourseKind("course_published", gettext_noop("A course is published"))

KINDS = (COURSE_WAITS, COURSE_SENT_BACK, COURSE_PUBLISHED)
