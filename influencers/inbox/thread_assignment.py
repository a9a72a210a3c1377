"""Who answers a conversation that waits: whoever has taken it, else the influencer's contact person."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import User
from bulletins.assignment.assignable import Assignable
from influencers import notices
from influencers.models import Influencer, Thread


def held_by(user: Any) -> Q:
    """Return what finds the conversations that are somebody's."""
    return Q(taken_by=user) | Q(taken_by=None, influencer__liaison=user)


def holder_of(thread: Thread) -> User | None:
    """Return whose a conversation is."""
    return thread.taken_by or thread.influencer.liaison


ASSIGNABLE = Assignable(
    "conversation",
    gettext_lazy("Conversation"),
    "influencers.change_thread",
    Q(waiting_since__isnull=False) & ~Q(influencer__state=Influencer.State.ERASED),
    rows=lambda: Thread.objects.select_related("taken_by", "influencer__campaign", "influencer__liaison"),
    title=str,
    notice=notices.CONVERSATION_ASSIGNED,
    campaign_by="influencer__campaign",
    holds=held_by,
    holder=holder_of,
)
