"""Thanks signed by a colleague, certificates that anyone can check, and lessons read. No points, no ranks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField

from .posts import Post
from .profiles import Influencer


class CannedThanks(models.Model):
    """Words of thanks ready to be sent, in every language. `key` says for what; `{name}` stands for the first name."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="canned_thanks", verbose_name=_("campaign"))
    key = models.SlugField(_("short name"), max_length=40)
    text = TranslatedField(_("words"))

    class Meta:
        verbose_name = _("words of thanks")
        verbose_name_plural = _("words of thanks")
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="one_text_per_thanks_key")]

    def __str__(self) -> str:
        return self.key


class Thanks(Nameless, models.Model):
    """
    A colleague thanked someone. `key` says for what ("first-post", "post:12", "canned:spring"): the same thanks are
    never sent twice, whoever sends them.
    """

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="thanks", verbose_name=_("influencer"))
    key = models.CharField(_("for what"), max_length=60)
    post = models.ForeignKey(
        Post, models.SET_NULL, null=True, blank=True, related_name="thanks", verbose_name=_("post")
    )
    text = models.TextField(_("words"))
    language = models.CharField(_("language"), max_length=12)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("signed by"))
    at = models.DateTimeField(_("at"))

    of_campaign = "influencer__campaign"

    class Meta:
        verbose_name = _("thanks")
        verbose_name_plural = _("thanks")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["influencer", "key"], name="never_the_same_thanks_twice")]

    def __str__(self) -> str:
        return f"{self.influencer}: {self.key}"


class Certificate(Nameless, models.Model):
    """
    That someone took part in a campaign, of their own will: a PDF in three languages and a page where anyone who has its `code`
    can check it. `name` and `facts` are frozen when it is issued.
    """

    influencer = models.ForeignKey(
        Influencer, models.CASCADE, related_name="certificates", verbose_name=_("influencer")
    )
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="certificates", verbose_name=_("campaign"))
    code = models.CharField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=300)
    facts = models.JSONField(_("facts"), default=dict)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("signed by"))
    issued_at = models.DateTimeField(_("issued"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_why = models.CharField(_("why it was revoked"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["influencer"], condition=models.Q(revoked_at=None), name="one_standing_certificate"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.name}"


class LessonRead(Nameless, models.Model):
    """That someone read a lesson: a section (its number from 1) of a text ("handbook" or "code") in one version."""

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="lessons", verbose_name=_("influencer"))
    text = models.CharField(_("text"), max_length=10)
    version = models.PositiveSmallIntegerField(_("version"))
    section = models.PositiveSmallIntegerField(_("section"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("lesson read")
        verbose_name_plural = _("lessons read")
        constraints = [
            models.UniqueConstraint(fields=["influencer", "text", "version", "section"], name="one_row_per_lesson")
        ]

    def __str__(self) -> str:
        return f"{self.influencer_id}: {self.text} {self.section}"
