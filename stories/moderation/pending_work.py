"""Stories that wait to be looked at, on Today."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from campaigns.translated_fields import in_language
from stories.models import MunicipalityMember, Story

from .story_steps import CHECK, OPEN


def stories_to_check(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the stories that somebody may look at, for they did not send them: one by its name, several by their number."""
    if not user.has_perm(CHECK):
        return []
    own = MunicipalityMember.objects.filter(municipality=OuterRef("municipality"), user=user)
    waiting = Story.objects.filter(campaign=campaign, state__in=OPEN).exclude(Exists(own))
    waiting = waiting.filter(Q(state=Story.State.SENT) | ~Q(words={})).exclude(words_by=user)
    found = list(waiting.order_by("sent_at", "pk").values_list("pk", "title", "sent_by"))
    found = [row for row in found if row[2] != user.pk]
    if not found:
        return []
    if len(found) == 1:
        (key, title, _by), says = found[0], _("A story needs your check: %(title)s.")
        return [PendingWork(says % {"title": in_language(title)}, reverse("admin:stories_story_change", args=[key]))]
    says = ngettext("%(n)d story needs your check.", "%(n)d stories need your check.", len(found))
    return [PendingWork(says % {"n": len(found)}, reverse("admin:stories_story_changelist"))]
