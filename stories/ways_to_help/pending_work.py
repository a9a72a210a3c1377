"""Ways to help that wait for a check, on Today."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from campaigns.translated_fields import in_language
from stories.models import OfferVersion


def offers_to_check(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the ways to help that somebody may check, for they did not work on them: one by its name, several by their number."""
    if not user.has_perm("stories.check_offer"):
        return []
    waiting = OfferVersion.objects.filter(offer__campaign=campaign, state=OfferVersion.State.IN_REVIEW)
    rows = waiting.order_by("edited_at").values_list("offer", "title", "writers")
    found = [(key, title) for key, title, writers in rows if user.pk not in writers]
    if not found:
        return []
    if len(found) == 1:
        (key, title), says = found[0], _("A way to help needs your check: %(title)s.")
        return [PendingWork(says % {"title": in_language(title)}, reverse("admin:stories_offer_change", args=[key]))]
    says = ngettext("%(n)d way to help needs your check.", "%(n)d ways to help need your check.", len(found))
    address = reverse("admin:stories_offer_changelist", query={"versions__state__exact": OfferVersion.State.IN_REVIEW})
    return [PendingWork(says % {"n": len(found)}, address)]
