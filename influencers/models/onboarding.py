"""How people come in: by the open form, by an invitation, or out of a file whose people are then invited."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Nameless, User
from campaigns.models import Campaign, CustomText

from .profiles import Influencer


class Application(Nameless, models.Model):
    """
    What someone filled in to join, until the code sent to their address is entered. It is nobody's profile yet, is
    deleted when it becomes one, and is purged when it never does. `answers` is the checked form as plain data;
    `code_hash` and `link_hash` are the HMACs of the code and of the link beside it, whose mail a worker sends when it is due (`mail_due_at`); `browser` a secret of
    the browser that asked, since a code works nowhere else.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="applications", verbose_name=_("campaign"))
    email = models.EmailField(_("email address"), max_length=254)
    language = models.CharField(_("language"), max_length=12)
    answers = models.JSONField(_("answers"), default=dict)
    code_hash = models.CharField(max_length=64, editable=False)
    link_hash = models.CharField(max_length=64, editable=False, db_default="")
    code_sent_at = models.DateTimeField(_("code sent"))
    mail_due_at = models.DateTimeField(_("mail due"), null=True, blank=True, editable=False)
    guesses = models.PositiveSmallIntegerField(_("guesses"), default=0)
    browser = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        indexes = [models.Index(fields=["created_at"], name="application_age")]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.created_at:%Y-%m-%d}"


class Invitation(Nameless, models.Model):
    """
    One mail that asks someone whom staff know to join. The row is the queue: `attempts` counts tries, the next one is
    at `next_attempt_at`; `sent_at` ends it, `given_up_at` too. Who declines is not asked again. One with `agreement` is
    for a second person: it leaves when that has been agreed to, with its words.
    """

    influencer = models.ForeignKey(Influencer, models.CASCADE, related_name="invitations", verbose_name=_("influencer"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    agreement = models.ForeignKey(
        CustomText,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("custom text"),
    )
    at = models.DateTimeField(_("invited"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)

    of_campaign = "influencer__campaign"

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["influencer"],
                condition=models.Q(accepted_at=None, declined_at=None, given_up_at=None),
                name="one_open_invitation",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="invitation_to_send",
                condition=models.Q(sent_at=None, given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.influencer}: {self.at:%Y-%m-%d}"

    @property
    def words(self) -> dict[str, str]:
        """The words of staff's own that stand in it, agreed to or not; needs `agreement` at hand."""
        return self.agreement.words if self.agreement else {}


class ImportRun(Nameless, models.Model):
    """
    A file of influencers: read, shown row by row (`fates`, a file of one JSON line per row), then stored or dropped; both
    files are deleted with that. `counts` is {fate: rows}, `done` how many rows are through of those, `ignored` the columns
    that say nothing to us, `language` that of the notes: the desk's when it was brought. A worker has it since `begun_at`.
    The same file stored again adds nothing.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        PLANNED = "planned", _("file read, nothing saved yet")
        STORING = "storing", _("being saved")
        APPLIED = "applied", _("saved")
        DROPPED = "dropped", _("dropped")
        UNREADABLE = "unreadable", _("not readable")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="import_runs", verbose_name=_("campaign"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)
    name = models.CharField(_("file"), max_length=120)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    source = models.CharField(_("source of the list"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    file = models.FileField(_("file"), upload_to="imports/", max_length=200, blank=True)
    fates = models.FileField(_("rows"), upload_to="imports/", max_length=200, blank=True)
    counts = models.JSONField(_("rows by outcome"), default=dict)
    ignored = models.JSONField(_("ignored columns"), default=list)
    done = models.PositiveIntegerField(_("rows completed"), default=0)
    why = models.TextField(_("why it cannot be read"), blank=True)
    begun_at = models.DateTimeField(_("claimed by a worker"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("read"))
    ended_at = models.DateTimeField(_("saved or discarded"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.name
