"""What the portal says of surveys: that an influencer was drawn for one, and which link to share with followers."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from campaigns.models import Campaign
from impact.models import Asked, Survey
from influencers.models import Influencer
from influencers.portal import home_cards

from . import tickets


@dataclass(frozen=True, slots=True)
class Card:
    """One survey for one influencer: theirs to answer (`is_taken`: they have their link), or to share by its `link`."""

    pk: int
    closes_on: date | None
    questions: int
    weeks: int
    is_open: bool
    is_taken: bool
    link: str


def find(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> list[Card]:
    """Return the cards of an influencer's front page; one query."""
    waiting = Asked.objects.filter(survey=OuterRef("pk"), recipient=influencer.recipient_id, is_taken=False)
    surveys = Survey.objects.taking_answers(at=at).filter(campaign=campaign)
    return [
        shown(survey, campaign, is_taken=False, at=at)
        for survey in surveys.filter(Q(way=Survey.Way.PUBLIC) | Exists(waiting)).order_by("closes_at", "pk")
    ]


def card_of(survey: Survey, recipient: int, *, at: datetime) -> Card | None:
    """Return the card of one survey for an influencer who was drawn; None for everybody else."""
    asked = Asked.objects.filter(survey=survey, recipient=recipient).first()
    return shown(survey, survey.campaign, is_taken=asked.is_taken, at=at) if asked else None


def shown(survey: Survey, campaign: Campaign, *, is_taken: bool, at: datetime) -> Card:
    """Return the card of a survey."""
    return Card(
        pk=survey.pk,
        closes_on=survey.closes_at and campaign.local(survey.closes_at).date(),
        questions=len(survey.questions),
        weeks=survey.apart_weeks,
        is_open=survey.takes_answers(at=at),
        is_taken=is_taken,
        link=settings.PUBLIC_URL + reverse("surveys:public", args=[survey.code]) if survey.is_public else "",
    )


@transaction.atomic
def take_link(survey: Survey, recipient: int, *, at: datetime) -> str | None:
    """Return a token for an influencer who was drawn, once; None afterwards. Kept is that they took one, not which."""
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    mine = Asked.objects.filter(survey=held, recipient=recipient, is_taken=False)
    if not held.takes_answers(at=at) or not mine.update(is_taken=True):
        return None
    return tickets.hand_out(held)


CARDS = home_cards.Cards("surveys", "impact/surveys/_portal_cards.html", find)
