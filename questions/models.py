"""
Questions that influencers relay, grouped by meaning, and the authorities' answers: written, checked by a second person,
published in frozen versions.
"""

import hashlib
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access.permissions import Scope
from accounts.access.row_scopes import defines
from accounts.models import Nameless, User
from bulletins.models import Bulletin, InputFact
from campaigns.models import Authority, Campaign, Topic
from campaigns.publication_details import Printed, PrintedWords
from campaigns.translated_fields import TranslatedField, in_language
from delivery.models import Recipient
from lib.frozen_rows import Frozen, FrozenQuerySet


class QuestionGroupQuerySet(models.QuerySet["QuestionGroup"]):
    """Questions about many groups."""

    def voids(self) -> Self:
        """Return the groups that nobody has answered: information voids, those with the nearest deadline first."""
        waiting = self.filter(state__in=[QuestionGroup.State.OPEN, QuestionGroup.State.ASKED])
        return waiting.order_by(models.F("answer_by").asc(nulls_last=True), "pk")


class QuestionGroup(models.Model):
    """
    Questions that mean the same, answered once. Until it is answered it is an information void, which `authority` is to
    fill by `answer_by`; `declined_why` says why no answer will come, `declined_at` since when.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ASKED = "asked", _("with the authority")
        ANSWERED = "answered", _("answered")
        DECLINED = "declined", _("will not be answered")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="question_groups", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"), max_length=60)
    label = TranslatedField(_("short form of the question"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="question_groups", verbose_name=_("topic")
    )
    authority = models.ForeignKey(
        Authority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="question_groups",
        verbose_name=_("authority to answer"),
    )
    answer_by = models.DateTimeField(_("answer by"), null=True, blank=True)
    asked_at = models.DateTimeField(_("sent to the authority"), null=True, blank=True, editable=False)
    asked_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False, verbose_name=_("sent by")
    )
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, editable=False)
    taken_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False, verbose_name=_("assigned to")
    )
    declined_why = TranslatedField(_("why it will not be answered"), blank=True)
    declined_at = models.DateTimeField(_("declined at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = QuestionGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("question group")
        verbose_name_plural = _("question groups")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "slug"], name="one_group_per_campaign_slug"),
            models.CheckConstraint(
                condition=~models.Q(state="asked") | models.Q(authority__isnull=False, answer_by__isnull=False),
                name="asked_group_names_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.label) or self.slug


@defines(Scope.AUTHORITY, QuestionGroup)
def sent_to_their_authorities(user: User) -> models.Q:
    """Return the condition for the groups that were sent to an authority that someone contributes for."""
    return models.Q(asked_at__isnull=False, authority__members__user=user.pk)


class Question(Nameless, models.Model):
    """
    A question in the asker's own words. `relayed_by` is who brought it, shown in public only as `credit` when
    `may_credit`, or `asked_by` who asked it for their municipality, which `channel` names; `times` is how many followers asked it, as far as the relayer knows.
    """

    class Via(models.TextChoices):
        PORTAL = "portal", _("portal")
        MAIL = "mail", _("email")
        STAFF = "staff", _("staff")
        MUNICIPALITY = "municip", _("municipality")

    group = models.ForeignKey(
        QuestionGroup, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("group")
    )
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="questions", verbose_name=_("campaign"))
    bulletin = models.ForeignKey(
        Bulletin, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("about")
    )
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("topic")
    )
    language = models.CharField(_("language"), max_length=12)
    text = models.TextField(_("question"))
    channel = models.CharField(_("where it was asked"), max_length=40, blank=True)
    times = models.PositiveIntegerField(_("how many asked"), default=1)
    via = models.CharField(_("how it came"), max_length=8, choices=Via, default=Via.PORTAL)
    relayed_by = models.ForeignKey(
        Recipient, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("relayed by")
    )
    asked_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    may_credit = models.BooleanField(_("the relayer can be named"), default=False)
    credit = models.CharField(_("named as"), max_length=120, blank=True)
    entered_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    grouped_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False, verbose_name=_("grouped by")
    )
    grouped_at = models.DateTimeField(_("grouped"), null=True, blank=True, editable=False)
    set_aside_at = models.DateTimeField(_("set aside"), null=True, blank=True, editable=False)
    set_aside_why = models.CharField(_("why it was set aside"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def asker_text(self) -> dict[str, str]:
        """The asker's own words, {language: text}; none where a member of the team has entered it for them."""
        return {} if self.entered_by_id else {self.language: self.text}


