"""When the mail of a send reached inboxes of our own."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from .recipients import SeedAddress
from .sends import Send


class SeedArrivalQuerySet(models.QuerySet["SeedArrival"]):
    """Questions about many arrivals."""

    def to_hand_over(self) -> Self:
        """Return those whose mail has not left and is to be tried: once the send has come to their place among its rows."""
        return self.filter(
            handed_over_at=None, attempts__lt=SeedArrival.MOST_ATTEMPTS, after_row__lte=models.F("send__claimed_up_to")
        )


class SeedArrival(models.Model):
    """
    The mail of a send to a measured seed address. It leaves once the send has claimed its row `after_row`, so that it waits as
    long as the readers in that place; it is no row of the ledger. `arrived_at` is empty until the inbox has forwarded it.
    """

    MOST_ATTEMPTS = 20

    class Folder(models.TextChoices):
        UNKNOWN = "unknown", _("unknown")
        INBOX = "inbox", _("inbox")
        SPAM = "spam", _("spam")

    send = models.ForeignKey(Send, models.CASCADE, related_name="arrivals", verbose_name=_("send"))
    seed = models.ForeignKey(SeedAddress, models.CASCADE, related_name="arrivals", verbose_name=_("seed address"))
    after_row = models.BigIntegerField(editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    folder = models.CharField(_("folder"), max_length=8, choices=Folder, default=Folder.UNKNOWN)

    objects = SeedArrivalQuerySet.as_manager()

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        constraints = [models.UniqueConstraint(fields=["send", "seed"], name="one_arrival_per_send_and_seed")]

    def __str__(self) -> str:
        return f"{self.send_id}: {self.seed_id}"
