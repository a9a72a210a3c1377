"""What published bulletins say, sentence by sentence, to be found again in someone's post."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bulletins.models import PublishedEdition


class Passage(models.Model):
    """
    A piece of a published edition: its title, a key message, a call to action, a caption. `text` is as it was published
    and `words` as it is compared (lib.text.similarity.plain()). Rows that can be made again from the editions at any time.

    `place` names it ("message:km-1", "caption:instagram"). On PostgreSQL `words` has a trigram index.
    """

    edition = models.ForeignKey(PublishedEdition, models.CASCADE, related_name="passages", verbose_name=_("edition"))
    place = models.CharField(_("place"), max_length=60)
    text = models.TextField(_("text"))
    words = models.TextField(_("words"))

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        constraints = [models.UniqueConstraint(fields=["edition", "place"], name="one_passage_per_place")]

    def __str__(self) -> str:
        return self.text
