"""The contact person of an influencer: who it is, and who may be one."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.access import campaign_roles
from accounts.models import User
from campaigns.models import Campaign
from influencers.models import Influencer

MAY_ANSWER = "influencers.change_thread"


@dataclass(frozen=True, slots=True)
class Contact:
    """The person that an influencer can write to. `email` may be empty."""

    name: str
    email: str

    @property
    def initial(self) -> str:
        """The first letter of the name, or of the address."""
        return (self.name or self.email)[:1].upper()


def contact_of(influencer: Influencer, campaign: Campaign) -> Contact:
    """Return the influencer's own contact person, or the campaign's."""
    if influencer.liaison and influencer.liaison.is_active:
        return Contact(influencer.liaison.get_full_name(), influencer.liaison.email)
    return Contact(campaign.liaison_name, campaign.liaison_email or campaign.reply_to)


def may_answer(person: User | None, campaign: int) -> bool:
    """Return whether someone works at the desk and may answer the influencers of the campaign with a key."""
    if person is None or not person.is_active or not person.is_staff:
        return False
    return person.has_perm(MAY_ANSWER) or campaign_roles.holders(MAY_ANSWER, campaign).filter(user=person).exists()


def answerers(campaign: int | None) -> QuerySet[User]:
    """Return who may be a contact person in the campaign with a key: whoever works at the desk and may answer influencers."""
    app, _dot, codename = MAY_ANSWER.partition(".")
    may = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
    if campaign is not None:
        may |= Q(pk__in=campaign_roles.holders(MAY_ANSWER, campaign))
    people = User.objects.filter(may | Q(is_superuser=True), is_active=True, is_staff=True)
    return people.distinct().order_by("name", "email")
