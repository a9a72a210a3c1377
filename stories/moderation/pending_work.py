"""Stories that wait to be looked at, on Today."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns import pending_work
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from stories.models import MunicipalityMember, Story, StoryConsent, StoryFile, StoryTheme

from .story_steps import CHECK, OPEN


def stories_to_check(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """
    Return the stories that somebody may look at, for they did not send them, and those that were accepted before everything was there and can
    be published now: one by its name, several by their number.
    """
    if not user.has_perm(CHECK):
        return []
    own = MunicipalityMember.objects.filter(municipality=OuterRef("municipality"), user=user)
    waiting = Story.objects.filter(campaign=campaign, state__in=OPEN).exclude(Exists(own))
    waiting = (
        waiting.filter(Q(state=Story.State.SENT) | ~Q(words={}) | publishable())
        .exclude(words_by=user)
        .exclude(sent_by=user)
    )
    return pending_work.to_check(
        waiting.order_by("sent_at", "pk"),
        "pk",
        one=_("A story needs your check: %(title)s."),
        several=lambda n: ngettext("%(n)d story needs your check.", "%(n)d stories need your check.", n),
        page="stories_story",
    )


def publishable() -> Q:
    """Return what finds accepted stories that lack nothing any more: no consent, no theme, and a video no web sizes."""
    of_it = OuterRef("pk")
    lacking = StoryConsent.objects.filter(Q(signed_at=None) | Q(withdrawn_at__isnull=False), stories=of_it)
    made = StoryFile.objects.filter(story=of_it, role=StoryFile.Role.WEB)
    is_whole = Q(~Exists(lacking), Exists(StoryTheme.objects.filter(stories=of_it)))
    return Q(state=Story.State.ACCEPTED) & is_whole & (~Q(kind=Story.Kind.VIDEO) | Q(Exists(made)))
