"""Single mails that a worker has in hand, or that have not arrived for certain. What has left leaves nothing here."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless
from campaigns.models import Campaign


class SingleMailQuerySet(models.QuerySet["SingleMail"]):
    """Questions about many single mails."""

    def in_hand(self) -> Self:
        """Return those that a worker is handing over, or was when it died."""
        return self.exclude(worker="")

    def not_due(self, kind: str, *, at: datetime) -> Self:
        """Return those of a kind that are in hand, or wait for their next try."""
        return self.filter(models.Q(next_attempt_at__gt=at) | ~models.Q(worker=""), kind=kind)

    def failed(self) -> Self:
        """Return those that ended without having left for certain, or that may have left twice."""
        return self.exclude(ended_at=None)


class SingleMail(Nameless, models.Model):
    """
    What became of the mail of row `row` of a `kind` (delivery/single_mails), as long as it has not left for certain.

    A `worker` has it in hand until `until`, or longer if it shows itself; empty, it waits until `next_attempt_at`, or has ended.
    `crashes` counts workers that died with it in hand. `possible_duplicate`: it was handed over again although nobody knows
    whether it had left before.
    """

    class Fault(models.TextChoices):
        AWAY = "away", _("the mail server was away or did not let us in")
        DEFERRED = "deferred", _("the mail server asked us to try again later")
        UNWRITABLE = "unwritable", _("the mail could not be put together")
        REFUSED = "refused", _("the recipient’s mail server refuses this address for good")
        BARRED = "barred", _("this address may no longer be written to")
        UNKNOWN = (
            "unknown",
            _("it was being handed over when the connection or the worker broke off: it may have arrived"),
        )
        TWICE = "twice", _("it left, but may have arrived twice")

    kind = models.CharField(_("what"), max_length=40)
    row = models.BigIntegerField(editable=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", verbose_name=_("campaign"))
    worker = models.CharField(max_length=100, blank=True, editable=False)
    until = models.DateTimeField(null=True, editable=False)
    is_silent = models.BooleanField(default=False, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    crashes = models.PositiveSmallIntegerField(default=0, editable=False)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    fault = models.CharField(_("why"), max_length=12, choices=Fault, blank=True)
    code = models.CharField(_("status"), max_length=20, blank=True)
    possible_duplicate = models.BooleanField(_("possible duplicate"), default=False)
    since = models.DateTimeField(_("first tried"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = SingleMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("email that did not leave")
        verbose_name_plural = _("emails that did not leave")
        ordering = ["-since", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "row"], name="one_single_mail_per_row")]
        indexes = [
            models.Index(fields=["worker"], condition=~models.Q(worker=""), name="single_mail_in_hand"),
            models.Index(fields=["ended_at"], condition=~models.Q(ended_at=None), name="single_mail_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
