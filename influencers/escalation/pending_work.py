"""Urgent bulletins that wait to be seen, on Today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from influencers.models import SeenRequest

from . import call_list, seen_counts

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


def calls_to_make(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the call lists that are open and have somebody on them; one query, one more for each that is open."""
    if not user.has_perm("influencers.change_askedpartner"):
        return []
    rows = SeenRequest.objects.filter(campaign=campaign, ended_at=None, calls_since__lte=at)
    found = []
    for one in rows.select_related("campaign", "version__bulletin").order_by("-began_at", "-pk")[:MOST_SHOWN]:
        if people := call_list.waiting(one, at=at).count():
            says = ngettext(
                "Bulletin %(number)s: %(n)d call to make.", "Bulletin %(number)s: %(n)d calls to make.", people
            )
            address = reverse("admin:influencers_seenrequest_change", args=[one.pk], fragment="calls")
            found.append(PendingWork(says % {"number": one, "n": people}, address))
    return found
