"""What WhatsApp asks to be kept: templates that Meta has approved, and who wrote to us in the last 24 hours."""

from datetime import datetime, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Nameless

WINDOW = timedelta(hours=24)
NAME, LANGUAGE_CODE = r"^[a-z0-9_]{1,512}\Z", r"^[a-z]{2,3}(_[A-Z]{2})?\Z"


class WhatsAppTemplateQuerySet(models.QuerySet["WhatsAppTemplate"]):
    """Questions about many templates."""

    def usable(self) -> Self:
        """Return those that Meta lets us send."""
        return self.filter(status=WhatsAppTemplate.Status.APPROVED)


class WhatsAppTemplate(models.Model):
    """
    What Meta has approved for one use in one language: its name and language code there, and what fills its places in their
    order. `body` are its words as Meta has them, with {{1}} for a place; "" until they were asked for.
    """

    class Use(models.TextChoices):
        WORDS = "words", _("a bulletin")
        SEEN = "seen", _("an urgent bulletin with the button that says it was seen")
        CODE = "code", _("the code that proves a number")

    class Status(models.TextChoices):
        """As Meta names them (message_template_status_update); others than these are kept as PENDING."""

        APPROVED = "APPROVED", pgettext_lazy("template", "approved")
        PENDING = "PENDING", pgettext_lazy("template", "waits for Meta")
        REJECTED = "REJECTED", pgettext_lazy("template", "refused")
        PAUSED = "PAUSED", pgettext_lazy("template", "paused")
        DISABLED = "DISABLED", pgettext_lazy("template", "switched off")

    class Place(models.TextChoices):
        """What may fill a place."""

        TEXT = "text", _("the words, in one line")
        TITLE = "title", _("the title")
        SENDER = "sender", _("the sender's name")
        CODE = "code", _("the code")

    use = models.CharField(_("for"), max_length=10, choices=Use)
    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name at Meta"), max_length=512, validators=[RegexValidator(NAME)])
    code = models.CharField(
        _("language code at Meta"),
        max_length=8,
        validators=[RegexValidator(LANGUAGE_CODE)],
        help_text=_("As WhatsApp Manager shows it: fi, sv, en or en_US."),
    )
    places = models.JSONField(_("what fills {{1}}, {{2}} …"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    body = models.TextField(_("words"), blank=True, editable=False)
    checked_at = models.DateTimeField(_("asked Meta"), null=True, blank=True, editable=False)

    objects = WhatsAppTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("WhatsApp template")
        verbose_name_plural = _("WhatsApp templates")
        constraints = [
            models.UniqueConstraint(fields=["use", "language"], name="one_whatsapp_template_per_use_and_language")
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()} ({self.language})"

    def clean(self) -> None:
        """Read the places as a form gives them: "title text". Raise ValidationError for others, and for a code without its place."""
        self.places = [str(place) for place in self.places] or [
            self.Place.CODE if self.use == self.Use.CODE else self.Place.TEXT
        ]
        if not set(self.places) <= set(self.Place.values):
            raise ValidationError({"places": _("Write only these words, with spaces between: text title sender code.")})
        if (self.Place.CODE in self.places) != (self.use == self.Use.CODE):
            raise ValidationError({"places": _("A code stands in a template that proves a number, and in no other.")})


class WhatsAppWindowQuerySet(models.QuerySet["WhatsAppWindow"]):
    """Questions about many windows."""

    def open(self, *, at: datetime) -> Self:
        """Return those that are not over."""
        return self.filter(wrote_at__gt=at - WINDOW)

    def over(self, *, at: datetime) -> Self:
        """Return those that have closed."""
        return self.filter(wrote_at__lte=at - WINDOW)


class WhatsAppWindow(Nameless, models.Model):
    """When the person of a number last wrote to us: for 24 hours from then WhatsApp takes words that are no template."""

    recipient = models.OneToOneField(
        "delivery.Recipient", models.CASCADE, related_name="whatsapp_window", verbose_name=_("recipient")
    )
    wrote_at = models.DateTimeField(_("wrote"), default=timezone.now)

    objects = WhatsAppWindowQuerySet.as_manager()
    of_campaign = "recipient__person__memberships__audience__campaign"

    class Meta:
        verbose_name = _("open WhatsApp conversation")
        verbose_name_plural = _("open WhatsApp conversations")

    def __str__(self) -> str:
        return str(self.wrote_at)
