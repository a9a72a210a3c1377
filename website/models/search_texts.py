"""
What readers can search for: a row for each published thing in each language that readers have, and the words that these have.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bulletins.models import Version
from campaigns.models import Campaign
from factcheck.models import ClaimVersion
from questions.models import AnswerVersion


class SearchText(models.Model):
    """
    The words by which readers of `language` find a bulletin, an answer or a fact-check. Rows that can be made again from
    what is published at any time (bulletins.searching); whether a row may be shown is asked of the thing itself.

    `written_in` is another language than `language`, the campaign's main one, where there is no text in it. `title` weighs most, then `lead` and
    `messages`, then `body`. `messages` are found but not shown by themselves: a key message may have expired, and a false
    claim is not repeated without its warning.

    The databases keep an index of their own beside it: PostgreSQL in a column `vector`, SQLite in a table
    `website_searchtext_words`.
    """

    # No index but that of the words fits what is asked of it, so that the database is not tempted; `search_text_newest` is for
    # what goes back from the latest (website/search/fulltext_backends.py).
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False, verbose_name=_("campaign"))
    language = models.CharField(_("language"), max_length=12)
    written_in = models.CharField(_("written in"), max_length=12)
    version = models.ForeignKey(Version, models.CASCADE, null=True, blank=True, related_name="search_texts")
    answer_version = models.ForeignKey(
        AnswerVersion, models.CASCADE, null=True, blank=True, related_name="search_texts"
    )
    claim_version = models.ForeignKey(ClaimVersion, models.CASCADE, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(_("published"))
    title = models.TextField(_("title"))
    lead = models.TextField(_("lead"), blank=True)
    messages = models.TextField(_("key messages"), blank=True)
    body = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("search text")
        verbose_name_plural = _("search texts")
        indexes = [models.Index(fields=["campaign", "language", "published_at", "id"], name="search_text_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language"],
                condition=models.Q(version__isnull=False),
                name="one_search_text_per_version",
            ),
            models.UniqueConstraint(
                fields=["answer_version", "language"],
                condition=models.Q(answer_version__isnull=False),
                name="one_search_text_per_answer",
            ),
            models.UniqueConstraint(
                fields=["claim_version", "language"],
                condition=models.Q(claim_version__isnull=False),
                name="one_search_text_per_claim",
            ),
            models.CheckConstraint(
                condition=models.Q(version__isnull=False, answer_version=None, claim_version=None)
                | models.Q(version=None, answer_version__isnull=False, claim_version=None)
                | models.Q(version=None, answer_version=None, claim_version__isnull=False),
                name="search_text_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.title}"


class NewSearchText(models.Model):
    """A row, gone perhaps by now, whose words have not been entered among SearchWord yet (website/search/vocabulary.py)."""

    text = models.OneToOneField(
        SearchText,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("search text"),
    )

    class Meta:
        verbose_name = _("new search text")
        verbose_name_plural = _("new search texts")

    def __str__(self) -> str:
        return str(self.pk)


class SearchWord(models.Model):
    """
    A word (lower case) that stands, or stood, in a text of a campaign. `folded` is it without accents, `begins` the first four
    letters of that. Nobody is shown a word by which nothing is found now.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False, verbose_name=_("campaign"))
    language = models.CharField(_("language"), max_length=12)
    word = models.CharField(_("word"), max_length=40)
    folded = models.CharField(_("without accents"), max_length=40)
    begins = models.CharField(_("first letters"), max_length=4)

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")
        indexes = [models.Index(fields=["campaign", "language", "begins"], name="search_word_begins")]
        constraints = [models.UniqueConstraint(fields=["campaign", "language", "word"], name="one_row_per_search_word")]

    def __str__(self) -> str:
        return self.word
