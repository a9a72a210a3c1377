"""What the public status page tells: incidents, and the hours in which the site was known to work."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Questions about many incidents."""

    def shown(self, *, at: datetime, ended_within: timedelta) -> Self:
        """Return those that are open at `at` or ended not long before, the newest first."""
        still = models.Q(ended_at=None) | models.Q(ended_at__gt=at - ended_within)
        return self.filter(still, started_at__lte=at).order_by("-started_at", "-pk")


class Incident(models.Model):
    """
    Something that does not work, in words for everyone: on the public status page as soon as it is saved, for as long as it is
    open and some weeks longer. `parts` are the values of Part that it affects.
    """

    class Part(models.TextChoices):
        SITE = "site", _("website")
        EMAIL = "email", _("email")
        SIGN_IN = "sign_in", _("portal and login")
        FEEDS = "feeds", _("feeds and API")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="incidents", verbose_name=_("campaign"))
    title = TranslatedField(_("title"), help_text=_("What does not work, in one line."))
    text = TranslatedField(
        _("text"),
        help_text=_(
            "What it means for readers and what they can do meanwhile. Name no people. No links or formatting."
        ),
    )
    parts = models.JSONField(_("affected parts"), default=list)
    started_at = models.DateTimeField(_("began"), default=timezone.now)
    ended_at = models.DateTimeField(
        _("ended"),
        null=True,
        blank=True,
        help_text=_("Leave it empty for as long as it goes on. Setting it closes the incident."),
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")),
                name="incident_ends_after_it_began",
            )
        ]
        indexes = [models.Index(fields=["campaign", "started_at"], name="incident_by_campaign")]

    def __str__(self) -> str:
        return in_language(self.title) or f"#{self.pk}"

    def is_open(self, *, at: datetime) -> bool:
        """Return whether it goes on at `at`."""
        return self.started_at <= at and (self.ended_at is None or self.ended_at > at)

    def part_names(self) -> list[str]:
        """Return what the affected parts are called, in their order."""
        return [str(part.label) for part in self.Part if part.value in self.parts]


class IncidentUpdate(models.Model):
    """What is known of an incident since, in words for everyone."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="updates", verbose_name=_("incident"))
    at = models.DateTimeField(_("time"), default=timezone.now)
    text = TranslatedField(_("text"))

    of_campaign = "incident__campaign"

    class Meta:
        verbose_name = _("incident update")
        verbose_name_plural = _("incident updates")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return in_language(self.text)[:80]


class UptimeHour(models.Model):
    """
    Of how many seconds of an hour (UTC) it is known that the site worked, and of how many it is not. Seconds of which
    nothing was recorded at all, before the record began, are in neither.
    """

    hour = models.DateTimeField(unique=True)
    working = models.PositiveSmallIntegerField(default=0)
    not_working = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.hour}: {self.working} + {self.not_working} s"
