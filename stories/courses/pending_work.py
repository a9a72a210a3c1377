"""Courses that wait for a check, on Today."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns import pending_work
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from stories.models import CourseVersion

from .course_steps import CHECK


def courses_to_check(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the courses that somebody may check, for they did not work on them: one by its name, several by their number."""
    if not user.has_perm(CHECK):
        return []
    return pending_work.to_check(
        CourseVersion.objects.filter(course__campaign=campaign).to_check(user),
        "course",
        one=_("A course needs your check: %(title)s."),
        several=lambda n: ngettext("%(n)d course needs your check.", "%(n)d courses need your check.", n),
        page="stories_course",
        query={"versions__state__exact": CourseVersion.State.IN_REVIEW},
    )
