"""Chat rooms of newsrooms and partner organisations, into which word goes by an address that their people gave us."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Campaign, language_code

from .recipients import Recipient


class RoomQuerySet(models.QuerySet["Room"]):
    """Questions about many rooms."""

    def standing(self) -> Self:
        """Return those that are proven and were not left."""
        return self.filter(recipient__isnull=False, ended_at=None)


class Room(models.Model):
    """
    A room of an organisation's chat `service`. Where it is and what opens it is a secret (`secret`, locked by
    accounts.crypto.encryption): it is never shown again, and forgotten as soon as the room is left. `host` is the part that staff may
    read, `address` what its channel calls it: the campaign and a HMAC, by which the same room is known again, and which opens nothing.

    A code is sent there, of which only a `digest` is kept; who reads it in the room tells staff. From then on it is a `recipient`.
    """

    class Service(models.TextChoices):
        SLACK = "slack", "Slack"
        MATTERMOST = "mattermost", "Mattermost"
        TEAMS = "teams", "Microsoft Teams"
        MATRIX = "matrix", "Matrix"
        HOOKSHOT = "hookshot", "Matrix (Hookshot)"

    class Ended(models.TextChoices):
        LEFT = "left", _("removed at the desk")
        GONE = "gone", _("its service says that it is gone")
        NEVER_PROVEN = "never_proven", _("never proven")
        CLOSED = "closed", _("the campaign is over")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rooms", verbose_name=_("campaign"))
    organisation = models.CharField(_("newsroom or organisation"), max_length=120)
    service = models.CharField(_("service"), max_length=12, choices=Service)
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    wants_bulletins = models.BooleanField(_("gets every bulletin"), default=False)
    host = models.CharField(_("where it is"), max_length=253, editable=False)
    address = models.CharField(max_length=100, editable=False)
    secret = models.TextField(blank=True, editable=False)
    recipient = models.OneToOneField(
        Recipient, models.PROTECT, null=True, blank=True, related_name="room", editable=False
    )
    digest = models.CharField(max_length=64, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    asked_at = models.DateTimeField(_("code sent"), null=True, blank=True, editable=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("added by"), editable=False
    )
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    ended_because = models.CharField(_("why it ended"), max_length=12, choices=Ended, blank=True, editable=False)

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat room")
        verbose_name_plural = _("chat rooms")
        ordering = ["organisation", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=models.Q(ended_at=None), name="one_room_per_address"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(secret=""), name="an_ended_room_has_no_secret"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_service_display()})"
