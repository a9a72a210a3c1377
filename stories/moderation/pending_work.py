"""Stories that wait to be looked at, on Today."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns import pending_work
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from stories.models import MunicipalityMember, Story

from .story_steps import CHECK, OPEN


def stories_to_check(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the stories that somebody may look at, for they did not send them: one by its name, several by their number."""
    if not user.has_perm(CHECK):
        return []
    own = MunicipalityMember.objects.filter(municipality=OuterRef("municipality"), user=user)
    waiting = Story.objects.filter(campaign=campaign, state__in=OPEN).exclude(Exists(own))
    waiting = waiting.filter(Q(state=Story.State.SENT) | ~Q(words={})).exclude(words_by=user).exclude(sent_by=user)
    return pending_work.to_check(
        waiting.order_by("sent_at", "pk"),
        "pk",
        one=_("A story needs your check: %(title)s."),
        several=lambda n: ngettext("%(n)d story needs your check.", "%(n)d stories need your check.", n),
        page="stories_story",
    )
