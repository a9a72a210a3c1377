"""
The exercise's mail relay, when a scenario lets it die: the mailer of exercises is on hold, as it would be had it stopped answering.
All exercises share it; live mail never leaves by it.
"""

from datetime import datetime

from delivery.models import MailerHealth
from delivery.models.limits import Mailer

WHY = "drill: the scenario's dead relay"


def kill(*, until: datetime, at: datetime) -> MailerHealth:
    """Put the mailer of exercises on hold until a moment; said again, it lasts until then. Return its row."""
    health, _new = MailerHealth.objects.update_or_create(
        mailer=Mailer.EXERCISE.value, defaults={"down_until": until, "reason": WHY, "changed_at": at}
    )
    return health


def repair(*, at: datetime) -> bool:
    """Let mail of exercises go again where a scenario holds it; return whether it did."""
    held = MailerHealth.objects.filter(mailer=Mailer.EXERCISE.value, reason=WHY)
    return bool(held.update(down_until=None, trial_until=None, failures=0, reason="", changed_at=at))
