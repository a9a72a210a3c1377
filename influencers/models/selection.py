"""Choosing the hundred: whom a campaign wants to reach, and saved choices of people who together reach them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign
from delivery.models import Audience

from .profiles import Influencer


class CoverageTarget(models.Model):
    """
    What share of the people that a campaign wants to reach has one value of one dimension: per cent of an age group, a
    language, a region (its code), a topic (an interest's short name). The shares of a dimension add up to 100.
    """

    class Dimension(models.TextChoices):
        AGE = "age", _("age")
        LANGUAGE = "language", _("language")
        REGION = "region", _("region")
        TOPIC = "topic", _("topic")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="coverage_targets", verbose_name=_("campaign"))
    dimension = models.CharField(_("dimension"), max_length=8, choices=Dimension)
    key = models.CharField(_("value"), max_length=40)
    share = models.DecimalField(_("share in per cent"), max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = _("coverage target")
        verbose_name_plural = _("coverage targets")
        ordering = ["campaign", "dimension", "-share", "key"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "dimension", "key"], name="one_target_per_value"),
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=100), name="share_is_per_cent"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}: {self.share}"


class Selection(models.Model):
    """
    A saved choice of `size` people for an audience. `rules` are the constraints that it was made under ({"values":
    {question key: least answer}, …}), `result` its figures: coverage, what it misses, the bound and how it was found.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPLIED = "applied", _("in force")
        REPLACED = "replaced", _("replaced")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="selections", verbose_name=_("campaign"))
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="selections", verbose_name=_("audience"))
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    size = models.PositiveSmallIntegerField(_("people"), default=100)
    rules = models.JSONField(_("constraints"), default=dict, blank=True)
    targets = models.JSONField(_("targets"), default=list, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made"))
    applied_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("put in force by")
    )
    applied_at = models.DateTimeField(_("put in force"), null=True, blank=True)

    class Meta:
        verbose_name = _("selection")
        verbose_name_plural = _("selections")
        ordering = ["-made_at", "-pk"]
        permissions = [("apply_selection", "Can put a selection in force")]
        constraints = [
            models.UniqueConstraint(
                fields=["audience"], condition=models.Q(state="applied"), name="one_selection_in_force"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Choice(Nameless, models.Model):
    """
    A person in a selection: chosen by the rules, pinned or left out by hand (with the reason in `note`). `gain` is the
    coverage that would be lost without them; `why` names the cells behind it; `swap` what one exchange would change.
    """

    class Decision(models.TextChoices):
        CHOSEN = "chosen", _("chosen")
        PINNED = "pinned", _("pinned")
        LEFT_OUT = "left_out", _("left out")

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="choices", verbose_name=_("selection"))
    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="choices", verbose_name=_("influencer"))
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, default=Decision.CHOSEN)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    gain = models.FloatField(_("gain"), default=0)
    why = models.JSONField(_("why"), default=list, blank=True)
    swap = models.JSONField(_("effect of one exchange"), default=dict, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["selection", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["selection", "influencer"], name="one_choice_per_selection")]

    def __str__(self) -> str:
        return f"{self.selection}: {self.influencer}"
