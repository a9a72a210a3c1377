"""What readers see: published versions, frozen. The working copy in bulletins.py can change; these cannot."""

from datetime import datetime
from typing import Any, NamedTuple, Self

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Campaign, ReadingLevel
from campaigns.publication_details import Printed
from campaigns.translated_fields import TranslatedField
from delivery.models import Mailing
from lib.frozen_rows import Frozen, FrozenQuerySet
from lib.text.languages.languages import easy_tag

from .bulletins import Bulletin
from .inputs import Urgency


class VersionQuerySet(models.QuerySet["Version"]):
    """Questions about many versions."""

    def published(self, *, at: datetime) -> Self:
        """Return the versions that anyone may see at `at`."""
        return self.filter(published_at__lte=at)

    def live_since(self) -> datetime | None:
        """Return when a campaign that is no exercise first published a bulletin, None before; one query."""
        live = self.exclude(bulletin__campaign__mode=Campaign.Mode.EXERCISE)
        return live.order_by("published_at").values_list("published_at", flat=True).first()

    def current(self, campaign: Campaign, *, at: datetime) -> Self:
        """Return the newest published version of every bulletin of `campaign`, the latest bulletin first."""
        newer = Version.objects.published(at=at).filter(
            bulletin=models.OuterRef("bulletin"), number__gt=models.OuterRef("number")
        )
        return (
            self.published(at=at)
            .filter(~models.Exists(newer), bulletin__campaign=campaign)
            .select_related("bulletin")
            .order_by("-bulletin__number")
        )


class Version(Printed):
    """
    One published version of a bulletin: 1 is the original, later ones correct or retract it.

    `digest` is the approved content's; `first_published_at` is when version 1 went out. `next_word_at` is by when readers were told
    that more would be said; once it is late, that was noted at `late_noted_at`.
    """

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="versions", verbose_name=_("bulletin"))
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=10, choices=Bulletin.Kind)
    what_changed = TranslatedField(_("what changed"), blank=True)
    share_text = TranslatedField(_("text for people who have already posted"), blank=True)
    urgency = models.CharField(_("urgency"), max_length=10)
    digest = models.CharField(_("fingerprint"), max_length=64)
    mailing = models.OneToOneField(Mailing, models.PROTECT, related_name="version", verbose_name=_("mailing"))
    published_at = models.DateTimeField(_("published"))
    first_published_at = models.DateTimeField(_("first published"))
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("approved by"))
    next_word_at = models.DateTimeField(_("when we say more"), null=True, blank=True)
    late_noted_at = models.DateTimeField(_("noted that it is late"), null=True, blank=True)
    asks_seen = models.BooleanField(_("asks partners to say that they have seen it"), default=False, db_default=False)
    seen_plan = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), editable=False)

    objects = VersionQuerySet.as_manager()
    of_campaign = "bulletin__campaign"

    class Meta:
        verbose_name = _("published version")
        verbose_name_plural = _("published versions")
        ordering = ["-published_at"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "number"], name="one_row_per_bulletin_version")]

    def __str__(self) -> str:
        return f"{self.bulletin.number}, v{self.number}"

    def title(self) -> str:
        """Return the title that it was published with, in the active language or the one that it was written in. One query."""
        rows = self.editions.filter(reading_level=ReadingLevel.STANDARD).order_by("pk")
        titles = dict(rows.values_list("language", "title"))
        code = (get_language() or "").partition("-")[0]
        return titles.get(code) or titles.get(self.bulletin.original_language) or next(iter(titles.values()), "")

    @property
    def is_corrected(self) -> bool:
        """Return whether this version corrects an earlier one."""
        return self.kind == Bulletin.Kind.CORRECTION

    @property
    def is_urgent(self) -> bool:
        """Return whether this version says something urgent; what is withdrawn says nothing."""
        return self.urgency == Urgency.URGENT and not self.is_retracted

    @property
    def is_retracted(self) -> bool:
        """Return whether this version withdraws the bulletin."""
        return self.kind == Bulletin.Kind.RETRACTION


class Replacement(NamedTuple):
    """What a later bulletin says in the place of a key message: since when, its number, and its words in a language."""

    at: datetime
    number: int
    text: str
    language: str


class PublishedEdition(Frozen):
    """
    A published version in one language at one reading level, frozen.

    `html` is clean and ready to show. `content` holds plain data: `key_messages` [{key, text, source_name,
    source_url, valid_until, tones: {tone: text} and replaces: "number:key" where there are some}], `calls_to_action` [text], `variants` [{platform, title, caption, script,
    hashtags, tags, alt_text}], `assets` [{kind, title, file, alt_text, rights}], `hashtags` [text], `regions` [code] ([] for
    the whole country), and where there are any `situation` {known, not_known, being_done: Markdown, `unknown_section`: what
    `body` has of what is not known}.

    What other bulletins have replaced since is no part of it: `replaced` {key of a key message: {at, number, key, text, language, via:
    "number:key" of the one between}} changes with them (bulletins.publication.replaced_messages).
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="editions", verbose_name=_("version"))
    language = models.CharField(_("language"), max_length=12)
    reading_level = models.CharField(
        _("reading level"), max_length=10, choices=ReadingLevel, default=ReadingLevel.STANDARD
    )
    title = models.CharField(_("title"), max_length=160)
    lead = models.CharField(_("lead"), max_length=300, blank=True)
    html = models.TextField(_("HTML"))
    body = models.TextField(_("text (Markdown)"))
    content = models.JSONField(_("content"), default=dict)
    replaced = models.JSONField(_("replaced"), default=dict, db_default=models.Value({}, models.JSONField()))

    objects = FrozenQuerySet["PublishedEdition"].as_manager()
    may_change = frozenset({"replaced"})
    may_go = True
    of_campaign = "version__bulletin__campaign"

    class Meta:
        verbose_name = _("published edition")
        verbose_name_plural = _("published editions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language", "reading_level"], name="one_published_edition_per_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.title}"

    @property
    def is_easy(self) -> bool:
        """Whether it is in easy language."""
        return self.reading_level == ReadingLevel.EASY

    @property
    def language_tag(self) -> str:
        """The tag of the language that it is written in, as pages are marked up: "fi", or "fi-simple" for easy language."""
        return easy_tag(self.language) if self.is_easy else self.language

    @property
    def asserted(self) -> str:
        """Its text (Markdown) without what it says is not known yet: what may be repeated as ours."""
        section = self.content.get("situation", {}).get("unknown_section")
        return self.body.replace(section, "\n\n", 1) if section else self.body

    def replacement_of(self, key: str) -> Replacement | None:
        """Return what another bulletin says now in the place of a key message, None while this one stands."""
        found = self.replaced.get(key)
        if not found:
            return None
        return Replacement(datetime.fromisoformat(found["at"]), found["number"], found["text"], found["language"])

    def end_of(self, item: dict[str, Any]) -> datetime | None:
        """Return when one of its key messages ends to hold: as it says, or when another took its place."""
        own = datetime.fromisoformat(item["valid_until"]) if item.get("valid_until") else None
        newer = self.replacement_of(item.get("key", ""))
        return min((moment for moment in (own, newer and newer.at) if moment), default=None)
