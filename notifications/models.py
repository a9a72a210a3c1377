"""What people are told at once, by mail and by the notification hook. The row is the queue."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign
from delivery.models import Channel

from . import notice_kinds
from .notice_kinds import Kind


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about many notices."""

    def waiting(self) -> Self:
        """Return what is neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, *, at: datetime) -> Self:
        """Return what waits and may be tried at `at`; what only a newer version of the software knows waits for it."""
        return self.waiting().filter(next_attempt_at__lte=at, kind__in=[kind.key for kind in notice_kinds.registered()])

    def about(self, kind: Kind, subject_id: Any) -> Self:
        """Return the notices of one kind about one row, by its key or a reference to it."""
        return self.filter(kind=kind.key, subject_id=subject_id)


class Notice(Nameless, models.Model):
    """
    One thing to tell one person (`person`), or the notification hook or another address (`person` empty). Sent at least once.

    `kind` is the key of what apps register (notice_kinds.py); `subject_id` is the key of the row that it is about, of the kind's
    model, and `version` which version of it. `path` is the page of ours that it leads to, where the kind does not say it.

    `attempts` counts tries, the next one is at `next_attempt_at`; `sent_at` ends it, `given_up_at` too. At the desk the person
    looked at it at `seen_at` (unseen.py). It was sent by mail, or as a hint by another `channel` (delivery/sending/hints.py).
    """

    kind = models.CharField(_("what"), max_length=20)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="notices", verbose_name=_("campaign"))
    subject_id = models.PositiveBigIntegerField(_("about"), null=True, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), null=True, blank=True)
    path = models.CharField(_("page"), max_length=200, blank=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person"))
    text = models.TextField(_("words"), blank=True)
    at = models.DateTimeField(_("at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    channel = models.CharField(_("sent by"), max_length=10, choices=Channel, blank=True, default="", db_default="")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="notice_waiting",
                condition=models.Q(sent_at=None, given_up_at=None),
            ),
            models.Index(fields=["kind", "subject_id"], name="notice_about"),
            models.Index(fields=["person", "-at", "-id"], name="notice_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.person or 'hook'}"

    def headline(self, subject: Any) -> str:
        """Return what it says in one line, in the active language; `subject` is what it is about."""
        kind = notice_kinds.get(self.kind)
        line = gettext(kind.says) % kind.values(subject, self.version) if kind.says else self.text.partition("\n")[0]
        return self.campaign.marked(line)

    def subject_line(self, subject: Any) -> str:
        """Return the subject of its mail, in the active language."""
        line = notice_kinds.get(self.kind).subject_line(subject)
        return self.campaign.marked(line) if line else self.headline(subject)

    def words(self) -> str:
        """Return the words below the headline."""
        return self.text if notice_kinds.get(self.kind).says else self.text.partition("\n")[2]

    def address(self, subject: Any) -> str:
        """Return the absolute address that it leads to, in the active language."""
        return settings.PUBLIC_URL + self.page(subject)

    def page(self, subject: Any) -> str:
        """Return the path of the page that it leads to, in the active language."""
        return self.path or notice_kinds.get(self.kind).page(subject, self.person)
