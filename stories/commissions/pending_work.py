"""Which commissions wait for somebody, for Today (campaigns.pending_work)."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from stories.models import Commission, CommissionAgreement, CommissionApplication, CommissionPart

from .commission_states import PERMISSIONS, Part, State

ROWS = 6
SAYS = {
    State.SUBMITTED: gettext_noop("The brief of commission %(name)s needs your check."),
    State.OPEN: gettext_noop("Commission %(name)s has applications."),
    State.CHOSEN: gettext_noop("Commission %(name)s needs your signature."),
    State.AGREED: gettext_noop("Commission %(name)s is late."),
    State.DELIVERED: gettext_noop("Commission %(name)s has a draft to accept."),
    State.ACCEPTED: gettext_noop("Commission %(name)s can be published."),
}
TO_PAY = gettext_noop("Commission %(name)s has to be paid.")


def commissions_waiting(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the commissions that wait for a step of somebody's, and in which they have no other part; one query."""
    waits = {
        Part.ASKS: waits_for_asker(at=at),
        Part.ACCEPTS: Q(state__in=[State.DELIVERED, State.SUBMITTED]),
        Part.PAYS: Q(owed__gt=F("paid")) | Q(state=State.SUBMITTED),
    }
    mine = [part for part in waits if user.has_perm(PERMISSIONS[part])]
    if not mine:
        return []
    may: Any = Q()
    for part in mine:
        other = CommissionPart.objects.filter(commission=OuterRef("pk"), user=user.pk).exclude(part=part)
        may |= waits[part] & ~Exists(other)
    rows = Commission.objects.filter(may, campaign=campaign).order_by("number")[:ROWS]
    return [
        PendingWork(
            _(TO_PAY if one.left > 0 and Part.PAYS in mine else SAYS[State(one.state)]) % {"name": one},
            reverse("admin:stories_commission_change", args=[one.pk]),
        )
        for one in rows
    ]


def waits_for_asker(*, at: datetime) -> Q:
    """Return the condition for what waits for whoever asks."""
    applied = CommissionApplication.objects.filter(commission=OuterRef("pk"), state=CommissionApplication.State.APPLIED)
    signed = CommissionAgreement.objects.filter(application__commission=OuterRef("pk"), creator_signed_at__isnull=False)
    waits = Q(Exists(applied), state=State.OPEN) | Q(Exists(signed), state=State.CHOSEN)
    may_be_used = Q(rights_end_at=None) | Q(rights_end_at__gt=at)
    return waits | Q(may_be_used, state=State.ACCEPTED) | Q(state=State.AGREED, deadline__lte=at)
