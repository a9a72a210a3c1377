"""Who checks a claim. It stands here, as fact-checks know nothing of shifts."""

from django.db.models import Q
from django.utils.translation import gettext_lazy

from bulletins import notices
from factcheck.models import Claim

from .assignable import Assignable

ASSIGNABLE = Assignable(
    "claim",
    gettext_lazy("Claim"),
    "factcheck.change_claim",
    Q(status__in=Claim.EDITABLE),
    rows=lambda: Claim.objects.select_related("taken_by"),
    title=str,
    notice=notices.CLAIM_ASSIGNED,
)
