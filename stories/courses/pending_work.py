"""Courses that wait for a check, on Today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from campaigns.translated_fields import in_language
from stories.models import CourseVersion

from .course_steps import CHECK


def courses_to_check(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the courses that somebody may check, for they did not work on them: one by its name, several by their number."""
    if not user.has_perm(CHECK):
        return []
    waiting = CourseVersion.objects.filter(course__campaign=campaign, state=CourseVersion.State.IN_REVIEW)
    rows = waiting.order_by("edited_at").values_list("course", "title", "writers")
    found = [(key, title) for key, title, writers in rows if user.pk not in writers]
    if not found:
        return []
    if len(found) == 1:
        (key, title), says = found[0], _("A course needs your check: %(title)s.")
        return [PendingWork(says % {"title": in_language(title)}, reverse("admin:stories_course_change", args=[key]))]
    says = ngettext("%(n)d course needs your check.", "%(n)d courses need your check.", len(found))
    address = reverse(
        "admin:stories_course_changelist", query={"versions__state__exact": CourseVersion.State.IN_REVIEW}
    )
    return [PendingWork(says % {"n": len(found)}, address)]