class SameQuestion(Nameless, models.Model):
    """Someone who wants to know the same as a group of questions: one tap in the portal."""

    group = models.ForeignKey(QuestionGroup, models.CASCADE, related_name="others", verbose_name=_("group"))
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("same question")
        verbose_name_plural = _("same questions")
        constraints = [models.UniqueConstraint(fields=["group", "recipient"], name="one_same_question_each")]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.recipient_id}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Questions about many answers."""

    def published(self, *, at: datetime) -> Self:
        """
        Return the answers of which a version may be read at `at`, the newest first, each with that version. It stands
        while a correction is being written.
        """
        stands = self.filter(current_version__published_at__lte=at).exclude(
            current_version__kind=AnswerVersion.Kind.WITHDRAWAL
        )
        return stands.select_related("current_version").order_by("-current_version__published_at", "-pk")


class Answer(models.Model):
    """
    An authority's answer to a group of questions, in the making. Readers see `current_version`, its newest published version.

    `subtitles` is {language code: WebVTT}; `video_seconds` is the length. The video is a file of ours, or an address.
    `digest` is the SHA-256 of all that was submitted (`content()`): approval is of that and no other, and any edit
    clears it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    group = models.OneToOneField(QuestionGroup, models.CASCADE, related_name="answer", verbose_name=_("group"))
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="answers", verbose_name=_("authority"))
    state = models.CharField(_("stage"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    text = TranslatedField(_("answer"), blank=True)
    fact = models.ForeignKey(
        InputFact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("based on")
    )
    source_name = TranslatedField(_("source"), blank=True)
    source_url = TranslatedField(_("source's address"), blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    what_changed = TranslatedField(_("what changed"), blank=True)
    video = models.FileField(_("video file"), upload_to="answers/", max_length=200, blank=True)
    video_url = models.URLField(_("video's address"), blank=True)
    video_language = models.CharField(_("spoken language"), max_length=12, blank=True)
    video_seconds = models.PositiveIntegerField(_("length in seconds"), null=True, blank=True)
    subtitles = models.JSONField(_("subtitles"), default=dict, blank=True)
    digest = models.CharField(_("fingerprint in review"), max_length=64, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    current_version = models.ForeignKey(
        "AnswerVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("current version"),
    )

    objects = AnswerQuerySet.as_manager()
    of_campaign = "group__campaign"

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        permissions = [("approve_answer", "Can approve an answer that others wrote")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(current_version__isnull=False),
                name="published_answer_has_version",
            )
        ]

    def __str__(self) -> str:
        return str(self.group)

    @property
    def published_at(self) -> datetime | None:
        """When the version that stands was published; needs `current_version` at hand."""
        return self.current_version.published_at if self.current_version else None

    def credits(self) -> list[str]:
        """Return the names of people who brought the question and may be named, the first to ask first; one query."""
        named = self.group.questions.filter(may_credit=True).exclude(credit="").order_by("asked_at", "pk")
        return list(dict.fromkeys(named.values_list("credit", flat=True)))

    def content(self) -> dict[str, Any]:
        """Return all that an approval covers as plain data; one query when what it belongs to is at hand."""
        return {
            "question": self.group.label,
            "credits": self.credits(),
            "authority": self.authority_id,
            "text": self.text,
            "fact": self.fact_id,
            "source_name": self.source_name,
            "source_url": self.source_url,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "what_changed": self.what_changed,
            "video": self.video.name or "",
            "video_url": self.video_url,
            "video_language": self.video_language,
            "video_seconds": self.video_seconds,
            "subtitles": self.subtitles,
            "printed": self.printed().plain(),
        }

    def printed(self) -> PrintedWords:
        """Return the words that are printed with it besides its own."""
        topic, authority = self.group.topic, self.authority if self.authority_id else None
        return PrintedWords.of(self.group.campaign, topics=[topic] if topic else [], authority=authority)


class AnswerVersionQuerySet(FrozenQuerySet["AnswerVersion"]):
    """Questions about many versions of answers."""

    def not_withdrawn(self, *, at: datetime) -> Self:
        """
        Return the versions whose words may be read at `at`. A withdrawal takes back all that was published before it,
        also when a new version has been published since.
        """
        withdrawals = AnswerVersion.objects.filter(
            answer=models.OuterRef("answer"),
            number__gte=models.OuterRef("number"),
            kind=AnswerVersion.Kind.WITHDRAWAL,
            published_at__lte=at,
        )
        return self.filter(~models.Exists(withdrawals), published_at__lte=at)


class AnswerVersion(Frozen, Printed):
    """
    One published version of an answer, frozen: 1 is the original, later ones correct or withdraw it. `content` is
    `Answer.content()` as it was approved, but for the words that are printed with it (`printed`), and for the names of
    people who brought the question: they are `credits` alone, where they can be erased. One that `adds_language` says the same as the
    one before it, in more languages, and is of its kind: nobody is told of it anew.
    """

    class Kind(models.TextChoices):
        ORIGINAL = "original", _("original")
        CORRECTION = "correction", _("correction")
        WITHDRAWAL = "withdrawal", _("withdrawal")

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="versions", verbose_name=_("answer"))
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.ORIGINAL)
    adds_language = models.BooleanField(_("adds a language"), default=False, db_default=False)
    question = TranslatedField(_("short form of the question"))
    text = TranslatedField(_("answer"), blank=True)
    what_changed = TranslatedField(_("what changed"), blank=True)
    content = models.JSONField(_("content"), default=dict)
    credits = models.JSONField(_("name shown with it"), default=list)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"))
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by"))
    digest = models.CharField(_("fingerprint"), max_length=64)

    objects = AnswerVersionQuerySet.as_manager()
    may_change = frozenset({"credits"})  # a name in them may have to be forgotten
    may_go = True

    class Meta:
        verbose_name = _("published answer")
        verbose_name_plural = _("published answers")
        ordering = ["-published_at"]
        constraints = [models.UniqueConstraint(fields=["answer", "number"], name="one_row_per_answer_version")]

    def __str__(self) -> str:
        return f"{self.answer_id}, v{self.number}"

    def statement_in(self, language: str) -> str:
        """Return the fingerprint (SHA-256, hex) by which check_codes knows what it says in a language."""
        return hashlib.sha256(f"answer {self.answer_id} {self.number} {language}".encode()).hexdigest()


class AnswerStep(models.Model):
    """What was done with an answer, by whom, in which words. Whoever is named in an edit of a version cannot approve it."""

    class Kind(models.TextChoices):
        EDITED = "edited", _("edited")
        SUBMITTED = "submitted", _("submitted")
        SENT_BACK = "sent_back", _("sent back")
        APPROVED = "approved", _("approved")
        CORRECTING = "correcting", _("correction started")
        WITHDRAWN = "withdrawn", _("withdrawn")

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="steps", verbose_name=_("answer"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    version = models.PositiveSmallIntegerField(_("version"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("at"))
    words = models.TextField(_("words"), blank=True)

    class Meta:
        verbose_name = _("answer step")
        verbose_name_plural = _("answer steps")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.get_kind_display()}"
