"""
What staff are told of costs: that urgent word to them left although a day has as many messages as it may. A limit holds bulletins until
somebody has looked; it must not keep an approver from hearing what waits for them.
"""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_noop

from accounts.models import User
from campaigns.models import Campaign
from delivery.throttle import token_bucket
from notifications import held_sends, outbox
from notifications.notice_kinds import Kind

# By mail, whatever was chosen: a warning of costs must not cost.
OVER_LIMIT = Kind(
    "cost_limit",
    gettext_noop("Today has more paid messages than a day may have. Urgent messages to staff still leave"),
    only_mail=True,
)


def warn(campaign: Campaign, channel: str, *, at: datetime) -> bool:
    """Tell those who steer sends, once a day and channel; return whether this call did."""
    day = campaign.local(at).date()
    if not token_bucket.claim_once(f"cost-limit:{campaign.mode}:{channel}:{day}", at=at):
        return False
    people = User.objects.staff_with(held_sends.PERMISSION, campaign.pk)
    path = reverse("admin:delivery_mailerlimit_changelist")
    outbox.write(OVER_LIMIT, people, campaign=campaign, path=path, at=at)
    return True
