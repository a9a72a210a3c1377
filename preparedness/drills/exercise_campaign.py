"""An exercise campaign for a scenario: started from its template, made public at once, with made-up influencers in it."""

from datetime import datetime
from typing import Any

from django.utils.translation import override

from accounts.models import User
from campaigns import launch
from campaigns.models import Authority, Campaign
from preparedness.campaign_start import carried_over, creation, steps
from preparedness.crisis_templates import template_files

from . import made_up_people
from .scenario_files import LANGUAGES, Scenario

ALONG = (
    *(carried_over.TOPICS, carried_over.GLOSSARY, carried_over.SNIPPETS, carried_over.QUESTIONS),
    *(carried_over.CHECKS, carried_over.WAYS),
)


def make(scenario: Scenario, *, slug: str, influencers: int, by: User, at: datetime) -> Campaign:
    """
    Make an exercise campaign for a scenario, public, with so many made-up influencers; return it. Raise steps.NotStarted when its
    address is taken. Not for use in a transaction.
    """
    template = template_files.read(scenario.template)
    lead = Authority.objects.order_by("pk").first()
    names = dict(scenario.name)
    answers: dict[str, dict[str, Any]] = {
        steps.SOURCE: {"template": template.slug},
        steps.ABOUT: {
            "place": "",
            "languages": list(LANGUAGES),
            "names": names,
            "slug": slug,
            "mode": Campaign.Mode.EXERCISE.value,
            "time_zone": "Europe/Helsinki",
            "authority": lead.pk if lead else None,
        },
        steps.ALONG: {"kinds": list(ALONG)},
        steps.PEOPLE: {"contact": None},
        steps.INFLUENCERS: {"bring": False, "others": "leave", "close": "choose"},
        steps.FIRST: {"sender_email": "drill@example.org", "reply_to": "drill@example.org", "statement": ""},
    }
    start = steps.begin(by=by, at=at)
    for step, told in answers.items():
        start = steps.save(start, step, told, seen=0, by=by, at=at)
    with override(LANGUAGES[0]):
        campaign = creation.make(start, by=by, at=at).campaign
    assert campaign is not None
    # A drill by script is there to be played: nobody approves it beforehand, and no mail of it leaves.
    launch.publish(campaign, by=by, at=at, despite=[stop.key for stop in launch.stops_of(campaign, at=at)])
    made_up_people.add_influencers(campaign, influencers, at=at)
    return campaign
