"""What influencers download: pictures, videos and subtitles, their renditions, message cards and whole packages."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.cards import check_codes
from campaigns.translated_fields import TranslatedField, in_language
from lib.images.picture_sizes import Ratio
from lib.text.characters import spoken_codes

from .bulletins import Bulletin, Platform, Tone


class Asset(models.Model):
    """
    A picture, video or subtitle file to download. A picture or video has a text alternative, always.

    `language` is "" for material that says nothing in words; `subtitles_of` is the video of a subtitle file.
    `focal_x` and `focal_y` (0 to 1, from the upper left) is the point that every rendition keeps in view.
    Sizes in pixels, bytes and seconds; `sha256` (hex) is of the stored file.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("picture")
        VIDEO = "video", _("video")
        SUBTITLES = "subtitles", _("subtitles")

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="assets", verbose_name=_("bulletin"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    language = models.CharField(_("language"), max_length=12, blank=True)
    title = TranslatedField(_("title"))
    file = models.FileField(_("file"), upload_to="assets/%Y/%m/")
    alt_text = TranslatedField(_("alt text"), blank=True)
    rights = models.CharField(_("rights"), max_length=300, blank=True)
    width = models.PositiveIntegerField(_("width in pixels"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height in pixels"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("length in seconds"), null=True, blank=True)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    focal_x = models.FloatField(_("focal point, from the left"), default=0.5)
    focal_y = models.FloatField(_("focal point, from above"), default=0.5)
    subtitles_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="subtitles", verbose_name=_("subtitles of")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    of_campaign = "bulletin__campaign"

    class Meta:
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_x__range=(0, 1), focal_y__range=(0, 1)), name="focal_point_is_inside"
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title) or str(self.file.name)

    def content(self) -> dict[str, Any]:
        """Return the asset as plain data."""
        return {
            "kind": self.kind,
            "language": self.language,
            "title": self.title,
            "file": self.file.name,
            "sha256": self.sha256,
            "alt_text": self.alt_text,
            "rights": self.rights,
            "focal": [self.focal_x, self.focal_y],
        }


class Rendition(models.Model):
    """An asset cut to one ratio, its focal point in view. `size` in bytes."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="renditions", verbose_name=_("asset"))
    ratio = models.CharField(_("format"), max_length=4, choices=Ratio)
    file = models.FileField(_("file"), upload_to="renditions/%Y/%m/")
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    size = models.PositiveIntegerField(_("size in bytes"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        ordering = ["asset", "ratio"]
        constraints = [models.UniqueConstraint(fields=["asset", "ratio"], name="one_rendition_per_ratio")]

    def __str__(self) -> str:
        return f"{self.asset} {self.get_ratio_display()}"


class Card(models.Model):
    """
    A key message set as a picture. `digest` is the SHA-256 (hex) of everything that is on it and of the template's
    version, so that the same words are drawn once, and other words never pass for them. `code` is the one drawn on it
    (campaigns/cards/check_codes.py), "" on those from before there were codes;
    `likeness` is 64 bits of how it looks (lib/images/likeness.py).
    """

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="cards", verbose_name=_("bulletin"))
    digest = models.CharField(_("fingerprint"), max_length=64)
    ratio = models.CharField(_("format"), max_length=4, choices=Ratio)
    language = models.CharField(_("language"), max_length=12)
    key = models.CharField(_("key message"), max_length=40)
    text = models.TextField(_("words"))
    code = models.CharField(_("code"), max_length=8, default="", db_default="")
    file = models.FileField(_("file"), upload_to="cards/%Y/%m/")
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    size = models.PositiveIntegerField(_("size in bytes"))
    likeness = models.BigIntegerField(_("how it looks"), null=True, blank=True)
    thumbnail_size = models.PositiveIntegerField(_("size of the thumbnail in bytes"), default=0, db_default=0)
    miniature_size = models.PositiveIntegerField(_("size of the smallest picture in bytes"), default=0, db_default=0)
    made_at = models.DateTimeField(_("made"))
    theme = models.CharField(_("theme"), max_length=10, default="", db_default="", blank=True)
    tone = models.CharField(_("tone"), max_length=10, choices=Tone, default=Tone.PLAIN, db_default=Tone.PLAIN)

    class Meta:
        verbose_name = _("message card")
        verbose_name_plural = _("message cards")
        ordering = ["bulletin", "key", "language", "ratio"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "digest", "ratio"], name="one_card_per_words_and_ratio")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.language} {self.get_ratio_display()}"

    @property
    def check_url(self) -> str:
        """The address that tells whether what it says holds, "" without a code."""
        return check_codes.address(self.code)

    @property
    def check_code(self) -> str:
        """Its code as people read it."""
        return spoken_codes.in_groups(self.code)

    @property
    def thumbnail(self) -> str:
        """The stored name of the small picture: the card's own, in another format."""
        return f"{(self.file.name or '').rpartition('.')[0]}.webp"

    @property
    def thumbnail_url(self) -> str:
        """The address of the small picture, or of the card itself while it has none."""
        return default_storage.url(self.thumbnail) if self.thumbnail_size else self.file.url

    @property
    def miniature(self) -> str:
        """The stored name of the smallest picture, which square cards have."""
        return f"{(self.file.name or '').rpartition('.')[0]}.avif"

    @property
    def miniature_url(self) -> str:
        """The address of the smallest picture, "" for none."""
        return default_storage.url(self.miniature) if self.miniature_size else ""


class MovingCard(models.Model):
    """
    Key messages as a short video: one after the other, and at the end how to check them (lib/images/themes/films.py).
    `digest` is the SHA-256 (hex) of everything on it and of how it moves; `code` is the one in its scenes, which stands for
    all of it. Beside the video are its captions (.vtt) and a small picture (.webp), the first frame. Sizes in bytes.
    """

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="moving_cards", verbose_name=_("bulletin"))
    digest = models.CharField(_("fingerprint"), max_length=64)
    language = models.CharField(_("language"), max_length=12)
    theme = models.CharField(_("theme"), max_length=10)
    code = models.CharField(_("code"), max_length=8)
    file = models.FileField(_("file"), upload_to="moving/%Y/%m/")
    seconds = models.FloatField(_("length in seconds"))
    size = models.PositiveIntegerField(_("size in bytes"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("moving card")
        verbose_name_plural = _("moving cards")
        ordering = ["bulletin", "language", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "digest"], name="one_moving_card_per_words"),
        ]

    def __str__(self) -> str:
        return f"{self.bulletin} {self.language}"

    @property
    def check_url(self) -> str:
        """The address that tells whether its messages hold."""
        return check_codes.address(self.code)

    @property
    def check_code(self) -> str:
        """Its code as people read it."""
        return spoken_codes.in_groups(self.code)

    @property
    def poster_url(self) -> str:
        """The address of the small picture."""
        return default_storage.url(self.stored(".webp"))

    @property
    def captions_url(self) -> str:
        """The address of the captions."""
        return default_storage.url(self.stored(".vtt"))

    def stored(self, suffix: str) -> str:
        """Return the stored name of one of its files."""
        return (self.file.name or "").rpartition(".")[0] + suffix


