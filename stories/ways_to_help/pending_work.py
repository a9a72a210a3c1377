"""Ways to help that wait for a check, on Today."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns import pending_work
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from stories.models import OfferVersion


def offers_to_check(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the ways to help that somebody may check, for they did not work on them: one by its name, several by their number."""
    if not user.has_perm("stories.check_offer"):
        return []
    return pending_work.to_check(
        OfferVersion.objects.filter(offer__campaign=campaign).to_check(user),
        "offer",
        one=_("A way to help needs your check: %(title)s."),
        several=lambda n: ngettext("%(n)d way to help needs your check.", "%(n)d ways to help need your check.", n),
        page="stories_offer",
        query={"versions__state__exact": OfferVersion.State.IN_REVIEW},
    )
