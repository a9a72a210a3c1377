"""Values that the public results do not show yet, on Today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from impact.measures.snapshots import GIVEN
from impact.models import ResultsPage, Snapshot
from impact.weeks import Week, up_to

from . import agreed_state
from .public_page import SHOWN


def newer_values(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return that values wait for the public results which somebody else than this person took. Two queries at most."""
    if not user.has_perm("impact.publish_results"):
        return []
    page = ResultsPage.objects.filter(campaign=campaign, closed_at=None).first()
    if page is None:
        return []
    first = up_to(Week.of(campaign.local(at).date()), SHOWN + 1)[0].first
    newer = Snapshot.objects.standing().filter(
        measure__campaign=campaign,
        measure__key__in=page.measures,
        source__in=GIVEN,
        taken_at__gt=agreed_state.agreed_at(page),
        on__gte=first,
    )
    if not newer.exclude(taken_by=user.pk).exists():
        return []
    return [PendingWork(_("Newer values wait for the public results."), reverse("admin:impact_public"))]
