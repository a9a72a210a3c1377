"""Who can be drawn for a survey, drawing them, and checking a draw later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from delivery.models import Membership, Recipient, Subscription
from impact.models import Asked, Survey
from influencers.models import Influencer
from lib.statistics import draws

LEAST = 20  # people drawn; of fewer, answers might tell of one


@dataclass(frozen=True)
class Checked:
    """Whether a draw is what its seed makes of it: people of the draw who should not be in it, and of those who should."""

    drawn: int
    too_many: int
    missing: int

    @property
    def is_right(self) -> bool:
        """Return whether it is."""
        return not self.too_many and not self.missing


def eligible(survey: Survey, *, at: datetime) -> QuerySet[Recipient]:
    """Return the people of a survey's group whom mail may reach and whom no survey asked in the last weeks."""
    people = Recipient.objects.deliverable()
    if survey.group == Survey.Group.SUBSCRIBERS:
        theirs = Subscription.objects.served(at=at).filter(campaign=survey.campaign_id, recipient=OuterRef("pk"))
        if survey.audience_id:
            theirs = theirs.filter(audience=survey.audience_id)
        people = people.filter(Exists(theirs))
    else:
        active = Influencer.objects.filter(
            campaign=survey.campaign_id, state=Influencer.State.ACTIVE, recipient=OuterRef("pk")
        )
        people = Recipient.objects.wanting_bulletins().filter(Exists(active))
        if survey.audience_id:
            members = Membership.objects.open(at=at).filter(audience=survey.audience_id, recipient=OuterRef("pk"))
            people = people.filter(Exists(members))
    since = survey.campaign.local(at).date() - timedelta(weeks=survey.apart_weeks)
    asked = Asked.objects.filter(recipient=OuterRef("pk"), on__gt=since)
    return people.filter(~Exists(asked))


def draw(survey: Survey, *, at: datetime) -> list[int]:
    """Draw people by a new seed, note it on the survey (unsaved), and return their keys in no order."""
    survey.seed = draws.new_seed()
    found = draws.draw(eligible(survey, at=at).values_list("pk", flat=True), size=survey.size, seed=survey.seed)
    survey.last_mark, survey.drawn_among, survey.drawn = found.last_mark, found.among, len(found.drawn)
    return sorted(found.drawn)


def check(survey: Survey, *, among: Iterable[int] | None = None) -> Checked:
    """
    Draw again from the seed: everybody asked has a mark up to the last one, and of `among`, who could have been drawn,
    everybody with such a mark was asked. Whoever has been forgotten since is missing from neither.
    """
    asked = set(Asked.objects.filter(survey=survey).values_list("recipient", flat=True))
    wrong = sum(draws.mark(survey.seed, key) > survey.last_mark for key in asked)
    should = [key for key in among or () if draws.mark(survey.seed, key) <= survey.last_mark]
    return Checked(len(asked), wrong, len(set(should) - asked))
