"""Where claims were seen. Who told us is never shown in public."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Nameless, User

from .claims import Claim


class SightingQuerySet(models.QuerySet["Sighting"]):
    """Questions about many sightings."""

    def of(self, claim: Claim) -> Self:
        """Return the sightings of a claim and of those that were found to be the same."""
        return self.of_any([claim.pk])

    def of_any(self, claims: Iterable[int]) -> Self:
        """Return the sightings of claims by their keys, and of those that were found to be the same."""
        keys = list(claims)
        return self.filter(models.Q(claim__in=keys) | models.Q(claim__duplicate_of__in=keys))

    def with_main(self) -> Self:
        """Return the sightings with the key of the claim that each counts for, as `main`."""
        return self.annotate(main=Coalesce(models.F("claim__duplicate_of"), models.F("claim")))


class Sighting(Nameless, models.Model):
    """
    A claim as it was seen: platform, channel (a group or an account), address, reach (people, when known), day and
    language, and how it came to us. `reporter`, `note` and `screenshot` are for staff only. `url_key` is what
    factcheck.matching.canonical_urls.url_key() makes of the address, "" without one.
    """

    class Platform(models.TextChoices):
        INSTAGRAM = "instagram", "Instagram"
        TIKTOK = "tiktok", "TikTok"
        YOUTUBE = "youtube", "YouTube"
        FACEBOOK = "facebook", "Facebook"
        X = "x", "X"
        THREADS = "threads", "Threads"
        SNAPCHAT = "snapchat", "Snapchat"
        WHATSAPP = "whatsapp", "WhatsApp"
        TELEGRAM = "telegram", "Telegram"
        DISCORD = "discord", "Discord"
        WEB = "web", _("website")
        PRESS = "press", _("press, radio or television")
        SPOKEN = "spoken", _("word of mouth")
        OTHER = "other", pgettext_lazy("platform", "elsewhere")

    class Via(models.TextChoices):
        STAFF = "staff", _("the desk")
        PUBLIC = "public", _("the public form")
        PORTAL = "portal", _("the portal")
        FILE = "file", _("a file")

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="sightings", verbose_name=_("claim"))
    platform = models.CharField(_("platform"), max_length=12, choices=Platform)
    channel = models.CharField(_("channel"), max_length=120, blank=True, help_text=_("The group, account or site."))
    url = models.URLField(_("address"), max_length=500, blank=True)
    url_key = models.CharField(max_length=500, blank=True, editable=False, db_index=True)
    reach = models.PositiveIntegerField(_("reach"), null=True, blank=True, help_text=_("People, when known."))
    seen_on = models.DateField(_("seen on"))
    language = models.CharField(_("language"), max_length=12)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    screenshot = models.FileField(_("screenshot"), upload_to="sightings/", blank=True)
    via = models.CharField(_("came by"), max_length=8, choices=Via, default=Via.STAFF)
    reporter = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reported by")
    )
    created_at = models.DateTimeField(_("reported"), default=timezone.now)

    objects = SightingQuerySet.as_manager()
    of_campaign = "claim__campaign"

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        ordering = ["-seen_on", "-pk"]
        indexes = [models.Index(fields=["seen_on"], name="sighting_by_day")]

    def __str__(self) -> str:
        return f"{self.get_platform_display()} {self.seen_on}"
