"""Of the influencers of an earlier campaign: who comes along, who may be invited anew, and who is left alone."""

from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign
from delivery.models import Consent, Recipient
from influencers.models import Influencer

ANOTHER_CRISIS = Consent.Purpose.ANOTHER_CRISIS


@dataclass(frozen=True)
class Counts:
    """How many there are of each, and of those who come along by the language that they read."""

    everyone: int = 0
    agreed: int = 0
    undecided: int = 0
    left: int = 0
    refused: int = 0
    unreachable: int = 0
    not_joined: int = 0
    by_language: dict[str, int] = field(default_factory=dict)

    @property
    def left_alone(self) -> int:
        """How many are not contacted."""
        return self.left + self.refused + self.unreachable + self.not_joined


def known(campaign: Campaign) -> QuerySet[Influencer]:
    """Return the influencers of a campaign whose data we still have, with what they said about another crisis."""
    consents = Consent.objects.filter(recipient=OuterRef("recipient"), purpose=ANOTHER_CRISIS)
    standing = Consent.objects.in_force(ANOTHER_CRISIS).filter(recipient=OuterRef("recipient"))
    mailable = Recipient.objects.wanting_bulletins().filter(pk=OuterRef("recipient"))
    return (
        Influencer.objects.filter(campaign=campaign)
        .exclude(state=Influencer.State.ERASED)
        .annotate(says_yes=Exists(standing), was_asked=Exists(consents), is_mailable=Exists(mailable))
    )


def agreed(campaign: Campaign) -> QuerySet[Influencer]:
    """Return those who take part, to whom bulletins may go, and who agreed to be asked in another crisis."""
    return known(campaign).filter(AGREED)


def undecided(campaign: Campaign) -> QuerySet[Influencer]:
    """Return those who take part, to whom bulletins may go, and who never said whether they may be asked."""
    return known(campaign).filter(UNDECIDED)


ACTIVE = Q(state=Influencer.State.ACTIVE)
AGREED = ACTIVE & Q(is_mailable=True, says_yes=True)
UNDECIDED = ACTIVE & Q(is_mailable=True, was_asked=False)


def count(campaign: Campaign | None) -> Counts:
    """Count the influencers of a campaign; two queries."""
    if campaign is None:
        return Counts()
    rows = known(campaign)
    found = rows.aggregate(
        everyone=Count("pk"),
        agreed=Count("pk", filter=AGREED),
        undecided=Count("pk", filter=UNDECIDED),
        left=Count("pk", filter=Q(state=Influencer.State.LEFT)),
        refused=Count("pk", filter=ACTIVE & Q(is_mailable=True, was_asked=True, says_yes=False)),
        unreachable=Count("pk", filter=ACTIVE & Q(is_mailable=False)),
        not_joined=Count("pk", filter=Q(state=Influencer.State.INVITED)),
    )
    languages = agreed(campaign).values("recipient__language").annotate(people=Count("pk")).order_by("-people")
    return Counts(**found, by_language=dict(languages.values_list("recipient__language", "people")))


def not_in(influencers: QuerySet[Influencer], campaign: Campaign) -> QuerySet[Influencer]:
    """Return those of some people who are not in `campaign` already, by whichever way they came."""
    here = Influencer.objects.filter(campaign=campaign, recipient=OuterRef("recipient"))
    return influencers.filter(~Exists(here))
