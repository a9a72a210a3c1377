"""Courses: modules to read, see and answer, each version of them, and how far somebody who takes one is."""

from datetime import datetime
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language

from .versions import CheckedVersion, CheckedVersionQuerySet, two_people


class Course(models.Model):
    """A course, whatever its words are. One that is withdrawn is shown to nobody until another version of it has been checked."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="courses", verbose_name=_("campaign"))
    slug = models.SlugField(_("name in its address"), max_length=60)
    made_at = models.DateTimeField(_("made"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["-pk"]
        permissions = [("check_course", "Can check a course that others wrote")]
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="one_course_per_slug")]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        """Return the address of its public page in the active language."""
        return reverse("courses:course", args=[self.slug])


class CourseVersionQuerySet(CheckedVersionQuerySet["CourseVersion"]):
    """Questions about versions of many courses."""

    def shown(self, campaign: Campaign) -> Self:
        """Return what anyone may see of a campaign: the checked version of each course that is not withdrawn, the oldest course first."""
        checked = self.filter(course__campaign=campaign, course__withdrawn_at=None, state=CourseVersion.State.PUBLISHED)
        return checked.select_related("course").order_by("course")

    def with_progress(self, user: int | None) -> Self:
        """Return them with how far somebody (by the key of their login) is in the version of each course that they began last (`steps_done`, None: not begun)."""
        begun = CourseAttempt.objects.filter(user=user, version__course=models.OuterRef("course"))
        latest = begun.order_by("-begun_at", "-pk")
        of_latest = {name: models.Subquery(latest.values(name)[:1]) for name in ("done", "total", "finished_at")}
        return self.annotate(
            steps_done=of_latest["done"], steps=of_latest["total"], was_finished_at=of_latest["finished_at"]
        )


class CourseVersion(CheckedVersion):
    """
    A course in certain words. Whoever began an earlier version goes on with that. `modules` are its contents as plain data
    (stories/courses/content.py); `share` is how much of the questions has to be right, in per cent.
    """

    course = models.ForeignKey(Course, models.CASCADE, related_name="versions", verbose_name=_("course"))
    title = TranslatedField(_("title"))
    summary = TranslatedField(_("summary"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes that it takes"))
    share = models.PositiveSmallIntegerField(_("share of questions to get right, in per cent"), default=80)
    modules = models.JSONField(_("modules"), default=list)

    objects = CourseVersionQuerySet.as_manager()
    of_campaign = "course__campaign"

    class Meta:
        verbose_name = _("version of a course")
        verbose_name_plural = _("versions of courses")
        ordering = ["course", "number"]
        constraints = [
            *two_people("course"),
            models.CheckConstraint(condition=models.Q(share__lte=100), name="course_share_is_a_share"),
        ]

    def __str__(self) -> str:
        return in_language(self.title) or f"{self.course_id}, {self.number}"


class CourseFile(models.Model):
    """A picture or a video that modules of a course show. It is never written over: a version keeps what it was checked with."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("picture")
        VIDEO = "video", _("video")

    course = models.ForeignKey(Course, models.CASCADE, related_name="files", verbose_name=_("course"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    file = models.FileField(_("file"), upload_to="courses/")
    width = models.PositiveIntegerField(_("width in pixels"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height in pixels"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("length in seconds"), null=True, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0, db_default=0)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True, default="", db_default="")
    made_at = models.DateTimeField(_("made"))

    of_campaign = "course__campaign"

    class Meta:
        verbose_name = _("file of a course")
        verbose_name_plural = _("files of courses")

    def __str__(self) -> str:
        return f"{self.course_id} {self.kind} {self.pk}"


class CourseAttempt(Nameless, models.Model):
    """
    How far somebody is in one version of a course. `rule` is the version's rule as it was when they began: {"share": per cent, "must":
    keys of questions}. `read` are the keys of the modules that they went through, `answers` {question: {"chosen": places of options,
    "right": bool}}. Both only grow, and what was right once stays right: the same thing sent twice, late, or in another order comes to
    the same. `done` of `total` modules are gone through.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="course_attempts", verbose_name=_("user"))
    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="attempts", verbose_name=_("version"))
    rule = models.JSONField(_("rule"), default=dict)
    read = models.JSONField(_("modules read"), default=list)
    answers = models.JSONField(_("answers"), default=dict)
    done = models.PositiveSmallIntegerField(_("modules completed"), default=0)
    total = models.PositiveSmallIntegerField(_("modules in total"), default=0)
    begun_at = models.DateTimeField(_("begun"))
    moved_at = models.DateTimeField(_("last gone on"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    of_campaign = "version__course__campaign"

    class Meta:
        verbose_name = _("course taken")
        verbose_name_plural = _("courses taken")
        ordering = ["-begun_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="one_attempt_per_course_version")]
        indexes = [models.Index(fields=["moved_at"], name="course_attempt_age")]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.done}/{self.total}"


class CourseCertificateQuerySet(models.QuerySet["CourseCertificate"]):
    """Questions about many certificates."""

    def standing(self, attempt: CourseAttempt) -> "CourseCertificate | None":
        """Return the certificate of an attempt that was not taken back."""
        return self.filter(attempt=attempt, revoked_at=None).first()


class CourseCertificate(Nameless, models.Model):
    """
    That somebody finished a course. `name` is what they chose to have shown, or nothing; `facts` are frozen: {"title": {language:
    text}, "campaign": {language: text}, "finished": day, "exercise": bool}. It goes with the person's account.
    """

    attempt = models.ForeignKey(
        CourseAttempt, models.CASCADE, related_name="certificates", verbose_name=_("course taken")
    )
    code = models.CharField(_("code"), max_length=19, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    issued_at = models.DateTimeField(_("issued"))
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = CourseCertificateQuerySet.as_manager()
    of_campaign = "attempt__version__course__campaign"

    class Meta:
        verbose_name = _("certificate of a course")
        verbose_name_plural = _("certificates of courses")
        constraints = [
            models.UniqueConstraint(
                fields=["attempt"], condition=models.Q(revoked_at=None), name="one_course_certificate_stands"
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def finished_on(self) -> datetime:
        """The day on which the course was finished."""
        return datetime.fromisoformat(self.facts["finished"])
