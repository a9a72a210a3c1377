"""What colleagues say to each other about a passage of a bulletin, until it is approved."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User

from .bulletins import Bulletin


class CommentQuerySet(models.QuerySet["Comment"]):
    """Questions about many comments."""

    def first_ones(self) -> Self:
        """Return those that begin a thread."""
        return self.filter(thread=None)

    def open_ones(self) -> Self:
        """Return those that begin a thread that nobody has resolved."""
        return self.first_ones().filter(resolved_at=None)


class Comment(Nameless, models.Model):
    """
    A comment at a passage, or an answer to one (`thread`). It is never part of what is approved, and goes when that happens.

    The passage is known by its words (`quote`), by the words around it (`before`, `after`), and by where it began (`start`), in
    the text that `place` names (facts.text_places); an answer has none of these. `text` names people as mentions.py says.
    """

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="comments", verbose_name=_("bulletin"))
    thread = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="answers", verbose_name=_("answer to")
    )
    place = models.CharField(_("place"), max_length=60, blank=True)
    quote = models.CharField(_("passage"), max_length=300, blank=True)
    before = models.CharField(_("words before it"), max_length=40, blank=True)
    after = models.CharField(_("words after it"), max_length=40, blank=True)
    start = models.PositiveIntegerField(_("where it begins"), default=0)
    text = models.TextField(_("comment"), blank=True)
    mentions = models.ManyToManyField(User, blank=True, related_name="+", verbose_name=_("mentions"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resolved by")
    )
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.bulletin} {self.place}"
