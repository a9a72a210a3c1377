"""By which ways messages reach people: the channels, and who wants what by which."""

from datetime import datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Nameless


class Channel(models.TextChoices):
    """A way to somebody. Mail is there always, each other where the settings name how (delivery/transports/channels.py)."""

    MAIL = "mail", _("email")
    PUSH = "push", _("notification")
    SMS = "sms", _("text message")
    TELEGRAM = "telegram", "Telegram"
    WHATSAPP = "whatsapp", "WhatsApp"
    ROOM = "room", _("chat room")


# Channels whose addresses are recipients of their own, and belong to no other recipient.
OF_THEMSELVES = (Channel.MAIL, Channel.ROOM)


class Wanted(models.TextChoices):
    """What somebody may want by a channel."""

    URGENT = "urgent", pgettext_lazy("kind of message", "what is urgent")
    BULLETINS = "bulletins", pgettext_lazy("kind of message", "bulletins")
    ANSWERS = "answers", pgettext_lazy("kind of message", "answers to me")
    REMINDERS = "reminders", pgettext_lazy("kind of message", "reminders")


class Proof(Nameless, models.Model):
    """
    An address that somebody wants messages at and has not proven yet: a code was sent there, of which only a digest is kept.
    `user_hash` as Recipient.user_hash.
    """

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    address = models.CharField(_("address"), max_length=2000)
    user_hash = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    digest = models.CharField(max_length=64, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    asked_at = models.DateTimeField(_("requested"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(Channel(self.channel).label)


class ChannelProof(Proof):
    """An address that is not proven yet, of somebody who gets bulletins."""

    person = models.ForeignKey(
        "delivery.Recipient", models.CASCADE, related_name="channel_proofs", verbose_name=_("person")
    )

    of_campaign = "person__memberships__audience__campaign"

    class Meta:
        verbose_name = _("address to be proven")
        verbose_name_plural = _("addresses to be proven")
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="one_proof_per_person_and_channel")]


def end_of_quiet(begins: time, ends: time, local: datetime) -> datetime | None:
    """Return when hours of quiet end that a local moment is in, None outside of them."""
    clock = local.time()
    overnight = begins > ends
    is_in = clock >= begins or clock < ends if overnight else begins <= clock < ends
    if not is_in:
        return None
    day = local.date() + timedelta(days=overnight and clock >= begins)
    return datetime.combine(day, ends, local.tzinfo)


class QuietHours(Nameless, models.Model):
    """
    The hours in which somebody wants no word by other channels than mail, as the clock of the campaign shows them; they may go past
    midnight. What is not urgent waits for their end.
    """

    person = models.OneToOneField(
        "delivery.Recipient", models.CASCADE, related_name="quiet_hours", verbose_name=_("person")
    )
    begins = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"))

    of_campaign = "person__memberships__audience__campaign"

    class Meta:
        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")
        constraints = [
            models.CheckConstraint(condition=~models.Q(begins=models.F("ends")), name="quiet_hours_are_some_hours")
        ]

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}–{self.ends:%H:%M}"

    def end(self, local: datetime) -> datetime | None:
        """Return when the hours end that a local moment is in, None outside of them."""
        return end_of_quiet(self.begins, self.ends, local)


class ChannelChoice(Nameless, models.Model):
    """
    Something that the person of an address other than mail wants by it. Mail brings everything to whoever has chosen
    nothing; what is urgent comes by every channel for which it is chosen and by mail, anything else by one channel:
    by that which is chosen for it as long as that works, else by mail.
    """

    recipient = models.ForeignKey(
        "delivery.Recipient", models.CASCADE, related_name="channel_choices", verbose_name=_("recipient")
    )
    wants = models.CharField(_("wants"), max_length=10, choices=Wanted)
    since = models.DateTimeField(_("since"), default=timezone.now)

    of_campaign = "recipient__person__memberships__audience__campaign"

    class Meta:
        verbose_name = _("choice of a channel")
        verbose_name_plural = _("choices of channels")
        constraints = [models.UniqueConstraint(fields=["recipient", "wants"], name="one_choice_per_channel_and_kind")]

    def __str__(self) -> str:
        return self.get_wants_display()
