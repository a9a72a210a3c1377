"""Message input: official text from an authority, with its sources, facts, urgency, embargo and validity."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.access import row_scopes
from accounts.access.permissions import Scope
from accounts.models import User
from campaigns.models import Authority, Campaign, Region, Topic, language_code


class Urgency(models.TextChoices):
    """How fast a message has to reach people. It decides the queue that its mail runs on."""

    ROUTINE = "routine", _("routine")
    ELEVATED = "elevated", _("elevated")
    URGENT = "urgent", _("urgent")


class MessageInputQuerySet(models.QuerySet["MessageInput"]):
    """Questions about many message inputs."""

    def waiting(self) -> Self:
        """Return the inputs that nobody has made a bulletin of yet, the most urgent and oldest first."""
        order = models.Case(
            models.When(urgency=Urgency.URGENT, then=0), models.When(urgency=Urgency.ELEVATED, then=1), default=2
        )
        return self.filter(state__in=[MessageInput.State.NEW, MessageInput.State.ACCEPTED]).order_by(
            order, "received_at"
        )

    def updates_of(self, keys: Iterable[int]) -> Self:
        """Return what replaced inputs and was not declined, with its facts, sources and authority."""
        rows = self.filter(replaces__in=list(keys)).exclude(state=MessageInput.State.DECLINED)
        return rows.select_related("authority").prefetch_related("facts", "sources").order_by("pk")

    def of_contributor(self, user: User) -> Self:
        """Return the inputs of the authorities that `user` contributes for. Another authority's do not exist."""
        return row_scopes.within(self, {Scope.AUTHORITY}, user).distinct()


class MessageInput(models.Model):
    """
    Official text as it arrived. `embargo_until`: not before; `valid_until`: not after. `question` is what an
    editor asked back last, `answer` what the contributor said to it; every step stays as an InputStep.
    `external_id` is the sender's own name for it, so that a repeated request by API or CAP adds nothing.
    """

    class State(models.TextChoices):
        NEW = "new", _("new")
        RETURNED = "returned", _("returned with a question")
        ACCEPTED = "accepted", pgettext_lazy("message input", "accepted")
        USED = "used", _("used in a bulletin")
        DECLINED = "declined", _("declined")

    class Channel(models.TextChoices):
        FORM = "form", _("form")
        API = "api", _("API")
        CAP = "cap", _("CAP alert")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="inputs", verbose_name=_("campaign"))
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="inputs", verbose_name=_("authority"))
    reference = models.CharField(_("reference"), max_length=40)
    title = models.CharField(_("title"), max_length=250)
    body = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=12, validators=[language_code])
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.ROUTINE)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    embargo_until = models.DateTimeField(_("embargo until"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    regions = models.ManyToManyField(
        Region,
        blank=True,
        related_name="+",
        verbose_name=_("regions"),
        help_text=_("Leave it empty for the whole country."),
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="inputs", verbose_name=_("topics"))
    contact = models.EmailField(_("contact for questions"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    taken_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assigned to")
    )
    question = models.TextField(_("editor's question"), blank=True)
    answer = models.TextField(_("contributor's answer"), blank=True)
    channel = models.CharField(_("came by"), max_length=5, choices=Channel, default=Channel.FORM)
    external_id = models.CharField(_("sender's own identifier"), max_length=300, blank=True)
    replaces = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced_by", verbose_name=_("update of")
    )

    objects = MessageInputQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-received_at"]
        permissions = [("submit_messageinput", "Can give message input for an authority")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "reference"], name="one_input_per_reference"),
            models.CheckConstraint(
                condition=models.Q(embargo_until=None)
                | models.Q(valid_until=None)
                | models.Q(valid_until__gt=models.F("embargo_until")),
                name="input_valid_after_embargo",
            ),
            models.UniqueConstraint(
                fields=["authority", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_input_per_external_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"

    @property
    def crumb(self) -> str:
        """What it is called in the way to its page."""
        return self.title

    def as_update(self) -> str:
        """Of which submission it is an update, and which bulletins were made of that; "". Needs `replaces` with its bulletins."""
        if self.replaces is None:
            return ""
        numbers = ", ".join(str(one.number) for one in self.replaces.bulletins.all())
        if not numbers:
            return gettext("Update of %(reference)s.") % {"reference": self.replaces.reference}
        return gettext("Update of %(reference)s, used in bulletin %(numbers)s.") % {
            "reference": self.replaces.reference,
            "numbers": numbers,
        }


@row_scopes.defines(Scope.AUTHORITY, MessageInput)
def inputs_of_their_authorities(user: User) -> models.Q:
    """Return the condition for the inputs of the authorities that someone contributes for."""
    return models.Q(authority__members__user=user.pk)


class InputSource(models.Model):
    """A source that a message input names. `key` is its short name within the input (s1)."""

    input = models.ForeignKey(MessageInput, models.CASCADE, related_name="sources", verbose_name=_("submission"))
    key = models.CharField(_("key"), max_length=20)
    publisher = models.CharField(_("publisher"), max_length=200)
    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=500)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["input", "key"], name="one_source_per_input_key")]

    def __str__(self) -> str:
        return f"{self.publisher}: {self.title}"


class InputFact(models.Model):
    """One fact or request of a message input, until when it holds, and the fact that replaced it."""

    input = models.ForeignKey(MessageInput, models.CASCADE, related_name="facts", verbose_name=_("submission"))
    key = models.CharField(_("key"), max_length=40)
    text = models.TextField(_("fact"))
    source = models.ForeignKey(
        InputSource, models.SET_NULL, null=True, blank=True, related_name="facts", verbose_name=_("source")
    )
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="supersedes", verbose_name=_("replaced by")
    )
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["input", "key"], name="one_fact_per_input_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.text[:60]}"

    def holds_until(self) -> datetime | None:
        """Return until when it holds: what the authority said of it, else of the whole submission; None until further notice."""
        return self.valid_until or self.input.valid_until


class InputAttachment(models.Model):
    """A file that came with a message input, as it was sent. `size` in bytes, `sha256` in hex."""

    input = models.ForeignKey(MessageInput, models.CASCADE, related_name="attachments", verbose_name=_("submission"))
    name = models.CharField(_("name"), max_length=200)
    file = models.FileField(_("file"), upload_to="inputs/%Y/%m/")
    content_type = models.CharField(_("kind of file"), max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class InputStep(models.Model):
    """One step of what became of a message input: who did it, when, and what was said. Append-only."""

    class Verb(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("message input", "submitted")
        ACCEPTED = "accepted", pgettext_lazy("message input", "accepted")
        RETURNED = "returned", _("returned with a question")
        ANSWERED = "answered", _("answered")
        DECLINED = "declined", _("declined")
        USED = "used", _("used in a bulletin")

    input = models.ForeignKey(MessageInput, models.CASCADE, related_name="steps", verbose_name=_("submission"))
    verb = models.CharField(_("step"), max_length=10, choices=Verb)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    text = models.TextField(_("words"), blank=True)
    bulletin = models.ForeignKey(
        "bulletins.Bulletin", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bulletin")
    )

    class Meta:
        verbose_name = _("submission step")
        verbose_name_plural = _("submission steps")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.input.reference}: {self.get_verb_display()}"
