"""What a WebSub hub is to be told. The row is the queue."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .digests import Publication


class HubPing(models.Model):
    """
    That the feeds have changed by a publication, to be told to the hub at least once. `attempts` counts tries, the next
    one is at `next_attempt_at`; `told_at` ends it, `given_up_at` too.
    """

    publication = models.OneToOneField(
        Publication, models.CASCADE, related_name="hub_ping", verbose_name=_("publication")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    class Meta:
        verbose_name = _("hub notification")
        verbose_name_plural = _("hub notifications")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="hub_ping_to_tell",
                condition=models.Q(told_at=None, given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.publication)
