"""Urgent bulletins that wait to be seen, on Today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from influencers.models import SeenRequest

from . import seen_counts

MOST_SHOWN = 3


def waiting_to_be_seen(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the urgent bulletins of the last day that not everybody who was asked has seen, the latest first; one query."""
    if not user.has_perm("influencers.view_seenrequest"):
        return []
    rows = SeenRequest.objects.filter(campaign=campaign, ended_at=None, began_at__gt=at - seen_counts.ON_TODAY)
    rows = seen_counts.with_counts(rows.select_related("version__bulletin"), at=at).order_by("-began_at", "-pk")
    return [
        PendingWork(
            _("Bulletin %(number)s: %(seen)d of %(asked)d have said that they have seen it.")
            % {"number": one, "seen": one.seen, "asked": one.asked},
            reverse("admin:influencers_seenrequest_change", args=[one.pk]),
        )
        for one in rows[:MOST_SHOWN]
        if one.seen < one.asked
    ]
