"""Messages that belong to no send (codes, hints, what staff are told), counted by the hour: what they cost, and whether they arrive."""

from datetime import datetime

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from .channels import Channel
from .sends import Delivery


class Purpose(models.TextChoices):
    """What a single message is for."""

    STAFF = "staff", _("to staff")
    CODE = "code", _("codes")
    HINT = "hint", _("word of answers and reminders")


class SingleMessageCount(models.Model):
    """
    How many single messages of a channel came to an end in the quarter of an hour that began at `hour`, and of how many parts they were
    together. By the quarter, because the day begins with one in every time zone, in Asia/Kolkata at 18:30 UTC.
    """

    hour = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=Channel)
    purpose = models.CharField(max_length=10, choices=Purpose)
    state = models.CharField(max_length=12, choices=Delivery.State)
    is_exercise = models.BooleanField(default=False)
    messages = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "channel", "purpose", "state", "is_exercise"], name="one_count_of_single_messages"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.state}: {self.messages}"

    @staticmethod
    def count(channel: str, purpose: str, state: str, parts: int, *, is_exercise: bool, at: datetime) -> None:
        """Count one message more; two statements at most times."""
        hour = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        key = {"hour": hour, "channel": channel, "purpose": purpose, "state": state, "is_exercise": is_exercise}
        SingleMessageCount.objects.bulk_create([SingleMessageCount(**key)], ignore_conflicts=True)
        SingleMessageCount.objects.filter(**key).update(messages=F("messages") + 1, parts=F("parts") + parts)
