"""How fast messages may leave, and by which way: limits that people set, and what was learnt on the way."""

from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _


class Mailer(models.TextChoices):
    """
    The ways by which messages leave, as TRANSPORTS names them: of mail those of MAILERS, of another channel its own name. A
    second way ("backup") is there only when the settings name one.
    """

    DEFAULT = "default", _("live campaigns")
    BACKUP = "backup", _("live campaigns (fallback)")
    EXERCISE = "exercise", _("exercises")
    PUSH = "push", _("notifications")
    SMS = "sms", _("text messages")
    SMS_BACKUP = "sms-backup", _("text messages (fallback)")
    TELEGRAM = "telegram", "Telegram"
    WHATSAPP = "whatsapp", "WhatsApp"
    ROOM = "room", _("chat rooms")


# What a channel's provider states for everybody: core.telegram.org/bots/faq, developers.facebook.com/docs/whatsapp (throughput, pair
# rate limits).
STATED: dict[str, dict[str, float]] = {
    Mailer.TELEGRAM: {"per_second": 30.0},
    Mailer.WHATSAPP: {"per_second": 80.0, "seconds_per_person": 6.0},
}


# Ways of which each message, or each part of one, is paid for.
PRICED = (Mailer.SMS, Mailer.WHATSAPP)


class MailerLimit(models.Model):
    """
    The most that one of MAILERS takes. `connections` at once, from all workers on all hosts together
    (delivery/throttle/connection_shares.py); `per_second` in messages, empty for no limit. One that came too soon after another to
    the same person waits `seconds_per_person`, where the provider says so.

    Of text messages each part costs `price` in `currency`, of WhatsApp each message, None where nobody has said what; a send of
    more than `most_per_send` of these, or after which it were more than `most_per_day`, is held for a person.

    A new sending address warms up: on day n after `warm_up_from` (the first is day 0) at most `warm_up_steps[n]`
    messages leave, and after the last step as many as there are.
    """

    mailer = models.CharField(_("mail server or channel"), max_length=40, unique=True, choices=Mailer)
    connections = models.PositiveSmallIntegerField(
        _("connections at once"), default=50, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    per_second = models.FloatField(
        _("messages per second"), null=True, blank=True, validators=[MinValueValidator(0.01)]
    )
    seconds_per_person = models.FloatField(
        _("seconds between two messages to one person"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    warm_up_from = models.DateField(_("warms up from"), null=True, blank=True)
    warm_up_steps = models.JSONField(_("messages per day"), default=list, blank=True)

    price = models.DecimalField(
        _("price of a WhatsApp message, or of a part of a text message"),
        max_digits=10,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", db_default="EUR", validators=[RegexValidator(r"^[A-Z]{3}\Z")]
    )
    most_per_send = models.PositiveIntegerField(
        _("most of these in a send"),
        null=True,
        blank=True,
        help_text=_("A larger one is held until somebody releases it."),
    )
    most_per_day = models.PositiveIntegerField(
        _("most of these in a day"),
        null=True,
        blank=True,
        help_text=_("The send that would go beyond it is held until somebody releases it."),
    )

    class Meta:
        verbose_name = _("sending limit")
        verbose_name_plural = _("sending limits")

    def __str__(self) -> str:
        return self.get_mailer_display()

    @staticmethod
    def stated(mailer: str) -> dict[str, float]:
        """Return what stands in a new row of a mailer, because its provider states it for everybody."""
        return STATED.get(mailer, {})

    def clean(self) -> None:
        """Read the steps as whole numbers, as a form gives them. Raise ValidationError for anything else, and for a price of what has none."""
        steps = [str(step) for step in self.warm_up_steps]
        if not all(step.isascii() and step.isdigit() for step in steps):
            raise ValidationError({"warm_up_steps": _("Whole numbers only, one for each day: 50 100 200 500.")})
        self.warm_up_steps = [int(step) for step in steps]
        said = [name for name in ("price", "most_per_send", "most_per_day") if getattr(self, name) is not None]
        if said and self.mailer not in PRICED:
            words = _("Only text messages and WhatsApp have a price and limits of it. Leave this empty.")
            raise ValidationError(dict.fromkeys(said, words))
        if bool(self.warm_up_from) != bool(self.warm_up_steps):
            raise ValidationError(
                _("A warm-up needs both: the day it starts, and how many messages are sent on each day.")
            )


class DomainLimitQuerySet(models.QuerySet["DomainLimit"]):
    """Questions about many limits."""

    def in_force(self, *, at: datetime) -> Self:
        """Return the limits that hold at `at`."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=at))


class DomainLimit(models.Model):
    """
    The most that goes to one recipient domain (in ASCII, lower case), in messages a minute; for good when `until` is
    empty. A domain may have two: one that a person set, and one that was `learnt` when the domain asked us to slow
    down (421), so that the person's holds again when the other ends.
    """

    domain = models.CharField(_("domain"), max_length=253)
    per_minute = models.FloatField(_("messages per minute"), validators=[MinValueValidator(0.01)])
    until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    learnt = models.BooleanField(_("requested by the domain"), default=False, editable=False)

    objects = DomainLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("domain limit")
        verbose_name_plural = _("domain limits")
        constraints = [models.UniqueConstraint(fields=["domain", "learnt"], name="one_limit_per_domain_and_kind")]

    def __str__(self) -> str:
        return self.domain

    def clean(self) -> None:
        """Write the domain as it is compared. Raise ValidationError when it has such a limit already."""
        self.domain = punycode(self.domain.strip().lower().rpartition("@")[2])
        if DomainLimit.objects.filter(domain=self.domain, learnt=self.learnt).exclude(pk=self.pk).exists():
            raise ValidationError({"domain": _("This domain already has a limit. Change that one.")})


class Bucket(models.Model):
    """A token bucket: how many tokens were out of `name` at `at`. At what rate they come back, its users know."""

    name = models.CharField(_("name"), max_length=300, unique=True)
    taken = models.FloatField(_("tokens used"), default=0)
    at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("token bucket")
        verbose_name_plural = _("token buckets")

    def __str__(self) -> str:
        return self.name


class MailerHealthQuerySet(models.QuerySet["MailerHealth"]):
    """Questions about many mailers."""

    def down(self) -> Self:
        """Return those that failed, and through which nothing has got since."""
        return self.exclude(down_until=None)


class MailerHealth(models.Model):
    """
    How a mailer is doing: `failures` in a row that were not about any one mail.

    Until `down_until` it is left alone, and the second one is used where there is one; then one run tries it again,
    and others leave it to that run until `trial_until`. Until `wait_until` nothing leaves by it because it asked for
    a pause.
    """

    mailer = models.CharField(_("mail server or channel"), max_length=40, unique=True, choices=Mailer)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    down_until = models.DateTimeField(_("on hold until"), null=True, blank=True)
    trial_until = models.DateTimeField(_("being retried until"), null=True, blank=True)
    wait_until = models.DateTimeField(_("asked to wait until"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    objects = MailerHealthQuerySet.as_manager()

    class Meta:
        verbose_name = _("health of servers and channels")
        verbose_name_plural = _("health of servers and channels")

    def __str__(self) -> str:
        return self.get_mailer_display()
