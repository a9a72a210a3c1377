"""Posts and accounts of the authority that need somebody, on Today."""

from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from bulletins.models import AuthorityAccount, AuthorityPost
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork


def stopped_posts(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the posts that stopped, and the accounts that were refused, for whoever may see to them; one query."""
    if not user.has_perm("bulletins.change_authoritypost"):
        return []
    stopped = Count("posts", filter=Q(posts__state__in=AuthorityPost.FOR_A_PERSON))
    found: list[PendingWork] = []
    number = 0
    for account in AuthorityAccount.objects.filter(campaign=campaign).annotate(stopped=stopped):
        number += account.stopped
        if account.state == AuthorityAccount.State.REFUSED:
            says = _("%(account)s was refused. Nothing is posted by it.") % {"account": account}
            found.append(PendingWork(says, reverse("admin:bulletins_authorityaccount_change", args=[account.pk])))
    if number:
        says = ngettext("%(n)d post has stopped and needs you.", "%(n)d posts have stopped and need you.", number)
        states = ",".join(AuthorityPost.FOR_A_PERSON)
        address = reverse("admin:bulletins_authoritypost_changelist", query={"state__in": states})
        found.append(PendingWork(says % {"n": number}, address))
    return found
