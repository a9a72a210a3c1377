"""Who of the team hears of an influencer."""

from django.db.models import Q
from django.urls import reverse

from accounts.access import campaign_roles
from accounts.access.roles import Role
from accounts.models import User
from influencers.models import Influencer, Thread
from influencers.profiles.contact_person import MAY_ANSWER, may_answer

ON_CALL = "influencers.change_harassment"


def answerers_of(influencer: Influencer) -> list[User]:
    """Return an influencer's contact person, or all liaisons when there is none who may answer."""
    campaign = influencer.campaign_id
    if may_answer(influencer.liaison, campaign):
        return [influencer.liaison]  # type: ignore[list-item]
    return liaisons(campaign) or list(User.objects.staff_with(MAY_ANSWER, campaign))


def liaisons(campaign: int) -> list[User]:
    """Return everyone who works at the desk as a liaison, of the site or in the campaign with a key; one query."""
    there = campaign_roles.rows().filter(campaign=campaign, role=Role.LIAISON)
    is_liaison = Q(groups__name=Role.LIAISON) | Q(pk__in=there.values("user"))
    return list(User.objects.filter(is_liaison, is_active=True, is_staff=True).distinct().order_by("pk"))


def page_of(thread: Thread) -> str:
    """Return the path of a conversation at the desk."""
    return reverse("admin:influencers_thread_change", args=[thread.pk])


def inbox() -> str:
    """Return the path of the list of conversations at the desk."""
    return reverse("admin:influencers_thread_changelist")
