"""What anyone sends as an answer to a campaign's prompt: words or a picture, shown once somebody has looked at it."""

from datetime import datetime
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language


class PromptQuerySet(models.QuerySet["Prompt"]):
    """Questions about many prompts."""

    def begun(self, campaign: Campaign, *, at: datetime) -> Self:
        """Return those of a campaign that anyone may see: open ones and those that are over, the newest first."""
        return self.filter(campaign=campaign, opens_at__lte=at).order_by("-opens_at", "-pk")


class Prompt(models.Model):
    """What a campaign asks everybody, from a moment until another: “What will the world look like afterwards?”"""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="prompts", verbose_name=_("campaign"))
    slug = models.SlugField(_("name in its address"), max_length=60)
    title = TranslatedField(_("prompt"), help_text=_("What you ask, for each language, for example fi, sv and en."))
    about = TranslatedField(_("what to send"), blank=True)
    takes_words = models.BooleanField(_("words may be sent"), default=True)
    takes_pictures = models.BooleanField(_("pictures may be sent"), default=True)
    opens_at = models.DateTimeField(_("open from"))
    closes_at = models.DateTimeField(_("open until"))

    objects = PromptQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "slug"], name="one_prompt_per_slug"),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="prompt_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=models.Q(takes_words=True) | models.Q(takes_pictures=True), name="prompt_takes_something"
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title) or self.slug

    def get_absolute_url(self) -> str:
        """Return the address of its public page in the active language."""
        return reverse("contributions:prompt", args=[self.slug])

    def is_open(self, at: datetime) -> bool:
        """Return whether something may be sent."""
        return self.opens_at <= at < self.closes_at and self.campaign.closed_at is None


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Questions about many contributions."""

    def shown(self, prompt: Prompt) -> Self:
        """Return what anyone may see of a prompt, the newest first."""
        return self.filter(prompt=prompt, state=Contribution.State.SHOWN).order_by("-decided_at", "-pk")

    def waiting(self, campaign: Campaign) -> Self:
        """Return those of a campaign that nobody has decided on, the oldest first."""
        return self.filter(prompt__campaign=campaign, state=Contribution.State.WAITING).order_by("sent_at", "pk")


class Contribution(Nameless, models.Model):
    """
    Words, or a picture with what it shows in words (`text`), from somebody who may have given a `name` to show and an `email` for one
    mail of thanks. `agreed_to` are the words that they agreed to. Nobody sees it before a person has let it be shown; what is
    withdrawn by its sender, or taken down, has no words and no picture any more.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be looked at")
        SHOWN = "shown", _("shown")
        REFUSED = "refused", _("not shown")
        REMOVED = "removed", _("taken down")
        WITHDRAWN = "withdrawn", _("withdrawn by its sender")

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="contributions", verbose_name=_("prompt"))
    key = models.CharField(_("key in its address"), max_length=32, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    text = models.TextField(_("words"), blank=True)
    picture = models.FileField(_("picture"), upload_to="contributions/", blank=True)
    width = models.PositiveIntegerField(_("width in pixels"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height in pixels"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name to show"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    agreed_to = models.TextField(_("agreed to"))
    sent_at = models.DateTimeField(_("sent"))
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = ContributionQuerySet.as_manager()
    of_campaign = "prompt__campaign"

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["-sent_at", "-pk"]
        permissions = [("moderate_contribution", "Can let contributions be shown, and take them down")]
        indexes = [models.Index(fields=["prompt", "state", "-decided_at"], name="contribution_shown")]

    def __str__(self) -> str:
        return f"{self.prompt_id}: {self.pk}"
