"""What is shown in versions, each checked by a second person: the columns and the rules that all of them have."""

from typing import Any, Self, TypeVar

from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agreement.digests import CURRENT

Row = TypeVar("Row", bound="CheckedVersion")


class CheckedVersionQuerySet(models.QuerySet[Row]):
    """Questions about many versions."""

    def to_check(self, user: User) -> Self:
        """Return those in review that somebody may check, for they did not work on them; what has waited longest comes first."""
        in_review = self.filter(state=CheckedVersion.State.IN_REVIEW)
        # As text, a list of keys looks the same in both databases: "[3, 14]".
        others = in_review.alias(keys=Cast("writers", models.TextField())).exclude(keys__regex=rf"[\[ ]{user.pk}[\],]")
        return others.order_by("edited_at", "pk")


class CheckedVersion(models.Model):
    """
    Something in certain words. One version is being worked on, and beside it one may be published: readers see that and nothing else.
    `writers` are the keys of whoever worked on it, who cannot check it; `digest` is the fingerprint of all that a check covers.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")
        REPLACED = "replaced", _("replaced")

    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    digest = models.CharField(_("fingerprint"), max_length=64)
    digest_version = models.PositiveSmallIntegerField(default=CURRENT, db_default=0, editable=False)
    writers = models.JSONField(_("worked on by"), default=list)
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("last edited by"))
    edited_at = models.DateTimeField(_("last edited"))
    remark = models.TextField(_("why it was sent back"), blank=True)
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("checked by")
    )
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)

    title: Any  # {language: text}

    class Meta:
        abstract = True


def two_people(of: str) -> list[models.BaseConstraint]:
    """Return what the database keeps of versions of a course, an offer …: one in work, one published, and that two people took part."""
    in_work = models.Q(state__in=["draft", "in_review"])
    checked = models.Q(checked_by__isnull=False) & ~models.Q(checked_by=models.F("edited_by"))
    return [
        models.UniqueConstraint(fields=[of, "number"], name=f"one_{of}_version_per_number"),
        models.UniqueConstraint(fields=[of], condition=in_work, name=f"one_{of}_version_in_work"),
        models.UniqueConstraint(fields=[of], condition=models.Q(state="published"), name=f"one_{of}_version_published"),
        models.CheckConstraint(condition=in_work | checked, name=f"{of}_needs_two_people"),
    ]
