"""Contributions that wait to be looked at, on Today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from stories.models import Contribution

from .contribution_steps import MODERATE


def contributions_waiting(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return how many contributions wait for whoever may let them be shown; one query."""
    if not user.has_perm(MODERATE):
        return []
    count = Contribution.objects.waiting(campaign).count()
    if not count:
        return []
    says = ngettext("%(n)d contribution waits to be looked at.", "%(n)d contributions wait to be looked at.", count)
    address = reverse("admin:stories_contribution_changelist", query={"state__exact": Contribution.State.WAITING})
    return [PendingWork(says % {"n": count}, address)]
