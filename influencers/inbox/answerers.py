"""Who of the team hears of an influencer."""

from django.urls import reverse

from accounts.access.roles import Role
from accounts.models import User
from influencers.models import Influencer, Thread
from influencers.profiles.contact_person import MAY_ANSWER, may_answer

ON_CALL = "influencers.change_harassment"


def answerers_of(influencer: Influencer) -> list[User]:
    """Return an influencer's contact person, or all liaisons when there is none who may answer."""
    if may_answer(influencer.liaison):
        return [influencer.liaison]  # type: ignore[list-item]
    return liaisons() or list(User.objects.staff_with(MAY_ANSWER))


def liaisons() -> list[User]:
    """Return everyone who works at the desk as a liaison; one query."""
    return list(User.objects.filter(groups__name=Role.LIAISON, is_active=True, is_staff=True).order_by("pk"))


def page_of(thread: Thread) -> str:
    """Return the path of a conversation at the desk."""
    return reverse("admin:influencers_thread_change", args=[thread.pk])


def inbox() -> str:
    """Return the path of the list of conversations at the desk."""
    return reverse("admin:influencers_thread_changelist")