class Package(models.Model):
    """
    A ZIP with everything for one platform in one language. `digest` is of what is in it. `size` in bytes; `version` is
    0 for a draft's, which is never public.
    """

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="packages", verbose_name=_("bulletin"))
    version = models.PositiveSmallIntegerField(_("version"))
    platform = models.CharField(_("platform"), max_length=12, choices=Platform)
    language = models.CharField(_("language"), max_length=12)
    digest = models.CharField(_("fingerprint"), max_length=64)
    file = models.FileField(_("file"), upload_to="packages/%Y/%m/")
    size = models.PositiveIntegerField(_("size in bytes"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        ordering = ["bulletin", "platform", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "platform", "language", "digest"], name="one_package_per_content"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bulletin} {self.get_platform_display()} {self.language}"


class MediaJob(models.Model):
    """
    Heavy work that someone asked for: cards, moving cards, renditions or packages of a bulletin. The row is the queue; Celery
    only wakes it, and the tick takes up what nobody works on (`lease_until` passed). `done` of `total` pieces.
    """

    class Kind(models.TextChoices):
        CARDS = "cards", _("message cards")
        RENDITIONS = "renditions", _("renditions")
        PACKAGES = "packages", _("packages")
        MOVING = "moving", _("moving cards")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being made")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="media_jobs", verbose_name=_("bulletin"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(_("items completed"), default=0)
    total = models.PositiveIntegerField(_("items in total"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    lease_until = models.DateTimeField(_("in progress until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background job")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "kind"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_media_job_of_a_kind_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.bulletin}: {self.get_kind_display()}"
