"""What providers report about mail that has left."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .sends import Delivery


class ProviderEventQuerySet(models.QuerySet["ProviderEvent"]):
    """Questions about many events."""

    def for_a_person(self) -> Self:
        """
        Return the complaints and opt-outs that wait for someone to decide. They came by mail, which anyone can write:
        no provider vouches for them, and one alone would silence a reader for good.
        """
        return self.filter(ProviderEvent.UNDECIDED, processed_at=None)

    def ready(self) -> Self:
        """Return those that wait to be applied, and not for a person."""
        return self.filter(~ProviderEvent.UNDECIDED, processed_at=None)


class ProviderEvent(models.Model):
    """
    One thing a provider said about one message; it holds no address. `event_id` is the provider's own, so that a
    repeated report is one row.

    `processed_at` is empty while it waits to be applied: its row may not be recorded yet. One that was given up has
    a `processed_at` and no delivery. A delivery comes from our own mark or is found by `message_id`, the provider's
    name for the message, so the database need not check it.

    `decision` is what a person made of a complaint or an opt-out that came by mail (`for_a_person`). `denies_address` says of a
    bounce that the address which does not exist is the one that our mail went to, and not one that it was sent on to.
    """

    BY_MAIL = "mail"  # the provider of what came to our return path

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("bounced")
        COMPLAINED = "complained", _("complained")
        DEFERRED = "deferred", _("deferred")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    class Decision(models.TextChoices):
        BELIEVED = "believed", _("believed")
        DISMISSED = "dismissed", _("dismissed")

    UNDECIDED = models.Q(provider=BY_MAIL, kind__in=[Kind.COMPLAINED, Kind.UNSUBSCRIBED], decision="")

    provider = models.CharField(_("provider"), max_length=40)
    event_id = models.CharField(_("event"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    message_id = models.CharField(_("message id"), max_length=200, blank=True)
    delivery = models.ForeignKey(
        Delivery,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        db_constraint=False,
        verbose_name=_("delivery"),
    )
    code = models.CharField(_("status code"), max_length=20, blank=True)
    happened_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, default="")
    denies_address = models.BooleanField(_("says that the address does not exist"), default=False)

    objects = ProviderEventQuerySet.as_manager()
    of_campaign = "delivery__mailing__campaign"

    class Meta:
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="one_row_per_provider_event")]
        indexes = [
            models.Index(fields=["received_at"], name="event_waiting", condition=models.Q(processed_at=None)),
            models.Index(fields=["received_at"], name="event_denial", condition=models.Q(denies_address=True)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
