"""Urgent bulletins that wait to be seen, on Today."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from influencers.models import SeenRequest

from . import call_list, seen_counts

MOST_SHOWN = 3


def urgent_bulletins(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """
    Return the calls to make, for whoever may call, and the urgent bulletins of the last day that not everybody who was asked has seen, the
    latest first; one query, one more for each call list that is open.
    """
    if not user.has_perm("influencers.view_seenrequest"):
        return []
    rows = SeenRequest.objects.filter(campaign=campaign, ended_at=None)
    rows = rows.filter(Q(began_at__gt=at - seen_counts.ON_TODAY) | Q(calls_since__lte=at))
    rows = seen_counts.with_counts(rows.select_related("campaign", "version__bulletin"), at=at)
    found = list(rows.order_by("-began_at", "-pk")[:MOST_SHOWN])
    calls = calls_to_make(found, at=at) if user.has_perm("influencers.change_askedpartner") else []
    return calls + [
        PendingWork(
            _("Bulletin %(number)s: %(seen)d of %(asked)d have said that they have seen it.")
            % {"number": one, "seen": one.seen, "asked": one.asked},
            reverse("admin:influencers_seenrequest_change", args=[one.pk]),
        )
        for one in found
        if one.seen < one.asked
    ]


def calls_to_make(requests: Iterable[SeenRequest], *, at: datetime) -> list[PendingWork]:
    """Return the call lists that are open and have somebody on them; one query for each that is open."""
    found = []
    for one in requests:
        people = call_list.waiting(one, at=at).count() if one.calls_since else 0
        if people:
            says = ngettext(
                "Bulletin %(number)s: %(n)d call to make.", "Bulletin %(number)s: %(n)d calls to make.", people
            )
            address = reverse("admin:influencers_seenrequest_change", args=[one.pk], fragment="calls")
            found.append(PendingWork(says % {"number": one, "n": people}, address))
    return found
