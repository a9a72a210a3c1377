"""Stories of municipalities: their words, their files, the consent of whoever is seen, and their subtitles."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access.permissions import Scope
from accounts.access.row_scopes import defines
from accounts.models import Nameless, User
from agreement.digests import CURRENT
from campaigns.models import Campaign
from campaigns.translated_fields import TranslatedField, in_language

from .municipalities import Municipality, MunicipalityMember


class StoryTheme(models.Model):
    """What stories are about. `words` are those, by language, that suggest it: {"en": ["mask", "food"]}."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="story_themes", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"), max_length=40)
    name = TranslatedField(_("name"))
    words = models.JSONField(_("words that suggest it"), default=dict, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("theme of stories")
        verbose_name_plural = _("themes of stories")
        ordering = ["position", "slug"]
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="one_story_theme_per_slug")]

    def __str__(self) -> str:
        return in_language(self.name) or self.slug


class StoryConsent(Nameless, models.Model):
    """
    Somebody seen in a municipality's stories agrees to be shown: once, for all of them, until they take it back. For a minor the
    guardian signs. `agreed_to` is the text that was signed, word by word; who may sign by a link has it as a signed key of the row.
    `known_as` tells people of one name apart (a year of birth, what they do); most have none.
    """

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="consents", verbose_name=_("municipality")
    )
    name = models.CharField(_("name"), max_length=120)
    known_as = models.CharField(_("told apart by"), max_length=60, blank=True, default="", db_default="")
    is_minor = models.BooleanField(_("minor"), default=False)
    guardian = models.CharField(_("guardian"), max_length=120, blank=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    language = models.CharField(_("language"), max_length=12, blank=True)
    agreed_to = models.TextField(_("agreed to"), blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    of_campaign = "municipality__campaign"

    class Meta:
        verbose_name = _("consent of a person seen")
        verbose_name_plural = _("consents of people seen")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_at=None) | ~models.Q(agreed_to=""), name="story_consent_has_its_text"
            ),
            models.CheckConstraint(
                condition=models.Q(signed_at=None) | models.Q(is_minor=False) | ~models.Q(guardian=""),
                name="a_guardian_signs_for_a_minor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.known_as})" if self.known_as else self.name

    @property
    def holds(self) -> bool:
        """Whether it has been given and not been taken back."""
        return self.signed_at is not None and self.withdrawn_at is None


class StoryQuerySet(models.QuerySet["Story"]):
    """Questions about many stories."""

    def shown(self, campaign: Campaign) -> Self:
        """
        Return what anyone may see of a campaign: published, not withdrawn, with the consent of everybody seen, the newest first. What
        readers are shown of stories begins here, everywhere.
        """
        lacking = StoryConsent.objects.filter(stories=models.OuterRef("pk")).exclude(
            signed_at__isnull=False, withdrawn_at=None
        )
        published = self.filter(campaign=campaign, state=Story.State.PUBLISHED)
        return published.exclude(models.Exists(lacking)).order_by("-published_at", "-pk")

    def taken_away(self, *, before: datetime) -> Self:
        """Return those that were withdrawn or refused at a time or before it: nobody will be shown them again."""
        State = Story.State
        return self.filter(
            models.Q(state=State.WITHDRAWN, withdrawn_at__lte=before)
            | models.Q(state=State.REFUSED, checked_at__lte=before)
        )

    def sent_by(self, user: Any, campaign: Campaign) -> Self:
        """Return those of the municipalities that somebody sends for, the newest first."""
        return self.filter(of_own_municipalities(user), campaign=campaign).order_by("-pk")


class Story(models.Model):
    """
    A video, pictures or words in which a municipality tells how it copes. It is private until somebody else than the sender has looked
    at it; `digest` is the fingerprint of what was looked at. `original_language` is the one that is spoken or written; `title`,
    `sentence` and `text` have it first and may follow in others. `captions_due` is the day by which a video
    has to have subtitles, by law. `revision` counts every change, so that two people at once notice each other.

    `words` are what the desk proposes to add or change, {"title": {code: text}, "sentence": …, "text": …, "alt": {key of a picture:
    {code: text}}}: nobody outside reads them before somebody else than `words_by` has looked at them. `views` counts how often its page
    was shown.
    """

    class Kind(models.TextChoices):
        VIDEO = "video", _("video")
        PICTURES = "pictures", _("pictures")
        TEXT = "text", _("text")

    class State(models.TextChoices):
        DRAFT = "draft", _("being written")
        SENT = "sent", _("waits to be looked at")
        RETURNED = "returned", _("sent back")
        ACCEPTED = "accepted", _("accepted, not published yet")
        PUBLISHED = "published", _("published")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stories", verbose_name=_("campaign"))
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="stories", verbose_name=_("municipality")
    )
    key = models.CharField(_("key in its address"), max_length=12, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    original_language = models.CharField(_("language"), max_length=12)
    title = TranslatedField(_("title"))
    speaker = models.CharField(_("who speaks"), max_length=120, blank=True)
    sentence = TranslatedField(_("in one sentence"), blank=True)
    text = TranslatedField(_("text"), blank=True)
    themes = models.ManyToManyField(StoryTheme, blank=True, related_name="stories", verbose_name=_("themes"))
    people = models.ManyToManyField(StoryConsent, blank=True, related_name="stories", verbose_name=_("people seen"))
    sent_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by"))
    made_at = models.DateTimeField(_("begun"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    remark = models.TextField(_("why it was sent back or refused"), blank=True)
    digest = models.CharField(_("fingerprint"), max_length=64, blank=True)
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("looked at by")
    )
    checked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    captions_due = models.DateField(_("subtitles due"), null=True, blank=True)
    cut_from = models.FloatField(_("second at which its upright cut begins"), default=0.0, db_default=0.0)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    words = models.JSONField(
        _("proposed words"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    words_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("words proposed by")
    )
    writers = models.JSONField(
        _("worked on by"), default=list, db_default=models.Value([], models.JSONField()), editable=False
    )
    digest_version = models.PositiveSmallIntegerField(default=CURRENT, db_default=0, editable=False)
    views = models.PositiveIntegerField(_("seen"), default=0, db_default=0, editable=False)

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        ordering = ["-pk"]
        permissions = [
            ("check_story", "Can look at stories of municipalities and publish them"),
            ("send_story", "Can send stories for a municipality"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["accepted", "published"])
                | (models.Q(checked_by__isnull=False) & ~models.Q(digest="")),
                name="story_was_looked_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False),
                name="published_story_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "state", "-published_at"], name="story_shown"),
            models.Index(fields=["captions_due"], name="story_captions", condition=models.Q(state="published")),
        ]

    def __str__(self) -> str:
        return in_language(self.title) or self.key

    def get_absolute_url(self) -> str:
        """Return the address of its public page in the active language."""
        return reverse("stories:story", args=[self.key])


@defines(Scope.OWN, Story)
def of_own_municipalities(user: User) -> models.Q:
    """Return the condition for stories of the municipalities that someone sends for."""
    return models.Q(municipality__in=MunicipalityMember.objects.filter(user=user.pk).values("municipality"))


class StoryFile(models.Model):
    """
    A file of a story. ORIGINAL is what was sent, without what tells of phone, person and place, and is never public; the others are
    made of it. `label` tells files of one role apart: the height of a web size, the language of a cut's subtitles, the number of a picture.
    Sizes in pixels, bytes and seconds; `sha256` (hex) is of the stored file.
    """

    class Role(models.TextChoices):
        ORIGINAL = "original", _("as it was sent")
        WEB = "web", _("for the web")
        POSTER = "poster", _("still picture")
        CUT = "cut", _("upright cut")
        SHARE = "share", _("picture to share")
        PICTURE = "picture", _("picture")

    story = models.ForeignKey(Story, models.CASCADE, related_name="files", verbose_name=_("story"))
    role = models.CharField(_("what"), max_length=10, choices=Role)
    label = models.CharField(_("which"), max_length=12, blank=True)
    file = models.FileField(_("file"), upload_to="stories/")
    alt_text = TranslatedField(_("alt text"), blank=True)
    width = models.PositiveIntegerField(_("width in pixels"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height in pixels"), null=True, blank=True)
    seconds = models.FloatField(_("length in seconds"), null=True, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    made_at = models.DateTimeField(_("made"))

    of_campaign = "story__campaign"

    class Meta:
        verbose_name = _("file of a story")
        verbose_name_plural = _("files of stories")
        ordering = ["story", "role", "label"]
        constraints = [
            models.UniqueConstraint(fields=["story", "role", "label"], name="one_story_file_per_role_and_label")
        ]

    def __str__(self) -> str:
        return f"{self.story_id} {self.role} {self.label}"


class StoryUpload(Nameless, models.Model):
    """
    A file on its way, piece by piece: `received` of `size` bytes are kept in the `pieces`, names of stored files in the folder `name`
    one after the other, and the next piece goes on from there. It belongs to whoever began it. `finished_at` when it has all; it is
    forgotten when its story has it, or at `expires_at`.
    """

    key = models.CharField(_("key in its address"), max_length=32, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("sent by"))
    story = models.ForeignKey(Story, models.CASCADE, related_name="uploads", verbose_name=_("story"))
    filename = models.CharField(_("name on the phone"), max_length=200)
    name = models.CharField(_("stored as"), max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    received = models.PositiveBigIntegerField(_("bytes received"), default=0)
    pieces = models.JSONField(_("pieces"), default=list, db_default=models.Value([], models.JSONField()), blank=True)
    begun_at = models.DateTimeField(_("begun"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"))

    of_campaign = "story__campaign"

    class Meta:
        verbose_name = _("file on its way")
        verbose_name_plural = _("files on their way")
        constraints = [
            models.CheckConstraint(condition=models.Q(received__lte=models.F("size")), name="no_more_than_its_size")
        ]
        indexes = [models.Index(fields=["expires_at"], name="story_upload_age")]

    def __str__(self) -> str:
        return self.key


class StorySubtitlesQuerySet(models.QuerySet["StorySubtitles"]):
    """Questions about many subtitles."""

    def shown(self, stories: Iterable[Any]) -> Self:
        """Return the confirmed ones of stories."""
        return self.filter(story__in=stories, confirmed_at__isnull=False)


class StorySubtitles(models.Model):
    """
    A story's subtitles in one language. `draft` is being worked on (WebVTT), `vtt` is what somebody confirmed and readers get;
    `origin` says where the draft's words came from. A machine's draft is one until somebody confirms it.
    """

    class Origin(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        WRITTEN = "written", _("written here")
        SPEECH = "speech", _("drafted by a speech model")
        TRANSLATED = "translated", _("drafted by a translation model")

    story = models.ForeignKey(Story, models.CASCADE, related_name="subtitles", verbose_name=_("story"))
    language = models.CharField(_("language"), max_length=12)
    origin = models.CharField(_("where from"), max_length=10, choices=Origin)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    draft = models.TextField(_("draft"), blank=True)
    vtt = models.TextField(_("confirmed"), blank=True)
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("edited by"))
    edited_at = models.DateTimeField(_("edited"))
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    objects = StorySubtitlesQuerySet.as_manager()
    of_campaign = "story__campaign"

    class Meta:
        verbose_name = _("subtitles of a story")
        verbose_name_plural = _("subtitles of stories")
        ordering = ["story", "language"]
        constraints = [
            models.UniqueConstraint(fields=["story", "language"], name="one_story_subtitles_per_language"),
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None) | ~models.Q(vtt=""), name="confirmed_subtitles_have_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.story_id} {self.language}"


class StoryJob(models.Model):
    """
    Heavy work on a story: web sizes and poster, cuts, a draft of subtitles. The row is the queue; Celery only wakes it, and the tick
    takes up what nobody works on (`lease_until` passed). `done` of `total` pieces; `label` is the language of a draft or a cut.
    """

    class Kind(models.TextChoices):
        SIZES = "sizes", _("web sizes")
        CUT = "cut", _("upright cut")
        SPEECH = "speech", _("draft of subtitles")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being made")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    story = models.ForeignKey(Story, models.CASCADE, related_name="jobs", verbose_name=_("story"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    label = models.CharField(_("which"), max_length=12, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(_("pieces completed"), default=0)
    total = models.PositiveIntegerField(_("pieces in total"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    lease_until = models.DateTimeField(_("in progress until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    of_campaign = "story__campaign"

    class Meta:
        verbose_name = _("background job of a story")
        verbose_name_plural = _("background jobs of stories")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["story", "kind", "label"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_story_job_of_a_kind_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.story_id}: {self.kind}"

    @property
    def percent(self) -> int:
        """How much of it is done, 0 before that is known."""
        return 100 * self.done // self.total if self.total else 0
