"""The channel that is always open: one thread per influencer, and who is to answer."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from bulletins.models import Version
from campaigns.models import Campaign
from delivery.models import Channel
from questions.models import Question

from .profiles import Influencer


class Thread(Nameless, models.Model):
    """
    All that an influencer and the team said to each other. `waiting_since` is when the oldest message arrived that
    nobody answered, empty when nobody waits; `reminded_at` when someone was last reminded of it, or of the silence. Until the
    answer `taken_by` may have it instead of the contact person.
    """

    influencer = models.OneToOneField(Influencer, models.CASCADE, related_name="thread", verbose_name=_("influencer"))
    waiting_since = models.DateTimeField(_("waiting for us since"), null=True, blank=True)
    last_from_them_at = models.DateTimeField(_("last from them"), null=True, blank=True)
    last_from_us_at = models.DateTimeField(_("last from us"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)

    taken_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assigned to")
    )

    of_campaign = "influencer__campaign"

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(
                fields=["waiting_since"], name="thread_waiting", condition=models.Q(waiting_since__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.influencer)


class ThreadMessage(Nameless, models.Model):
    """
    One message, note or contact. `text` is what was written, `folded` the quoted text and signature below it. What we say
    leaves by mail: the row is its queue (`attempts`, `next_attempt_at`; `sent_at` or `given_up_at` ends it, and both say
    that the mail came back), or that it is there is said by another `channel`. `mail_id` is the Message-ID; what comes twice is one row. `from_address` is set when a mail came from another address than theirs.
    `question` is what a message was passed on as.
    """

    class Kind(models.TextChoices):
        FROM_THEM = "from_them", _("from them")
        FROM_US = "from_us", _("from us")
        NOTE = "note", _("note for the team")
        CONTACT = "contact", _("contact elsewhere")
        AUTOMATIC = "automatic", _("automatic reply")

    class Via(models.TextChoices):
        MAIL = "mail", _("email")
        PORTAL = "portal", _("portal")
        DESK = "desk", _("desk")
        PHONE = "phone", _("phone")
        MEETING = "meeting", _("meeting")
        OTHER = "other", _("other")

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages", verbose_name=_("conversation"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    via = models.CharField(_("how"), max_length=8, choices=Via)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who"))
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    folded = models.TextField(_("quoted text and signature"), blank=True)
    version = models.ForeignKey(
        Version, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("about")
    )
    question = models.ForeignKey(
        Question, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("passed on as")
    )
    mail_id = models.CharField(_("message id"), max_length=250, blank=True, editable=False)
    in_reply_to = models.CharField(_("in reply to"), max_length=250, blank=True, editable=False)
    from_address = models.EmailField(_("from another address"), max_length=254, blank=True)
    at = models.DateTimeField(_("at"))
    seen_at = models.DateTimeField(_("seen in the portal"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    channel = models.CharField(_("sent by"), max_length=10, choices=Channel, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("message of a conversation")
        verbose_name_plural = _("messages of conversations")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["thread", "mail_id"], condition=~models.Q(mail_id=""), name="one_row_per_mail"
            )
        ]
        indexes = [
            models.Index(fields=["mail_id"], name="thread_message_mail"),
            models.Index(
                fields=["next_attempt_at"],
                name="thread_message_to_send",
                condition=models.Q(sent_at=None, given_up_at=None, next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Attachment(Nameless, models.Model):
    """A file that came with a mail, checked: kept, or refused with the reason (`refused`) and without the file."""

    message = models.ForeignKey(ThreadMessage, models.CASCADE, related_name="attachments", verbose_name=_("message"))
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("kind of file"), max_length=100, blank=True)
    size = models.PositiveIntegerField(_("size"), default=0)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    file = models.FileField(_("file"), upload_to="conversations/", max_length=200, blank=True)
    refused = models.CharField(_("why it was not kept"), max_length=200, blank=True)

    of_campaign = "message__thread__influencer__campaign"

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name


class UnmatchedMail(Nameless, models.Model):
    """A mail that could be tied to nobody: from an unknown address, to no thread of ours. Someone sorts it."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, blank=True, related_name="unmatched_mails", verbose_name=_("campaign")
    )
    from_name = models.CharField(_("name"), max_length=200, blank=True)
    from_address = models.EmailField(_("address"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    folded = models.TextField(_("quoted text and signature"), blank=True)
    mail_id = models.CharField(_("message id"), max_length=250, unique=True, editable=False)
    at = models.DateTimeField(_("arrived"))
    sorted_into = models.ForeignKey(
        Thread, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sorted into")
    )
    sorted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sorted by")
    )
    sorted_at = models.DateTimeField(_("sorted"), null=True, blank=True)

    class Meta:
        verbose_name = _("email from an unknown sender")
        verbose_name_plural = _("emails from unknown senders")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.subject or self.from_address


class ArrivedMailQuerySet(models.QuerySet["ArrivedMail"]):
    """Questions about mail as it came."""

    def due(self, *, at: datetime) -> "ArrivedMailQuerySet":
        """Return what is to be read now, or should have been by someone who is gone."""
        return self.filter(next_attempt_at__lte=at)


class ArrivedMail(models.Model):
    """
    A mail as it came, or what a provider posted with mails in it (`provider`), until it is read (inbox.mail.arrived_mail); then it is
    gone. What cannot be read has no next attempt, and an `unmatched` mail that shows it to a person and with which it is forgotten.
    """

    provider = models.CharField(max_length=20, blank=True)
    content_type = models.CharField(max_length=250, blank=True)
    raw = models.BinaryField()
    to = models.JSONField(default=list)
    at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    unmatched = models.OneToOneField(UnmatchedMail, models.CASCADE, null=True, related_name="+")

    objects = ArrivedMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("email as received")
        verbose_name_plural = _("emails as received")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=~models.Q(next_attempt_at=None), name="arrived_mail_to_be_read"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class HandOver(Nameless, models.Model):
    """An influencer's contact person changed: from whom to whom, by whom, why."""

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="hand_overs", verbose_name=_("influencer"))
    before = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("before"))
    after = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("after"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.influencer}: {self.before} → {self.after}"


class Harassment(Nameless, models.Model):
    """
    An influencer says that they are harassed: one tap, words if they like. It goes to a person at once and is open
    until someone has taken it (`taken_at`) and closed it with what was done.
    """

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="harassments", verbose_name=_("influencer"))
    version = models.ForeignKey(
        Version, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("about")
    )
    words = models.TextField(_("words"), blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    in_danger = models.BooleanField(_("threatened"), default=False)
    at = models.DateTimeField(_("at"))
    taken_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assigned to")
    )
    taken_at = models.DateTimeField(_("assigned"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("passed on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    outcome = models.TextField(_("what was done"), blank=True)

    of_campaign = "influencer__campaign"

    class Meta:
        verbose_name = _("harassment report")
        verbose_name_plural = _("harassment reports")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.influencer}: {self.at:%Y-%m-%d}"
