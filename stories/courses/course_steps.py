"""
The way of a course: written, submitted, checked by a second person to exactly these words, withdrawn. A change begins a version of its
own; the checked one stays where it is until that is checked too, and whoever has begun a version goes on with it.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from notifications import outbox
from notifications.notice_kinds import Kind
from stories.models import Course, CourseVersion

from . import content, notices

State = CourseVersion.State
IN_WORK = (State.DRAFT, State.IN_REVIEW)
CHECK = "stories.check_course"
FIELDS = ("title", "summary", "minutes", "share", "modules")


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


@dataclass
class Written:
    """What a version says while it is being changed. Texts are {language: text}."""

    title: dict[str, str]
    summary: dict[str, str]
    minutes: int
    share: int
    modules: list[content.Module] = field(default_factory=list)

    @classmethod
    def of(cls, version: CourseVersion) -> "Written":
        """Return a copy of what a version says."""
        return cls(**{name: copy.deepcopy(getattr(version, name)) for name in FIELDS})


def fingerprint(version: CourseVersion) -> str:
    """Return the SHA-256 (hex) of all that a check covers."""
    said = {"course": version.course_id, **{name: getattr(version, name) for name in FIELDS}}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def held(course: Course) -> Course:
    """Return a course as it stands, for this transaction alone."""
    return Course.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=course.pk)


def in_work(course: Course) -> CourseVersion | None:
    """Return the version that is being worked on; one query."""
    return course.versions.filter(state__in=IN_WORK).select_related("course__campaign", "edited_by").first()


def published(course: Course) -> CourseVersion | None:
    """Return the version that was checked last; one query."""
    return course.versions.filter(state=State.PUBLISHED).select_related("course", "checked_by").first()


def versions_that_count() -> "Prefetch[Any]":
    """Return what brings the versions of many courses to hand, oldest first, without those that were replaced; one query."""
    return Prefetch("versions", CourseVersion.objects.exclude(state=State.REPLACED).order_by("number"))


# --- Writing ---------------------------------------------------------------------------------------------


@transaction.atomic
def write(campaign: Campaign, slug: str, written: Written, *, by: User, at: datetime) -> Course:
    """Begin a course, as a draft. Raise NotDone when the campaign has one of this name."""
    if Course.objects.filter(campaign=campaign, slug=slug).exists():
        raise NotDone(_("Not saved: the campaign has a course with this name in its address. Choose another one."))
    course = Course.objects.create(campaign=campaign, slug=slug, made_at=at)
    store(CourseVersion(course=course, number=1), written, by=by, at=at)
    return course


@transaction.atomic
def change(course: Course, edit: Callable[[Written], None], *, read: str, by: User, at: datetime) -> CourseVersion:
    """
    Change a course with `edit`: the version in work, or a new one beside the published one. It is a draft again. `read` is the
    fingerprint of the version that `by` started from. Raise NotDone when somebody else has changed it since.
    """
    course = held(course)
    base = in_work(course) or published(course)
    if base is None or base.digest != read:
        raise NotDone(
            _("Not saved: somebody else has changed it since you opened it. Copy what you wrote, and reload the page.")
        )
    written, version = Written.of(base), base
    edit(written)
    if base.state == State.PUBLISHED:
        last = course.versions.order_by("number").values_list("number", flat=True).last() or 0
        version = CourseVersion(course=course, number=last + 1)
    return store(version, written, by=by, at=at)


def store(version: CourseVersion, written: Written, *, by: User, at: datetime) -> CourseVersion:
    """Store a version with what was written, and who wrote it."""
    for name in FIELDS:
        setattr(version, name, getattr(written, name))
    version.state, version.edited_by, version.edited_at = State.DRAFT, by, at
    version.writers = sorted({*version.writers, by.pk})
    version.digest = fingerprint(version)
    version.save()
    trail.note("course.saved", version.course, by=by, at=at, digest=version.digest, version=version.number)
    return version


# --- Two people -------------------------------------------------------------------------------------------


def faults(version: CourseVersion) -> Iterator[str]:
    """Yield what is missing in a version before it can be submitted or published."""
    campaign = version.course.campaign
    return content.faults(version, campaign.language_codes(), set(campaign.languages_that_follow()))


@transaction.atomic
def submit(course: Course, *, by: User, at: datetime) -> None:
    """Hand the version in work to a second person. Raise NotDone with what is missing."""
    course = held(course)
    version = in_work(course)
    if version is None or version.state != State.DRAFT:
        raise NotDone(_("Not submitted: it is no draft any more. Reload the page."))
    if found := list(faults(version)):
        raise NotDone(" ".join([_("Not submitted."), *found]))
    version.state, version.remark = State.IN_REVIEW, ""
    version.writers = sorted({*version.writers, by.pk})
    version.save()
    trail.note("course.submitted", course, by=by, at=at, digest=version.digest, version=version.number)
    checkers = User.objects.staff_with(CHECK, course.campaign_id)
    tell(notices.COURSE_WAITS, course, [one for one in checkers if one.pk not in version.writers], at=at)


@transaction.atomic
def check(course: Course, *, digest: str, by: User, at: datetime) -> CourseVersion:
    """
    Publish, as a second person, exactly the version that `by` has read. Raise NotDone for whoever worked on it and for other words than
    were read; of two people at once one is told so.
    """
    course = held(course)
    version = in_work(course)
    if version is None or version.state != State.IN_REVIEW:
        raise NotDone(_("Not published: it is not in review any more. Reload the page."))
    if by.pk in {*version.writers, version.edited_by_id}:
        raise NotDone(_("Not published: whoever worked on it cannot check it. Ask a colleague."))
    if digest != version.digest or digest != fingerprint(version):
        raise NotDone(_("Not published: it has changed since you read it. Read it again."))
    if course.campaign.closed_at is not None:
        raise NotDone(_("Not published: the campaign has ended."))
    if found := list(faults(version)):
        raise NotDone(" ".join([_("Not published."), *found]))
    replaced = course.versions.filter(state=State.PUBLISHED).update(state=State.REPLACED)
    version.state, version.checked_by, version.checked_at, version.remark = State.PUBLISHED, by, at, ""
    version.save()
    if course.withdrawn_at is not None:
        course.withdrawn_at = None
        course.save(update_fields=["withdrawn_at"])
    trail.note("course.published", course, by=by, at=at, digest=digest, version=version.number)
    page_changes.note_retraction() if replaced else page_changes.changed()
    tell(notices.COURSE_PUBLISHED, course, writers_of(version), at=at)
    return version


@transaction.atomic
def send_back(course: Course, *, remark: str, by: User, at: datetime) -> None:
    """Make the version in review a draft again, with words about why. Raise NotDone unless one is in review."""
    course = held(course)
    version = in_work(course)
    if version is None or version.state != State.IN_REVIEW:
        raise NotDone(_("Not sent back: it is not in review any more. Reload the page."))
    if not remark.strip():
        raise NotDone(_("Not sent back: write what is to be changed."))
    version.state, version.remark = State.DRAFT, remark.strip()
    version.save()
    trail.note("course.sent_back", course, by=by, at=at, version=version.number)
    people = [one for one in writers_of(version) if one != by]
    tell(notices.COURSE_SENT_BACK, course, people, at=at, text=version.remark)


@transaction.atomic
def withdraw(course: Course, *, by: User, at: datetime) -> None:
    """Take a published course away from everyone. Raise NotDone for one that nobody outside can see."""
    course = held(course)
    if published(course) is None or course.withdrawn_at is not None:
        raise NotDone(_("Not withdrawn: it is not published. Reload the page."))
    course.withdrawn_at = at
    course.save(update_fields=["withdrawn_at"])
    trail.note("course.withdrawn", course, by=by, at=at)
    page_changes.note_retraction()


# --- Who is told -----------------------------------------------------------------------------------------


def writers_of(version: CourseVersion) -> list[User]:
    """Return who worked on a version and still has a login."""
    return list(User.objects.filter(pk__in=version.writers, is_active=True).order_by("pk"))


def tell(kind: Kind, course: Course, people: list[User], *, at: datetime, text: str = "") -> None:
    """Tell people of a step, with the address of the course at the desk."""
    version = in_work(course) or published(course)
    for person in people:
        with override(course.campaign.language_for(person)):
            path = reverse("admin:stories_course_change", args=[course.pk])
            words = "\n".join(filter(None, [in_language(version.title) if version else "", text]))
        outbox.write(kind, [person], about=course, text=words, path=path, at=at)
