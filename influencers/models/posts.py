"""What influencers posted, what came of it, and how it compares with the key messages: for them, never a ranking."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access.permissions import Scope
from accounts.access.row_scopes import defines
from accounts.models import Nameless, User
from bulletins.models import Platform, Version
from campaigns.models import Campaign
from factcheck.models import ClaimVersion
from stories.models import Commission

from .profiles import Influencer


class Post(Nameless, models.Model):
    """
    One post of an influencer's about a version of a bulletin or of a fact-check, told by them or found by staff
    (`found_by`). `url_key` is the address as it is compared, "" for a post without one (a story that is gone). `words` is
    its text as far as known; `commission` is the paid work that it shows, if any; `corrected_at` and `removed_at` are what the influencer says.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="posts", verbose_name=_("campaign"))
    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="posts", verbose_name=_("influencer"))
    version = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("bulletin")
    )
    claim_version = models.ForeignKey(
        ClaimVersion, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("fact-check")
    )
    platform = models.CharField(_("platform"), max_length=12, choices=Platform)
    url = models.URLField(_("address"), max_length=500, blank=True)
    url_key = models.CharField(max_length=500, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=12, blank=True)
    words = models.TextField(_("words"), blank=True)
    posted_at = models.DateTimeField(_("posted"))
    told_at = models.DateTimeField(_("told"))
    commission = models.ForeignKey(
        Commission, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("paid work")
    )
    found_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("found by")
    )
    corrected_at = models.DateTimeField(_("corrected"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["-posted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "url_key"], condition=~models.Q(url_key=""), name="one_post_per_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_platform_display()}: {self.influencer}"

    def is_settled(self, *, since: datetime) -> bool:
        """Return whether its poster has seen to what changed at `since`: it is gone, or was corrected then or later."""
        return self.removed_at is not None or (self.corrected_at is not None and self.corrected_at >= since)


class PostFigures(Nameless, models.Model):
    """What a post had reached at a moment, as far as known. Later figures are further rows."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="figures", verbose_name=_("post"))
    at = models.DateTimeField(_("at"))
    reach = models.PositiveBigIntegerField(_("people reached"), null=True, blank=True)
    reactions = models.PositiveBigIntegerField(_("reactions"), null=True, blank=True)
    comments = models.PositiveBigIntegerField(_("comments"), null=True, blank=True)
    shares = models.PositiveBigIntegerField(_("shares"), null=True, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("who"))

    of_campaign = "post__campaign"

    class Meta:
        verbose_name = _("figures of a post")
        verbose_name_plural = _("figures of posts")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.at:%Y-%m-%d}"


class PostMessage(models.Model):
    """How a post treats one key message of its bulletin's version; advice for the influencer and their contact person."""

    class Fate(models.TextChoices):
        KEPT = "kept", _("kept")
        ADAPTED = "adapted", _("adapted")
        DROPPED = "dropped", _("left out")
        CONTRADICTED = "contradicted", _("another value")

    post = models.ForeignKey(Post, models.CASCADE, related_name="messages", verbose_name=_("post"))
    key = models.CharField(_("key message"), max_length=40)
    fate = models.CharField(_("outcome in the post"), max_length=12, choices=Fate)
    because = models.JSONField(_("because"), default=dict, blank=True)
    checked_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("looked at by")
    )

    of_campaign = "post__campaign"

    class Meta:
        verbose_name = _("key message in a post")
        verbose_name_plural = _("key messages in posts")
        constraints = [models.UniqueConstraint(fields=["post", "key"], name="one_fate_per_post_and_message")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.key}: {self.fate}"


@defines(Scope.CONTACT, PostMessage)
def of_their_people(user: User) -> models.Q:
    """Return the condition for advice on posts of those whose contact person someone is."""
    return models.Q(post__influencer__liaison=user.pk)
