"""Who took which story along, so that they hear of it when it may not be shown any more."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User

from .stories import Story


class StoryTake(Nameless, models.Model):
    """
    Somebody opened the page from which a story is taken along: its cut, its caption, its pictures. `told_at` is when they were told that
    it may not be shown any more.
    """

    story = models.ForeignKey(Story, models.CASCADE, related_name="takes", verbose_name=_("story"))
    user = models.ForeignKey(User, models.CASCADE, related_name="story_takes", verbose_name=_("user"))
    opened_at = models.DateTimeField(_("opened"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    of_campaign = "story__campaign"

    class Meta:
        verbose_name = _("story taken along")
        verbose_name_plural = _("stories taken along")
        constraints = [models.UniqueConstraint(fields=["story", "user"], name="one_row_per_story_take")]

    def __str__(self) -> str:
        return f"{self.story_id}: {self.user_id}"
